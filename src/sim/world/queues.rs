//! What waits for a machine: its inputs, in the order in which they came, while it is paused or at
//! work. Each takes `service_ms`, times its slowness, before the node handles it; wake-ups take
//! nothing, and an administrator's word is never kept waiting by work.

use crate::base::id::NodeId;
use crate::base::pool::Pooled;
use crate::base::time::Span;
use crate::protocol::message::{ClientReply, Failure, FailureReason, Input, Reply};
use crate::sim::machine::{MachineState, Waiting};
use crate::sim::schedule::Event;
use crate::sim::world::World;

impl World {
    /// Hands an input to a node, or lets it wait.
    pub(super) fn input(&mut self, id: NodeId, input: Input, cause: u64) {
        let is_instant = self.setup.service == Span::ZERO || matches!(input, Input::Admin(_));
        match self.machines[id.index()].state {
            MachineState::Crashed | MachineState::Left => {}
            MachineState::Up if is_instant => self.give(id, input, cause),
            MachineState::Up | MachineState::Paused => self.line_up(id, input, cause),
        }
    }

    /// Whether what comes to a machine is handled in the same moment.
    pub(super) fn is_instant(&self, id: NodeId) -> bool {
        self.machines[id.index()].is_up() && self.setup.service == Span::ZERO
    }

    /// Whether one message more would find no room.
    pub(super) fn is_queue_full(&self, id: NodeId) -> bool {
        !self.is_instant(id) && self.machines[id.index()].inbox.len() >= self.setup.queue_max
    }

    pub(super) fn line_up(&mut self, id: NodeId, input: Input, cause: u64) {
        if let Input::Request { client, request, .. } = input
            && self.is_queue_full(id)
        {
            self.seen.counters.queues_full += 1;
            let reason = FailureReason::Overloaded;
            let failure = Failure { reason, needed: 0, reached: 0 };
            let reply = Pooled::build(|reply| *reply = Reply::Failed(failure));
            return self.on_reply(ClientReply { client, request, reply }, cause);
        }
        self.machines[id.index()].inbox.push_back(Waiting { input, cause });
        self.serve(id);
    }

    /// Begins with the first input that waits, when the machine is not at work already.
    fn serve(&mut self, id: NodeId) {
        let machine = &mut self.machines[id.index()];
        if machine.is_up() && machine.served_at.is_none() && !machine.inbox.is_empty() {
            let taken = Span((self.setup.service.0 as f64 * machine.slowness) as u64);
            let done = self.now + taken;
            machine.served_at = Some(done);
            self.schedule.at(done, Event::Served { node: id });
        }
    }

    /// The machine is done with an input, unless something came between.
    pub(super) fn served(&mut self, id: NodeId) {
        let machine = &mut self.machines[id.index()];
        if !machine.is_up() || machine.served_at != Some(self.now) {
            return;
        }
        machine.served_at = None;
        if let Some(Waiting { input, cause }) = machine.inbox.pop_front() {
            self.give(id, input, cause);
        }
        self.serve(id);
    }

    pub(super) fn pause(&mut self, id: NodeId) {
        let machine = &mut self.machines[id.index()];
        if machine.state == MachineState::Up {
            machine.state = MachineState::Paused;
            machine.served_at = None;
            self.choices.on_members();
        }
    }

    /// The node goes on: first what had become durable leaves, then it handles what came.
    pub(super) fn resume(&mut self, id: NodeId) {
        if self.machines[id.index()].state != MachineState::Paused {
            return;
        }
        self.machines[id.index()].state = MachineState::Up;
        self.machines[id.index()].up_since = self.now;
        self.choices.on_members();
        self.machines[id.index()].wake_at = None;
        self.go_on_writing(id);
        self.switch_off_if_gone(id);
        while self.setup.service == Span::ZERO
            && let Some(waiting) = self.machines[id.index()].inbox.pop_front()
        {
            self.input(id, waiting.input, waiting.cause);
        }
        self.serve(id);
        self.set_wakeup(id);
    }
}
