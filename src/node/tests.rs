//! The node alone, input by input, without a world.

use super::*;
use crate::base::id::ClientId;
use crate::base::pool::Pooled;
use crate::base::time::{Span, WallTime};
use crate::data::version::{Clock, Content, Siblings, Version, Versioning};
use crate::data::view::View;
use crate::protocol::config::FORWARD_HOPS_MAX;
use crate::protocol::message::{Admin, Asks, ClientReply, FailureReason, Put, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(not(target_arch = "wasm32"))]
mod limits;
mod moving;

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const C: NodeId = NodeId(2);
const D: NodeId = NodeId(3);

/// Five nodes on a five-partition ring, and whatever the one under test says.
struct Bench {
    node: Node,
    out: Outbox,
    now: Instant,
}

impl Bench {
    fn of(id: NodeId) -> Bench {
        Bench::with(id, Config::default())
    }

    fn with(id: NodeId, config: Config) -> Bench {
        let config = Rc::new(config.checked().expect("the settings are in range"));
        let ring = Rc::new(Ring::new((0..5).map(NodeId).collect(), config.n));
        let recovered = Recovered::empty(View::of_owners(&ring, config.n).into());
        let node = Node::new(id, config, recovered, 7);
        let mut bench = Bench { node, out: Outbox::default(), now: Instant::ZERO };
        bench.input(Input::Wakeup);
        bench
    }

    fn input(&mut self, input: Input) {
        self.out.clear();
        let now = Now { monotonic: self.now, wall: WallTime(0) };
        self.node.handle(now, input, &mut self.out);
    }

    fn receive(&mut self, from: NodeId, message: Message) {
        self.input(Input::Receive { from, message });
    }

    /// Lets time pass, waking the node whenever it asked for it; collects what it sent.
    fn pass(&mut self, ms: u64) -> Vec<(NodeId, Message)> {
        let until = self.now + Span::from_ms(ms);
        let mut sent = vec![];
        while let Some(at) = self.node.next_wakeup().filter(|&at| at <= until) {
            self.now = at;
            self.input(Input::Wakeup);
            sent.append(&mut self.out.sends);
        }
        self.now = until;
        sent
    }

    fn put(&mut self, request: u64, key: &Key) {
        let (client, op) = (ClientId(0), Op::Put(blind_put(key)));
        self.input(Input::Request { client, request, op });
    }

    fn stores(&self) -> Vec<(NodeId, Option<NodeId>, RequestId)> {
        let store = |(to, message): &(NodeId, Message)| match message {
            Message::Store { request, stands_in_for, .. } => Some((*to, *stands_in_for, *request)),
            _ => None,
        };
        self.out.sends.iter().filter_map(store).collect()
    }
}

/// Of a client that has seen nothing of the key.
fn blind_put(key: &Key) -> Rc<Put> {
    let content = Content { value: b"milk".as_slice().into(), ..Content::default() }.into();
    Rc::new(Put { key: key.clone(), content, context: Clock::default(), reader: None, w: None })
}

/// A key whose preference list begins with the node.
fn key_at(node: NodeId) -> Key {
    let ring = Ring::new((0..5).map(NodeId).collect(), 3);
    let keys = (0u32..).map(|n| Key::new(&n.to_be_bytes()));
    let mut fitting = keys.filter(|key| ring.homes(ring.partition_of(key.position()))[0] == node);
    fitting.next().expect("some key falls to every node")
}

fn failure(replies: &[ClientReply]) -> Option<FailureReason> {
    match &*replies.first()?.reply {
        Reply::Failed(failure) => Some(failure.reason),
        _ => None,
    }
}

#[test]
fn the_identity_and_the_view_are_written_before_anything_is_sent() {
    let bench = Bench::of(A);
    let writes = &bench.out.writes;
    assert!(matches!(writes[..], [Write::Identity(id), Write::View(_)] if id.incarnation == 1));
    assert!(bench.out.sends.is_empty());
}

