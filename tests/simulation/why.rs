//! Why? The log leads from whatever is worth a sentence back to the act that began it.

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::NodeId;
use dynamo_playground::base::time::Instant;
use dynamo_playground::protocol::message::Notice;
use dynamo_playground::sim::log::What;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::swarm::draw;
use dynamo_playground::sim::why::{About, SENTENCES_MAX, why};
use dynamo_playground::sim::world::World;

const A: NodeId = NodeId(0);
const C: NodeId = NodeId(2);
const F: NodeId = NodeId(5);

/// The scenario at a moment.
fn at(text: &str, ms: u64) -> World {
    let scenario = Scenario::parse(text).expect("the scenario is good");
    let mut world = World::new(scenario.setup().clone());
    world.run_to(Instant(ms * 1_000_000), u64::MAX);
    world
}

fn story(ms: u64) -> World {
    at(include_str!("../scenarios/story.json"), ms)
}

fn texts(world: &World, about: &About) -> Vec<String> {
    why(world, about).sentences.into_iter().map(|sentence| sentence.text).collect()
}

fn op(world: &World, name: &str) -> About {
    let index = world.ops().iter().position(|op| op.name == name);
    About::Op(index.expect("the script has it"))
}

#[test]
fn a_hint_is_told_from_the_crash_over_the_silence_to_the_stand_in() {
    let about = About::Hint { holder: F, target: C, key: Key::new(b"cart:ann") };
    let told = texts(&story(3_500), &about);
    assert_eq!(
        told,
        [
            "C crashed. Its disk is kept.",
            "p2: a client puts cart:ann through E, having seen what p1 returned.",
            "C does not answer E, so it asks B.",
            "C does not answer B, so F stands in for C.",
            "F keeps cart:ann apart, with a hint for C.",
        ]
    );
}

#[test]
fn an_operation_of_a_load_is_asked_about_by_its_name() {
    let world = at(
        r#"{ "version": 1, "seed": "mallard-42", "config": { "nodes": 3, "quorum": "primaries" },
            "script": [
                { "at_ms": 500, "crash": { "node": "B" } },
                { "at_ms": 500, "crash": { "node": "C" } },
                { "at_ms": 1000, "put": { "as": "load 7", "key": "k", "value": "v", "via": "A" } },
                { "at_ms": 1000, "workload": { "clients": 2, "keys": 2, "for_ms": 3000,
                    "ops_per_second": 10, "via": "A" } }],
            "until_ms": 6000 }"#,
        6_000,
    );
    let number = world.op_number("load 1").expect("it is remembered");
    let told = texts(&world, &About::Op(number));
    assert!(told.iter().any(|text| text.contains("crashed")), "{told:?}");
    assert!(told.last().is_some_and(|text| text.starts_with("load 1 ")), "{told:?}");
    // A script may use such a name itself; and what nobody asked has none.
    assert_eq!(world.op_number("load 7"), Some(0));
    for name in ["load 0", "load 1000000", "load x", "load", "p1"] {
        assert_eq!(world.op_number(name), None, "{name}");
    }
}

#[test]
fn a_suspicion_is_told_from_the_fault_that_silenced_the_other() {
    let told = texts(&story(20_000), &About::Belief { node: A, whom: C });
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], "C crashed. Its disk is kept.");
    assert!(told[1].starts_with("A suspects C: "), "{told:?}");
}

#[test]
fn siblings_are_told_from_the_puts_that_had_not_seen_each_other() {
    let world = story(60_000);
    let get = world.ops().iter().find(|op| op.versions.len() == 2).expect("the story has one");
    let told = texts(&world, &op(&world, &get.name));
    let puts = told.iter().filter(|text| text.contains("a client puts")).count();
    assert_eq!(puts, 2, "{told:?}");
    assert!(told.last().is_some_and(|text| text.ends_with("neither covers the other.")));
}

#[test]
fn a_refusal_is_told_from_the_faults_that_left_too_few() {
    let world = at(include_str!("../scenarios/refused.json"), 21_000);
    let told = texts(&world, &op(&world, "late"));
    let (last, grounds) = told.split_last().expect("the log has it");
    assert!(grounds.iter().any(|text| text.starts_with("B crashed")), "{told:?}");
    assert!(grounds.iter().any(|text| text.starts_with("A suspects C")), "{told:?}");
    assert!(last.starts_with("late is refused"), "{told:?}");
}

/// Why each event of this sort happened, told.
fn told_of(world: &World, is_it: impl Fn(&Notice) -> bool) -> Vec<Vec<String>> {
    let is_it = |what: &What| matches!(what, What::Noticed { notice, .. } if is_it(notice));
    let events = world.log().since(0).filter(|event| is_it(&event.what));
    events.map(|event| texts(world, &About::Event(event.id))).collect()
}

#[test]
fn repairs_are_told_from_what_was_missed() {
    let world = at(include_str!("../scenarios/read-repair.json"), 23_000);
    let told = told_of(&world, |notice| matches!(notice, Notice::ReadRepair { .. }));
    assert_eq!(
        told,
        [[
            "C crashed. Its disk is kept.",
            "heals: a client gets cart:ann through B.",
            "C to B, what it holds arrives.",
            "C was stale, so B sends it the newest cart:ann.",
        ]]
    );
    let world = at(include_str!("../scenarios/anti-entropy.json"), 15_000);
    let told = told_of(&world, |notice| matches!(notice, Notice::RecordMended { .. }));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].first().map(String::as_str), Some("C crashed. Its disk is kept."));
    let told = told_of(&story(26_000), |notice| matches!(notice, Notice::HintDelivered { .. }));
    assert_eq!(
        told[0][2..],
        [
            "F keeps cart:ann apart, with a hint for C.",
            "C starts again.",
            "F handed cart:ann over to C and dropped the hint.",
        ]
    );
}

#[test]
fn causes_go_back_to_an_act_a_request_or_a_timer_in_hostile_runs() {
    for seed in 0..20 {
        let mut world = World::new(draw::scenario(seed).setup().clone());
        world.run_to(world.setup().until, u64::MAX);
        let oldest = world.log().since(0).next().map_or(0, |event| event.id);
        for event in world.log().since(0) {
            let begins = matches!(
                event.what,
                What::Did(_)
                    | What::Asked { .. }
                    | What::Polled { why: None, .. }
                    | What::Woke { .. }
                    | What::Expected { .. }
            );
            match event.cause {
                Some(cause) => assert!(cause < event.id, "seed {seed}: {event:?}"),
                None => assert!(begins, "seed {seed}: {event:?} has no cause"),
            }
            let answer = why(&world, &About::Event(event.id));
            let is_near = event.id - oldest < 2_000;
            assert!(answer.sentences.len() <= SENTENCES_MAX);
            let last = answer.sentences.last().map(|sentence| sentence.event);
            assert!(is_near || last == Some(event.id), "seed {seed}: {event:?} {answer:?}");
        }
    }
}
