//! Partitions on their way, as one node sees it.

use super::*;
use crate::base::id::PartitionId;
use crate::protocol::config::FailureDetection;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_home_that_has_accepted_an_offer_takes_its_records_also_after_a_round_until_all_is_quiet() {
    let mut bench = Bench::with(A, Config { n: 5, r: 3, w: 3, ..Config::default() });
    let (key, request) = (key_at(A), RequestId::default());
    bench.input(Input::Admin(Admin::Leave { node: B }));
    let ring = bench.node.membership.view().ring().clone();
    let partition = ring.partition_of(key.position());
    assert!(ring.is_moving() && ring.homes(partition).len() > ring.targets(partition).len());
    let range = ring.range(partition);
    bench.receive(B, Message::Offer { request, range, records: 1 });
    assert!(matches!(bench.out.sends[..], [(B, Message::Confirm { accepted: true, .. })]));
    bench.pass(5_000);
    let siblings = record([Clock::new([(stranger(9), 1)])]);
    let chunk = Rc::new(vec![(key.clone(), siblings)]);
    bench.receive(B, Message::Transfer { request, range, records: chunk });
    let answers = &bench.out.sends[..];
    assert!(matches!(answers, [(B, Message::Transferred { accepted: true, .. })]), "{answers:?}");
    assert_eq!(bench.node.transfers.incoming(), 1, "more may come, for all that is known here");

    let mut entries = bench.node.membership.view().entries().clone();
    let passed = ring.partitions().all(|partition| entries.pass_home(partition, Some(B), None));
    assert!(passed, "B kept a copy of each");
    let view = Rc::new(View::of(entries).expect("it is in order"));
    bench.receive(B, Message::View { view, asks: Asks::Nothing });
    assert_eq!(bench.node.transfers.incoming(), 0);
}