#[test]
fn a_put_is_written_locally_and_sent_to_the_other_homes() {
    let mut bench = Bench::of(A);
    bench.put(1, &key_at(A));
    assert!(matches!(bench.out.writes[..], [Write::Record { .. }]));
    let to: Vec<_> = bench.stores().iter().map(|&(to, absent, _)| (to, absent)).collect();
    assert_eq!(to, [(B, None), (C, None)]);
    assert!(bench.out.replies.is_empty(), "W is 2 and only its own copy is there");
}

#[test]
fn the_client_hears_at_w_and_once() {
    let mut bench = Bench::of(A);
    bench.put(1, &key_at(A));
    let request = bench.stores()[0].2;
    bench.receive(B, Message::Stored { request, accepted: true });
    assert_eq!(bench.out.replies.len(), 1);
    bench.receive(C, Message::Stored { request, accepted: true });
    assert!(bench.out.replies.is_empty());
    assert_eq!(bench.node.view().requests(), 0);
}

#[test]
fn a_silent_replica_is_replaced_by_the_next_node_with_a_hint_that_names_it() {
    let mut bench = Bench::of(A);
    bench.put(1, &key_at(A));
    let request = bench.stores()[0].2;
    bench.receive(B, Message::Stored { request, accepted: true });
    let sent = bench.pass(100);
    let hinted = sent.iter().any(|(to, message)| {
        *to == D && matches!(message, Message::Store { stands_in_for: Some(C), .. })
    });
    assert!(hinted, "also after the client was answered, so that N copies come to be: {sent:?}");
}

#[test]
fn the_durable_replica_is_another_home_and_no_stand_in() {
    let config = Config { write_buffer: 10, durable_replica: true, ..Config::default() };
    let mut bench = Bench::with(A, config);
    for round in 0..3 {
        bench.put(round, &key_at(A));
        let Some(&(_, _, request)) = bench.stores().first() else { panic!("nobody is asked") };
        bench.receive(B, Message::Stored { request, accepted: true });
        if bench.pass(100).iter().any(|(to, _)| *to == D) {
            bench.receive(D, Message::Stored { request, accepted: true });
        }
    }
    let suspects: Vec<_> = bench.node.view().suspects().map(|(node, ..)| node).collect();
    assert_eq!(suspects, [C]);
    bench.put(9, &key_at(A));
    let asked: Vec<_> = bench.stores().iter().map(|&(to, absent, _)| (to, absent)).collect();
    assert_eq!(asked, [(B, None), (D, Some(C))]);
    let is_durable = |message: &Message| matches!(message, Message::Store { is_durable: true, .. });
    let durable = bench.out.sends.iter().filter(|(_, message)| is_durable(message));
    assert_eq!(durable.map(|(to, _)| *to).collect::<Vec<_>>(), [B]);
}

#[test]
fn who_is_asked_in_place_of_the_durable_replica_is_the_durable_one() {
    let config = Config { write_buffer: 10, durable_replica: true, ..Config::default() };
    let mut bench = Bench::with(A, config);
    let durable = |sent: &[(NodeId, Message)]| {
        let stores = sent.iter().filter_map(|(to, message)| match message {
            Message::Store { is_durable, .. } => Some((*to, *is_durable)),
            _ => None,
        });
        stores.collect::<Vec<_>>()
    };
    bench.put(1, &key_at(A));
    assert_eq!(durable(&bench.out.sends), [(B, false), (C, true)]);
    let sent = bench.pass(100);
    assert_eq!(durable(&sent), [(D, false), (NodeId(4), true)], "one for B, one for C");
}

#[test]
fn who_takes_over_a_read_counts_its_own_answer() {
    let mut bench = Bench::with(B, Config { n: 1, r: 1, w: 1, ..Config::default() });
    let (client, op) = (ClientId(0), Op::Get { key: key_at(A), r: None });
    bench.input(Input::Request { client, request: 1, op });
    assert!(matches!(bench.out.sends[..], [(A, Message::Fetch { .. })]));
    while bench.out.replies.is_empty() {
        bench.now = bench.node.next_wakeup().expect("it waits for A");
        bench.input(Input::Wakeup);
    }
    let reply = &*bench.out.replies[0].reply;
    assert!(matches!(reply, Reply::Got { siblings: None, .. }), "{reply:?}");
}

