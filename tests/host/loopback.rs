//! A ring of hosts in one thread: a transport that is a queue, and journals in memory whose last
//! append a kill may tear anywhere.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::NodeId;
use dynamo_playground::base::rng::Rng;
use dynamo_playground::base::time::{Instant, Now, Span, WallTime};
use dynamo_playground::data::partitioning::Partitioning;
use dynamo_playground::data::version::{Clock, Content};
use dynamo_playground::host::{Append, Founding, Host, Start};
use dynamo_playground::protocol::config::Config;
use dynamo_playground::protocol::message::{Op, Put, Reply};
use dynamo_playground::wire::{self, Secret};

pub const SECRET: &str = "00112233445566778899aabbccddeeff";

/// One node's place: the process that may be killed, and the journal that stays.
struct Place {
    start: Start,
    host: Option<Host>,
    journal: Vec<u8>,
    /// What is being made durable, and when it will be.
    under_way: Option<(Append, Instant)>,
    replies: BTreeMap<u64, Reply>,
}

pub struct Loopback {
    places: Vec<Place>,
    ids: Vec<NodeId>,
    in_flight: VecDeque<(Instant, NodeId, Vec<u8>)>,
    now: Instant,
    rng: Rng,
}

pub fn settings() -> Config {
    Config { suspect_after: Span::from_ms(3_000), ..Config::default() }
}

pub fn start(name: &str, founding: Founding) -> Start {
    Start {
        ring: "demo".into(),
        secret: Secret::from_hex(SECRET).unwrap(),
        name: name.into(),
        address: String::new(),
        config: Rc::new(settings().checked().unwrap()),
        partitioning: Partitioning::Equal { partitions: 64 },
        founding,
    }
}

impl Loopback {
    /// A ring that the first of the names founds and the others have joined through it.
    pub fn ring(names: &[&str], seed: u64) -> Loopback {
        let place = |(at, name): (usize, &&str)| {
            let founding = if at == 0 { Founding::Found } else { Founding::Wait };
            let start = start(name, founding);
            let (journal, replies) = (Vec::new(), BTreeMap::new());
            Place { start, host: None, journal, under_way: None, replies }
        };
        let places: Vec<Place> = names.iter().enumerate().map(place).collect();
        let ids = places.iter().map(|p| wire::node_id(&p.start.ring, &p.start.name)).collect();
        let mut ring = Loopback {
            places,
            ids,
            in_flight: VecDeque::new(),
            now: Instant::from_ms_f64(1.0),
            rng: Rng::from_u64(seed),
        };
        for at in 0..names.len() {
            ring.open(at);
            if at > 0 {
                let (now, founder) = (ring.clock(), ring.ids[0]);
                ring.host(at).join(now, founder);
            }
        }
        ring.run(5_000);
        ring
    }

    pub fn host(&mut self, at: usize) -> &mut Host {
        self.places[at].host.as_mut().expect("this node is up")
    }

    pub fn journal(&mut self, at: usize) -> &mut Vec<u8> {
        &mut self.places[at].journal
    }

    pub fn clock(&self) -> Now {
        Now { monotonic: self.now, wall: WallTime(self.now.0 as i64) }
    }

    /// Starts a node from its journal, cut to what is good of it.
    pub fn open(&mut self, at: usize) {
        let (now, seed) = (self.clock(), self.rng.next_u64());
        let place = &mut self.places[at];
        let host = Host::open(place.start.clone(), &place.journal, now, seed).expect("it opens");
        place.journal.truncate(host.kept());
        place.replies.clear();
        place.host = Some(host);
    }

    /// Ends a process at once. Of an append under way any beginning may be on the disk, or all; a
    /// replacement is there as a whole or not at all.
    pub fn kill(&mut self, at: usize) {
        let place = &mut self.places[at];
        place.host = None;
        if let Some((append, _)) = place.under_way.take() {
            let torn = self.rng.index(append.bytes.len() + 1);
            match append.replace {
                false => place.journal.extend_from_slice(&append.bytes[..torn]),
                true if torn.is_multiple_of(2) => place.journal = append.bytes,
                true => {}
            }
        }
    }

    pub fn put(&mut self, at: usize, key: &str, value: &str) -> u64 {
        self.put_on(at, key, value, Clock::default())
    }

    pub fn put_on(&mut self, at: usize, key: &str, value: &str, context: Clock) -> u64 {
        let content = Content { value: value.as_bytes().into(), ..Content::default() }.into();
        let put = Put { key: Key::new(key.as_bytes()), content, context, reader: None, w: None };
        let now = self.clock();
        self.host(at).request(now, Op::Put(Rc::new(put)))
    }

    pub fn get(&mut self, at: usize, key: &str) -> u64 {
        let now = self.clock();
        self.host(at).request(now, Op::Get { key: Key::new(key.as_bytes()), r: None })
    }

    /// What a node has answered under this number.
    pub fn reply(&self, at: usize, request: u64) -> Option<&Reply> {
        self.places[at].replies.get(&request)
    }

    /// The values that a get through this node finds, when it is answered within its time.
    pub fn values(&mut self, at: usize, key: &str) -> Option<Vec<String>> {
        let request = self.get(at, key);
        self.run(1_500);
        match self.reply(at, request)? {
            Reply::Got { siblings, .. } => Some(siblings.as_ref().map_or(vec![], |held| {
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                held.versions().iter().map(|version| text(&version.content.value)).collect()
            })),
            _ => None,
        }
    }

    /// Lets so many milliseconds pass.
    pub fn run(&mut self, ms: u64) {
        let until = self.now + Span::from_ms(ms);
        while self.now < until {
            self.now += Span(250_000);
            self.tick();
        }
    }

    fn tick(&mut self) {
        let now = self.clock();
        for at in 0..self.places.len() {
            let place = &mut self.places[at];
            let Some(host) = place.host.as_mut() else { continue };
            if let Some((append, _)) = place.under_way.take_if(|(_, at)| *at <= now.monotonic) {
                match append.replace {
                    true => place.journal = append.bytes,
                    false => place.journal.extend_from_slice(&append.bytes),
                }
                host.durable(append.batch);
            }
            host.wake(now);
            if let Some(append) = host.next_append() {
                let taken = self.rng.span(Span::from_ms(1), Span::from_ms(4));
                place.under_way = Some((append, self.now + taken));
            }
            let leaving = host.take_ready();
            for reply in leaving.replies {
                place.replies.insert(reply.request, (*reply.reply).clone());
            }
            for (to, frame) in leaving.frames {
                let taken = self.rng.span(Span::from_ms(1), Span::from_ms(6));
                self.in_flight.push_back((self.now + taken, to, frame));
            }
        }
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.in_flight).into_iter().partition(|&(at, ..)| at <= self.now);
        self.in_flight = later.into();
        for (_, to, frame) in due {
            let at = self.ids.iter().position(|&id| id == to).expect("all are of this ring");
            if let Some(host) = self.places[at].host.as_mut() {
                host.receive(now, &frame);
            }
        }
    }
}
