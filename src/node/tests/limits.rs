//! Every table has a limit, and an answer when it is full.

use super::*;
use crate::base::id::PartitionId;
use crate::protocol::config::Limits;
use crate::protocol::message::{Asks, BurialStep, Newcomer};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn limited(id: NodeId, limits: Limits) -> Bench {
    Bench::with(id, Config { limits, ..Config::default() })
}

fn ask(bench: &mut Bench, request: u64, op: Op) {
    bench.input(Input::Request { client: ClientId(0), request, op });
}

fn put_of(key: &Key, w: Option<u32>, is_tombstone: bool) -> Op {
    let content = Content { is_tombstone, ..Content::default() }.into();
    let key = key.clone();
    Op::Put(Rc::new(Put { key, content, context: Clock::default(), reader: None, w }))
}

/// Keys whose preference list begins with the node.
fn keys_at(node: NodeId) -> [Key; 2] {
    let ring = Ring::new((0..5).map(NodeId).collect(), 3);
    let keys = (0u32..).map(|n| Key::new(&n.to_be_bytes()));
    let mut keys = keys.filter(|key| ring.homes(ring.partition_of(key.position()))[0] == node);
    [keys.next(), keys.next()].map(|key| key.expect("some keys fall to every node"))
}

/// Whether the node takes what a coordinator sends it.
fn takes(bench: &mut Bench, key: &Key, stands_in_for: Option<NodeId>) -> bool {
    let siblings = record([Clock::new([(stranger(9), 1)])]);
    let request = RequestId::default();
    let (key, is_durable) = (key.clone(), false);
    bench.receive(B, Message::Store { request, key, siblings, stands_in_for, is_durable });
    matches!(bench.out.sends[..], [(B, Message::Stored { accepted: true, .. })])
}

#[test]
fn one_request_too_many_is_refused_definitely_and_writes_nothing() {
    let mut bench = limited(A, Limits { requests_max: 1, ..Limits::default() });
    let [first, second] = keys_at(A);
    bench.put(1, &first);
    assert_eq!(failure(&bench.out.replies), None);
    bench.put(2, &second);
    assert_eq!(failure(&bench.out.replies), Some(FailureReason::Overloaded));
    ask(&mut bench, 3, Op::Get { key: second, r: None });
    assert_eq!(failure(&bench.out.replies), Some(FailureReason::Overloaded));
    assert!(bench.out.writes.is_empty() && bench.out.sends.is_empty());
    bench.pass(5_000);
    bench.put(4, &first);
    assert_eq!(failure(&bench.out.replies), None, "what has ended makes room");
}

#[test]
fn a_put_passed_on_to_a_node_without_room_is_answered_to_who_passed_it_on() {
    let mut bench = limited(A, Limits { requests_max: 1, ..Limits::default() });
    let [first, second] = keys_at(A);
    bench.put(1, &first);
    let Op::Put(put) = put_of(&second, None, false) else { unreachable!("it is a put") };
    bench.receive(D, Message::Forward { request: RequestId::default(), put, hops: 1 });
    let [(D, Message::Taken { .. }), (D, Message::Forwarded { reply, .. })] = &bench.out.sends[..]
    else {
        panic!("{:?}", bench.out.sends)
    };
    let Reply::Failed(failure) = &**reply else { panic!("{reply:?}") };
    assert_eq!(failure.reason, FailureReason::Overloaded);
    assert!(failure.is_definite() && bench.out.writes.is_empty());
}

#[test]
fn an_r_or_w_outside_1_to_n_is_refused_and_the_others_are_not() {
    let mut bench = Bench::of(A);
    let [key, _] = keys_at(A);
    for (wrong, request) in [(0, 1), (4, 2), (u32::MAX, 3)] {
        ask(&mut bench, request, put_of(&key, Some(wrong), false));
        assert_eq!(failure(&bench.out.replies), Some(FailureReason::BadQuorum), "w {wrong}");
        ask(&mut bench, request + 10, Op::Get { key: key.clone(), r: Some(wrong) });
        assert_eq!(failure(&bench.out.replies), Some(FailureReason::BadQuorum), "r {wrong}");
        assert!(bench.out.writes.is_empty() && bench.out.sends.is_empty());
    }
    ask(&mut bench, 20, put_of(&key, Some(3), false));
    assert_eq!(failure(&bench.out.replies), None);
}

#[test]
fn a_replica_without_room_refuses_one_record_more_and_takes_what_it_has() {
    let mut bench = limited(A, Limits { records_max: 1, ..Limits::default() });
    let [first, second] = keys_at(A);
    assert!(takes(&mut bench, &first, None) && takes(&mut bench, &first, None));
    assert!(!takes(&mut bench, &second, None) && bench.out.writes.is_empty());
    bench.put(1, &second);
    assert_eq!(failure(&bench.out.replies), Some(FailureReason::Overloaded));
}

