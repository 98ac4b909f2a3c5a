//! The node that a client asks: any, as a load balancer picks one, or, where clients choose by
//! themselves, one that its library names (§6.4). Libraries are polled and refreshed from here.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::id::{ClientId, NodeId};
use crate::base::map::Map;
use crate::base::rng::Rng;
use crate::base::time::Span;
use crate::data::view::View;
use crate::protocol::client::{Library, Wish};
use crate::protocol::message::{ClientReply, FailureReason, Input, Op, Reply};
use crate::sim::load::Loads;
use crate::sim::log::{Staleness, What};
use crate::sim::schedule::Event;
use crate::sim::setup::Coordination;
use crate::sim::world::World;
use crate::sim::world::clients::CROWD;

/// The number of a client's request for a view; no operation has it.
const POLL: u64 = u64::MAX;
/// So often a request goes to another node, because the one that was asked is no member.
const TRIES_MAX: u8 = 4;
/// Until it has a view a client asks any node.
const FIRST_POLL_WITHIN: Span = Span::from_ms(100);

/// What clients that choose by themselves need. Empty where they do not.
#[derive(Clone, Debug)]
pub(super) struct Choices {
    /// Of the script's clients, who share one; each client of a load has its own.
    library: Library,
    rng: Rng,
    /// The members that are up, as far as nothing has changed since somebody asked.
    open: Option<Vec<NodeId>>,
    /// Requests under way, by number: as many as there are of these.
    under_way: Map<u64, Choice>,
}

/// A request that went where its client's library said.
#[derive(Clone, Debug)]
struct Choice {
    client: ClientId,
    node: NodeId,
    op: Op,
    tries: u8,
}

impl Choices {
    pub(super) fn new(rng: Rng) -> Choices {
        Choices { library: Library::default(), rng, open: None, under_way: Map::default() }
    }

    /// Who is up, or who is a member by what is known, may be others now.
    pub(super) fn on_members(&mut self) {
        self.open = None;
    }

    /// Whether the request went to another node before the one that has it now.
    pub(super) fn has_asked_elsewhere(&self, request: u64) -> bool {
        self.under_way.get(&request).is_some_and(|choice| choice.tries > 1)
    }

    /// What a client's library knows, and chance for its choices. None for a client that is no
    /// more.
    fn of<'w>(
        &'w mut self,
        loads: &'w mut Loads,
        client: ClientId,
    ) -> Option<(&'w mut Library, &'w mut Rng)> {
        let library = match client {
            CROWD => &mut self.library,
            _ => loads.library_mut(client)?,
        };
        Some((library, &mut self.rng))
    }
}

impl World {
    /// The node that a client asks about a key, where nobody says which.
    pub(super) fn entry_for(&mut self, client: ClientId, key: &Key, wish: Wish) -> Option<NodeId> {
        let chosen = match self.setup.coordination {
            Coordination::Server => None,
            Coordination::Client { .. } => self.chosen(client, key, wish),
        };
        chosen.or_else(|| self.any_entry(client))
    }

    /// A member that is up, as a load balancer would pick one.
    fn any_entry(&mut self, client: ClientId) -> Option<NodeId> {
        let open = self.choices.open.take().unwrap_or_else(|| self.open_nodes().collect());
        debug_assert!(self.open_nodes().eq(open.iter().copied()), "a change was not told");
        let drawn = (!open.is_empty()).then(|| open[self.chance_of(client).index(open.len())]);
        self.choices.open = Some(open);
        drawn
    }

