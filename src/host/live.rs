//! The host itself: what comes in is decoded and handed to the node; what the node wants is
//! encoded, made durable, and handed out.

use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use crate::base::digest::Digest;
use crate::base::id::{ClientId, NodeId};
use crate::base::time::{Instant, Now};
use crate::data::version::Actor;
use crate::data::view::{View, WEIGHT_ONE};
use crate::host::commit::{Append, Commit, Leaving};
use crate::host::journal;
use crate::host::start::{BadStart, Founding, Start};
use crate::node::{Node, NodeView};
use crate::protocol::message::{
    Admin, ClientReply, Failure, FailureReason, Input, Newcomer, Notice, Op, Outbox, Recovered,
    Reply, Stored, Write,
};
use crate::wire::{self, Frame, Hello, RingId, Secret};

/// One node of a real ring.
#[derive(Debug)]
pub struct Host {
    start: Start,
    me: NodeId,
    ring: RingId,
    node: Node,
    commit: Commit,
    /// What the journal adds up to, for the day it is written anew.
    stored: Stored,
    journal: JournalSize,
    kept: usize,
    outbox: Outbox,
    writes: Vec<u8>,
    next_request: u64,
    notices: VecDeque<(u64, Instant, Notice)>,
    next_notice: u64,
    counts: Counts,
    /// In the order they were first met: for names that people read.
    actors: Vec<Actor>,
}

/// When a journal is worth writing anew.
#[derive(Clone, Copy, Debug, Default)]
struct JournalSize {
    now: usize,
    when_new: usize,
}

/// What was not taken, by reason. Each is a frame but for the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub taken: u64,
    /// Not a frame of this format: mangled, too long, of another version.
    pub mangled: u64,
    /// Of another ring, or of one with another secret.
    pub alien: u64,
    /// For another node: what a channel that everybody hears is full of.
    pub for_others: u64,
    /// The disk, or the driver, did not keep up.
    pub overflowed: u64,
    pub sent: u64,
    /// More siblings than a frame holds: the message stays here, as if the network had lost it.
    pub too_long: u64,
    /// Sockets whose first message did not prove what it had to.
    pub unwelcome: u64,
}

/// Why somebody at the other end of a socket is not let in. Nothing it sent was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    NotAHello,
    /// Another ring, or another secret: which of the two is not told.
    Unwelcome,
    /// N, R, W or the partitioning differ.
    OtherSettings,
    /// It says that it is this very node.
    Oneself,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::NotAHello => "the first message is no greeting of this version",
            Refused::Unwelcome => "the ring or its secret is another",
            Refused::OtherSettings => "n, r, w or the partitioning differ from this ring's",
            Refused::Oneself => "a node of this name is here already",
        })
    }
}

impl std::error::Error for Refused {}

/// A journal is written anew when it has grown by more than this, and to more than
/// [`GROWTH_MAX`] times what it was when it was new.
const GROWTH_BYTES: usize = 1 << 20;
const GROWTH_MAX: usize = 4;
/// Notices kept for eyes.
const NOTICES_MAX: usize = 512;
/// The one client of a host is its driver; each operation is a request of its own.
const DRIVER: ClientId = ClientId(0);
/// Actors told apart by number; what comes after them shares the last one.
const ACTORS_MAX: usize = 10_000;

impl Host {
    /// A node with what its journal holds. `seed` must differ from start to start.
    pub fn open(start: Start, journal: &[u8], now: Now, seed: u64) -> Result<Host, BadStart> {
        start.check()?;
        let me = wire::node_id(&start.ring, &start.name);
        let ring = RingId::of(&start.ring, &start.secret);
        let read = journal::read(journal, ring, me).map_err(BadStart::Journal)?;
        let blank = || Rc::new(View::blank(start.partitioning, start.config.n));
        let view = read.stored.view.clone().unwrap_or_else(blank);
        let was_member = view.member(me).is_some();
        let recovered = Recovered { stored: read.stored.clone(), view, seeds: Rc::new([]) };
        let node = Node::new(me, start.config.clone(), recovered, seed);
        let mut host = Host {
            me,
            ring,
            node,
            commit: Commit::default(),
            stored: read.stored,
            journal: JournalSize { now: read.kept, when_new: read.kept },
            kept: read.kept,
            outbox: Outbox::default(),
            writes: Vec::new(),
            next_request: 0,
            notices: VecDeque::new(),
            next_notice: 0,
            counts: Counts::default(),
            actors: Vec::new(),
            start,
        };
        host.stored.writes().for_each(|write| meet(&mut host.actors, &write));
        host.give(now, Input::Wakeup);
        if !was_member && host.start.founding == Founding::Found {
            host.give(now, Input::Admin(Admin::Join(host.newcomer())));
        }
        Ok(host)
    }