#[test]
fn a_stand_in_without_room_refuses_one_hint_more() {
    let e = NodeId(4);
    let mut bench = limited(e, Limits { hints_max: 1, ..Limits::default() });
    let [first, second] = keys_at(A);
    assert!(takes(&mut bench, &first, Some(A)) && takes(&mut bench, &first, Some(A)));
    assert!(!takes(&mut bench, &second, Some(A)) && bench.out.writes.is_empty());
}

#[test]
fn a_node_without_room_for_a_tombstone_refuses_one_delete_more() {
    let mut bench = limited(A, Limits { tombstones_max: 1, ..Limits::default() });
    let [first, second] = keys_at(A);
    ask(&mut bench, 1, put_of(&first, None, true));
    assert_eq!(failure(&bench.out.replies), None);
    ask(&mut bench, 2, put_of(&second, None, true));
    assert_eq!(failure(&bench.out.replies), Some(FailureReason::Overloaded));
    bench.put(3, &second);
    assert_eq!(failure(&bench.out.replies), None, "a value has room");
}

#[test]
fn past_its_limit_a_floor_for_all_other_keys_is_raised_and_counters_never_repeat() {
    let mut bench = limited(A, Limits { floors_max: 1, ..Limits::default() });
    let [first, second] = keys_at(A);
    let mut out = Outbox::default();
    bench.node.raise_floor(&first, 5, &mut out);
    bench.node.raise_floor(&second, 9, &mut out);
    assert_eq!((bench.node.floors.len(), bench.node.view().floor(&second)), (1, 9));
    assert_eq!(bench.node.view().floor(&first), 5);
}

#[test]
fn no_table_ever_holds_more_than_its_limit() {
    let limits = Limits { requests_max: 2, records_max: 2, hints_max: 2, ..Limits::default() };
    let mut bench = limited(A, limits);
    for n in 0u32..200 {
        let key = Key::new(&n.to_be_bytes());
        bench.put(u64::from(n), &key);
        takes(&mut bench, &key, Some(NodeId(n % 5)));
        takes(&mut bench, &key, None);
        let tables = bench.node.view().tables();
        assert!(tables.iter().all(|table| table.held <= table.max), "{tables:?}");
    }
}

fn newcomer(node: NodeId) -> Rc<Newcomer> {
    let nothing: Rc<str> = "".into();
    let (zone, name, address) = (nothing.clone(), nothing.clone(), nothing);
    Rc::new(Newcomer { node, weight: 1_000, zone, name, address })
}

fn members(bench: &Bench) -> usize {
    bench.node.membership.view().entries().members.len()
}

#[test]
fn a_ring_without_room_answers_one_node_more_with_the_ring_as_it_is() {
    let mut bench = limited(A, Limits { members_max: 5, ..Limits::default() });
    let (f, request) = (NodeId(5), RequestId::default());
    bench.receive(f, Message::Join { request, after: 0, newcomer: newcomer(f) });
    let [(to, Message::View { view, asks: Asks::Nothing })] = &bench.out.sends[..] else {
        panic!("{:?}", bench.out.sends)
    };
    assert_eq!((*to, view.has_joined(f), members(&bench)), (f, false, 5));
    assert!(bench.out.writes.is_empty());
}

#[test]
fn a_view_with_more_members_than_there_is_room_for_is_not_taken_over() {
    let (f, request) = (NodeId(5), RequestId::default());
    let mut other = Bench::of(C);
    other.receive(f, Message::Join { request, after: 0, newcomer: newcomer(f) });
    let view = other.node.membership.view().clone();
    let after = |max| {
        let mut bench = limited(A, Limits { members_max: max, ..Limits::default() });
        bench.receive(B, Message::View { view: view.clone(), asks: Asks::Nothing });
        (members(&bench), bench.out.writes.len())
    };
    assert_eq!([after(5), after(6)], [(5, 0), (6, 1)]);
}

#[test]
fn a_newcomer_without_room_declines_one_offer_more_and_repeats_its_yes_to_the_others() {
    let mut bench = limited(A, Limits { offers_max: 1, ..Limits::default() });
    let ring = bench.node.membership.view().ring().clone();
    let mut homes = (0..5).map(PartitionId).filter(|&partition| ring.is_home(partition, A));
    let [first, second] = [homes.next(), homes.next()].map(|home| home.expect("it keeps three"));
    let mut accepts = |partition| {
        let (request, range) = (RequestId::default(), ring.range(partition));
        bench.receive(B, Message::Offer { request, range, records: 1 });
        let [(B, Message::Confirm { accepted, .. })] = bench.out.sends[..] else {
            panic!("{:?}", bench.out.sends)
        };
        accepted
    };
    assert!(accepts(first) && !accepts(second) && accepts(first));
}

fn tombstone() -> Record {
    let content = Content { is_tombstone: true, ..Content::default() }.into();
    Siblings::one(Version::new(Clock::new([(stranger(9), 1)]), content)).into()
}

