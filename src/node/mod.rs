//! L3: the node. It is told the time, given an input, and says what it wants done.
//!
//! ```text
//!             Input ──▶ ┌───────── Node ─────────┐ ──▶ writes    (first, durable)
//!   Now ──────────────▶ │ client  replica rounds │ ──▶ sends
//!                       │ store  hints  tables   │ ──▶ replies
//!      next_wakeup ◀─── └────────────────────────┘ ──▶ notices   (for eyes only)
//! ```
//!
//! Deliberately absent: a clock, platform randomness, failure (`handle` returns nothing; a
//! client's failure is an answer it is sent), any knowledge of who is really alive.

mod answers;
mod antientropy;
mod background;
mod client;
mod members;
mod reaping;
mod replica;
mod rounds;
pub mod tables;
mod transfers;
mod view;

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::id::{NodeId, RequestId};
use crate::base::map::Map;
use crate::base::rng::Rng;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::{Instant, Now, WallTime};
use crate::data::merkle::Trees;
use crate::data::ring::Ring;
use crate::data::store::{HintStore, Records, Store};
use crate::data::version::{Actor, Record};
use crate::protocol::admission::Admission;
use crate::protocol::antientropy::AntiEntropy;
use crate::protocol::config::Config;
use crate::protocol::coordinator::table::Table;
use crate::protocol::detector::Detector;
use crate::protocol::handoff::Handoff;
use crate::protocol::membership::Membership;
use crate::protocol::message::{
    Asks, Durability, Identity, Input, Message, Newcomer, Notice, Op, Outbox, Recovered, Suspicion,
    Write,
};
use crate::protocol::reaping::Reaping;
use crate::protocol::transfer::{Duty, Transfers};

pub use view::NodeView;

/// One node of the ring, whole.
#[derive(Clone, Debug)]
pub struct Node {
    id: NodeId,
    config: Rc<Config>,
    rng: Rng,
    identity: Identity,
    /// Drawn at the start; names this life's requests.
    life: u32,
    /// Started on an empty disk, so its actor is new already.
    is_reborn: bool,
    membership: Membership,
    /// Known from outside (§4.8.2).
    seeds: Rc<[NodeId]>,
    /// Whom it asks to be taken in, and as what, until it is.
    joining: Option<(NodeId, Rc<Newcomer>)>,
    /// The digest of a view that another is known to share.
    told: Option<u64>,
    detector: Detector,
    store: Store,
    hints: HintStore,
    /// Own counters of keys of which no record is held any more.
    floors: Map<Key, u64>,
    /// Tombstones that every member has agreed to forget: whatever is older comes too late.
    graves: Records,
    reaping: Reaping,
    /// No copy or hint is taken. What it writes of itself is small, and has room set apart.
    is_disk_full: bool,
    requests: Table,
    handoff: Handoff,
    /// Of what is in the store, as far as it was ever compared.
    trees: Trees,
    entropy: AntiEntropy,
    /// What of these may go on at a time.
    admission: Admission,
    transfers: Transfers,
    /// What this node has to move, as it was last looked at.
    duties: Vec<Duty>,
    /// A home that has left and was asked whether it is up, and until when it may answer.
    asked_leaver: Option<(NodeId, Instant)>,
    /// It has to look again.
    is_replanning: bool,
    /// Some hint has to go another way, and there was no room for it.
    has_stray_hints: bool,
    next_probe: u32,
    timers: Timers,
    /// Of the present call.
    wall: WallTime,
}

/// What is periodic. `None` before the first wake-up, which sets the phases.
#[derive(Clone, Copy, Debug, Default)]
struct Timers {
    gossip: Option<Instant>,
    handoff: Option<Instant>,
    /// None where it is switched off.
    entropy: Option<Instant>,
    /// Only while something has to move.
    transfer: Option<Instant>,
    /// Only while there are tombstones or graves.
    reap: Option<Instant>,
}

