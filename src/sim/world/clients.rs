//! Clients: they ask a node, wait, and give up in the end. Their links have no latency and never
//! fail.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::id::{ClientId, NodeId};
use crate::base::time::{Instant, Span};
use crate::data::version::{Clock, Context, Record, Version};
use crate::protocol::client::Wish;
use crate::protocol::message::{ClientReply, Input, Op, Put, Reply};
use crate::sim::command::{GetCommand, PutCommand};
use crate::sim::log::What;
use crate::sim::op::{OpKind, OpRecord, Outcome};
use crate::sim::oracle::Read;
use crate::sim::schedule::Event;
use crate::sim::words::of_failure;
use crate::sim::world::World;

/// The script's clients are one crowd; each operation is a request of its own.
pub(super) const CROWD: ClientId = ClientId(0);

impl World {
    /// A put, or a delete.
    pub(super) fn put(&mut self, put: &PutCommand) {
        let context = match &put.context {
            None => Ok((Clock::default(), None)),
            Some(name) => self.context_of(name),
        };
        let reader = context.as_ref().ok().and_then(|(_, reader)| *reader);
        let is_chosen = put.via.is_none();
        let via = put.via.or_else(|| self.entry_for(CROWD, &put.key, Wish::Write(reader)));
        let need = put.w.unwrap_or(self.setup.config.w as u32);
        let kind = if put.content.is_tombstone { OpKind::Delete } else { OpKind::Put };
        let op = self.begin_op(OpRecord {
            via,
            context_of: put.context.clone(),
            value: (kind == OpKind::Put).then(|| put.content.value.to_vec()),
            ..OpRecord::begun(put.name.clone(), kind, put.key.clone(), need, self.now)
        });
        match context {
            Err(why) => self.finish(op, Outcome::Refused(why), self.seen.ops[op].asked),
            Ok((context, reader)) => {
                let (key, content) = (put.key.clone(), put.content.clone());
                let again = put.again;
                let put = Rc::new(Put { key, content, context, reader, w: put.w });
                if let Some(after) = again {
                    self.schedule.at(self.now + after, Event::Again { op, put: put.clone() });
                }
                self.ask(op, via, is_chosen, Op::Put(put));
            }
        }
    }

    pub(super) fn get(&mut self, get: &GetCommand) {
        let is_chosen = get.via.is_none();
        let via = get.via.or_else(|| self.entry_for(CROWD, &get.key, Wish::Read));
        let need = get.r.unwrap_or(self.setup.config.r as u32);
        let record =
            OpRecord::begun(get.name.clone(), OpKind::Get, get.key.clone(), need, self.now);
        let op = self.begin_op(OpRecord { via, ..record });
        self.ask(op, via, is_chosen, Op::Get { key: get.key.clone(), r: get.r });
    }

    fn begin_op(&mut self, op: OpRecord) -> usize {
        let index = self.seen.ops.len();
        self.seen.op_names.insert(op.name.clone(), index);
        self.seen.ops.push(op);
        self.seen.ops[index].asked = self.note(None, || What::Asked { op: index });
        index
    }

    /// What the named operation handed out, a clock and a reader; a put cannot stand on what was
    /// never answered.
    fn context_of(&self, name: &str) -> Result<(Clock, Option<NodeId>), String> {
        match self.op(name).map(|op| (&op.outcome, &op.context)) {
            Some((Outcome::Ok, Some(context))) => {
                let Context { clock, reader, .. } = self.through_text(context);
                Ok((clock, reader))
            }
            Some(_) => Err(format!("the context is {name}'s, which was never answered")),
            None => Err(format!("the context is {name}'s, which has not begun")),
        }
    }

    fn ask(&mut self, op: usize, via: Option<NodeId>, is_chosen: bool, request: Op) {
        let asked = self.seen.ops[op].asked;
        let Some(via) = via else {
            return self.finish(op, Outcome::Refused("no node is up".into()), asked);
        };
        if self.machines[via.index()].node.is_none() {
            let why = format!("node {} is down", self.setup.name(via));
            return self.finish(op, Outcome::Refused(why), asked);
        }
        // One nanosecond past the time bound, so that the node's own word on it comes first.
        let deadline = self.now + self.setup.config.request_timeout + Span(1);
        self.schedule.at(deadline, Event::ClientTimeout { op });
        if is_chosen {
            self.remember_choice(CROWD, op as u64, via, &request);
        }
        let input = Input::Request { client: CROWD, request: op as u64, op: request };
        self.input(via, input, asked);
    }

    /// The same request under the same number, whatever the client has heard. A node that has
    /// crashed hears nothing.
    pub(super) fn ask_again(&mut self, op: usize, put: Rc<Put>) {
        let Some(via) = self.seen.ops[op].via else { return };
        let asked = self.seen.ops[op].asked;
        let input = Input::Request { client: CROWD, request: op as u64, op: Op::Put(put) };
        self.input(via, input, asked);
    }

    pub(super) fn client_gives_up(&mut self, op: usize) {
        if self.seen.ops[op].outcome == Outcome::Pending {
            let OpRecord { via, started, .. } = self.seen.ops[op];
            self.see_given_up(op as u64, via, started);
            let via = via.map_or("?", |via| self.setup.name(via));
            let why = format!("no answer from {via} in time");
            let asked = self.seen.ops[op].asked;
            self.choice_was_silent(op as u64, asked);
            self.finish(op, Outcome::Timeout(why), asked);
        }
    }

