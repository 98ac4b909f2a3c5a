//! The clients of loads: they ask, learn what they are told, and ask again.

use std::rc::Rc;

use smallvec::SmallVec;

use crate::base::id::NodeId;
use crate::base::time::{Instant, Span};
use crate::data::version::{Content, Value, Version};
use crate::protocol::client::Wish;
use crate::protocol::message::{ClientReply, Input, Op, Put, Reply};
use crate::sim::load::cart::{self, Change};
use crate::sim::load::stats::VERSIONS_TOLD;
use crate::sim::load::{Errand, FIRST_NUMBER, Flight, IN_FLIGHT_MAX, LOAD_OP, LoadPlan};
use crate::sim::load::{Pace, pace};
use crate::sim::log::What;
use crate::sim::op::{OpKind, OpRecord, Outcome};
use crate::sim::schedule::Event;
use crate::sim::words::of_failure;
use crate::sim::world::World;

/// A client that was refused, or had no answer, waits so long at least before it asks again.
const PAUSE_AFTER_FAILURE: Span = Span::from_ms(10);
/// Between two requests of a client that does not think: so time passes, whatever is answered.
const THINK_MIN: Span = Span(10_000);
/// Clients that do not think begin within so long, not all at once.
const BEGIN_WITHIN: Span = Span::from_ms(1);

impl World {
    pub(super) fn begin_load(&mut self, plan: Rc<LoadPlan>) {
        let place = self.loads.begin(plan.clone(), &self.setup.seed, self.now);
        let load = &mut self.loads.all[place];
        self.seen.load.on_begun(self.now, load.ends);
        self.begin_load_polls(place);
        let load = &mut self.loads.all[place];
        match plan.pace {
            Pace::Open { mean } => {
                let at = self.now + pace::interval(mean, &mut load.rng);
                self.schedule.at(at, Event::Arrival { load: place, client: 0 });
            }
            Pace::Closed { think: (_, high) } => {
                for client in 0..plan.clients as usize {
                    let at = self.now + load.rng.span(Span::ZERO, high.max(BEGIN_WITHIN));
                    self.schedule.at(at, Event::Arrival { load: place, client });
                }
            }
        }
    }

    /// A request of a load is due. In an open load any client asks, and the next is drawn now.
    pub(super) fn arrive(&mut self, place: usize, mut client: usize) {
        let load = &mut self.loads.all[place];
        if load.is_over(self.now) {
            return self.end_load_if_done(place);
        }
        if let Pace::Open { mean } = load.plan.pace {
            client = load.rng.index(load.clients.len());
            let at = self.now + pace::interval(mean, &mut load.rng);
            self.schedule.at(at, Event::Arrival { load: place, client: 0 });
        }
        let load = &mut self.loads.all[place];
        let key = load.keys.draw(&mut load.rng);
        let is_read = load.rng.chance(load.plan.reads);
        let is_delete = load.rng.chance(load.plan.deletes);
        let (kind, errand) = match (is_read, is_delete) {
            (true, _) => (OpKind::Get, Errand::Plain),
            (false, true) => (OpKind::Delete, Errand::Plain),
            (false, false) if load.plan.is_cart => (OpKind::Get, Errand::ToChange),
            (false, false) if load.plan.reads_back => (OpKind::Put, Errand::ToReadBack),
            (false, false) => (OpKind::Put, Errand::Plain),
        };
        if !load.has_room(client) || self.loads.flights.len() >= IN_FLIGHT_MAX {
            self.seen.load.dropped += 1;
            self.seen.counters.load_dropped += 1;
            return;
        }
        self.load_asks(place, client, key, kind, errand, None);
    }

