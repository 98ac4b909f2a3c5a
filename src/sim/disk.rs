//! A machine's disk: what survives a crash. It takes time, and loses what it had not yet made
//! durable.
//!
//! ```text
//!   calls ──▶ gathering ──▶ flushing (one at a time) ──▶ durable: what it held may leave
//! ```
//!
//! Group commit: while one flush is under way, what calls write gathers into the next. So a slow
//! disk makes larger groups, and no call waits for more than two flushes.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::{Instant, Span};
use crate::data::version::Record;
use crate::protocol::message::{ClientReply, Durability, Message, Outbox, Stored, Write};

/// What is durable, and what is not yet.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub stored: Stored,
    pub health: Health,
    gathering: Box<Batch>,
    flushing: Box<Batch>,
    /// Memory for the next one.
    spare: Option<Box<Batch>>,
    /// When the flush under way ends.
    done_at: Option<Instant>,
    /// What was durable when somebody last asked to keep it.
    backup: Option<Rc<Stored>>,
}

/// How much longer a slow disk takes.
pub const SLOW_TIMES: u64 = 50;

/// How a disk does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    #[default]
    Well,
    /// Its node is told, and takes no more copies; the little it writes of itself has room.
    Full,
    /// Every flush fails, the one under way among them.
    Failing,
    /// A flush takes [`SLOW_TIMES`] as long.
    Slow,
}

/// Writes that become durable together, and what the durability rule holds back until they are.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    writes: Vec<Write>,
    /// Somebody waits for it: it may not be put off.
    is_awaited: bool,
    /// What comes later waits for it too: it has more than copies that might have been buffered.
    holds_others: bool,
    /// How many of its writes nobody waits for, and when the first of them came.
    buffered: usize,
    buffered_since: Option<Instant>,
    /// The event of the first call that has a part in it, for the log.
    cause: Option<u64>,
    pub calls: Vec<Call>,
    /// Of all its calls, in order.
    pub sends: Vec<(NodeId, Message)>,
    pub replies: Vec<ClientReply>,
}

/// One call's share of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The event that wrote, for the log.
    pub cause: u64,
    pub sends: usize,
    pub replies: usize,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.writes.is_empty()
    }

    fn take(&mut self, cause: u64, out: &mut Outbox) {
        self.is_awaited = true;
        self.cause.get_or_insert(cause);
        self.writes.append(&mut out.writes);
        self.calls.push(Call { cause, sends: out.sends.len(), replies: out.replies.len() });
        self.sends.append(&mut out.sends);
        self.replies.append(&mut out.replies);
    }

    fn clear(&mut self) {
        self.writes.clear();
        self.is_awaited = false;
        self.holds_others = false;
        self.buffered = 0;
        self.buffered_since = None;
        self.cause = None;
        self.calls.clear();
        self.sends.clear();
        self.replies.clear();
    }
}

impl Disk {
    /// Everything that was ever written is durable.
    pub fn is_idle(&self) -> bool {
        self.done_at.is_none() && self.gathering.is_empty()
    }

    /// Takes what a call writes, and with it what it wants to say; the same of a call that writes
    /// nothing while something before it is not durable. False leaves what it says with the
    /// caller: it need not wait. Up to `buffer_max` writes are taken that do not hold up the call
    /// (§6.1); one more, while a flush is under way, waits like any other.
    pub fn hold(&mut self, now: Instant, cause: u64, out: &mut Outbox, buffer_max: usize) -> bool {
        if is_planted(Fault::AcknowledgedBeforeFlush) && !out.writes.is_empty() {
            self.gathering.is_awaited = true;
            self.gathering.writes.append(&mut out.writes);
            return false;
        }
        let is_silent = out.writes.is_empty();
        let may_wait = buffer_max > 0 && out.writes.iter().all(Write::may_wait);
        let has_room = self.done_at.is_none() || self.gathering.writes.len() < buffer_max;
        let waits = match out.durability {
            Durability::Buffered => !is_silent && !has_room,
            Durability::Written => !is_silent,
            Durability::Everything => !is_silent || !self.gathering.is_empty(),
        };
        if waits || self.gathering.holds_others {
            self.gathering.holds_others |= !is_silent && !may_wait;
            self.gathering.take(cause, out);
            return true;
        }
        if !is_silent {
            self.gathering.buffered += out.writes.len();
            self.gathering.buffered_since.get_or_insert(now);
            self.gathering.cause.get_or_insert(cause);
            self.gathering.writes.append(&mut out.writes);
        }
        let vouches = out.durability == Durability::Everything;
        let is_held = self.done_at.is_some() && (vouches || self.flushing.holds_others);
        if is_held {
            self.flushing.take(cause, out);
        }
        is_held
    }

    /// Whether no flush is under way and something waits for one: a call, or as many buffered
    /// writes as there may be, or one that has waited as long as it may.
    pub fn wants_flush(&self, now: Instant, buffer_max: usize, buffer_for: Span) -> bool {
        let Batch { is_awaited, writes, buffered_since, .. } = &*self.gathering;
        let is_due = buffered_since.is_some_and(|since| since + buffer_for <= now);
        let is_full = !writes.is_empty() && writes.len() >= buffer_max;
        self.done_at.is_none() && (*is_awaited || is_full || is_due)
    }

