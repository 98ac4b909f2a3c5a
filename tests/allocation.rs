//! Once warm, a put, a get and a gossip exchange allocate nothing, and bytes that came in take no
//! more memory than they allow: counted, not believed.
#![cfg(not(target_arch = "wasm32"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::rc::Rc;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::{ClientId, NodeId, RequestId};
use dynamo_playground::base::time::{Instant, Now, Span, WallTime};
use dynamo_playground::data::ring::Ring;
use dynamo_playground::data::version::{Clock, Content};
use dynamo_playground::data::view::View;
use dynamo_playground::node::Node;
use dynamo_playground::protocol::config::Config;
use dynamo_playground::protocol::message::{
    Identity, Input, Message, Op, Outbox, Put, Recovered, Reply, Write,
};
use dynamo_playground::sim::disk::Disk;

#[path = "allocation/wire.rs"]
mod wire;

/// The system's allocator, counting what this thread asks of it.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    /// Bytes held, as this thread knows, and the most that it ever held.
    static HELD: Cell<i64> = const { Cell::new(0) };
    static MOST_HELD: Cell<i64> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    // While a thread ends its counters are gone, and nobody asks for them any more.
    _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
    _ = HELD.try_with(|held| {
        held.set(held.get() + bytes as i64);
        _ = MOST_HELD.try_with(|most| most.set(most.get().max(held.get())));
    });
}

fn uncount(bytes: usize) {
    _ = HELD.try_with(|held| held.set(held.get() - bytes as i64));
}

// SAFETY: every call is handed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        uncount(layout.size());
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // For a moment both may be there.
        count(size);
        uncount(layout.size());
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes held at once while it happens, beyond what was held before.
fn most_held(of: impl FnOnce()) -> u64 {
    let before = HELD.get();
    MOST_HELD.set(before);
    of();
    (MOST_HELD.get() - before) as u64
}

fn allocations(of: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    of();
    ALLOCATIONS.get() - before
}

/// Five nodes whose messages arrive at once, in order, and whose disks are instant.
struct Table {
    nodes: Vec<Node>,
    out: Outbox,
    on_the_way: std::collections::VecDeque<(NodeId, NodeId, Message)>,
    now: Instant,
    next_request: u64,
    answered: u64,
}

impl Table {
    fn new() -> Table {
        let config = Rc::new(Config::default());
        let ring = Ring::new((0..5).map(NodeId).collect(), config.n);
        let recovered = Recovered::empty(View::of_owners(&ring, config.n).into());
        let node = |n| Node::new(NodeId(n), config.clone(), recovered.clone(), u64::from(n));
        let mut table = Table {
            nodes: (0..5).map(node).collect(),
            out: Outbox::default(),
            on_the_way: Default::default(),
            now: Instant::ZERO,
            next_request: 0,
            answered: 0,
        };
        (0..5).for_each(|n| table.give(NodeId(n), Input::Wakeup));
        table
    }

    fn give(&mut self, node: NodeId, input: Input) {
        let now = Now { monotonic: self.now, wall: WallTime(0) };
        self.nodes[node.index()].handle(now, input, &mut self.out);
        self.out.writes.clear();
        self.out.notices.clear();
        for reply in self.out.replies.drain(..) {
            self.answered += u64::from(!matches!(*reply.reply, Reply::Failed(_)));
        }
        for (to, message) in self.out.sends.drain(..) {
            self.on_the_way.push_back((node, to, message));
        }
    }

    fn settle(&mut self) {
        while let Some((from, to, message)) = self.on_the_way.pop_front() {
            self.give(to, Input::Receive { from, message });
        }
    }

    fn ask(&mut self, via: NodeId, op: Op) {
        self.next_request += 1;
        let (client, request) = (ClientId(0), self.next_request);
        self.give(via, Input::Request { client, request, op });
        self.settle();
        self.pass(Span::from_ms(5));
    }