    /// A client of a load asks. What a put carries is `value`, or something of its own.
    fn load_asks(
        &mut self,
        place: usize,
        client: usize,
        key: u32,
        kind: OpKind,
        errand: Errand,
        value: Option<Value>,
    ) {
        let load = &mut self.loads.all[place];
        let (id, via) = (load.client_id(client), load.plan.via);
        let name = load.keys.key(key).clone();
        // A get asks for whatever there is.
        let known = match kind {
            OpKind::Get => None,
            OpKind::Put | OpKind::Delete => load.clients[client].known.get(&key).cloned(),
        };
        let bytes = load.plan.value_bytes as usize;
        load.client_mut(client).in_flight += 1;
        load.in_flight += 1;
        let is_chosen = via.is_none();
        let wish = match kind {
            OpKind::Get => Wish::Read,
            OpKind::Put | OpKind::Delete => {
                Wish::Write(known.as_ref().and_then(|known| known.context.reader))
            }
        };
        let via = via.or_else(|| self.entry_for(id, &name, wish));
        let number = self.loads.flights.next_number();
        let op = match kind {
            OpKind::Get => Op::Get { key: name.clone(), r: None },
            OpKind::Put | OpKind::Delete => {
                let content = match kind {
                    OpKind::Delete => Content::tombstone(),
                    _ => {
                        let value = value.unwrap_or_else(|| value_of(number, bytes));
                        Content { value, ..Content::default() }
                    }
                };
                let known = known.as_ref().map(|known| self.through_text(&known.context));
                let (context, reader) =
                    known.map_or_else(Default::default, |known| (known.clock, known.reader));
                let (key, content) = (name.clone(), content.into());
                Op::Put(Rc::new(Put { key, content, context, reader, w: None }))
            }
        };
        if kind == OpKind::Delete
            && let Some(watch) = self.seen.load.carts.get_mut(&name)
        {
            watch.on_cleared(self.now);
        }
        let asked = self.load_begins(number, kind, &op, via);
        let started = self.now;
        let flight = Flight { load: place, client, key, kind, started, via, known, errand };
        self.loads.flights.push(flight);
        let refusal = match via {
            None => Some("no node is up".into()),
            Some(via) if self.machines[via.index()].node.is_none() => {
                Some(format!("node {} is down", self.setup.name(via)))
            }
            Some(_) => None,
        };
        if let Some(why) = refusal {
            return self.load_ends(number, Outcome::Refused(why), None, asked);
        }
        self.watch_patience();
        if let Some(via) = via {
            if is_chosen {
                self.remember_choice(id, number, via, &op);
            }
            self.input(via, Input::Request { client: id, request: number, op }, asked);
        }
    }

    /// Tells the log of a request, and remembers it for the eye, where somebody looks.
    fn load_begins(&mut self, number: u64, kind: OpKind, op: &Op, via: Option<NodeId>) -> u64 {
        let number = number as usize;
        if !self.seen.log.is_kept() {
            return self.note(None, || What::Asked { op: number });
        }
        let config = &self.setup.config;
        let (key, need, value) = match op {
            Op::Get { key, .. } => (key, config.r, None),
            Op::Put(put) => (&put.key, config.w, Some(put.content.value.to_vec())),
            // A poll, which is no operation.
            Op::View => return self.note(None, || What::Asked { op: number }),
        };
        let name = format!("{LOAD_OP}{}", number - FIRST_NUMBER + 1);
        let record = OpRecord::begun(name, kind, key.clone(), need as u32, self.now);
        let value = value.filter(|_| kind == OpKind::Put);
        self.seen.load.remember(number, OpRecord { via, value, ..record });
        let asked = self.note(None, || What::Asked { op: number });
        if let Some(record) = self.seen.load.record_mut(number) {
            record.asked = asked;
        }
        asked
    }

    /// Sees to it that whoever waits too long gives up: one event for all.
    fn watch_patience(&mut self) {
        if self.loads.is_watched {
            return;
        }
        if let Some((_, flight)) = self.loads.flights.iter().next() {
            self.loads.is_watched = true;
            self.schedule.at(self.patience_of(flight.started), Event::LoadPatience);
        }
    }

    /// One nanosecond past the time bound, so that the node's own word on it comes first.
    fn patience_of(&self, started: Instant) -> Instant {
        started + self.setup.config.request_timeout + Span(1)
    }