#[test]
fn with_plain_clocks_a_blind_put_tells_of_the_version_that_it_loses() {
    let lost = |versioning| {
        let mut bench = Bench::with(A, Config { versioning, ..Config::default() });
        bench.put(1, &key_at(A));
        bench.put(2, &key_at(A));
        let tells = |notice: &Notice| matches!(notice, Notice::FalseDominance { .. });
        bench.out.notices.iter().filter(|notice| tells(notice)).count()
    };
    assert_eq!(lost(Versioning::VectorClock), 1);
    assert_eq!(lost(Versioning::Dotted), 0, "both stay");
}

#[test]
fn a_node_outside_the_list_passes_a_put_on_and_coordinates_a_get() {
    let mut bench = Bench::of(D);
    bench.put(1, &key_at(A));
    assert!(matches!(bench.out.sends[..], [(A, Message::Forward { .. })]));
    assert!(bench.out.writes.is_empty());
    bench.input(Input::Request {
        client: ClientId(0),
        request: 2,
        op: Op::Get { key: key_at(A), r: None },
    });
    let asked: Vec<NodeId> = bench.out.sends.iter().map(|&(to, _)| to).collect();
    assert_eq!(asked, [A, B, C]);
}

#[test]
fn a_repeated_put_is_answered_and_not_executed_again() {
    let mut bench = Bench::of(A);
    let key = key_at(A);
    bench.put(1, &key);
    let request = bench.stores()[0].2;
    bench.put(1, &key);
    assert!(bench.out.is_empty(), "it is running already");
    bench.receive(B, Message::Stored { request, accepted: true });
    bench.put(1, &key);
    assert!(bench.out.writes.is_empty() && bench.out.sends.is_empty());
    assert_eq!(bench.out.replies.len(), 1, "it is answered from memory");
    let waits = bench.out.durability;
    assert_eq!(waits, Durability::Everything, "its first write may not be durable yet");
}

#[test]
fn who_coordinates_what_it_keeps_no_copy_of_remembers_the_counter_by_itself() {
    let mut bench = Bench::with(B, Config { n: 1, r: 1, w: 1, ..Config::default() });
    for counter in 1..=2u32 {
        let put = blind_put(&key_at(A));
        let request = RequestId { sequence: counter, ..RequestId::default() };
        bench.receive(C, Message::Forward { request, put, hops: FORWARD_HOPS_MAX });
        let writes = &bench.out.writes;
        assert!(
            matches!(writes[..], [Write::Floor { counter: kept, .. }] if kept == u64::from(counter))
        );
    }
}

#[test]
fn with_too_few_believed_up_a_put_is_refused_before_anything_is_written() {
    let mut bench = Bench::of(A);
    for round in 0..2 {
        bench.put(round, &key_at(A));
        bench.pass(1_000);
    }
    assert_eq!(bench.node.view().suspects().count(), 4);
    bench.put(9, &key_at(A));
    assert_eq!(failure(&bench.out.replies), Some(FailureReason::TooFewHealthy));
    assert!(bench.out.writes.is_empty() && bench.out.sends.is_empty());
}

#[test]
fn a_put_without_enough_answers_times_out_and_may_have_taken_effect() {
    let mut bench = Bench::of(A);
    bench.put(1, &key_at(A));
    let mut replies = vec![];
    let until = bench.now + Span::from_ms(1_000);
    while let Some(at) = bench.node.next_wakeup().filter(|&at| at <= until) {
        bench.now = at;
        bench.input(Input::Wakeup);
        replies.append(&mut bench.out.replies);
    }
    assert_eq!(failure(&replies), Some(FailureReason::Timeout));
    assert!(bench.node.view().store().len() == 1);
}

