//! What goes into a node and what comes out of it.
//!
//! ```text
//!   Input ──▶ Node::handle ──▶ Outbox { writes, sends, replies, notices }
//! ```
//!
//! The durability rule: `sends` and `replies` of a call leave the driver only when its `writes`,
//! and those of all earlier calls of that node, are durable.

mod ages;
mod beats;
mod durable;
mod entropy;
mod notice;

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::base::blob::Key;
use crate::base::id::{ClientId, NodeId, RequestId};
use crate::base::pool::{Pooled, recycle};
use crate::data::partitioning::Range;
use crate::data::version::{Clock, Content, Context, Record, Version};
use crate::data::view::View;

pub use beats::{Beat, Beats, Compared, Wanted};
pub use durable::{Identity, Recovered, Stored, Write};
pub use entropy::{Branch, BranchHash, Branches, Different, Hashes, Keys};
pub use notice::{Notice, Suspicion};

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
    /// An administrator's command (§4.8.1).
    Admin(Admin),
    /// The disk has no room for more, or has again.
    Disk {
        is_full: bool,
    },
}

/// What an administrator asks of a node. Explicit: no failure ever makes a node leave.
#[derive(Clone, Debug)]
pub enum Admin {
    /// Take this node, which may be the one that is asked, into the ring. No effect on a member.
    Join(Rc<Newcomer>),
    /// Ask `via` to take this node into its ring, and go on asking until it is a member.
    JoinThrough { via: NodeId, newcomer: Rc<Newcomer> },
    /// This node, which may be the one that is asked, belongs to the ring no more. The only member
    /// stays: nobody would have what it holds.
    Leave { node: NodeId },
}

/// A node that is to join a ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newcomer {
    pub node: NodeId,
    /// Its share of tokens against the others', in thousandths.
    pub weight: u32,
    /// Its data centre; empty where nobody said.
    pub zone: Rc<str>,
    pub name: Rc<str>,
    /// Where it listens; empty when it cannot be dialled.
    pub address: Rc<str>,
}

/// What a client asks (§4.1).
#[derive(Clone, Debug)]
pub enum Op {
    Put(Rc<Put>),
    Get {
        key: Key,
        /// R for this one operation; the ring's when left out.
        r: Option<u32>,
    },
    /// The members and the token map, for a client that chooses coordinators by itself (§6.4).
    View,
}

/// `put(key, context, object)`; a delete is a put of a tombstone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    pub key: Key,
    pub content: Pooled<Content>,
    /// The causal past the client saw; empty for a blind put.
    pub context: Clock,
    /// Of the same context: who should coordinate the put, if it is among the first N (§5).
    pub reader: Option<NodeId>,
    /// W for this one operation; the ring's when left out.
    pub w: Option<u32>,
}

/// Between nodes. Cheap to clone: what is large is shared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Message {
    /// A put passed on to a node that may coordinate it (§5).
    Forward {
        request: RequestId,
        put: Rc<Put>,
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
        /// It is to be durable before it is answered, whatever the write buffer allows (§6.1).
        is_durable: bool,
    },
    Stored {
        request: RequestId,
        accepted: bool,
    },
    Fetch {
        request: RequestId,
        key: Key,
        /// As in `Store`: a stand-in is asked for the hints it may hold.
        stands_in_for: Option<NodeId>,
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
    /// Push: all heartbeats as the sender knows them, and a digest of its view (§4.8.1).
    Digest {
        beats: Pooled<Beats>,
        view: u64,
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
    /// The members and the token map as the sender knows them: both nodes of an exchange whose
    /// digests differ send theirs, and the answer ends it. Who has received a partition is sent one
    /// too, and answers with its own (§4.9).
    View {
        view: Rc<View>,
        asks: Asks,
    },
    /// A node that is no member asks a member to take it in; answered with a view. `after` is the
    /// version of what it knows of its own membership, 0 for nothing: one that is older than what
    /// the receiver knows is answered, not executed.
    Join {
        request: RequestId,
        after: u32,
        newcomer: Rc<Newcomer>,
    },
    /// Asked as a home of a key, the sender is none; this is where it knows the homes to be.
    NotHome {
        request: RequestId,
        view: Rc<View>,
    },
    /// A partition is to move to the receiver (§4.9): shall its records come? It is named by its
    /// range, so that nodes whose partitions end elsewhere cannot mistake it.
    Offer {
        request: RequestId,
        range: Range,
        records: u32,
    },
    /// The answer to an offer.
    Confirm {
        request: RequestId,
        accepted: bool,
    },
    /// Some records of a partition that moves.
    Transfer {
        request: RequestId,
        range: Range,
        records: Rc<Chunk>,
    },
    /// They are durable; or there is no room for them.
    Transferred {
        request: RequestId,
        accepted: bool,
    },
    /// Hashes of branches of the sender's trees, of partitions whose home it is (§4.7).
    Compare {
        request: RequestId,
        hashes: Pooled<Hashes>,
        /// A digest of the ranges of those partitions: who knows other ranges cannot compare.
        ranges: u64,
    },
    /// The answer: those that are others here.
    Differing {
        request: RequestId,
        branches: Pooled<Branches>,
        /// False when the ranges are others here; then no branch is named.
        is_comparable: bool,
    },
    /// What the sender keeps below branches that differ, hash by hash.
    Keys {
        request: RequestId,
        keys: Rc<Keys>,
    },
    /// The answer: records that differ, and which are wanted.
    Different {
        request: RequestId,
        different: Rc<Different>,
    },
    /// Records that the receiver wanted.
    Wanted {
        request: RequestId,
        records: Rc<Chunk>,
    },
    /// They are durable; or there is no room for them.
    Mended {
        request: RequestId,
        accepted: bool,
    },
    /// A tombstone is to be forgotten: does the receiver agree to this step of it? `view` is the
    /// digest of the view that the sender has.
    Bury {
        request: RequestId,
        key: Key,
        tombstone: Record,
        view: u64,
        step: BurialStep,
    },
    Buried {
        request: RequestId,
        accepted: bool,
    },
}

/// What a node that sends its view wants in answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asks {
    /// The receiver's view, if it is another once it has learned from this one.
    News,
    /// Nothing: it is itself an answer, or sent to be known.
    Nothing,
    /// The receiver's view, whatever it is: what was sent shows in it.
    Receipt,
}