impl Node {
    /// A node as it starts: with what its disk holds, in a new incarnation.
    ///
    /// `seed` must differ from start to start; the node draws its peers and phases from it.
    pub fn new(id: NodeId, config: Rc<Config>, recovered: Recovered, seed: u64) -> Node {
        let mut rng = Rng::from_u64(seed);
        let Recovered { stored, view, seeds } = recovered;
        let identity = match stored.identity {
            Some(stored) => {
                let one = u32::from(!is_planted(Fault::IncarnationNotRaised));
                let incarnation = stored.incarnation.saturating_add(one);
                // A crash may have lost buffered writes, and with them counters.
                let actor = match config.write_buffer {
                    0 => stored.actor,
                    _ => new_actor(id, &mut rng),
                };
                Identity { incarnation, actor, ..stored }
            }
            None => Identity { incarnation: 1, actor: new_actor(id, &mut rng), counter_floor: 0 },
        };
        let view = stored.view.unwrap_or(view);
        let membership = Membership::new(view, id, identity.incarnation);
        let detector =
            Detector::new(membership.roster().len(), membership.own_row(), &config, Instant::ZERO);
        let (mut store, ring) = (Store::default(), membership.view().ring());
        let mut reaping = Reaping::default();
        for (key, siblings) in stored.records.iter() {
            store.merge(ring.partition_of(key.position()), key, siblings);
            if siblings.is_deleted() {
                reaping.on_change(key, true);
            }
        }
        stored.graves.keys().for_each(|key| reaping.on_grave(key));
        Node {
            id,
            life: rng.next_u32(),
            rng,
            identity,
            is_reborn: stored.identity.is_none(),
            membership,
            seeds,
            joining: None,
            told: None,
            detector,
            store,
            hints: stored.hints,
            floors: stored.floors,
            graves: stored.graves,
            reaping,
            is_disk_full: false,
            requests: Table::default(),
            handoff: Handoff::default(),
            trees: Trees::default(),
            entropy: AntiEntropy::default(),
            admission: Admission::new(config.admission_control.then_some(config.admission_p99)),
            transfers: Transfers::default(),
            duties: Vec::new(),
            asked_leaver: None,
            is_replanning: true,
            has_stray_hints: false,
            next_probe: 0,
            timers: Timers::default(),
            wall: WallTime::default(),
            config,
        }
    }

    /// The only way in. Infallible: whatever comes, the node answers or ignores it.
    pub fn handle(&mut self, now: Now, input: Input, out: &mut Outbox) {
        let at = now.monotonic;
        self.wall = now.wall;
        if self.timers.gossip.is_none() {
            self.start(at, out);
        }
        match input {
            Input::Wakeup => self.on_wakeup(at, out),
            Input::Receive { from, message } => self.on_message(at, from, message, out),
            Input::Request { client, request, op } => match op {
                Op::Put(put) => self.on_client_put(at, client, request, put, out),
                Op::Get { key, r } => self.on_client_get(at, client, request, key, r, out),
                Op::View => self.on_client_view(client, request, out),
            },
            Input::Admin(admin) => self.on_admin(at, admin, out),
            Input::Disk { is_full } => {
                self.is_disk_full = is_full;
                // Hints whose homes had changed may not have found room.
                self.is_replanning |= !is_full;
            }
        }
        if self.is_replanning {
            self.plan_transfers(at, out);
        }
        self.work_on(at, out);
        // Only copies and hints may wait: what else a node writes of itself it stands on at once.
        if out.durability == Durability::Buffered && !out.writes.iter().all(Write::may_wait) {
            out.durability = Durability::Written;
        }
        self.set_reap_timer(at);
    }