    /// Since when a buffered write has waited for a flush.
    pub fn buffered_since(&self) -> Option<Instant> {
        self.gathering.buffered_since
    }

    /// Writes that were let go and are not durable yet.
    pub fn buffered(&self) -> usize {
        self.gathering.buffered + self.flushing.buffered
    }

    /// Writes that are not durable yet.
    pub fn pending(&self) -> usize {
        self.gathering.writes.len() + self.flushing.writes.len()
    }

    /// All that has gathered is on its way, and will be durable at this moment.
    pub fn begin_flush(&mut self, done_at: Instant) {
        std::mem::swap(&mut self.gathering, &mut self.flushing);
        self.done_at = Some(done_at);
    }

    /// A flush has ended now, and nothing of it is on the disk.
    pub fn has_failed(&self, now: Instant) -> bool {
        self.health == Health::Failing && self.done_at.is_some_and(|at| at <= now)
    }

    /// The flush under way, once it has ended: its writes are on the disk from here on. `see` is
    /// shown each of them before it is. What comes back is owed a [`Disk::recycle`].
    pub fn end_flush(
        &mut self,
        now: Instant,
        see: &mut dyn FnMut(&Stored, &Write),
    ) -> Option<Box<Batch>> {
        self.done_at.take_if(|at| *at <= now)?;
        let next = self.spare.take().unwrap_or_default();
        let mut batch = std::mem::replace(&mut self.flushing, next);
        self.write(&mut batch.writes, see);
        Some(batch)
    }

    /// These are on the disk from here on.
    pub fn write(&mut self, writes: &mut Vec<Write>, see: &mut dyn FnMut(&Stored, &Write)) {
        let lost = usize::from(is_planted(Fault::FlushLosesAWrite));
        for write in writes.drain(..).skip(lost) {
            see(&self.stored, &write);
            self.stored.apply(write);
        }
    }

    /// Gives the memory of a batch back, so that a warm disk allocates nothing.
    pub fn recycle(&mut self, mut batch: Box<Batch>) {
        batch.clear();
        self.spare = Some(batch);
    }

    /// The power fails: what was not durable never was.
    pub fn crash(&mut self) {
        self.gathering.clear();
        self.flushing.clear();
        self.done_at = None;
    }

    /// The event of the first call that has a part in the flush under way.
    pub fn first_cause(&self) -> Option<u64> {
        self.flushing.cause
    }

    /// The writes of the flush under way, in order: what a power failure may tear.
    pub fn under_way(&self) -> &[Write] {
        &self.flushing.writes
    }

    /// The power fails in the middle of a flush: so many of its writes are on the disk, the next
    /// one in part, which is not at all. What is left is lost in the crash that follows.
    pub fn tear(&mut self, whole: usize, see: &mut dyn FnMut(&Stored, &Write)) {
        for write in self.flushing.writes.drain(..whole) {
            see(&self.stored, &write);
            self.stored.apply(write);
        }
        self.flushing.buffered = self.flushing.buffered.min(self.flushing.writes.len());
    }

    /// Remembers what is durable now.
    pub fn back_up(&mut self) {
        self.backup = Some(Rc::new(self.stored.clone()));
    }

    /// Puts the last backup in its place; nothing where there was none. Answers whether there was.
    pub fn roll_back(&mut self) -> bool {
        self.crash();
        self.stored = self.backup.as_deref().cloned().unwrap_or_default();
        self.backup.is_some()
    }

    /// The disk is replaced by an empty one; what was kept apart from it stays.
    pub fn lose(&mut self) {
        self.crash();
        self.stored = Stored::default();
    }

    /// Every durable copy of the key, replica or hint.
    pub fn copies_of(&self, key: &Key) -> impl Iterator<Item = &Record> {
        let Stored { records, hints, .. } = &self.stored;
        records.get(key).into_iter().chain(hints.of_key(key))
    }

