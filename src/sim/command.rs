//! What people can do to a world. Each is data, so that it replays.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::pool::Pooled;
use crate::base::rng::Probability;
use crate::base::time::{Instant, Span};
use crate::data::version::Content;
use crate::sim::disk::Health;
use crate::sim::expect::Predicate;
use crate::sim::load::LoadPlan;

/// One line of a scenario's script, with its names resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: Instant,
    pub action: Action,
}

/// Shared: a script is in the scenario, its setup and every checkpoint, and never changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Command(Rc<Command>),
    /// A question to the world, answered at its moment. Never changes what happens.
    Expect(Rc<Predicate>),
}

/// A client's request, or a fault from the nemesis.
#[derive(Debug, PartialEq)]
pub enum Command {
    Put(PutCommand),
    Get(GetCommand),
    Crash {
        node: NodeId,
        disk: DiskFate,
    },
    Restart {
        node: NodeId,
    },
    /// Keeps what is durable on its disk now, apart from it.
    Backup {
        node: NodeId,
    },
    /// From here on the node's disk does like this.
    Disk {
        node: NodeId,
        is: Health,
    },
    /// The node handles nothing until it is resumed; what arrives waits.
    Pause {
        node: NodeId,
    },
    Resume {
        node: NodeId,
    },
    /// The node is started, if it is not running, and is to belong to the ring.
    Join(JoinCommand),
    /// The node is to belong to the ring no more.
    Leave {
        node: NodeId,
    },
    /// Everything the node does takes `factor` times as long; 1 is normal.
    Slow {
        node: NodeId,
        factor: f64,
    },
    /// Moves the node's wall clock by so many nanoseconds. Its timers do not notice.
    Skew {
        node: NodeId,
        nanoseconds: i64,
    },
    /// Nothing passes from `from` to `to`; nor back, unless it is one-way.
    Cut {
        from: Vec<NodeId>,
        to: Vec<NodeId>,
        one_way: bool,
    },
    /// What is sent between these within so long arrives only after it; or from `from` to `to`
    /// alone, when it is one-way.
    Clog {
        from: Vec<NodeId>,
        to: Vec<NodeId>,
        one_way: bool,
        lasts: Span,
    },
    Network(NetworkChange),
    /// Clients that keep asking.
    Workload(Rc<LoadPlan>),
    /// Ends cuts, clogs, loss and duplication, slowness, pauses, skew, bad disks; restarts the
    /// crashed.
    Heal,
}

impl Command {
    /// The one node that a fault is about.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Command::Crash { node, .. }
            | Command::Restart { node }
            | Command::Backup { node }
            | Command::Disk { node, .. }
            | Command::Pause { node }
            | Command::Resume { node }
            | Command::Leave { node }
            | Command::Slow { node, .. }
            | Command::Skew { node, .. } => Some(*node),
            Command::Join(join) => Some(join.node),
            Command::Put(_) | Command::Get(_) | Command::Workload(_) => None,
            Command::Cut { .. } | Command::Clog { .. } => None,
            Command::Network(_) | Command::Heal => None,
        }
    }
}

#[derive(Debug, PartialEq)]
pub struct JoinCommand {
    pub node: NodeId,
    /// The member that is told; left out, the node itself, which knows the seeds alone.
    pub via: Option<NodeId>,
    /// Its share of tokens against the others', in thousandths.
    pub weight: u32,
}

/// A put, or a delete, whose content is a tombstone.
#[derive(Debug, PartialEq)]
pub struct PutCommand {
    /// What the script calls this operation (`as`).
    pub name: String,
    pub key: Key,
    pub content: Pooled<Content>,
    /// The operation whose context is handed back; without it the put is blind.
    pub context: Option<String>,
    /// The node the client talks to; left out, one that is up is drawn.
    pub via: Option<NodeId>,
    pub w: Option<u32>,
    /// The client asks the same again so long after, as if no answer had come.
    pub again: Option<Span>,
}

#[derive(Debug, PartialEq)]
pub struct GetCommand {
    pub name: String,
    pub key: Key,
    pub via: Option<NodeId>,
    pub r: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFate {
    Keep,
    Lose,
    /// Of the flush under way only a beginning is there.
    Torn,
    /// It is as it was when it was last backed up; empty, where it never was.
    Old,
}

/// What is given changes; the rest stays.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetworkChange {
    pub latency: Option<(Span, Span)>,
    pub loss: Option<Probability>,
    pub duplicate: Option<Probability>,
    pub corrupt: Option<Probability>,
}
