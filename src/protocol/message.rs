//! What goes into a node and what comes out of it.
//!
//! ```text
//!   Input ──▶ Node::handle ──▶ Outbox { writes, sends, replies, notices }
//! ```
//!
//! The durability rule: `sends` and `replies` of a call leave the driver only when its `writes`,
//! and those of all earlier calls of that node, are durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::blob::Key;
use crate::base::id::{ClientId, NodeId, RequestId};
use crate::base::pool::{Pooled, recycle};
use crate::data::ring::Ring;
use crate::data::roster::Roster;
use crate::data::store::{HintStore, Records};
use crate::data::version::{Actor, Clock, Content, Context, Record, Version};

/// Everything that can happen to a node.
#[derive(Clone, Debug)]
pub enum Input {
    /// The moment that `next_wakeup` named has come.
    Wakeup,
    Receive {
        from: NodeId,
        message: Message,
    },
    /// `request` is the client's own number; a repeat of it is answered, not executed again.
    Request {
        client: ClientId,
        request: u64,
        op: Op,
    },
}

/// What a client asks (§4.1).
#[derive(Clone, Debug)]
pub enum Op {
    Put(Arc<Put>),
    Get {
        key: Key,
        /// R for this one operation; the ring's when left out.
        r: Option<u32>,
    },
}

/// `put(key, context, object)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    pub key: Key,
    pub content: Arc<Content>,
    /// The causal past the client saw; empty for a blind put.
    pub context: Clock,
    /// W for this one operation; the ring's when left out.
    pub w: Option<u32>,
}

/// Between nodes. Cheap to clone: what is large is shared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Message {
    /// A put passed on to a node that may coordinate it (§5).
    Forward {
        request: RequestId,
        put: Arc<Put>,
        hops: u8,
    },
    /// The put arrived and is in hand; its answer follows.
    Taken {
        request: RequestId,
    },
    Forwarded {
        request: RequestId,
        reply: Pooled<Reply>,
    },
    /// A replica to store; with a hint when it stands in for another (§4.6).
    Store {
        request: RequestId,
        key: Key,
        siblings: Record,
        stands_in_for: Option<NodeId>,
    },
    Stored {
        request: RequestId,
        accepted: bool,
    },
    Fetch {
        request: RequestId,
        key: Key,
    },
    Fetched {
        request: RequestId,
        siblings: Option<Record>,
    },
    /// The reconciled version, written back to a stale replica after the reply (§5).
    Repair {
        request: RequestId,
        key: Key,
        siblings: Record,
    },
    Repaired {
        request: RequestId,
    },
    /// A hinted replica, brought to the node it was meant for (§4.6).
    Handoff {
        request: RequestId,
        key: Key,
        siblings: Record,
    },
    HandedOver {
        request: RequestId,
        accepted: bool,
    },
    /// Push: all heartbeats as the sender knows them (§4.8.1).
    Digest {
        beats: Pooled<Beats>,
    },
    /// Pull: what the receiver of the digest knows better, and what it wants.
    News {
        newer: Pooled<Beats>,
        wanted: Pooled<Wanted>,
    },
    /// The rest of the exchange: what was wanted.
    Rest {
        newer: Pooled<Beats>,
    },
    /// Is a suspect back (§4.8.3: "periodically retries")?
    Probe {
        request: RequestId,
    },
    Probed {
        request: RequestId,
        beat: Beat,
    },
}

const _: () = assert!(size_of::<Message>() <= 48);

impl Message {
    /// Whether it answers a request or a probe of the receiver: evidence that the sender lives.
    pub fn is_answer(&self) -> bool {
        use Message::*;
        match self {
            Taken { .. } | Forwarded { .. } | Stored { .. } | Fetched { .. } => true,
            Repaired { .. } | HandedOver { .. } | Probed { .. } => true,
            Forward { .. } | Store { .. } | Fetch { .. } | Repair { .. } | Handoff { .. } => false,
            Digest { .. } | News { .. } | Rest { .. } | Probe { .. } => false,
        }
    }
}

/// A heartbeat: which life of the node, and how far into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    pub node: NodeId,
    pub incarnation: u32,
    pub version: u32,
}

impl Beat {
    pub fn is_newer_than(&self, other: &Beat) -> bool {
        (self.incarnation, self.version) > (other.incarnation, other.version)
    }
}

/// One of the nodes a request is sent to, and for whom it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replica {
    pub node: NodeId,
    pub stands_in_for: Option<NodeId>,
}

/// What a client hears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// The version it made, who stamped it, and the context that covers it.
    Put {
        version: Version,
        coordinator: NodeId,
        context: Context,
    },
    /// Every version that no other covers; none when nothing was found.
    Got {
        siblings: Option<Record>,
        context: Context,
    },
    Failed(Failure),
}