#[test]
fn a_hint_is_deleted_only_after_its_owner_has_it_and_its_counter_is_not_reissued() {
    let mut bench = Bench::of(D);
    // Two puts to B, C and D with C silent: D comes to suspect C, and nobody else.
    for round in 0..2 {
        bench.put(round, &key_at(B));
        let request = bench.stores()[0].2;
        bench.receive(B, Message::Stored { request, accepted: true });
        for (to, _) in bench.pass(100) {
            bench.receive(to, Message::Stored { request, accepted: true });
        }
    }
    // A put to A, B and C: D stands in for C, so D coordinates, and its own copy is a hint.
    let key = key_at(A);
    bench.put(7, &key);
    assert_eq!(bench.node.view().hints().targets().map(|(t, _)| t).collect::<Vec<_>>(), [C]);
    let before = bench.node.held(&key).expect("the hint answers for the key").clock();
    let actor = bench.node.identity.actor;
    assert_eq!(before.get(actor), 1);

    bench.receive(C, Message::Repaired { request: RequestId::default() }); // C is back
    let sent = bench.pass(1_000);
    let handoff = sent.iter().find_map(|(to, message)| match message {
        Message::Handoff { request, .. } if *to == C => Some(*request),
        _ => None,
    });
    let request = handoff.expect("a hint goes home once its owner is back");
    assert_eq!(bench.node.view().hints().len(), 1, "and stays until the owner has it");
    bench.receive(C, Message::HandedOver { request, accepted: true });
    assert!(bench.node.view().hints().is_empty());
    assert_eq!(bench.node.view().floor(&key), 1, "counter 1 of this key is spent");
}

#[test]
fn a_read_repairs_a_stale_home_after_the_reply() {
    let mut bench = Bench::of(A);
    let key = key_at(A);
    bench.put(1, &key);
    bench.input(Input::Request {
        client: ClientId(0),
        request: 2,
        op: Op::Get { key: key.clone(), r: None },
    });
    let Some((_, Message::Fetch { request, .. })) = bench.out.sends.first().cloned() else {
        panic!("a get asks the other homes")
    };
    bench.receive(B, Message::Fetched { request, siblings: None });
    assert_eq!(bench.out.replies.len(), 1);
    assert!(bench.out.sends.is_empty(), "C may still answer");
    let siblings = bench.node.held(&key);
    bench.receive(C, Message::Fetched { request, siblings });
    assert!(matches!(bench.out.sends[..], [(B, Message::Repair { .. })]));
}

#[test]
fn who_speaks_as_a_member_and_is_not_known_is_answered_and_asked_what_it_knows() {
    let mut bench = Bench::of(A);
    let newcomer = NodeId(77);
    bench.receive(newcomer, Message::Probe { request: RequestId::default() });
    assert!(matches!(
        bench.out.sends[..],
        [(_, Message::View { asks: Asks::News, .. }), (_, Message::Probed { .. })]
    ));
    assert!(bench.out.writes.is_empty() && !bench.node.view().members().contains(&newcomer));
}

#[test]
fn dropping_a_reborn_nodes_disk_gives_it_another_actor() {
    let (one, two) = (Bench::of(A).node.identity, {
        let mut bench = Bench::of(A);
        bench.node = {
            let node = &bench.node;
            let recovered = Recovered::empty(node.membership.view().clone());
            Node::new(A, node.config.clone(), recovered, 8)
        };
        bench.node.identity
    });
    assert_ne!(one.actor, two.actor);
}

/// A record of one sibling for each clock.
fn record(clocks: impl IntoIterator<Item = Clock>) -> Record {
    let content = Content { value: b"x".as_slice().into(), ..Content::default() };
    let content = Pooled::from(content);
    let version = |clock| Siblings::one(Version::new(clock, content.clone()));
    let mut versions = clocks.into_iter().map(version);
    let mut all = versions.next().expect("at least one");
    versions.for_each(|version| _ = all.merge(&version));
    all.into()
}

fn stranger(n: u32) -> Actor {
    Actor { node: NodeId(1_000 + n), epoch: 0 }
}