    /// Members that are up. One that has joined and knows no token map yet can ask nobody.
    fn open_nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes().filter(|node| {
            let machine = &self.machines[node.index()];
            let node = machine.node.as_ref().filter(|_| machine.is_up());
            node.is_some_and(|node| node.view().is_member() && node.view().ring().is_known())
        })
    }

    /// The random stream that a load balancer's choices for a client are drawn from.
    fn chance_of(&mut self, client: ClientId) -> &mut Rng {
        match self.loads.of_client(client) {
            Some(load) => &mut load.rng,
            None => &mut self.client_rng,
        }
    }

    /// By the client's own view. A process that is not there refuses the connection, so the next is
    /// tried at once; one that is there and silent takes the client its patience.
    fn chosen(&mut self, client: ClientId, key: &Key, wish: Wish) -> Option<NodeId> {
        let mut refused = None;
        let chosen = loop {
            let (library, rng) = self.choices.of(&mut self.loads, client)?;
            let Some(node) = library.choose(key, wish, rng) else { break None };
            if self.machines[node.index()].node.is_some() {
                break Some(node);
            }
            library.on_silent(node);
            refused = Some(node);
        };
        if let Some(node) = refused {
            let cause = self.seen.log.next_id().saturating_sub(1);
            self.refresh(client, None, Staleness::Silent(node), cause);
        }
        chosen
    }

    /// A request goes to the node that its client chose.
    pub(super) fn remember_choice(
        &mut self,
        client: ClientId,
        request: u64,
        node: NodeId,
        op: &Op,
    ) {
        let is_own = matches!(self.setup.coordination, Coordination::Client { .. });
        let has_view = |(library, _): (&mut Library, &mut Rng)| library.view().is_some();
        if is_own && self.choices.of(&mut self.loads, client).is_some_and(has_view) {
            let choice = Choice { client, node, op: op.clone(), tries: 1 };
            self.choices.under_way.insert(request, choice);
        }
    }

    /// A client that chose a node has lost its patience with it.
    pub(super) fn choice_was_silent(&mut self, request: u64, cause: u64) {
        if let Some(Choice { client, node, .. }) = self.choices.under_way.remove(&request) {
            self.misses(client, node, Staleness::Silent(node), cause);
        }
    }

    /// The client takes the node for silent, and its view for stale.
    fn misses(&mut self, client: ClientId, node: NodeId, why: Staleness, cause: u64) {
        if let Some((library, _)) = self.choices.of(&mut self.loads, client) {
            library.on_silent(node);
            self.refresh(client, None, why, cause);
        }
    }

    /// What a reply tells a client's library. True when it is for the library alone: the answer to
    /// a poll, or word that the request has to go elsewhere, where it is now.
    pub(super) fn library_hears(&mut self, reply: &ClientReply, cause: u64) -> bool {
        if reply.request == POLL {
            self.poll_is_answered(reply, cause);
            return true;
        }
        let Some(choice) = self.choices.under_way.remove(&reply.request) else { return false };
        let Choice { client, node, .. } = choice;
        match &*reply.reply {
            Reply::Failed(failure) if failure.reason == FailureReason::NotAMember => {
                self.misses(client, node, Staleness::NoMember(node), cause);
                self.asks_elsewhere(reply.request, choice, cause)
            }
            Reply::Put { context, .. } | Reply::Got { context, .. } => {
                let library = self.choices.of(&mut self.loads, client);
                if library.is_some_and(|(library, _)| library.is_stale(node, context.reader)) {
                    self.refresh(client, Some(node), Staleness::NoHome(node), cause);
                }
                false
            }
            Reply::Failed(_) | Reply::View(_) => false,
        }
    }

    /// Who was asked belongs to no ring and has done nothing. Answers whether another was asked.
    fn asks_elsewhere(&mut self, request: u64, choice: Choice, cause: u64) -> bool {
        let Choice { client, op, tries, .. } = choice;
        let (key, wish) = match &op {
            Op::Get { key, .. } => (key.clone(), Wish::Read),
            Op::Put(put) => (put.key.clone(), Wish::Write(put.reader)),
            Op::View => return false,
        };
        let Some(node) = self.chosen(client, &key, wish).filter(|_| tries < TRIES_MAX) else {
            return false;
        };
        self.turns_to(request, node);
        let choice = Choice { client, node, op: op.clone(), tries: tries + 1 };
        self.choices.under_way.insert(request, choice);
        self.input(node, Input::Request { client, request, op }, cause);
        true
    }

    /// The operation's client now waits for this node.
    fn turns_to(&mut self, request: u64, node: NodeId) {
        if let Some(flight) = self.loads.flights.get_mut(request) {
            flight.via = Some(node);
        }
        if let Some(record) = self.seen.record_mut(request as usize) {
            record.via = Some(node);
        }
    }

    /// The script's clients know the ring from the beginning on.
    pub(super) fn begin_polls(&mut self) {
        if matches!(self.setup.coordination, Coordination::Client { .. }) {
            self.schedule.at(self.now, Event::Poll { client: CROWD });
        }
    }

    /// The clients of a load that begins ask for their first view, not all at once.
    pub(super) fn begin_load_polls(&mut self, place: usize) {
        if !matches!(self.setup.coordination, Coordination::Client { .. }) {
            return;
        }
        let load = &self.loads.all[place];
        for client in 0..load.clients.len() {
            let client = load.client_id(client);
            let at = self.now + self.choices.rng.span(Span::ZERO, FIRST_POLL_WITHIN);
            self.schedule.at(at, Event::Poll { client });
        }
    }

    /// The client's poll is due. Its first decides on the phase of all that follow.
    pub(super) fn poll_is_due(&mut self, client: ClientId) {
        let Coordination::Client { poll } = self.setup.coordination else { return };
        let now = self.now;
        let Some((library, rng)) = self.choices.of(&mut self.loads, client) else { return };
        let is_first = library.view().is_none();
        let next = if is_first { rng.span(Span::ZERO, poll) } else { poll };
        library.on_period();
        self.schedule.at(now + next, Event::Poll { client });
        self.seen.counters.view_polls += 1;
        if let Some(node) = self.node_to_poll(client) {
            let cause = self.note(None, || What::Polled { client, node, why: None });
            self.ask_for_view(client, node, cause);
        }
    }

    /// The client has noticed that its view may be stale: it asks at once, the node that showed it
    /// or any other, unless it is asking already.
    fn refresh(&mut self, client: ClientId, from: Option<NodeId>, why: Staleness, cause: u64) {
        let (now, timeout) = (self.now, self.setup.config.request_timeout);
        let library = self.choices.of(&mut self.loads, client);
        if library.is_none_or(|(library, _)| library.is_polling(now, timeout)) {
            return;
        }
        self.seen.counters.view_refreshes += 1;
        if let Some(node) = from.or_else(|| self.node_to_poll(client)) {
            let why = Some(why);
            let cause = self.note(Some(cause), || What::Polled { client, node, why });
            self.ask_for_view(client, node, cause);
        }
    }

    /// A random member by the client's own view; while it has none, or reaches none of these, any
    /// that a load balancer picks.
    fn node_to_poll(&mut self, client: ClientId) -> Option<NodeId> {
        loop {
            let (library, rng) = self.choices.of(&mut self.loads, client)?;
            let Some(node) = library.to_poll(rng) else { return self.any_entry(client) };
            if self.machines[node.index()].node.is_some() {
                return Some(node);
            }
            library.on_silent(node);
        }
    }

    fn ask_for_view(&mut self, client: ClientId, node: NodeId, cause: u64) {
        if let Some((library, _)) = self.choices.of(&mut self.loads, client) {
            library.on_polled(node, self.now);
            self.input(node, Input::Request { client, request: POLL, op: Op::View }, cause);
        }
    }

    fn poll_is_answered(&mut self, reply: &ClientReply, cause: u64) {
        let client = reply.client;
        let Some((library, _)) = self.choices.of(&mut self.loads, client) else { return };
        match &*reply.reply {
            Reply::View(view) => library.on_view(view),
            Reply::Failed(failure) => {
                let asked = library.on_refused();
                if let Some(node) = asked
                    && failure.reason == FailureReason::NotAMember
                {
                    self.misses(client, node, Staleness::NoMember(node), cause);
                }
            }
            Reply::Put { .. } | Reply::Got { .. } => {}
        }
    }

    /// What the script's clients know of the ring; none where they do not choose by themselves.
    pub fn clients_view(&self) -> Option<&Rc<View>> {
        self.choices.library.view()
    }
}