    /// Sent first over every new socket, by both sides.
    pub fn hello(&self) -> Hello {
        Hello {
            ring: self.ring,
            node: self.me,
            name: self.start.name.clone(),
            address: self.start.address.clone(),
            settings: self.settings(),
            secret: self.start.secret,
        }
    }

    /// What the other side sent first: who it is, when it may come in.
    pub fn greet(&mut self, bytes: &[u8]) -> Result<Hello, Refused> {
        let verdict = self.judge(bytes);
        self.counts.unwelcome += u64::from(verdict.is_err());
        verdict
    }

    fn judge(&self, bytes: &[u8]) -> Result<Hello, Refused> {
        let hello = Hello::decode(bytes).map_err(|_| Refused::NotAHello)?;
        // The secret first, and whole: whoever has not got it learns nothing else.
        let has_secret = self.start.secret.admits(&hello.secret);
        if !has_secret || hello.ring != self.ring {
            return Err(Refused::Unwelcome);
        }
        if hello.settings != self.settings() {
            return Err(Refused::OtherSettings);
        }
        if hello.node == self.me {
            return Err(Refused::Oneself);
        }
        Ok(hello)
    }

    pub fn admits(&self, secret: &Secret) -> bool {
        self.start.secret.admits(secret)
    }

    /// One packet: frames, one after another. What cannot be taken is dropped and counted, as a
    /// network may lose it too; after a mangled frame nothing of its packet can be trusted.
    pub fn receive(&mut self, now: Now, packet: &[u8]) {
        let mut rest = packet;
        while !rest.is_empty() {
            let Ok((header, body, after)) = wire::split(rest) else {
                self.counts.mangled += 1;
                return;
            };
            if header.ring != self.ring {
                self.counts.alien += 1;
            } else if header.to != self.me {
                self.counts.for_others += 1;
            } else if self.commit.is_full() {
                self.counts.overflowed += 1;
            } else {
                match wire::decode_body(body) {
                    Ok(message) if header.from != self.me => {
                        self.counts.taken += 1;
                        self.give(now, Input::Receive { from: header.from, message });
                    }
                    _ => self.counts.mangled += 1,
                }
            }
            rest = after;
        }
    }

    /// A client's operation. Its reply comes out under the number given back.
    pub fn request(&mut self, now: Now, op: Op) -> u64 {
        let request = self.next_request;
        self.next_request += 1;
        if self.commit.is_full() {
            let reason = FailureReason::Overloaded;
            let reply = Reply::Failed(Failure { reason, needed: 0, reached: 0 }).into();
            let mut leaving = Leaving::default();
            leaving.replies.push(ClientReply { client: DRIVER, request, reply });
            self.commit.answer(leaving);
        } else {
            self.give(now, Input::Request { client: DRIVER, request, op });
        }
        request
    }

    /// Asks to be taken into the ring through a node that can be reached, until it is a member.
    pub fn join(&mut self, now: Now, via: NodeId) {
        if !self.is_member() {
            let newcomer = self.newcomer();
            self.give(now, Input::Admin(Admin::JoinThrough { via, newcomer }));
        }
    }

    pub fn leave(&mut self, now: Now, node: NodeId) {
        self.give(now, Input::Admin(Admin::Leave { node }));
    }

    /// The moment that [`Host::next_wakeup`] named has come.
    pub fn wake(&mut self, now: Now) {
        if self.node.next_wakeup().is_some_and(|at| at <= now.monotonic) {
            self.give(now, Input::Wakeup);
        }
    }

    pub fn durable(&mut self, batch: u32) {
        self.commit.on_durable(batch);
    }

