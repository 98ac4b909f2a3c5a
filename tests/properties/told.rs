//! A node that is told whatever may come, and what must hold of it all the while.
//!
//! The fuzzer's `handle` uses this file too, so it draws nothing and fails by panicking.

use std::rc::Rc;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::{ClientId, NodeId, PartitionId, RequestId};
use dynamo_playground::base::time::{Instant, Now, Span, WallTime};
use dynamo_playground::data::partitioning::Partitioning;
use dynamo_playground::data::ring::Ring;
use dynamo_playground::data::version::{
    Actor, Causality, Clock, Content, Record, Siblings, Version,
};
use dynamo_playground::data::view::View;
use dynamo_playground::node::Node;
use dynamo_playground::protocol::antientropy::Here;
use dynamo_playground::protocol::config::Config;
use dynamo_playground::protocol::message::{
    Admin, Identity, Input, Message, Newcomer, Op, Outbox, Put, Recovered, Reply, Stored,
};
use dynamo_playground::wire::{self, Frame, RingId};

pub const OWN: NodeId = NodeId(1);
/// Apart from the clients that are made up.
const CLIENT: ClientId = ClientId(9);
const RING_SIZE: u32 = 5;

/// How a node stands when it begins to be told things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Just started, on an empty disk.
    Fresh,
    /// Started on a disk with records, hints for others, and floors.
    Loaded,
    /// As loaded, with puts, gets, forwards and deliveries under way.
    Busy,
    /// As loaded, with everybody else suspected, and probed.
    Alone,
    /// As loaded, in a ring that has just taken in a node, which wants its share of the records.
    Moving,
    /// Outside of any ring, and asking to be let in.
    Stranger,
}

pub const STATES: [State; 6] =
    [State::Fresh, State::Loaded, State::Busy, State::Alone, State::Moving, State::Stranger];

pub struct Told {
    node: Node,
    out: Outbox,
    now: Instant,
    /// What the node names its requests by, once it has asked somebody something.
    life: Option<u32>,
    /// Requests of [`CLIENT`], by number: how often each was answered, and with what last.
    replies: Vec<(u32, Option<Reply>)>,
    /// The view as it was at first.
    view: Rc<View>,
}

impl Told {
    pub fn new(state: State) -> Told {
        // So often that an exchange is mostly under way.
        let anti_entropy_interval = Span::from_ms(300);
        let config = Rc::new(Config { anti_entropy_interval, ..Config::default() });
        let ring = Ring::new((0..RING_SIZE).map(NodeId).collect(), config.n);
        let view = match state {
            State::Stranger => {
                let partitions = ring.partition_count() as u32;
                View::blank(Partitioning::Equal { partitions }, config.n)
            }
            _ => View::of_owners(&ring, config.n),
        };
        let mut recovered = Recovered::empty(view.into());
        if !matches!(state, State::Fresh | State::Stranger) {
            recovered.stored = stored(&ring);
        }
        let node = Node::new(OWN, config, recovered, 11);
        let view = node.view().membership().clone();
        let (out, now, replies) = (Outbox::default(), Instant::ZERO, Vec::new());
        let mut told = Told { node, out, now, life: None, replies, view };
        told.tell(Input::Wakeup);
        match state {
            State::Fresh | State::Loaded => {}
            State::Busy => told.ask_much(),
            State::Alone => {
                told.pass(Span::from_ms(12_000));
                assert_eq!(told.node.view().suspects().count(), RING_SIZE as usize - 1);
            }
            State::Moving => {
                told.pass(Span::from_ms(1_100));
                told.tell(Input::Admin(Admin::Join(newcomer(NodeId(RING_SIZE)))));
                told.pass(Span::from_ms(1_050));
                told.view = told.node.view().membership().clone();
                assert!(told.view.ring().is_moving());
            }
            State::Stranger => {
                let (via, newcomer) = (NodeId(0), newcomer(OWN));
                told.tell(Input::Admin(Admin::JoinThrough { via, newcomer }));
            }
        }
        told
    }