impl Default for Reply {
    fn default() -> Reply {
        Reply::Failed(Failure { reason: FailureReason::Timeout, needed: 0, reached: 0 })
    }
}

recycle!(Reply, reply => *reply = Reply::default());

/// Heartbeats on their way.
pub type Beats = Vec<Beat>;
recycle!(Beats, beats => beats.clear());

/// Nodes whose heartbeats are asked for.
pub type Wanted = Vec<NodeId>;
recycle!(Wanted, wanted => wanted.clear());

/// Why a request was not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub reason: FailureReason,
    /// Answers needed, and answers that came.
    pub needed: u32,
    pub reached: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureReason {
    /// Fewer nodes are believed up than answers are needed. Nothing was written.
    TooFewHealthy,
    /// A table is full. Nothing was written.
    Overloaded,
    /// R or W of this operation is outside 1 to N. Nothing was written.
    BadQuorum,
    /// The key or the value is longer than the limit. Nothing was written.
    TooLarge,
    /// Too few answers within the time bound. A put may have taken effect.
    Timeout,
}

impl Failure {
    /// A definite failure never took effect; an indefinite one may have.
    pub fn is_definite(&self) -> bool {
        self.reason != FailureReason::Timeout
    }
}

/// What must be on disk before anything else of the same call leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Write {
    Identity(Identity),
    Record {
        key: Key,
        siblings: Record,
    },
    Hint {
        target: NodeId,
        key: Key,
        siblings: Record,
    },
    HintGone {
        target: NodeId,
        key: Key,
    },
    /// The node's counters for this key went up to here, though it keeps no record that shows it.
    Floor {
        key: Key,
        counter: u64,
    },
}

/// Who a node is, across restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Greater at each start than ever before.
    pub incarnation: u32,
    pub actor: Actor,
    /// For keys whose own floor found no room: no counter up to here is issued again.
    pub counter_floor: u64,
}

/// What a node's durable writes add up to: the one reading of a disk or a journal, for all homes.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// None on an empty disk.
    pub identity: Option<Identity>,
    pub records: Records,
    pub hints: HintStore,
    /// The highest own counter of keys that the node holds no record of any more.
    pub floors: BTreeMap<Key, u64>,
}

impl Stored {
    pub fn apply(&mut self, write: Write) {
        match write {
            Write::Identity(identity) => self.identity = Some(identity),
            Write::Record { key, siblings } => _ = self.records.insert(key, siblings),
            Write::Hint { target, key, siblings } => self.hints.put(target, key, siblings),
            Write::HintGone { target, key } => _ = self.hints.remove(target, &key),
            Write::Floor { key, counter } => _ = self.floors.insert(key, counter),
        }
    }

    /// The least writes that add up to this.
    pub fn writes(&self) -> impl Iterator<Item = Write> {
        let records = self
            .records
            .iter()
            .map(|(key, siblings)| Write::Record { key: key.clone(), siblings: siblings.clone() });
        let hints = self.hints.targets().flat_map(|(target, records)| {
            records.iter().map(move |(key, siblings)| Write::Hint {
                target,
                key: key.clone(),
                siblings: siblings.clone(),
            })
        });
        let floors = self.floors.iter();
        let floors = floors.map(|(key, &counter)| Write::Floor { key: key.clone(), counter });
        self.identity.map(Write::Identity).into_iter().chain(records).chain(hints).chain(floors)
    }
}

/// What a starting node finds: its own disk, and the ring as it was configured.
#[derive(Clone, Debug)]
pub struct Recovered {
    pub stored: Stored,
    pub roster: Roster,
    pub ring: Arc<Ring>,
}

impl Recovered {
    /// What a node finds on an empty disk.
    pub fn empty(roster: Roster, ring: Arc<Ring>) -> Recovered {
        Recovered { stored: Stored::default(), roster, ring }
    }
}

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

/// Where a request came from: a client, or another node that passed it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Client { client: ClientId, request: u64 },
    Node { node: NodeId, request: RequestId },
}

/// What a call wants done. Reused: the driver drains it after each call.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    pub writes: Vec<Write>,
    pub sends: Vec<(NodeId, Message)>,
    pub replies: Vec<ClientReply>,
    pub notices: Vec<Notice>,
}

#[derive(Clone, Debug)]
pub struct ClientReply {
    pub client: ClientId,
    pub request: u64,
    pub reply: Pooled<Reply>,
}

impl Outbox {
    pub fn send(&mut self, to: NodeId, message: Message) {
        self.sends.push((to, message));
    }

    pub fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
            && self.sends.is_empty()
            && self.replies.is_empty()
            && self.notices.is_empty()
    }

    pub fn clear(&mut self) {
        self.writes.clear();
        self.sends.clear();
        self.replies.clear();
        self.notices.clear();
    }
}