    /// When the node next wants an [`Input::Wakeup`]. One deadline, of all its timers the nearest.
    pub fn next_wakeup(&self) -> Option<Instant> {
        let Some(gossip) = self.timers.gossip else { return Some(Instant::ZERO) };
        let mut next = gossip;
        let mut heed = |at: Option<Instant>| next = next.min(at.unwrap_or(Instant(u64::MAX)));
        heed(self.timers.handoff);
        heed(self.timers.entropy);
        heed(self.timers.transfer);
        heed(self.timers.reap);
        heed(self.requests.next_deadline());
        heed(self.handoff.next_deadline());
        heed(self.entropy.next_deadline());
        heed(self.reaping.next_deadline());
        heed(self.transfers.next_deadline());
        heed(self.admission.next_deadline());
        Some(next)
    }

    pub fn view(&self) -> NodeView<'_> {
        NodeView::of(self)
    }

    fn on_message(&mut self, now: Instant, from: NodeId, message: Message, out: &mut Outbox) {
        let row = self.membership.roster().index_of(from);
        self.asked_leaver.take_if(|(asked, _)| *asked == from);
        if let Some(row) = row
            && message.is_answer()
            && self.detector.on_answer(row, now)
        {
            out.notice(|| Notice::Trusts { node: from });
        }
        if row.is_none() {
            self.greet_stranger(from, &message, out);
        }
        self.watch_step(now, from, &message, out);
        match message {
            Message::Forward { request, put, hops } => {
                self.on_forward(now, from, request, put, hops, out);
            }
            Message::Store { request, key, siblings, stands_in_for, is_durable } => {
                self.on_store(from, request, (&key, &siblings), stands_in_for, out);
                self.hold_for(is_durable, out);
            }
            Message::Fetch { request, key, stands_in_for } => {
                if stands_in_for.is_none() && !self.is_home_of(&key) {
                    return self.say_not_home(from, request, out);
                }
                out.send(from, Message::Fetched { request, siblings: self.told(&key) });
            }
            Message::Repair { request, key, siblings } => {
                if self.is_home_of(&key) {
                    self.store_own(&key, &siblings, out);
                }
                out.send(from, Message::Repaired { request });
            }
            Message::Handoff { request, key, siblings } => {
                let is_home = self.is_home_of(&key);
                let accepted = is_home && self.store_own(&key, &siblings, out);
                out.durability = Durability::Everything;
                out.send(from, Message::HandedOver { request, accepted });
                if !is_home {
                    let view = self.membership.view().clone();
                    out.send(from, Message::View { view, asks: Asks::News });
                }
            }
            Message::Taken { request } => self.on_taken(from, request),
            Message::Forwarded { request, reply } => {
                self.on_forwarded(now, from, request, reply, out);
            }
            Message::Stored { request, accepted } => {
                self.on_stored(now, from, request, accepted, out);
            }
            Message::Fetched { request, siblings } => {
                self.on_fetched(now, from, request, siblings, out);
            }
            Message::Repaired { .. } => {}
            Message::HandedOver { request, accepted } => {
                self.on_handed_over(from, request, accepted, out);
            }
            Message::Digest { beats, view } => self.on_digest(now, from, &beats, view, out),
            Message::News { newer, wanted } => self.on_news(now, from, &newer, &wanted, out),
            Message::Rest { newer } => self.on_beats(now, &newer, out),
            Message::Probe { request } => {
                out.send(from, Message::Probed { request, beat: self.membership.own_beat() });
            }
            Message::Probed { beat, .. } => self.on_beat(now, beat, out),
            Message::View { view, asks } => self.on_view(now, from, &view, asks, out),
            Message::Join { after, newcomer, .. } => {
                self.on_join(now, from, after, &newcomer, out);
            }
            Message::NotHome { request, view } => {
                self.on_not_home(now, from, request, &view, out);
            }
            Message::Offer { request, range, .. } => {
                self.on_offer(from, request, range, out);
            }
            Message::Transfer { request, range, records } => {
                self.on_transfer(from, request, range, &records, out);
            }
            Message::Bury { request, key, tombstone, view, step } => {
                self.on_bury(from, request, (&key, &tombstone), view, step, out);
            }
            Message::Buried { request, accepted } => {
                self.on_buried(now, from, request, accepted, out);
            }
            Message::Confirm { request, accepted } | Message::Transferred { request, accepted } => {
                self.on_transfer_answer(from, request, accepted);
            }
            Message::Compare { request, hashes, ranges } => {
                self.on_compare(from, request, &hashes, ranges, out);
            }
            Message::Differing { request, branches, is_comparable } => {
                let branches = is_comparable.then_some(&*branches);
                self.on_differing(from, request, branches, out);
            }
            Message::Keys { request, keys } => self.on_keys(from, request, &keys, out),
            Message::Different { request, different } => {
                self.on_different(from, request, &different, out);
            }
            Message::Wanted { request, records } => self.on_wanted(from, request, &records, out),
            Message::Mended { request, accepted } => {
                self.on_mended(from, request, accepted);
            }
        }
    }

    /// The first thing of a life: its identity, and on an empty disk its view, go to disk before
    /// anything leaves, and the rounds get a phase of their own.
    fn start(&mut self, now: Instant, out: &mut Outbox) {
        self.save_identity(out);
        if self.is_reborn {
            out.writes.push(Write::View(self.membership.view().clone()));
        }
        let Identity { incarnation, actor, .. } = self.identity;
        out.notice(|| Notice::Started { incarnation, actor });
        let (config, rng) = (&self.config, &mut self.rng);
        let mut phase = |interval| now + rng.span(crate::base::time::Span(1), interval);
        self.timers.gossip = Some(phase(config.gossip_interval));
        self.timers.handoff = Some(phase(config.handoff_interval));
        self.timers.entropy = config.anti_entropy.then(|| phase(config.anti_entropy_interval));
        self.detector =
            Detector::new(self.membership.roster().len(), self.membership.own_row(), config, now);
    }

    fn ring(&self) -> &Ring {
        self.membership.view().ring()
    }

    fn save_identity(&self, out: &mut Outbox) {
        out.writes.push(Write::Identity(self.identity));
    }

    fn is_suspected(&self, node: NodeId) -> bool {
        match self.membership.roster().index_of(node) {
            Some(row) => self.detector.is_suspected(row),
            None => true,
        }
    }

    /// One of this node's own requests went unanswered.
    fn on_silence(&mut self, now: Instant, node: NodeId, out: &mut Outbox) {
        let Some(row) = self.membership.roster().index_of(node) else { return };
        if self.detector.on_silence(row, now) {
            out.notice(|| Notice::Suspects { node, why: Suspicion::Silent });
        }
    }

    fn request_id(&self, sequence: u32) -> RequestId {
        RequestId { life: self.life, sequence }
    }

    /// The number of an own request of this life.
    fn own_sequence(&self, request: RequestId) -> Option<u32> {
        (request.life == self.life).then_some(request.sequence)
    }

    /// What this node says that it has of a key: all, where that can travel.
    fn told(&self, key: &Key) -> Option<Record> {
        let all = self.held(key)?;
        if all.fits() {
            return Some(all);
        }
        self.store.get(self.ring().partition_of(key.position()), key).cloned()
    }

    /// All this node has of a key: its replica and whatever hints it holds (§4.6).
    fn held(&self, key: &Key) -> Option<Record> {
        let partition = self.ring().partition_of(key.position());
        let mut held = self.store.get(partition, key).cloned();
        if self.hints.is_empty() {
            return held;
        }
        for hint in self.hints.of_key(key) {
            match &mut held {
                None => held = Some(hint.clone()),
                Some(mine) => _ = mine.join(hint),
            }
        }
        held
    }
}

/// A fresh actor: the random part keeps a lost disk from ever reissuing a counter.
fn new_actor(node: NodeId, rng: &mut Rng) -> Actor {
    let epoch = rng.next_u32();
    Actor { node, epoch: if is_planted(Fault::EpochKept) { 0 } else { epoch } }
}

#[cfg(test)]
mod tests;