    /// Puts and gets that wait for answers, of keys that the node keeps and of others; time enough
    /// that rounds have begun.
    fn ask_much(&mut self) {
        self.pass(Span::from_ms(1_100));
        for n in 0..4u8 {
            self.put(&Key::new(&[n]), Some(3));
            self.get(&Key::new(&[n]), Some(3));
        }
        self.pass(Span::from_ms(60));
        assert!(self.node.view().requests() >= 6 && self.life.is_some(), "much is under way");
    }

    pub fn pass(&mut self, span: Span) {
        let until = self.now + span;
        while let Some(at) = self.node.next_wakeup().filter(|&at| at <= until) {
            self.now = self.now.max(at);
            self.tell(Input::Wakeup);
        }
        self.now = until;
    }

    /// Gives the node the input, and holds what it says to what others can read.
    pub fn tell(&mut self, input: Input) {
        let now = Now { monotonic: self.now, wall: WallTime(0) };
        self.node.handle(now, input, &mut self.out);
        for (to, message) in self.out.sends.drain(..) {
            if let Some(life) = asked(&message).filter(|_| !message.is_answer()) {
                self.life = Some(life.life);
            }
            let mut packet = Vec::new();
            let frame = Frame { ring: RingId::default(), from: OWN, to, message };
            wire::encode(&frame, &mut packet).expect("it says nothing that is too long");
            let (heard, rest) = wire::decode(&packet).expect("others can read what it says");
            assert!(heard == frame && rest.is_empty(), "others hear {heard:?} for {frame:?}");
        }
        for write in self.out.writes.drain(..) {
            let mut bytes = Vec::new();
            wire::encode_write(&write, &mut bytes);
            assert_eq!(wire::decode_write(&bytes), Ok(write), "it can read what it keeps");
        }
        for reply in self.out.replies.drain(..).filter(|reply| reply.client == CLIENT) {
            let (times, last) = &mut self.replies[reply.request as usize];
            *times += 1;
            *last = Some((*reply.reply).clone());
        }
        self.out.clear();
        self.check();
    }

    /// The message as if its sender answered this life of the node, where it names a small one,
    /// and knew its partitions.
    pub fn aimed(&self, mut message: Message) -> Message {
        if let (Some(life), Some(request)) = (self.life, request_of(&mut message))
            && request.life < 6
        {
            request.life = life;
        }
        let view = self.node.view();
        let here = Here { own: OWN, ring: view.ring(), store: view.store() };
        match &mut message {
            Message::Compare { hashes, ranges, .. } if *ranges == 0 => {
                *ranges = here.ranges(hashes);
            }
            Message::Keys { keys, .. } if keys.range.after == 0 => {
                Rc::make_mut(keys).range = here.ring.range(PartitionId(0));
            }
            _ => {}
        }
        message
    }

    fn check(&self) {
        assert_eq!(self.node.view().identity().actor.node, OWN, "it is who it was");
        let hints = self.node.view().hints().targets();
        let hints = hints.flat_map(|(_, records)| records.values());
        let records = self.node.view().store().records().map(|(_, siblings)| siblings);
        for siblings in records.chain(hints) {
            let versions = siblings.versions();
            let pairs = versions.iter().enumerate().flat_map(|(at, one)| {
                versions[at + 1..].iter().map(move |other| one.clock.compare(&other.clock))
            });
            assert!(pairs.into_iter().all(|relation| relation == Causality::Concurrent));
        }
    }

