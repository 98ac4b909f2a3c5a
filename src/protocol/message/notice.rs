//! What a node tells onlookers.

use crate::base::blob::Key;
use crate::base::id::{NodeId, PartitionId, RequestId};
use crate::base::time::Instant;
use crate::data::version::{Actor, Dot, Record};
use crate::protocol::message::{Origin, Replica};

/// For eyes only: dropping every notice changes nothing that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    Started {
        incarnation: u32,
        actor: Actor,
    },
    /// This node coordinates the client's request under its own `request`.
    Coordinates {
        origin: Origin,
        request: RequestId,
        key: Key,
        need: u32,
        /// The version that a put makes.
        dot: Option<Dot>,
    },
    Forwards {
        origin: Origin,
        request: RequestId,
        to: NodeId,
    },
    /// Of the nodes that are to keep the put, this one is asked to have it on its disk before it
    /// answers (§6.1).
    AsksDurably {
        request: RequestId,
        node: NodeId,
    },
    /// A replica acknowledged a request that this node coordinates.
    Acknowledged {
        request: RequestId,
        replica: Replica,
    },
    /// A silent or refusing replica is replaced.
    Replaced {
        request: RequestId,
        silent: NodeId,
        by: Replica,
    },
    /// A put's clock had grown too long, and lost its oldest entries.
    ClockCut {
        key: Key,
    },
    /// A put's clock covers a version that its context did not (plain clocks do that).
    FalseDominance {
        key: Key,
    },
    HintStored {
        target: NodeId,
        key: Key,
    },
    HintDelivered {
        target: NodeId,
        key: Key,
    },
    ReadRepair {
        request: RequestId,
        key: Key,
        node: NodeId,
    },
    Suspects {
        node: NodeId,
        why: Suspicion,
    },
    Trusts {
        node: NodeId,
    },
    GossipRound {
        with: NodeId,
    },
    /// This node learned, or was told, that another joined or left.
    MemberJoined {
        node: NodeId,
    },
    MemberLeft {
        node: NodeId,
    },
    /// One of the N places of a partition passed on, with all its records (§4.9); `None` is a
    /// place that nobody keeps.
    Moved {
        partition: PartitionId,
        from: Option<NodeId>,
        to: Option<NodeId>,
    },
    /// A token that was not known of cut partitions in two (strategy 1): there are so many now.
    PartitionsChanged {
        partitions: u32,
    },
    /// So many records came here with a partition that moves.
    Received {
        partition: PartitionId,
        records: u32,
    },
    /// This node compared the roots of so many partitions with another home of theirs (§4.7).
    Compared {
        with: NodeId,
        partitions: u32,
        /// How many of them differ, and the bytes that this node keeps in those.
        differing: u32,
        bytes: u64,
    },
    /// So many hashes, of branches or of records, went to another home.
    HashesSent {
        to: NodeId,
        hashes: u32,
    },
    /// A record that another home has not, or not like this, went there.
    RecordSent {
        to: NodeId,
        key: Key,
        bytes: u32,
    },
    /// A record came in from another home, and was news.
    RecordMended {
        from: NodeId,
        key: Key,
    },
    /// The partitions became other ranges: so many trees are to be made anew.
    TreesRebuilt {
        trees: u32,
    },
    /// The last copy of this tombstone is gone: nobody holds anything older.
    Reaped {
        key: Key,
        tombstone: Record,
    },
    /// A replica's table was full: it refused a record.
    Overloaded {
        key: Key,
    },
    /// Background work has so many slices now, because so many of the last minute's answers were
    /// late (§6.5).
    Slices {
        slices: u8,
        answers: u32,
        late: u32,
    },
    /// A turn of background work is over, and it rests until then.
    Rests {
        until: Instant,
    },
}

impl Notice {
    /// The request of this node that it speaks of.
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Notice::Coordinates { request, .. }
            | Notice::Forwards { request, .. }
            | Notice::Acknowledged { request, .. }
            | Notice::Replaced { request, .. }
            | Notice::ReadRepair { request, .. } => Some(*request),
            _ => None,
        }
    }
}

/// On what evidence a node takes another for failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// Two of its own requests in a row went unanswered.
    Silent,
    /// No newer heartbeat for longer than `suspect_after`.
    Stale,
}
