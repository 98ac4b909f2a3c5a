//! Disks: the durability rule, flushes, and what becomes of a disk in a crash.

use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::Span;
use crate::protocol::config::Config;
use crate::protocol::message::{Message, Outbox, Stored, Write};
use crate::sim::command::DiskFate;
use crate::sim::disk::{Batch, Health, SLOW_TIMES};
use crate::sim::log::What;
use crate::sim::op::{OpRecord, Outcome};
use crate::sim::schedule::Event;
use crate::sim::world::{World, look};

impl World {
    /// Sends and replies leave only when this call's writes, and those of all earlier calls of
    /// the node, are durable; but for what the write buffer lets go (§6.1).
    pub(super) fn hold_or_dispatch(&mut self, id: NodeId, cause: u64, out: &mut Outbox) {
        // Mostly there is nothing to write, and nothing before it that is not durable.
        if !out.writes.is_empty() || !self.machines[id.index()].disk.is_idle() {
            match self.takes_no_time(id) {
                true => self.write_at_once(id, out),
                false => self.hold(id, cause, out),
            }
        }
        // Mostly one of the two is empty, and to drain an empty list is a call.
        if !out.sends.is_empty() {
            for (to, message) in out.sends.drain(..) {
                self.dispatch(id, to, message, cause);
            }
        }
        if !out.replies.is_empty() {
            for reply in out.replies.drain(..) {
                self.on_reply(reply, cause);
            }
        }
    }

    /// Whether what is written now is durable in the same moment, with nothing before it that is
    /// not: then nothing is held, and there is no batch to fill and empty.
    fn takes_no_time(&self, id: NodeId) -> bool {
        let disk = &self.machines[id.index()].disk;
        self.setup.disk_latency.1 == Span::ZERO
            && self.setup.config.write_buffer == 0
            && disk.is_idle()
            && disk.health != Health::Failing
            && !is_planted(Fault::AcknowledgedBeforeFlush)
    }

    fn write_at_once(&mut self, id: NodeId, out: &mut Outbox) {
        // Drawn as for any flush, so that it changes nothing else.
        let (low, high) = self.setup.disk_latency;
        self.disk_rng.span(low, high);
        let seen = &mut self.seen;
        let see = &mut |stored: &Stored, write: &Write| seen.see_write(stored, write);
        let machine = &mut self.machines[id.index()];
        machine.disk.write(&mut out.writes, see);
        machine.is_disk_lost = false;
        self.count_wrongs();
        self.seen.revision += 1;
    }

    /// Hands a call's writes to the disk, with what has to wait for them.
    fn hold(&mut self, id: NodeId, cause: u64, out: &mut Outbox) {
        let Config { write_buffer, write_buffer_flush, .. } = *self.setup.config;
        let disk = &mut self.machines[id.index()].disk;
        let (since, buffered) = (disk.buffered_since(), disk.buffered());
        let is_held = disk.hold(self.now, cause, out, write_buffer);
        self.seen.counters.writes_buffered += (disk.buffered() - buffered) as u64;
        if let Some(now) = disk.buffered_since().filter(|_| since.is_none()) {
            let boot = self.machines[id.index()].boots;
            self.schedule.at(now + write_buffer_flush, Event::Synced { node: id, boot });
        }
        if is_held || write_buffer > 0 {
            self.go_on_writing(id);
        }
    }

    /// Lets a disk begin and end the flushes that are due. What waited for one leaves with it.
    pub(super) fn go_on_writing(&mut self, id: NodeId) {
        let Config { write_buffer, write_buffer_flush, .. } = *self.setup.config;
        loop {
            let seen = &mut self.seen;
            let see = &mut |stored: &Stored, write: &Write| seen.see_write(stored, write);
            let machine = &mut self.machines[id.index()];
            if machine.disk.has_failed(self.now) {
                return self.on_disk_failure(id);
            }
            if let Some(batch) = machine.disk.end_flush(self.now, see) {
                machine.is_disk_lost = false;
                self.count_wrongs();
                self.release(id, batch);
                self.seen.revision += 1;
            } else if machine.disk.wants_flush(self.now, write_buffer, write_buffer_flush) {
                let (low, high) = self.setup.disk_latency;
                let drawn = self.disk_rng.span(low, high);
                let times = if machine.disk.health == Health::Slow { SLOW_TIMES } else { 1 };
                let taken = Span((drawn.0 as f64 * machine.slowness) as u64 * times);
                machine.disk.begin_flush(self.now + taken);
                if taken > Span::ZERO {
                    let boot = machine.boots;
                    return self.schedule.at(self.now + taken, Event::Synced { node: id, boot });
                }
            } else {
                return;
            }
        }
    }

    /// What the calls of a batch wanted to say leaves, call by call.
    fn release(&mut self, id: NodeId, mut batch: Box<Batch>) {
        let Batch { calls, sends, replies, .. } = &mut *batch;
        let (mut sends, mut replies) = (sends.drain(..), replies.drain(..));
        for call in calls.iter() {
            for (to, message) in sends.by_ref().take(call.sends) {
                self.dispatch(id, to, message, call.cause);
            }
            for reply in replies.by_ref().take(call.replies) {
                self.on_reply(reply, call.cause);
            }
        }
        drop((sends, replies));
        self.machines[id.index()].disk.recycle(batch);
    }