    /// After all that, the node still serves: whoever asked is answered once, and where nobody
    /// changed the ring, a key that nobody spoke of can be stored and read.
    pub fn check_that_it_serves(&mut self) {
        for n in 0..5u8 {
            let key = Key::new(&[b's', n]);
            let is_usual = self.node.view().membership().digest() == self.view.digest();
            let ring = self.view.ring();
            let is_own = is_usual && ring.is_home(ring.partition_of(key.position()), OWN);
            let (put, get) = (self.put(&key, Some(1)), self.get(&key, Some(1)));
            if is_own {
                let put = &self.replies[put].1;
                assert!(matches!(put, Some(Reply::Put { .. })), "it stores: {put:?}");
                let got = &self.replies[get].1;
                assert!(matches!(got, Some(Reply::Got { siblings: Some(_), .. })), "{got:?}");
            }
        }
        // A put that was passed on and comes back has its time bound twice.
        self.pass(Span::from_ms(2_001));
        for (number, (times, _)) in self.replies.iter().enumerate() {
            assert_eq!(*times, 1, "request {number} is answered once");
        }
    }

    fn put(&mut self, key: &Key, w: Option<u32>) -> usize {
        let content = Content { value: [7][..].into(), ..Content::default() }.into();
        let put = Put { key: key.clone(), content, context: Clock::default(), reader: None, w };
        self.ask(Op::Put(Rc::new(put)))
    }

    fn get(&mut self, key: &Key, r: Option<u32>) -> usize {
        self.ask(Op::Get { key: key.clone(), r })
    }

    fn ask(&mut self, op: Op) -> usize {
        let number = self.replies.len();
        self.replies.push((0, None));
        self.tell(Input::Request { client: CLIENT, request: number as u64, op });
        number
    }
}

fn newcomer(node: NodeId) -> Rc<Newcomer> {
    // So heavy that some of the few tokens are its share.
    Rc::new(Newcomer { node, weight: 5_000, zone: "".into(), name: "F".into(), address: "".into() })
}

/// A disk that was in use: the keys are those that are spoken of most.
fn stored(ring: &Ring) -> Stored {
    let actor = Actor { node: OWN, epoch: 3 };
    let mut stored = Stored {
        identity: Some(Identity { incarnation: 2, actor, counter_floor: 0 }),
        ..Stored::default()
    };
    for n in 0..4u8 {
        let key = Key::new(&[n]);
        let siblings = record(&[(actor, 1), (Actor::default(), u64::from(n) + 1)]);
        if ring.is_home(ring.partition_of(key.position()), OWN) {
            stored.records.insert(key.clone(), siblings.clone());
        }
        if NodeId(u32::from(n)) != OWN {
            stored.hints.put(NodeId(u32::from(n)), key.clone(), siblings);
        }
        stored.floors.insert(key, u64::from(n));
    }
    stored
}

fn record(entries: &[(Actor, u64)]) -> Record {
    let content = Content { value: [1][..].into(), ..Content::default() }.into();
    Siblings::record(Version::new(Clock::new(entries.iter().copied()), content))
}

fn asked(message: &Message) -> Option<RequestId> {
    request_of(&mut message.clone()).copied()
}

fn request_of(message: &mut Message) -> Option<&mut RequestId> {
    use Message::*;
    match message {
        Forward { request, .. } | Taken { request } | Forwarded { request, .. } => Some(request),
        Store { request, .. } | Stored { request, .. } => Some(request),
        Fetch { request, .. } | Fetched { request, .. } => Some(request),
        Repair { request, .. } | Repaired { request } => Some(request),
        Handoff { request, .. } | HandedOver { request, .. } => Some(request),
        Probe { request } | Probed { request, .. } => Some(request),
        Join { request, .. } | NotHome { request, .. } => Some(request),
        Offer { request, .. } | Confirm { request, .. } => Some(request),
        Transfer { request, .. } | Transferred { request, .. } => Some(request),
        Compare { request, .. } | Differing { request, .. } => Some(request),
        Keys { request, .. } | Different { request, .. } => Some(request),
        Wanted { request, .. } | Mended { request, .. } => Some(request),
        Bury { request, .. } | Buried { request, .. } => Some(request),
        Digest { .. } | News { .. } | Rest { .. } | View { .. } => None,
    }
}