    /// The clients that have waited long enough give up.
    pub(super) fn load_gives_up(&mut self) {
        self.loads.is_watched = false;
        loop {
            let oldest = self.loads.flights.iter().next();
            let Some((number, started, via)) =
                oldest.map(|(number, flight)| (number, flight.started, flight.via))
            else {
                break;
            };
            if self.patience_of(started) > self.now {
                break;
            }
            self.see_given_up(number, via, started);
            let via = via.map_or("?", |via| self.setup.name(via));
            let why = format!("no answer from {via} in time");
            let asked = self.seen.load.record(number as usize).map(|record| record.asked);
            let cause = asked.unwrap_or_else(|| self.seen.log.next_id());
            self.choice_was_silent(number, cause);
            self.load_ends(number, Outcome::Timeout(why), None, cause);
        }
        self.watch_patience();
    }

    /// A reply reaches a client of a load; one that comes after it gave up is ignored.
    pub(super) fn load_hears(&mut self, reply: &ClientReply, cause: u64) {
        if !self.loads.flights.has(reply.request) {
            return;
        }
        let outcome = match &*reply.reply {
            Reply::Failed(failure) => {
                let why = of_failure(failure, &self.setup.config);
                match failure.is_definite() {
                    true => Outcome::Refused(why),
                    false => Outcome::Timeout(why),
                }
            }
            Reply::Put { .. } | Reply::Got { .. } => Outcome::Ok,
            Reply::View(_) => return, // to a poll, which is no operation
        };
        let cause = self.reason_of(reply.request as usize, cause);
        self.load_ends(reply.request, outcome, Some(&reply.reply), cause);
    }

    /// A request is over: it is counted, its client learns from it, and goes on.
    pub(super) fn load_ends(
        &mut self,
        number: u64,
        outcome: Outcome,
        reply: Option<&Reply>,
        cause: u64,
    ) {
        let Some(mut flight) = self.loads.flights.take(number) else { return };
        let load = &mut self.loads.all[flight.load];
        load.client_mut(flight.client).in_flight -= 1;
        load.in_flight -= 1;
        let is_ok = outcome == Outcome::Ok;
        let items = match reply {
            Some(reply) if is_ok => self.load_learns(number, &mut flight, reply),
            _ => Vec::new(),
        };
        let stats = &mut self.seen.load;
        let took = self.now - flight.started;
        match (&outcome, flight.kind) {
            (Outcome::Ok, OpKind::Get) => stats.reads.add(took),
            (Outcome::Ok, OpKind::Put | OpKind::Delete) => stats.writes.add(took),
            (Outcome::Refused(_), _) => stats.refused += 1,
            (Outcome::Timeout(_), _) => stats.timed_out += 1,
            (Outcome::Pending, _) => {}
        }
        self.seen.counters.on_outcome(&outcome, flight.kind);
        if let Some(record) = self.seen.load.record_mut(number as usize) {
            record.finished = Some(self.now);
            record.outcome = outcome;
            record.versions = reply.map_or(&[][..], Reply::versions).to_vec();
        }
        self.note(Some(cause), || What::Answered { op: number as usize });
        self.seen.revision += 1;
        match (&flight.errand, reply) {
            (Errand::ToChange, _) if is_ok => self.change_cart(&flight, items),
            (Errand::ToReadBack, Some(Reply::Put { version, .. })) => {
                let errand = Errand::ReadBack(version.clone());
                let Flight { load, client, key, .. } = flight;
                self.load_asks(load, client, key, OpKind::Get, errand, None);
            }
            _ => self.load_goes_on(flight.load, flight.client, is_ok),
        }
    }

