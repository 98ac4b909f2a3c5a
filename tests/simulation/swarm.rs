//! The swarm puts to the test what it claims to: every check in many runs, every rare path in some.

use std::collections::BTreeSet;
use std::time::Duration;

use dynamo_playground::protocol::message::Notice;
use dynamo_playground::sim::log::{LogEvent, What};
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::swarm::draw;
use dynamo_playground::sim::swarm::marks::MARKS;
use dynamo_playground::sim::swarm::summary::Summary;
use dynamo_playground::sim::swarm::verdict::{Verdict, try_seed};
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::spread;

/// So many that a share of them means something.
const SEEDS: u64 = 200;

#[test]
fn every_check_is_put_to_the_test_in_one_run_of_five_and_every_rare_path_is_taken() {
    let mut summary = Summary::default();
    let mut reached = BTreeSet::new();
    for verdict in spread(0..SEEDS, |seed| try_seed(seed, u64::MAX, false)) {
        assert_eq!(verdict.broken, None, "seed {}", verdict.seed);
        reached.extend(verdict.reached.iter().copied());
        summary.add(verdict);
    }
    assert_eq!(summary.complaints(), Vec::<String>::new());
    let never: Vec<_> = MARKS.iter().filter(|mark| !reached.contains(mark.name)).collect();
    assert!(never.is_empty(), "none of {SEEDS} seeds takes {never:?}; does any of more?");
}

#[test]
fn too_little_put_to_the_test_is_complained_of_and_too_few_runs_are_not() {
    let one = try_seed(3, u64::MAX, false);
    let times = |runs: u64, change: fn(&mut Verdict)| {
        let mut summary = Summary::default();
        for _ in 0..runs {
            let mut verdict = one.clone();
            change(&mut verdict);
            summary.add(verdict);
        }
        summary
    };
    let none_armed = |verdict: &mut Verdict| {
        verdict.armed.iter_mut().for_each(|(_, is_armed)| *is_armed = false);
    };
    let checks = one.armed.len();
    assert_eq!(times(199, none_armed).complaints(), Vec::<String>::new());
    let all = times(200, none_armed);
    assert_eq!(all.complaints().len(), checks);
    let said = "messages-add-up was put to the test in 0 of 200 runs: too few";
    assert!(all.complaints().iter().any(|complaint| complaint == said), "{:?}", all.complaints());
    assert!(all.to_text(Duration::from_secs(1)).contains(said));
    let cut = times(200, |verdict| verdict.is_over = false);
    assert_eq!(cut.complaints(), Vec::<String>::new(), "they were cut short");
    let nowhere = times(1_000, |verdict| verdict.reached.clear());
    let said = "tombstone-reaped was reached in none of 1000 runs";
    assert!(nowhere.complaints().iter().any(|complaint| complaint == said));
}

/// A paranoid world damages the bytes themselves, and panics when the wire reads them.
#[test]
fn damaged_bytes_are_refused_and_what_happens_is_the_same_without_paranoia() {
    let is_damaged = |seed: &u64| draw::classes(*seed).contains(&"damaged bytes");
    for seed in (0..40).filter(is_damaged) {
        let (plain, paranoid) = (try_seed(seed, u64::MAX, false), try_seed(seed, u64::MAX, true));
        assert_eq!((plain.events, plain.counters), (paranoid.events, paranoid.counters));
        assert!(paranoid.reached.contains("damaged-bytes-refused"), "seed {seed}");
    }
}

#[test]
fn a_client_that_asks_again_has_its_put_executed_once() {
    let made = |again: Value| {
        let put = json!({ "as": "p", "key": "k", "value": "v", "via": "A", "again_ms": again });
        let text = json!({ "version": 1, "config": { "nodes": 3 }, "until_ms": 2_000,
            "script": [{ "at_ms": 100, "put": put }] });
        let setup = Scenario::parse(&text.to_string()).expect("it is good").setup();
        let mut world = World::new(setup.clone());
        world.run_to(setup.until, u64::MAX);
        let is_made = |event: &&LogEvent| {
            let What::Noticed { notice, .. } = &event.what else { return false };
            matches!(notice, Notice::Coordinates { dot: Some(_), .. })
        };
        (world.log().newest().filter(is_made).count(), world.events())
    };
    let (once, again) = (made(Value::Null), made(json!(300)));
    assert_eq!((once.0, again.0), (1, 1));
    assert!(again.1 > once.1, "the repeat came, and was answered");
}