    /// What to make durable next; one at a time.
    pub fn next_append(&mut self) -> Option<Append> {
        let JournalSize { now, when_new } = self.journal;
        if now > when_new * GROWTH_MAX && now > when_new + GROWTH_BYTES {
            let mut whole = Vec::with_capacity(2 * when_new);
            journal::begin(self.ring, self.me, &mut whole);
            self.stored.writes().for_each(|write| journal::append(&write, &mut whole));
            let size = whole.len();
            let append = self.commit.replace(whole)?;
            self.journal = JournalSize { now: size, when_new: size };
            return Some(append);
        }
        let mut append = self.commit.next_append()?;
        if self.journal.now == 0 {
            let mut with_header = Vec::with_capacity(append.bytes.len() + 32);
            journal::begin(self.ring, self.me, &mut with_header);
            with_header.append(&mut append.bytes);
            append.bytes = with_header;
        }
        self.journal.now += append.bytes.len();
        Some(append)
    }

    pub fn take_ready(&mut self) -> Leaving {
        self.commit.take_ready()
    }

    pub fn next_wakeup(&self) -> Option<Instant> {
        self.node.next_wakeup()
    }

    pub fn id(&self) -> NodeId {
        self.me
    }

    pub fn start(&self) -> &Start {
        &self.start
    }

    /// Bytes of the journal that were good.
    pub fn kept(&self) -> usize {
        self.kept
    }

    pub fn is_member(&self) -> bool {
        self.view().is_member()
    }

    pub fn view(&self) -> NodeView<'_> {
        self.node.view()
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The number that the next notice will have.
    pub fn next_notice(&self) -> u64 {
        self.next_notice
    }

    /// Notices from this number on that are still kept, oldest first.
    pub fn notices(&self, from: u64) -> impl Iterator<Item = &(u64, Instant, Notice)> {
        self.notices.iter().filter(move |&&(number, ..)| number >= from)
    }

    fn give(&mut self, now: Now, input: Input) {
        self.node.handle(now, input, &mut self.outbox);
        let out = &mut self.outbox;
        self.writes.clear();
        for write in out.writes.drain(..) {
            journal::append(&write, &mut self.writes);
            meet(&mut self.actors, &write);
            self.stored.apply(write);
        }
        let mut leaving = Leaving::default();
        leaving.replies.append(&mut out.replies);
        for (to, message) in out.sends.drain(..) {
            let mut bytes = Vec::new();
            let frame = Frame { ring: self.ring, from: self.me, to, message };
            match wire::encode(&frame, &mut bytes) {
                Ok(()) => {
                    self.counts.sent += 1;
                    leaving.push_frame(to, bytes);
                }
                Err(_) => self.counts.too_long += 1,
            }
        }
        for notice in out.notices.drain(..) {
            if self.notices.len() == NOTICES_MAX {
                self.notices.pop_front();
            }
            self.notices.push_back((self.next_notice, now.monotonic, notice));
            self.next_notice += 1;
        }
        self.commit.call(&self.writes, leaving);
    }

    /// Which of its node's actors this is, from 1, in the order this host met them.
    pub fn nth_actor(&self, actor: Actor) -> usize {
        let of_node = self.actors.iter().filter(|other| other.node == actor.node);
        1 + of_node.take_while(|&&other| other != actor).count()
    }

    fn newcomer(&self) -> Rc<Newcomer> {
        Rc::new(Newcomer {
            node: self.me,
            weight: WEIGHT_ONE,
            zone: "".into(),
            name: self.start.name.as_str().into(),
            address: self.start.address.as_str().into(),
        })
    }

    /// What all nodes of a ring must agree on, in one number.
    fn settings(&self) -> u64 {
        let config = &self.start.config;
        let mut digest = Digest::default();
        for number in [config.n, config.r, config.w] {
            digest.word(number as u64);
        }
        digest.word(View::blank(self.start.partitioning, config.n).digest());
        digest.value()
    }
}

/// Remembers the actors of a write's clocks.
fn meet(actors: &mut Vec<Actor>, write: &Write) {
    let (Write::Record { siblings, .. } | Write::Hint { siblings, .. }) = write else { return };
    for version in siblings.versions() {
        for (actor, _) in version.clock.counters() {
            if actors.len() < ACTORS_MAX && !actors.contains(&actor) {
                actors.push(actor);
            }
        }
    }
}
