//! What a node tells onlookers.

use crate::base::blob::Key;
use crate::base::id::{NodeId, PartitionId, RequestId};
use crate::data::version::Actor;
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
    },
    Forwards {
        origin: Origin,
        request: RequestId,
        to: NodeId,
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
    /// A put's clock covers a version its client never saw (plain clocks do that); it is lost.
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
    /// So many records came here with a partition that moves.
    Received {
        partition: PartitionId,
        records: u32,
    },
    /// A replica's table was full: it refused a record.
    Overloaded {
        key: Key,
    },
}

/// On what evidence a node takes another for failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// Two of its own requests in a row went unanswered.
    Silent,
    /// No newer heartbeat for longer than `suspect_after`.
    Stale,
}