    /// A client that asked this node then has lost patience.
    pub(super) fn see_given_up(&mut self, request: u64, via: Option<NodeId>, started: Instant) {
        let Some(via) = via else { return };
        let machine = &self.machines[via.index()];
        let was_up = machine.is_up() && machine.up_since <= started;
        // Where work takes time, the node heard of the request later than it was asked; so it did
        // where its client had asked another before.
        let is_free = self.setup.service == Span::ZERO && machine.disk.is_idle();
        let is_free = is_free && !self.choices.has_asked_elsewhere(request);
        let (moment, name) = (self.moment(), self.setup.name(via));
        if let Some(oracle) = self.seen.oracle() {
            oracle.conduct_mut().on_given_up(moment, name, !was_up || !is_free);
        }
    }

    /// A reply reaches its client; one that comes after the client gave up is ignored.
    pub(super) fn on_reply(&mut self, reply: ClientReply, cause: u64) {
        if self.library_hears(&reply, cause) {
            return;
        }
        if reply.client != CROWD {
            return self.load_hears(&reply, cause);
        }
        let op = reply.request as usize;
        if self.seen.ops[op].outcome != Outcome::Pending {
            return;
        }
        let cause = self.reason_of(op, cause);
        let record = &mut self.seen.ops[op];
        match &*reply.reply {
            Reply::Put { version, coordinator, context } => {
                record.versions = vec![version.clone()];
                record.context = Some(context.clone());
                // Two nodes may have coordinated a put that was passed on twice: this one answered.
                record.coordinator = Some(*coordinator);
                let (key, copies) = (record.key.clone(), record.copies(*coordinator));
                let asked_at = record.started;
                let given = record.context_of.clone().and_then(|name| self.context_of(&name).ok());
                self.see_acknowledged(&key, asked_at, version, copies);
                self.see_contexts(&key, given.map(|(clock, _)| clock).as_ref(), &context.clock);
                self.finish(op, Outcome::Ok, cause);
            }
            Reply::Got { siblings, context } => {
                record.versions =
                    siblings.as_ref().map_or_else(Vec::new, |held| held.versions().to_vec());
                record.context = Some(context.clone());
                let (key, started) = (record.key.clone(), record.started);
                let r = record.need as usize;
                self.see_got(&key, started, r, siblings.as_ref(), context);
                self.finish(op, Outcome::Ok, cause);
            }
            Reply::Failed(failure) => {
                let why = of_failure(failure, &self.setup.config);
                let outcome = match failure.is_definite() {
                    true => Outcome::Refused(why),
                    false => Outcome::Timeout(why),
                };
                self.finish(op, outcome, cause);
            }
            // An answer to a poll, which is no operation.
            Reply::View(_) => {}
        }
    }

    /// Of an answer that a timer gives, the reason is the request.
    pub(super) fn reason_of(&self, op: usize, cause: u64) -> u64 {
        let Some(record) = self.record(op) else { return cause };
        let is_timer = |via: NodeId| self.machines[via.index()].woke == Some(cause);
        if record.via.is_some_and(is_timer) { record.asked } else { cause }
    }

    /// A client hears that its put, asked for at `asked_at`, is on W disks.
    pub(super) fn see_acknowledged(
        &mut self,
        key: &Key,
        asked_at: Instant,
        version: &Version,
        w: usize,
    ) {
        let moment = self.moment();
        if let Some(oracle) = self.seen.oracle() {
            oracle.on_acknowledged(moment, asked_at, key, version, w);
        }
    }

    /// A put that handed in one context hands back another.
    pub(super) fn see_contexts(&mut self, key: &Key, given: Option<&Clock>, back: &Clock) {
        let moment = self.moment();
        if let (Some(given), Some(oracle)) = (given, self.seen.oracle()) {
            oracle.on_contexts(moment, key, given, back);
        }
    }

    /// A client hears what a get that began at `began` found. Answers whether that is stale.
    pub(super) fn see_got(
        &mut self,
        key: &Key,
        began: Instant,
        r: usize,
        siblings: Option<&Record>,
        context: &Context,
    ) -> bool {
        let moment = self.moment();
        let Some(oracle) = self.seen.oracle() else { return false };
        let is_stale = match siblings {
            Some(found) => oracle.owed().is_stale(key, began, Some(found)),
            // Not found: nothing was there, or nothing but tombstones, which the context covers.
            None => oracle.owed().is_unseen(key, began, &context.clock),
        };
        let read = Read { began, r, clock: &context.clock };
        oracle.on_read(moment, key, read, siblings.map(|held| &**held));
        self.seen.counters.stale_reads += u64::from(is_stale);
        let is_divided = siblings.is_some_and(|held| held.versions().len() > 1);
        self.seen.counters.siblings_seen += u64::from(is_divided);
        is_stale
    }

    pub(super) fn finish(&mut self, op: usize, outcome: Outcome, cause: u64) {
        let now = self.now;
        let record = &mut self.seen.ops[op];
        record.finished = Some(now);
        self.seen.counters.on_outcome(&outcome, record.kind);
        record.outcome = outcome;
        self.note(Some(cause), || What::Answered { op });
        self.seen.revision += 1;
    }
}