/// Whether the node takes a hint of the key for another.
fn stands_in(bench: &mut Bench, key: &Key, absent: NodeId) -> bool {
    let (key, siblings) = (key.clone(), record([Clock::new([(stranger(9), 1)])]));
    let request = RequestId::default();
    let stands_in_for = Some(absent);
    bench.receive(C, Message::Store { request, key, siblings, stands_in_for, is_durable: false });
    match bench.out.sends[..] {
        [(C, Message::Stored { accepted, .. })] => accepted,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn a_home_and_who_is_to_become_one_stand_in_for_nobody() {
    let key = key_at(A);
    assert!(!stands_in(&mut Bench::of(B), &key, A), "it would have two copies on one disk");
    let mut d = Bench::of(D);
    assert!(stands_in(&mut d, &key, A));
    assert!(!stands_in(&mut d, &key, NodeId(9)), "a stranger's hint could never go home");
    d.input(Input::Admin(Admin::Leave { node: B }));
    assert!(d.node.ring().is_coming(d.node.ring().partition_of(key_at(A).position()), D));
    assert!(!stands_in(&mut d, &key, A), "a copy of its own is on its way");
}

#[test]
fn a_giver_of_its_own_copy_is_kept_waiting_while_a_hint_for_another_home_is_here() {
    let offered = |hinted: Option<&Key>| {
        let mut d = Bench::of(D);
        if let Some(key) = hinted {
            assert!(stands_in(&mut d, key, A));
        }
        d.input(Input::Admin(Admin::Leave { node: B }));
        let partition = d.node.ring().partition_of(key_at(A).position());
        assert!(d.node.ring().is_coming(partition, D));
        let (request, range) = (RequestId::default(), d.node.ring().range(partition));
        d.receive(B, Message::Offer { request, range, records: 1 });
        let confirms = d.out.sends.iter().find_map(|(_, message)| match message {
            Message::Confirm { accepted, .. } => Some(*accepted),
            _ => None,
        });
        confirms.expect("it is answered")
    };
    assert!(offered(None));
    assert!(!offered(Some(&key_at(A))), "two copies on one disk would be one");
    assert!(offered(Some(&key_at(NodeId(4)))), "a hint of another partition");
}

/// A leaver with a record of its own, that has passed on its places: to D that of the record.
struct Left {
    bench: Bench,
    partition: PartitionId,
}

impl Left {
    fn all_passed() -> Left {
        let mut left = Left::with(Config::default());
        left.answer_all();
        assert!(left.ring().is_home(left.partition, D) && !left.ring().is_home(left.partition, A));
        left
    }

    fn with(config: Config) -> Left {
        let mut bench = Bench::with(A, config);
        let partition = bench.node.ring().partition_of(key_at(A).position());
        bench.put(1, &key_at(A));
        bench.input(Input::Admin(Admin::Leave { node: A }));
        Left { bench, partition }
    }

    fn ring(&self) -> &Ring {
        self.bench.node.ring()
    }

    /// Everybody is up, for some rounds.
    fn answer_all(&mut self) -> (Vec<NodeId>, Vec<NodeId>) {
        self.answer(15_000, |_| true)
    }

    /// Those that are up take what is offered. Answers who was offered something, and who was asked
    /// for a receipt.
    fn answer(&mut self, ms: u64, is_up: impl Fn(NodeId) -> bool) -> (Vec<NodeId>, Vec<NodeId>) {
        let (mut offered, mut asked) = (vec![], vec![]);
        for _ in 0..ms / 1_000 {
            let mut sent = std::mem::take(&mut self.bench.out.sends);
            sent.append(&mut self.bench.pass(1_000));
            sent.retain(|&(to, _)| is_up(to));
            while let Some((to, message)) = sent.pop() {
                let answer = match message {
                    Message::Offer { request, .. } => {
                        offered.push(to);
                        Message::Confirm { request, accepted: true }
                    }
                    Message::Transfer { request, .. } => {
                        Message::Transferred { request, accepted: true }
                    }
                    Message::View { asks: Asks::Receipt, .. } => {
                        asked.push(to);
                        continue;
                    }
                    _ => continue,
                };
                self.bench.receive(to, answer);
                sent.extend(self.bench.out.sends.drain(..).filter(|&(to, _)| is_up(to)));
            }
        }
        (offered, asked)
    }

    fn hear(&mut self, from: NodeId, view: View) {
        let view = Rc::new(view);
        self.bench.receive(from, Message::View { view, asks: Asks::Nothing });
    }

    fn view(&self) -> View {
        (**self.bench.node.membership.view()).clone()
    }

    /// What the node knows, but for one more place of the record's partition that has passed on.
    fn view_with(&self, from: Option<NodeId>, to: NodeId) -> View {
        let mut entries = self.view().entries().clone();
        assert!(entries.pass_home(self.partition, from, Some(to)));
        View::of(entries).expect("it is in order")
    }

    fn has_the_record(&self) -> bool {
        self.bench.node.store.get(self.partition, &key_at(A)).is_some()
    }
}

#[test]
fn a_giver_asks_its_heir_until_it_says_that_it_knows_and_forgets_then() {
    let mut left = Left::all_passed();
    assert!(left.has_the_record());
    let (offered, asked) = left.answer_all();
    assert!(offered.is_empty() && asked.iter().filter(|&&to| to == D).count() > 1, "{asked:?}");
    left.hear(C, left.view());
    assert!(left.has_the_record(), "that others know says nothing of what the heir knows");
    left.hear(D, left.view());
    assert!(!left.has_the_record());
    let gone = |write: &Write| matches!(write, Write::RecordGone { key } if *key == key_at(A));
    assert!(left.bench.out.writes.iter().any(gone));
}

#[test]
fn a_giver_whose_heir_was_passed_another_place_too_keeps_its_copy_until_somebody_keeps_that() {
    let mut left = Left::all_passed();
    left.hear(D, left.view_with(Some(B), D));
    assert_eq!(left.ring().homes(left.partition).len(), 2, "two of the three places are one");
    let (offered, _) = left.answer_all();
    assert!(offered.is_empty() && left.has_the_record());
    left.hear(C, left.view_with(None, NodeId(4)));
    let (offered, _) = left.answer_all();
    assert!([C, D, NodeId(4)].iter().all(|home| offered.contains(home)), "{offered:?}");
    assert!(!left.has_the_record(), "all three have it now");
}

#[test]
fn who_does_not_answer_keeps_nobody_else_from_the_place_that_it_has_all_for() {
    let mut left =
        Left::with(Config { request_timeout: Span::from_ms(9_000), ..Config::default() });
    left.answer(3_000, |node| node == D);
    assert!(left.ring().is_home(left.partition, D) && left.ring().is_moving());
    let waits = left.ring().partitions().any(|other| left.ring().is_home(other, A));
    assert!(waits, "some places wait for who is silent");
}

#[test]
fn a_giver_whose_heir_is_no_home_any_more_gives_what_it_has_to_those_who_are() {
    let mut left = Left::all_passed();
    left.hear(C, left.view_with(Some(D), NodeId(4)));
    let (offered, asked) = left.answer_all();
    assert!([B, C, NodeId(4)].iter().all(|home| offered.contains(home)), "{offered:?}");
    assert!(!asked.contains(&D) && !left.has_the_record());
}

/// Who was probed, in order, by a node that knows that B and C have left, and hears nothing.
fn probed(failure_detection: FailureDetection, ms: u64) -> Vec<NodeId> {
    let request_timeout = Span::from_ms(1_500);
    let config = Config { failure_detection, request_timeout, ..Config::default() };
    let mut bench = Bench::with(A, config);
    bench.input(Input::Admin(Admin::Leave { node: B }));
    bench.input(Input::Admin(Admin::Leave { node: C }));
    let probe = |(to, message)| matches!(message, Message::Probe { .. }).then_some(to);
    bench.pass(ms).into_iter().filter_map(probe).collect()
}

#[test]
fn leavers_are_asked_whether_they_live_one_after_the_other_where_no_heartbeats_tell_of_it() {
    // Every second round: before that the last one still may answer.
    assert_eq!(probed(FailureDetection::Local, 6_500), [B, C, B]);
    // Shorter than it takes to suspect anybody for want of heartbeats.
    assert_eq!(probed(FailureDetection::Gossip, 2_500), []);
}

#[test]
fn the_only_member_stays_as_nobody_would_have_what_it_holds() {
    let mut bench = Bench::of(A);
    for node in [B, C, D, NodeId(4), A] {
        bench.input(Input::Admin(Admin::Leave { node }));
    }
    assert!(bench.out.writes.is_empty() && bench.out.sends.is_empty(), "{:?}", bench.out);
    let members: Vec<_> = bench.node.membership.view().joined().map(|one| one.node).collect();
    assert_eq!(members, [A]);
}
