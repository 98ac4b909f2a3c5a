//! A machine's disk: what survives a crash. It takes time, in order, and loses what it had not
//! yet made durable.

use std::collections::VecDeque;

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::time::Instant;
use crate::data::version::Record;
use crate::protocol::message::{ClientReply, Message, Stored, Write};

/// What is durable, and what is not yet.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub stored: Stored,
    /// Calls whose writes are not durable yet, in order, with what must wait for them.
    pending: VecDeque<Pending>,
}

/// One call's writes, and the sends and replies that the durability rule holds back.
#[derive(Clone, Debug)]
pub struct Pending {
    pub durable_at: Instant,
    pub writes: Vec<Write>,
    pub sends: Vec<(NodeId, Message)>,
    pub replies: Vec<ClientReply>,
    /// The event that wrote, for the log.
    pub cause: u64,
}

impl Disk {
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// When the last of the pending calls will be durable.
    pub fn busy_until(&self) -> Option<Instant> {
        self.pending.back().map(|pending| pending.durable_at)
    }

    /// Queues a call. `durable_at` must not lie before that of an earlier call.
    pub fn begin(&mut self, pending: Pending) {
        self.pending.push_back(pending);
    }

    /// The next call whose writes have become durable by `now`; they are on the disk from here on.
    /// `see` is shown each write before it is.
    pub fn sync(&mut self, now: Instant, see: &mut dyn FnMut(&Stored, &Write)) -> Option<Pending> {
        let mut done = self.pending.pop_front_if(|pending| pending.durable_at <= now)?;
        for write in done.writes.drain(..) {
            see(&self.stored, &write);
            self.stored.apply(write);
        }
        Some(done)
    }

    /// The power fails: what was not durable never was.
    pub fn crash(&mut self) {
        self.pending.clear();
    }

    /// Every durable copy of the key, replica or hint.
    pub fn copies_of(&self, key: &Key) -> impl Iterator<Item = &Record> {
        let Stored { records, hints, .. } = &self.stored;
        records.get(key).into_iter().chain(hints.of_key(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::message::Identity;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn pending(ms: u64, incarnation: u32) -> Pending {
        let identity = Identity { incarnation, ..Identity::default() };
        Pending {
            durable_at: Instant(ms),
            writes: vec![Write::Identity(identity)],
            sends: vec![],
            replies: vec![],
            cause: 0,
        }
    }

    #[test]
    fn a_crash_loses_what_was_not_durable_and_nothing_else() {
        let mut disk = Disk::default();
        disk.begin(pending(10, 1));
        disk.begin(pending(20, 2));
        let see = &mut |_: &Stored, _: &Write| {};
        assert!(disk.sync(Instant(9), see).is_none());
        assert!(disk.sync(Instant(10), see).is_some());
        disk.crash();
        assert!(disk.sync(Instant(99), see).is_none());
        assert_eq!(disk.stored.identity.map(|id| id.incarnation), Some(1));
    }
}