    /// Every node that is due wakes, in order, until the moment has passed.
    fn pass(&mut self, span: Span) {
        let until = self.now + span;
        loop {
            let due = |n: usize| self.nodes[n].next_wakeup().filter(|&at| at <= until);
            let Some((at, n)) = (0..5).filter_map(|n| Some((due(n)?, n))).min() else { break };
            self.now = self.now.max(at);
            self.give(NodeId(n as u32), Input::Wakeup);
            self.settle();
        }
        self.now = until;
    }
}

/// A key whose first home is node 0, and a put of it as a client would make it.
fn put() -> (Key, Rc<Put>) {
    let ring = Ring::new((0..5).map(NodeId).collect(), 3);
    let keys = (0u32..).map(|n| Key::new(&n.to_be_bytes()));
    let key =
        keys.into_iter().find(|key| ring.homes(ring.partition_of(key.position()))[0] == NodeId(0));
    let key = key.expect("some key falls to node 0");
    let content = Content { value: [7; 16].into(), ..Content::default() }.into();
    let put = Put { key: key.clone(), content, context: Clock::default(), reader: None, w: None };
    (key, Rc::new(put))
}

/// What `round` allocates when it has been done often enough before.
fn warm(mut round: impl FnMut(&mut Table)) -> u64 {
    let mut table = Table::new();
    for _ in 0..2_000 {
        round(&mut table);
    }
    let before = table.answered;
    let allocated = allocations(|| (0..1_000).for_each(|_| round(&mut table)));
    assert!(table.answered == 0 || table.answered >= before + 1_000, "the rounds really happen");
    allocated
}

#[test]
fn a_warm_put_allocates_nothing() {
    let (_, put) = put();
    assert_eq!(warm(|table| table.ask(NodeId(0), Op::Put(put.clone()))), 0);
}

#[test]
fn a_warm_put_that_is_passed_on_allocates_nothing() {
    let (_, put) = put();
    assert_eq!(warm(|table| table.ask(NodeId(3), Op::Put(put.clone()))), 0);
}

#[test]
fn a_warm_get_allocates_nothing() {
    let (key, put) = put();
    let mut is_written = false;
    let get = |table: &mut Table| {
        if !std::mem::replace(&mut is_written, true) {
            table.ask(NodeId(0), Op::Put(put.clone()));
        }
        table.ask(NodeId(4), Op::Get { key: key.clone(), r: None });
    };
    assert_eq!(warm(get), 0);
}

#[test]
fn a_warm_gossip_exchange_between_nodes_of_equal_membership_allocates_nothing() {
    assert_eq!(warm(|table| table.pass(Span::from_ms(1_000))), 0);
}

#[test]
fn a_warm_disk_that_groups_its_writes_allocates_nothing() {
    let mut disk = Disk::default();
    let mut out = Outbox::default();
    let mut flush = |call: &mut dyn FnMut(&mut Disk, &mut Outbox)| {
        call(&mut disk, &mut out);
        disk.begin_flush(Instant(1));
        (0..3).for_each(|_| call(&mut disk, &mut out));
        while let Some(batch) = disk.end_flush(Instant(1), &mut |_, _| {}) {
            disk.recycle(batch);
            if disk.wants_flush(Instant(1), 0, Span::ZERO) {
                disk.begin_flush(Instant(1));
            }
        }
    };
    let mut call = |disk: &mut Disk, out: &mut Outbox| {
        out.writes.push(Write::Identity(Identity::default()));
        out.send(NodeId(1), Message::Repaired { request: RequestId::default() });
        assert!(disk.hold(Instant(1), 0, out, 0));
    };
    (0..10).for_each(|_| flush(&mut call));
    assert_eq!(allocations(|| (0..1_000).for_each(|_| flush(&mut call))), 0);
}

#[test]
fn the_count_can_fail() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new([1u8; 64])))), 1);
    assert_eq!(most_held(|| drop(std::hint::black_box(Box::new([1u8; 64])))), 64);
}