    /// What an answer tells its client, and the onlooker. Answers with the items of a cart.
    fn load_learns(&mut self, number: u64, flight: &mut Flight, reply: &Reply) -> Vec<String> {
        let load = &mut self.loads.all[flight.load];
        let key = load.keys.key(flight.key).clone();
        let is_cart = load.plan.is_cart;
        let (Reply::Put { context, .. } | Reply::Got { context, .. }) = reply else {
            return Vec::new();
        };
        let versions = reply.versions();
        let before = flight.known.take();
        if let Reply::Put { .. } = reply {
            let given = before.as_ref().map(|known| &known.context.clock);
            self.see_contexts(&key, given, &context.clock);
        }
        // Nobody else holds what the client knew before, so its memory is used again.
        drop(before);
        let load = &mut self.loads.all[flight.load];
        load.client_mut(flight.client).learn(flight.key, flight.started, context, versions);
        let stats = &mut self.seen.load;
        match reply {
            Reply::Put { version, coordinator, .. } => {
                if let Errand::Changed(change) = &flight.errand {
                    let watch = stats.carts.or_insert_with(key.clone(), Default::default);
                    watch.on_done(change, flight.started, self.now);
                }
                let w = self.setup.config.w;
                let record = self.seen.load.record(number as usize);
                let copies = record.map_or(w, |record| record.copies(*coordinator));
                self.see_acknowledged(&key, flight.started, version, copies);
                Vec::new()
            }
            Reply::Got { siblings, context } => {
                if let Some(more) = versions.len().checked_sub(1) {
                    stats.versions[more.min(VERSIONS_TOLD - 1)] += 1;
                }
                if let Errand::ReadBack(own) = &flight.errand {
                    let is_there = siblings.as_ref().is_some_and(|found| found.survives(own));
                    stats.own_writes_missed += u64::from(!is_there);
                }
                let (r, siblings) = (self.setup.config.r, siblings.as_ref());
                let is_stale = self.see_got(&key, flight.started, r, siblings, context);
                if is_cart { self.see_cart(flight, versions, is_stale) } else { Vec::new() }
            }
            Reply::Failed(_) | Reply::View(_) => Vec::new(),
        }
    }

    /// Counts what came back and what is gone of a cart. Of a stale read nothing is said.
    fn see_cart(&mut self, flight: &Flight, versions: &[Version], is_stale: bool) -> Vec<String> {
        let key = self.loads.all[flight.load].keys.key(flight.key);
        let items = cart::merged(versions);
        let stats = &mut self.seen.load;
        if !is_stale && let Some(watch) = stats.carts.get_mut(key) {
            let (returned, lost) = watch.on_found(&items, flight.started);
            stats.items_returned += returned;
            stats.items_lost += lost;
            self.seen.counters.items_returned += returned;
            self.seen.counters.items_lost += lost;
        }
        items
    }

    /// The client has read a cart: it puts it back with one item more, or one less.
    fn change_cart(&mut self, read: &Flight, mut items: Vec<String>) {
        let number = self.loads.flights.next_number() - crate::sim::load::FIRST_NUMBER as u64;
        let load = &mut self.loads.all[read.load];
        let change: Change = cart::change(&mut items, number, &mut load.rng);
        let key = load.keys.key(read.key).clone();
        self.seen.load.carts.or_insert_with(key, Default::default).on_asked(&change);
        let (errand, value) = (Errand::Changed(change), cart::value(&items));
        self.load_asks(read.load, read.client, read.key, OpKind::Put, errand, Some(value));
    }

    /// A client that waited for its answer thinks, and asks again.
    fn load_goes_on(&mut self, place: usize, client: usize, is_ok: bool) {
        let load = &mut self.loads.all[place];
        if load.is_over(self.now) {
            return self.end_load_if_done(place);
        }
        if let Pace::Closed { think: (low, high) } = load.plan.pace {
            let pause = if is_ok { THINK_MIN } else { PAUSE_AFTER_FAILURE };
            let at = self.now + load.rng.span(low, high).max(pause);
            self.schedule.at(at, Event::Arrival { load: place, client });
        }
    }

    /// What the clients of a load knew goes with them.
    fn end_load_if_done(&mut self, place: usize) {
        let load = &mut self.loads.all[place];
        if load.in_flight == 0 {
            load.clients = Vec::new();
        }
    }
}

/// A value like no other, so long.
fn value_of(number: u64, bytes: usize) -> Value {
    let mut value = Value::from_elem(b'.', bytes.max(1));
    // Its decimal digits, the last one first.
    let (mut digits, mut rest) = (SmallVec::<[u8; 20]>::new(), number);
    while rest > 0 || digits.is_empty() {
        digits.push(b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    value.iter_mut().zip(digits.iter().rev()).for_each(|(byte, &digit)| *byte = digit);
    value
}
