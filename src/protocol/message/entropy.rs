//! What two homes of a partition tell each other when they compare it (§4.7).

use serde::{Deserialize, Serialize};

use crate::base::id::PartitionId;
use crate::base::pool::recycle;
use crate::data::merkle::LeafSet;
use crate::data::partitioning::Range;
use crate::protocol::message::Chunk;

/// A branch of the tree of a partition, as [`crate::data::merkle`] numbers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    pub partition: PartitionId,
    pub at: u16,
}

/// What the sender has below a branch, as one number; 0 for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchHash {
    pub branch: Branch,
    pub hash: u64,
}

pub type Hashes = Vec<BranchHash>;
recycle!(Hashes, hashes => hashes.clear());

pub type Branches = Vec<Branch>;
recycle!(Branches, branches => branches.clear());

/// The sender's records on some leaves of a partition's tree, from one place to another. A place
/// is the first half of a key's position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Of the partition.
    pub range: Range,
    pub leaves: LeafSet,
    pub from: u64,
    /// The last place that is spoken of.
    pub to: u64,
    /// The place and the hash of each record, in the order of places.
    pub records: Vec<(u64, u64)>,
}

/// What the receiver of [`Keys`] has otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Different {
    /// The last place that is answered: what comes after it did not fit.
    pub to: u64,
    /// Its own records there which the other has not, or not like this.
    pub records: Chunk,
    /// Which of the other's records it has not, or not like this: their numbers in the list.
    pub wanted: Vec<u32>,
}
