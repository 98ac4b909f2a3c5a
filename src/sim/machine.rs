//! What a node stands in: a machine that is up, crashed or paused, has a disk and a clock of its
//! own, and may be slow.

use crate::base::id::NodeId;
use crate::base::queue::Queue;
use crate::base::time::{Instant, Now, WallTime};
use crate::node::Node;
use crate::protocol::message::Input;
use crate::sim::disk::Disk;

#[derive(Clone, Debug)]
pub struct Machine {
    pub state: MachineState,
    /// None while crashed.
    pub node: Option<Node>,
    pub disk: Disk,
    /// Empty since a crash that lost it, until the node has written again.
    pub is_disk_lost: bool,
    /// Its process ended because its disk failed; it starts again once that is well.
    pub awaits_disk: bool,
    /// How many times it has started.
    pub boots: u32,
    /// When it last started, or went on after a pause.
    pub up_since: Instant,
    /// The one wake-up that counts; others in the schedule are stale.
    pub wake_at: Option<Instant>,
    /// The event after which that wake-up was wanted, for the log.
    pub wake_cause: Option<u64>,
    /// The event of the last wake-up that came: what it causes is the doing of a timer.
    pub woke: Option<u64>,
    /// What came while it was paused or at work, in order; the first is what it is at work on.
    pub inbox: Queue<Waiting>,
    /// When it will be done with that.
    pub served_at: Option<Instant>,
    /// Everything takes this many times as long; 1 is normal.
    pub slowness: f64,
    /// How far its wall clock is off.
    pub skew_nanoseconds: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineState {
    Up,
    Crashed,
    Paused,
    /// It has left the ring, with nothing left to do, and was switched off.
    Left,
}

/// An input that waits for its node.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub input: Input,
    pub cause: u64,
}

impl Machine {
    pub fn new() -> Machine {
        Machine {
            state: MachineState::Crashed,
            node: None,
            disk: Disk::default(),
            is_disk_lost: false,
            awaits_disk: false,
            boots: 0,
            up_since: Instant::ZERO,
            wake_at: None,
            wake_cause: None,
            woke: None,
            inbox: Queue::default(),
            served_at: None,
            slowness: 1.0,
            skew_nanoseconds: 0,
        }
    }

    /// The process is gone, with what it knew and what waited for it; so is what the disk had not
    /// made durable, unless that is seen to first.
    pub fn stop(&mut self) {
        self.state = MachineState::Crashed;
        self.node = None;
        self.wake_at = None;
        self.awaits_disk = false;
        self.inbox.clear();
        self.served_at = None;
    }

    pub fn is_up(&self) -> bool {
        self.state == MachineState::Up
    }

    /// The time as this machine tells it to its node.
    pub fn now(&self, now: Instant) -> Now {
        Now { monotonic: now, wall: WallTime((now.0 as i64).saturating_add(self.skew_nanoseconds)) }
    }

    /// Whether this machine's node has heard that `other` is a member; a crashed one knows nobody.
    pub fn knows(&self, other: NodeId) -> bool {
        self.node.as_ref().is_some_and(|node| node.view().membership().has_joined(other))
    }

    /// Whether its node takes `other` for failed. Of whom it has not heard it believes nothing.
    pub fn suspects(&self, other: NodeId) -> bool {
        let suspects = |node: &Node| node.view().is_suspected(other);
        self.knows(other) && self.node.as_ref().is_some_and(suspects)
    }
}

impl Default for Machine {
    fn default() -> Machine {
        Machine::new()
    }
}