/// Whether the node agrees that it has nothing older than the tombstone, and never will.
fn buries(bench: &mut Bench, key: &Key, view: u64) -> bool {
    let (request, key, step) = (RequestId::default(), key.clone(), BurialStep::Nothing);
    bench.receive(B, Message::Bury { request, key, tombstone: tombstone(), view, step });
    match bench.out.sends[..] {
        [(B, Message::Buried { accepted, .. })] => accepted,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn a_node_without_room_for_a_grave_keeps_the_tombstone_from_being_forgotten() {
    let mut bench = limited(A, Limits { graves_max: 1, ..Limits::default() });
    let [first, second] = keys_at(A);
    let view = bench.node.membership.view().digest();
    let mut agrees = |key: &Key| (buries(&mut bench, key, view), bench.out.writes.len());
    assert_eq!(
        [agrees(&first), agrees(&second), agrees(&first)],
        [(true, 1), (false, 0), (true, 1)]
    );
}

#[test]
fn who_holds_a_hint_of_the_key_or_works_on_it_or_knows_another_ring_buries_nothing() {
    let (key, view) = (key_at(A), Bench::of(D).node.membership.view().digest());
    assert!(buries(&mut Bench::of(D), &key, view));
    assert!(!buries(&mut Bench::of(D), &key, view ^ 1));
    let mut stand_in = Bench::of(D);
    assert!(takes(&mut stand_in, &key, Some(A)));
    assert!(!buries(&mut stand_in, &key, view));
    let mut asked = Bench::of(D);
    ask(&mut asked, 1, Op::Get { key: key.clone(), r: None });
    assert!(!buries(&mut asked, &key, view));
}

#[test]
fn a_node_asks_about_no_more_tombstones_at_once_than_its_limit_and_about_the_others_later() {
    let limits = Limits { burials_max: 1, ..Limits::default() };
    let reap_after = Span::from_ms(1_000);
    let mut bench = Bench::with(A, Config { limits, reap_after, ..Config::default() });
    let keys = keys_at(A);
    for key in &keys {
        let (request, key, siblings) = (RequestId::default(), key.clone(), tombstone());
        let (stands_in_for, is_durable) = (None, false);
        bench.receive(B, Message::Store { request, key, siblings, stands_in_for, is_durable });
    }
    let mut asked: Vec<Key> = Vec::new();
    for _ in 0..80 {
        let sent = bench.pass(100);
        for (to, message) in sent {
            if let Message::Bury { request, key, .. } = message {
                asked.push(key);
                bench.receive(to, Message::Buried { request, accepted: false });
            }
        }
        assert!(bench.node.reaping.burials() <= 1);
    }
    assert!(keys.iter().all(|key| asked.contains(key)), "{asked:?} of {keys:?}");
}

#[test]
fn with_more_suspects_than_its_limit_a_node_asks_each_of_them_in_turn() {
    let mut bench = limited(A, Limits { probes_max: 1, ..Limits::default() });
    let mut asked: Vec<NodeId> = Vec::new();
    for _ in 0..200 {
        let sent = bench.pass(100);
        let probes = sent.iter().filter(|(_, message)| matches!(message, Message::Probe { .. }));
        let probed: Vec<NodeId> = probes.map(|(to, _)| *to).collect();
        assert!(probed.len() <= 1, "{probed:?} in a tenth of a second");
        asked.extend(probed);
    }
    assert_eq!(bench.node.detector.suspected(), 4, "nobody says a word");
    let others = [B, C, D, NodeId(4)];
    assert!(others.iter().all(|other| asked.contains(other)), "{asked:?}");
}

#[test]
fn a_hint_that_has_to_go_elsewhere_waits_for_room_and_takes_the_first_there_is() {
    const E: NodeId = NodeId(4);
    let mut bench = limited(E, Limits { hints_max: 4, ..Limits::default() });
    let [key, other] = keys_at(A);
    assert!(takes(&mut bench, &key, Some(B)) && takes(&mut bench, &other, Some(A)));
    bench.input(Input::Admin(Admin::Leave { node: B }));
    let mut entries = bench.node.membership.view().entries().clone();
    let partition = bench.node.ring().partition_of(key.position());
    assert!(entries.pass_home(partition, Some(B), Some(D)));
    let view = Rc::new(View::of(entries).expect("it is in order"));
    bench.receive(D, Message::View { view, asks: Asks::Nothing });
    let targets = |bench: &Bench| bench.node.hints.targets().map(|(to, _)| to).collect::<Vec<_>>();
    assert_eq!(targets(&bench), [A, B, C], "A and C have one of each, and there is none for D");

    let mut sent = bench.pass(1_000);
    while let Some((to, message)) = sent.pop() {
        if let (A, Message::Handoff { request, .. }) = (to, message) {
            bench.receive(A, Message::HandedOver { request, accepted: true });
            sent.append(&mut bench.out.sends);
        }
    }
    assert!(!targets(&bench).contains(&B) && targets(&bench).contains(&D));
}