    fn dispatch(&mut self, from: NodeId, to: NodeId, message: Message, cause: u64) {
        let cause = self.because(from, cause, || look::request_of(&message));
        let message = match self.paranoid {
            None => message,
            Some(_) => self.through_wire(from, to, message),
        };
        self.send(from, to, message, cause);
    }

    /// A process whose flush fails cannot know what is on its disk: it ends, as the hosts of real
    /// nodes do. Its clients are told; what they asked for may have taken effect elsewhere.
    fn on_disk_failure(&mut self, id: NodeId) {
        let wrote = self.machines[id.index()].disk.first_cause();
        let cause = self.note(wrote, || What::DiskFailed { node: id });
        self.machines[id.index()].stop();
        self.choices.on_members();
        self.crash_disk(id, DiskFate::Keep);
        self.machines[id.index()].awaits_disk = true;
        self.seen.counters.flushes_failed += 1;
        let why = format!("the disk of {} failed", self.setup.name(id));
        self.tell_clients_of(id, &why, cause);
        self.seen.revision += 1;
    }

    /// Whoever waits for this node hears that no answer will come, the script's clients and those
    /// of loads alike: what they asked for may have taken effect.
    fn tell_clients_of(&mut self, id: NodeId, why: &str, cause: u64) {
        let waits = |op: &OpRecord| op.via == Some(id) && op.outcome == Outcome::Pending;
        for op in 0..self.seen.ops.len() {
            if waits(&self.seen.ops[op]) {
                self.finish(op, Outcome::Timeout(why.into()), cause);
            }
        }
        let flights = self.loads.flights.iter();
        let waiting: Vec<u64> =
            flights.filter(|(_, flight)| flight.via == Some(id)).map(|(number, _)| number).gather();
        for number in waiting {
            self.load_ends(number, Outcome::Timeout(why.into()), None, cause);
        }
    }

    /// What the disk of a machine whose process has just died still holds.
    pub(super) fn crash_disk(&mut self, id: NodeId, fate: DiskFate) {
        if fate == DiskFate::Torn && !self.machines[id.index()].disk.is_idle() {
            self.tear(id);
        }
        let is_buffer_lost = self.lose_buffer(id);
        let machine = &mut self.machines[id.index()];
        match fate {
            DiskFate::Keep | DiskFate::Torn => {
                machine.disk.crash();
                if is_buffer_lost {
                    self.seen.oracle.past().on_buffer_lost(self.now);
                }
            }
            DiskFate::Old if machine.disk.roll_back() => {
                self.seen.counters.disks_rolled_back += 1;
                self.seen.oracle.past().is_rolled_back = true;
            }
            DiskFate::Lose | DiskFate::Old => {
                machine.disk.lose();
                machine.is_disk_lost = true;
                self.seen.counters.disks_lost += 1;
                self.seen.oracle.past().on_disk_lost(self.now);
            }
        }
        // A view that was decided and is not durable is known no more.
        self.recall_truth();
    }

    /// What was answered before it was durable, and is not, is gone with the process. Answers
    /// whether there may have been any.
    fn lose_buffer(&mut self, id: NodeId) -> bool {
        let disk = &self.machines[id.index()].disk;
        let writes = disk.buffered() as u64;
        let may_be_lost = self.setup.config.write_buffer > 0 && disk.pending() > 0;
        if writes > 0 {
            let cause = self.seen.log.next_id().checked_sub(1);
            self.note(cause, || What::BufferLost { node: id, writes });
            self.seen.counters.writes_lost_in_buffer += writes;
        }
        may_be_lost
    }

    /// Of the flush under way a beginning is on the disk, from nothing to all, as chance has it.
    fn tear(&mut self, id: NodeId) {
        let writes = self.machines[id.index()].disk.under_way().len();
        let whole = self.fault_rng.index(writes + 1);
        let proof = self.torn_journal(id, whole);
        let seen = &mut self.seen;
        let see = &mut |stored: &Stored, write: &Write| seen.see_write(stored, write);
        self.machines[id.index()].disk.tear(whole, see);
        if let Some(read) = proof {
            self.prove_journal(id, &read);
        }
        self.seen.counters.flushes_torn += u64::from(writes > 0);
        self.count_wrongs();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Instant;
    use crate::sim::scenario::Scenario;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_disk_that_is_lost_with_what_waited_for_it_is_one_disk() {
        let crashes = [("lose", 900, 1), ("lose", 300, 1), ("keep", 900, 0), ("keep", 300, 1)];
        for (disk, at_ms, lost) in crashes {
            let text = format!(
                r#"{{ "version": 1, "until_ms": 1000,
                     "config": {{ "nodes": 1, "n": 1, "r": 1, "w": 1, "write_buffer": 9,
                                  "write_buffer_flush_ms": 400 }},
                     "script": [
                       {{ "at_ms": 200, "put": {{ "key": "k", "value": "v", "via": "A" }} }},
                       {{ "at_ms": {at_ms}, "crash": {{ "node": "A", "disk": "{disk}" }} }} ] }}"#
            );
            let setup = Scenario::parse(&text).expect("the scenario is good").setup();
            let mut world = World::new(setup.clone());
            world.run_to(setup.until, u64::MAX);
            let known = world.seen.oracle.past().disks_lost_since(Instant::ZERO);
            assert_eq!(known, lost, "disk: {disk}, at {at_ms} ms");
        }
    }
}
