//! §4.9 to the letter, on the ring of Figure 2: "a new node (say X) is added into the system …
//! between A and B", and taken away again.

use std::collections::{BTreeMap, BTreeSet};

use dynamo_playground::base::id::{NodeId, RequestId};
use dynamo_playground::base::time::Instant;
use dynamo_playground::data::ring::Ring;
use dynamo_playground::protocol::message::Message;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::rings::{figure_2, joined, name, written};

const X: NodeId = NodeId(7);

/// What went from one node to another for one range, in the order in which it was sent.
type Talk = BTreeMap<(&'static str, &'static str, String), Vec<&'static str>>;

/// Everything that is sent about transfers until `ms`, with the answers beside their questions,
/// the ranges called by who stands at their ends on this ring.
fn overheard(world: &mut World, ring: &Ring, ms: f64) -> Talk {
    // In the order of their numbers, which is that of being sent.
    let mut asked: BTreeMap<(NodeId, NodeId, RequestId), String> = BTreeMap::new();
    let mut talk = Talk::new();
    let mut heard = 0;
    while world.now() < Instant::from_ms_f64(ms) && world.step() {
        let mut new: Vec<_> = world.in_flight().filter(|envelope| envelope.id > heard).collect();
        new.sort_unstable_by_key(|envelope| envelope.id);
        heard = new.last().map_or(heard, |envelope| envelope.id);
        for envelope in new {
            let (from, to) = (envelope.from, envelope.to);
            let (giver, receiver, request, word) = match &envelope.message {
                Message::Offer { request, range, .. } => {
                    let range = written(ring, *range);
                    asked.insert((from, to, *request), range);
                    (from, to, *request, "offer")
                }
                Message::Transfer { request, range, records } => {
                    assert!(!records.is_empty());
                    let range = written(ring, *range);
                    asked.insert((from, to, *request), range);
                    (from, to, *request, "transfer")
                }
                Message::Confirm { request, accepted: true } => (to, from, *request, "confirm"),
                Message::Transferred { request, accepted: true } => {
                    (to, from, *request, "transferred")
                }
                _ => continue,
            };
            let range = asked[&(giver, receiver, request)].clone();
            talk.entry((name(giver), name(receiver), range)).or_default().push(word);
        }
    }
    talk
}

/// The ranges of which a node has records.
fn stored(world: &World, ring: &Ring, node: &str) -> BTreeSet<String> {
    let id = world.nodes().find(|&id| name(id) == node).expect("there is such a node");
    let keys = world.replicas(id).into_iter();
    keys.map(|(key, _)| written(ring, ring.range(ring.partition_of(key.position())))).collect()
}

/// Who gave which range to whom: an offer, a confirmation, and only then the records.
fn given(talk: &Talk) -> Vec<(&'static str, &'static str, &str)> {
    for (route, words) in talk {
        let at = |word| words.iter().position(|&other| other == word);
        let order = ["offer", "confirm", "transfer", "transferred"].map(at);
        assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{route:?}: {words:?}");
    }
    talk.keys().map(|(giver, receiver, range)| (*giver, *receiver, range.as_str())).collect()
}

fn world(more: &[Value]) -> World {
    let scenario = Scenario::parse(&figure_2(200, more, 30_000).to_string());
    World::without_log(scenario.expect("the scenario is good").setup()).paranoid()
}

fn ranges(ranges: &[&str]) -> BTreeSet<String> {
    ranges.iter().map(|&range| range.to_owned()).collect()
}

#[test]
fn x_between_a_and_b_stores_what_b_c_and_d_offer_to_it_and_no_longer_have_to() {
    let mut world = world(&[json!({ "at_ms": 3_000, "join": { "name": "X", "via": "E" } })]);
    world.run_to(Instant::from_ms_f64(2_999.0), u64::MAX);
    let before = world.ring().clone();
    assert_eq!(stored(&world, &before, "B"), ranges(&["(F,G]", "(G,A]", "(A,B]"]));
    assert_eq!(stored(&world, &before, "C"), ranges(&["(G,A]", "(A,B]", "(B,C]"]));
    assert_eq!(stored(&world, &before, "D"), ranges(&["(A,B]", "(B,C]", "(C,D]"]));

    // "nodes B, C, and D no longer have to store the keys in these respective ranges. Therefore,
    // nodes B, C, and D will offer to and upon confirmation from X transfer the appropriate set".
    let after = joined(world.truth(), X);
    let ring = after.ring();
    let talk = overheard(&mut world, ring, 20_000.0);
    let expected = [("B", "X", "(F,G]"), ("C", "X", "(G,A]"), ("D", "X", "(A,X]")];
    assert_eq!(given(&talk), expected, "and nobody else says a word of it");

    world.convergence().expect("all is in its place");
    assert_eq!(stored(&world, ring, "X"), ranges(&["(F,G]", "(G,A]", "(A,X]"]));
    assert_eq!(stored(&world, ring, "B"), ranges(&["(G,A]", "(A,X]", "(X,B]"]));
    assert_eq!(stored(&world, ring, "C"), ranges(&["(A,X]", "(X,B]", "(B,C]"]));
    assert_eq!(stored(&world, ring, "D"), ranges(&["(X,B]", "(B,C]", "(C,D]"]));
}

#[test]
fn when_x_is_removed_the_reallocation_happens_in_a_reverse_process() {
    let mut world = world(&[
        json!({ "at_ms": 3_000, "join": { "name": "X", "via": "E" } }),
        json!({ "at_ms": 15_000, "leave": { "node": "X" } }),
    ]);
    world.run_to(Instant::from_ms_f64(14_999.0), u64::MAX);
    let ring = world.ring().clone();
    assert_eq!(stored(&world, &ring, "X"), ranges(&["(F,G]", "(G,A]", "(A,X]"]));

    let talk = overheard(&mut world, &ring, 30_000.0);
    assert_eq!(given(&talk), [("X", "B", "(F,G]"), ("X", "C", "(G,A]"), ("X", "D", "(A,X]")]);

    world.convergence().expect("all is in its place");
    assert_eq!(stored(&world, &ring, "X"), ranges(&[]));
    assert_eq!(stored(&world, &ring, "B"), ranges(&["(F,G]", "(G,A]", "(A,X]", "(X,B]"]));
    assert_eq!(stored(&world, &ring, "C"), ranges(&["(G,A]", "(A,X]", "(X,B]", "(B,C]"]));
    assert_eq!(stored(&world, &ring, "D"), ranges(&["(A,X]", "(X,B]", "(B,C]", "(C,D]"]));
}