#[test]
fn a_record_takes_no_more_siblings_than_can_travel_and_a_put_that_covers_them_is_taken() {
    let mut bench = Bench::of(A);
    let (key, request) = (key_at(A), RequestId::default());
    let full = record((0..Siblings::COUNT_MAX as u32).map(|n| Clock::new([(stranger(n), 1)])));
    let store = |siblings: &Record| Message::Store {
        request,
        key: key.clone(),
        siblings: siblings.clone(),
        stands_in_for: None,
        is_durable: false,
    };
    let is_taken = |bench: &mut Bench, siblings: &Record| {
        bench.receive(B, store(siblings));
        matches!(bench.out.sends[..], [(B, Message::Stored { accepted: true, .. })])
    };
    assert!(is_taken(&mut bench, &full));
    assert!(!is_taken(&mut bench, &record([Clock::new([(stranger(999), 1)])])));
    bench.put(1, &key);
    assert_eq!(failure(&bench.out.replies), Some(FailureReason::Overloaded));
    assert!(bench.out.writes.is_empty());
    assert!(is_taken(&mut bench, &full), "a repeat adds nothing");
    assert!(is_taken(&mut bench, &record([full.clock()])), "and what covers all is welcome");
}

#[test]
fn a_counter_at_its_end_is_not_issued_again() {
    let mut bench = Bench::of(A);
    let (key, own) = (key_at(A), bench.node.identity.actor);
    let siblings = record([Clock::new([(own, Clock::COUNTER_MAX)])]);
    bench.receive(B, Message::Repair { request: RequestId::default(), key: key.clone(), siblings });
    bench.put(1, &key);
    assert_eq!(failure(&bench.out.replies), Some(FailureReason::Overloaded));
    assert!(bench.out.writes.is_empty(), "a definite failure wrote nothing");
}

#[test]
fn a_put_that_is_taken_over_is_answered_within_the_time_bound_of_its_beginning() {
    let mut bench = Bench::of(NodeId(4));
    bench.put(1, &key_at(A));
    let bound = Instant::ZERO + Span::from_ms(1_000);
    let (mut replies, mut has_taken_over) = (vec![], false);
    while let Some(at) = bench.node.next_wakeup().filter(|&at| at <= bound) {
        bench.now = at;
        bench.input(Input::Wakeup);
        has_taken_over |= !bench.stores().is_empty();
        replies.append(&mut bench.out.replies);
    }
    assert!(has_taken_over, "nobody answers, so it coordinates by itself in the end");
    assert_eq!(failure(&replies), Some(FailureReason::Timeout));
}

#[test]
fn who_takes_over_for_the_durable_replica_is_the_durable_one() {
    let config =
        Config { n: 1, r: 1, w: 1, write_buffer: 10, durable_replica: true, ..Config::default() };
    let mut bench = Bench::with(B, config);
    let (request, put) = (RequestId::default(), blind_put(&key_at(A)));
    bench.receive(C, Message::Forward { request, put, hops: FORWARD_HOPS_MAX });
    let asked = &bench.out.sends[1];
    assert!(matches!(asked, (A, Message::Store { is_durable: true, .. })), "{asked:?}");
    while !matches!(bench.out.sends[..], [.., (C, Message::Forwarded { .. })]) {
        bench.now = bench.node.next_wakeup().expect("it waits for A");
        bench.input(Input::Wakeup);
    }
    assert!(matches!(bench.out.writes[..], [.., Write::Hint { target: A, .. }]));
    assert_eq!(bench.out.durability, Durability::Everything);
}

#[test]
fn records_that_were_wanted_are_merged_if_both_are_homes_and_the_answer_says_so() {
    let key = key_at(A);
    let wanted = |from| {
        let mut bench = Bench::of(B);
        let siblings = record([Clock::new([(stranger(9), 1)])]);
        let (request, records) = (RequestId::default(), Rc::new(vec![(key.clone(), siblings)]));
        bench.receive(from, Message::Wanted { request, records });
        let is_answered = matches!(
            bench.out.sends[..],
            [(to, Message::Mended { accepted: true, .. })] if to == from
        );
        assert!(is_answered, "{:?}", bench.out.sends);
        bench.out.writes.len()
    };
    assert_eq!((wanted(A), wanted(C), wanted(D)), (1, 1, 0), "D is no home of the key");
}
