//! Loads: clients that keep asking.
//!
//! An open load asks at a rate, whoever still waits; in a closed one each client waits for its
//! answer and thinks before it asks again. What a client knows drives what happens, so it is here;
//! what is measured is only looked at ([`stats`]).

pub mod cart;
pub mod growth;
pub mod keys;
pub mod pace;
pub mod stats;

use std::rc::Rc;

use crate::base::id::{ClientId, NodeId};
use crate::base::map::Map;
use crate::base::numbered::Numbered;
use crate::base::rng::{Probability, Rng};
use crate::base::time::{Instant, Span};
use crate::data::version::{Context, Dot, Version};
use crate::protocol::client::Library;
use crate::sim::op::OpKind;
use cart::Change;
use keys::Keys;
use smallvec::SmallVec;

/// Loads that a scenario may have.
pub const LOADS_MAX: usize = 64;
pub const CLIENTS_MAX: u64 = 10_000;
pub const KEYS_MAX: u64 = 100_000;
/// Clients times keys of all loads together: what clients remember has a limit.
pub const CONTEXTS_MAX: u64 = 1_000_000;
/// Requests that one client has under way at a time; one more is dropped.
pub const IN_FLIGHT_PER_CLIENT: u32 = 256;
/// Requests of all loads under way at a time; one more is dropped.
pub const IN_FLIGHT_MAX: usize = 65_536;
/// The numbers of a load's operations begin here; smaller ones are places in the script.
pub const FIRST_NUMBER: usize = 1 << 24;
/// What the names of a load's operations begin with; a number from 1 on follows.
pub const LOAD_OP: &str = "load ";

/// What one load is like.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadPlan {
    pub clients: u32,
    pub keys: u32,
    /// The part of the requests that only read.
    pub reads: Probability,
    /// The part of the others that are deletes.
    pub deletes: Probability,
    pub pace: Pace,
    pub lasts: Span,
    /// The exponent of Zipf's law; 0 asks for all keys alike.
    pub zipf: f64,
    pub value_bytes: u32,
    /// The node that all clients talk to.
    pub via: Option<NodeId>,
    /// Whoever writes reads first, merges, and adds or deletes one item.
    pub is_cart: bool,
    /// Whoever wrote reads the same key at once.
    pub reads_back: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Requests come independently, so far apart in the mean, from any of the clients.
    Open { mean: Span },
    /// Each client waits for its answer, and then as long as is drawn between the two.
    Closed { think: (Span, Span) },
}

/// All loads of a world.
#[derive(Clone, Debug)]
pub struct Loads {
    pub all: Vec<Load>,
    /// By their numbers, so the first has waited longest.
    pub flights: Numbered<Flight>,
    next_client: u32,
    /// An event will come that looks for clients who have waited too long.
    pub is_watched: bool,
}

#[derive(Clone, Debug)]
pub struct Load {
    pub plan: Rc<LoadPlan>,
    pub keys: Rc<Keys>,
    pub rng: Rng,
    pub ends: Instant,
    /// Shared with checkpoints until one of them changes. Empty once the load is over.
    pub clients: Vec<Rc<Client>>,
    pub first_client: u32,
    pub in_flight: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Client {
    pub in_flight: u32,
    /// By the place of the key.
    pub known: Map<u32, Rc<Known>>,
    /// What it knows of the ring, where clients choose the coordinator.
    pub library: Library,
}

/// What a client was told of a key, by the newest of its requests that was answered.
#[derive(Clone, Debug)]
pub struct Known {
    pub asked_at: Instant,
    pub context: Context,
    /// The versions that it was shown; none when it found the key deleted.
    pub dots: SmallVec<[Dot; 3]>,
}

/// A request under way.
#[derive(Clone, Debug)]
pub struct Flight {
    pub load: usize,
    pub client: usize,
    pub key: u32,
    pub kind: OpKind,
    pub started: Instant,
    pub via: Option<NodeId>,
    /// What its client knew of the key when it asked.
    pub known: Option<Rc<Known>>,
    pub errand: Errand,
}

/// What the request is to its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    Plain,
    /// A cart is read to be changed.
    ToChange,
    Changed(Change),
    /// A put whose client will read the key at once.
    ToReadBack,
    /// That read: it is owed what the put wrote.
    ReadBack(Version),
}

impl Default for Loads {
    fn default() -> Loads {
        Loads {
            all: Vec::new(),
            flights: Numbered::from(FIRST_NUMBER as u64),
            next_client: 1,
            is_watched: false,
        }
    }
}

impl Loads {
    /// A load begins at `now`. Answers its place.
    pub fn begin(&mut self, plan: Rc<LoadPlan>, seed: &str, now: Instant) -> usize {
        let place = self.all.len();
        let rng = Rng::stream(seed, &format!("workload {place}"));
        let name = if plan.is_cart { "cart" } else { "key" };
        let first_client = self.next_client;
        self.next_client += plan.clients;
        self.all.push(Load {
            keys: Rc::new(Keys::new(name, plan.keys, plan.zipf)),
            rng,
            ends: now + plan.lasts,
            clients: vec![Rc::default(); plan.clients as usize],
            first_client,
            in_flight: 0,
            plan,
        });
        place
    }

    /// What a client of a load knows of the ring; none once its load is over.
    pub fn library_mut(&mut self, client: ClientId) -> Option<&mut Library> {
        let load = self.of_client(client)?;
        let place = (client.0 - load.first_client) as usize;
        Some(&mut Rc::make_mut(load.clients.get_mut(place)?).library)
    }

    /// The load that a client belongs to.
    pub fn of_client(&mut self, client: ClientId) -> Option<&mut Load> {
        let later = self.all.partition_point(|load| load.first_client <= client.0);
        self.all.get_mut(later.checked_sub(1)?)
    }
}

impl Load {
    pub fn client_id(&self, client: usize) -> ClientId {
        ClientId(self.first_client + client as u32)
    }

    pub fn client_mut(&mut self, client: usize) -> &mut Client {
        Rc::make_mut(&mut self.clients[client])
    }

    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.ends
    }

    /// Whether the client may ask for one thing more.
    pub fn has_room(&self, client: usize) -> bool {
        self.clients[client].in_flight < IN_FLIGHT_PER_CLIENT
    }
}

impl Client {
    /// The newest request counts, not the newest answer.
    pub fn learn(&mut self, key: u32, asked_at: Instant, context: &Context, shown: &[Version]) {
        let place = self.known.find(&key);
        let new = || {
            let dots = shown.iter().map(|version| version.dot).collect();
            Rc::new(Known { asked_at, context: context.clone(), dots })
        };
        match self.known.at_mut(place) {
            None => _ = self.known.put(place, key, new()),
            Some(known) if known.asked_at > asked_at => {}
            Some(known) => match Rc::get_mut(known) {
                // As a rule, and then in the memory that is there.
                Some(known) => {
                    known.asked_at = asked_at;
                    known.context.clock.clone_from(&context.clock);
                    known.context.reader = context.reader;
                    known.dots.clear();
                    shown.iter().for_each(|version| known.dots.push(version.dot));
                }
                None => *known = new(),
            },
        }
    }
}