    /// Every copy of the key that is not durable yet.
    pub fn pending_of(&self, key: &Key) -> impl Iterator<Item = &Record> {
        let writes = [&self.flushing, &self.gathering].into_iter().flat_map(|batch| &batch.writes);
        writes.filter_map(move |write| match write {
            Write::Record { key: other, siblings } | Write::Hint { key: other, siblings, .. } => {
                (other == key).then_some(siblings)
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::message::Identity;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// A call that writes this incarnation, or nothing for 0.
    fn hold(disk: &mut Disk, cause: u64, incarnation: u32) -> bool {
        let identity = Identity { incarnation, ..Identity::default() };
        let writes = if incarnation > 0 { vec![Write::Identity(identity)] } else { vec![] };
        disk.hold(Instant(0), cause, &mut Outbox { writes, ..Outbox::default() }, 0)
    }

    fn wants_flush(disk: &Disk) -> bool {
        disk.wants_flush(Instant(0), 0, Span(1_000))
    }

    /// The causes of the calls that may speak now.
    fn end(disk: &mut Disk, ms: u64) -> Option<Vec<u64>> {
        let batch = disk.end_flush(Instant(ms), &mut |_, _| {})?;
        let causes = batch.calls.iter().map(|call| call.cause).collect();
        disk.recycle(batch);
        Some(causes)
    }

    fn incarnation(disk: &Disk) -> Option<u32> {
        disk.stored.identity.map(|id| id.incarnation)
    }

    #[test]
    fn what_is_written_while_a_flush_is_under_way_makes_the_next_group() {
        let mut disk = Disk::default();
        assert!(hold(&mut disk, 1, 1) && wants_flush(&disk));
        disk.begin_flush(Instant(10));
        (2..=4).for_each(|n| assert!(hold(&mut disk, u64::from(n), n) && !wants_flush(&disk)));
        assert_eq!(end(&mut disk, 9), None);
        assert_eq!((end(&mut disk, 10), incarnation(&disk)), (Some(vec![1]), Some(1)));
        assert!(wants_flush(&disk));
        disk.begin_flush(Instant(20));
        assert_eq!((end(&mut disk, 20), incarnation(&disk)), (Some(vec![2, 3, 4]), Some(4)));
        assert!(disk.is_idle());
    }

    #[test]
    fn a_call_that_writes_nothing_waits_only_for_what_is_before_it() {
        let mut disk = Disk::default();
        assert!(!hold(&mut disk, 1, 0), "nothing is before it");
        hold(&mut disk, 2, 1);
        disk.begin_flush(Instant(10));
        assert!(hold(&mut disk, 3, 0), "what it knows may rest on what is being written");
        hold(&mut disk, 4, 2);
        assert!(hold(&mut disk, 5, 0));
        assert_eq!(end(&mut disk, 10), Some(vec![2, 3]));
        disk.begin_flush(Instant(20));
        assert_eq!(end(&mut disk, 20), Some(vec![4, 5]));
    }

    /// A call of a put that writes one copy, under a buffer of so many.
    fn buffer(disk: &mut Disk, cause: u64, buffer_max: usize) -> bool {
        let mut out = Outbox { durability: Durability::Buffered, ..Outbox::default() };
        out.writes.push(Write::Floor { key: Key::new(&cause.to_be_bytes()), counter: cause });
        disk.hold(Instant(0), cause, &mut out, buffer_max)
    }

    #[test]
    fn buffered_writes_wait_for_their_number_or_their_time_and_hold_nobody_up() {
        let mut disk = Disk::default();
        let wants = |disk: &Disk, ms| disk.wants_flush(Instant(ms), 3, Span(50));
        assert!(!buffer(&mut disk, 1, 3) && !buffer(&mut disk, 2, 3));
        assert!(!wants(&disk, 49) && wants(&disk, 50), "the oldest has waited long enough");
        assert!(!buffer(&mut disk, 3, 3) && wants(&disk, 0), "there are as many as may wait");
        disk.begin_flush(Instant(10));
        (4..7).for_each(|n| assert!(!buffer(&mut disk, n, 3)));
        assert!(buffer(&mut disk, 7, 3), "the buffer is full, and its flush not over");
        assert!(!hold(&mut disk, 8, 0), "what only reads need not wait for it");
        assert_eq!((end(&mut disk, 10), disk.stored.floors.len()), (Some(vec![]), 3));
        assert_eq!(disk.buffered(), 3);
    }

    #[test]
    fn what_must_be_durable_at_once_takes_what_was_buffered_before_it_along_and_in_order() {
        let mut disk = Disk::default();
        assert!(!buffer(&mut disk, 1, 9));
        assert!(hold(&mut disk, 2, 1), "it waits for itself and for what is before it");
        assert!(buffer(&mut disk, 3, 9), "what it knows may rest on the call before");
        disk.begin_flush(Instant(10));
        assert_eq!((end(&mut disk, 10), disk.stored.floors.len()), (Some(vec![2, 3]), 2));
    }

    #[test]
    fn who_vouches_for_what_is_buffered_has_it_flushed_first() {
        let mut disk = Disk::default();
        let mut out = Outbox { durability: Durability::Everything, ..Outbox::default() };
        assert!(!disk.hold(Instant(0), 1, &mut out, 9), "all is durable");
        assert!(!buffer(&mut disk, 2, 9));
        assert!(disk.hold(Instant(0), 3, &mut out, 9) && disk.wants_flush(Instant(0), 9, Span(9)));
        disk.begin_flush(Instant(10));
        assert!(disk.hold(Instant(0), 4, &mut out, 9));
        assert_eq!(end(&mut disk, 10), Some(vec![3, 4]));
    }

    #[test]
    fn a_crash_loses_what_was_not_durable_and_nothing_else() {
        let mut disk = Disk::default();
        hold(&mut disk, 1, 1);
        disk.begin_flush(Instant(10));
        end(&mut disk, 10);
        hold(&mut disk, 2, 2);
        disk.begin_flush(Instant(20));
        hold(&mut disk, 3, 3);
        disk.crash();
        assert_eq!(end(&mut disk, 99), None);
        assert!(disk.is_idle());
        assert_eq!(incarnation(&disk), Some(1));
    }
}
