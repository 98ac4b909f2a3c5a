//! Small numbers with a meaning, so that one is never taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A physical node. Names that people read (`A`, `B`) belong to the drivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub u32);

impl NodeId {
    /// For drivers whose nodes are numbered densely, as the simulator's are.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One of the ring's equal shares of the hash space (§6.2, strategy 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PartitionId(pub u32);

impl PartitionId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Who asks from outside. Unique per driver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(pub u32);

/// A request between nodes, named by the node that asks: `life` is drawn at each start, so that
/// an answer to an earlier life is not taken for an answer to this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId {
    pub life: u32,
    pub sequence: u32,
}

impl RequestId {
    pub fn as_u64(self) -> u64 {
        u64::from(self.life) << 32 | u64::from(self.sequence)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.life, self.sequence)
    }
}