/// What is asked of a node about a tombstone that is to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BurialStep {
    /// Does it hold exactly this tombstone?
    Held,
    /// Does it hold nothing older, and will it refuse what is?
    Nothing,
    /// It shall forget it.
    Gone,
}

/// Records on their way to a new home, in the order of their positions.
pub type Chunk = Vec<(Key, Record)>;

const _: () = assert!(size_of::<Message>() <= 48);

impl Message {
    /// Whether it answers a request or a probe of the receiver: evidence that the sender lives.
    pub fn is_answer(&self) -> bool {
        use Message::*;
        match self {
            Taken { .. } | Forwarded { .. } | Stored { .. } | Fetched { .. } => true,
            Repaired { .. } | HandedOver { .. } | Probed { .. } => true,
            NotHome { .. } | Confirm { .. } | Transferred { .. } => true,
            Differing { .. } | Different { .. } | Mended { .. } | Buried { .. } => true,
            Forward { .. } | Store { .. } | Fetch { .. } | Repair { .. } | Handoff { .. } => false,
            Digest { .. } | News { .. } | Rest { .. } | Probe { .. } | View { .. } => false,
            Join { .. } | Offer { .. } | Transfer { .. } => false,
            Compare { .. } | Keys { .. } | Wanted { .. } | Bury { .. } => false,
        }
    }

    /// Whether it is a step of background work, which yields to clients (§6.5).
    pub fn is_background(&self) -> bool {
        use Message::*;
        let is_moving = matches!(self, Handoff { .. } | Offer { .. } | Transfer { .. });
        is_moving || matches!(self, Compare { .. } | Keys { .. } | Wanted { .. })
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
    /// Every version that no other covers; none when nothing was found, or nothing but tombstones:
    /// then the context says so, and covers them.
    Got {
        siblings: Option<Record>,
        context: Context,
    },
    Failed(Failure),
    /// What the node knows of the ring. Never passed on between nodes, so no frame can carry it.
    #[serde(skip)]
    View(Rc<View>),
}

impl Reply {
    /// Of a put the version it made, of a get what it found.
    pub fn versions(&self) -> &[Version] {
        match self {
            Reply::Put { version, .. } => std::slice::from_ref(version),
            Reply::Got { siblings: Some(held), .. } => held.versions(),
            Reply::Got { siblings: None, .. } | Reply::Failed(_) | Reply::View(_) => &[],
        }
    }
}

impl Default for Reply {
    fn default() -> Reply {
        Reply::Failed(Failure { reason: FailureReason::Timeout, needed: 0, reached: 0 })
    }
}

recycle!(Reply, reply => *reply = Reply::default());

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
    /// The node that was asked belongs to no ring, so it can ask nobody. Nothing was written.
    NotAMember,
}

impl Failure {
    /// A definite failure never took effect; an indefinite one may have.
    pub fn is_definite(&self) -> bool {
        self.reason != FailureReason::Timeout
    }
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
    pub durability: Durability,
    /// Nobody reads notices, so none are made.
    pub is_unread: bool,
}

/// What must be durable before a call's sends and replies leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Its own writes, and all that were written before: the rule.
    #[default]
    Written,
    /// The exception, the write buffer of §6.1: its writes may wait, and be lost in a crash. A
    /// driver that keeps the rule all the same is safe.
    Buffered,
    /// All that was ever written, though the call writes nothing: another is told that something is
    /// durable here.
    Everything,
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

    /// Tells the onlookers, where there are any.
    #[inline(always)]
    pub fn notice(&mut self, make: impl FnOnce() -> Notice) {
        if !self.is_unread {
            self.notices.push(make());
        }
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
        self.durability = Durability::Written;
    }
}
