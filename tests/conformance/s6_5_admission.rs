//! §6.5, coordination of background and foreground tasks: handoff, anti-entropy and transfers yield
//! when clients wait too long, and end all the same.

use dynamo_playground::base::histogram::Histogram;
use dynamo_playground::base::time::{Instant, Span};
use dynamo_playground::protocol::admission::SLICES;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::world::assert_well;

/// What was seen at the end of each second.
struct Second {
    /// The fewest slices that any node leaves background work, and the most.
    slices: (u8, u8),
    /// Steps of background work so far.
    steps: u64,
}

struct Watched {
    world: World,
    seconds: Vec<Second>,
}

impl Watched {
    fn play(scenario: &Value) -> Watched {
        let scenario = Scenario::parse(&scenario.to_string()).expect("the scenario is good");
        let setup = scenario.setup();
        let mut world = World::without_log(setup.clone());
        let mut seconds = Vec::new();
        let mut now = Instant::ZERO;
        while now < setup.until {
            now = setup.until.min(now + Span::from_ms(1_000));
            world.run_to(now, u64::MAX);
            let views = world.nodes().filter_map(|node| world.view(node));
            let slices: Vec<u8> = views.map(|view| view.admission().slices()).collect();
            let fewest = *slices.iter().min().expect("a node is up");
            let most = *slices.iter().max().expect("a node is up");
            let steps = world.counters().background_steps;
            seconds.push(Second { slices: (fewest, most), steps });
        }
        Watched { world, seconds }
    }

    fn fewest(&self) -> u8 {
        self.seconds.iter().map(|second| second.slices.0).min().expect("it took a while")
    }

    /// Steps of background work in these seconds.
    fn steps(&self, from: usize, to: usize) -> u64 {
        self.seconds[to].steps - self.seconds[from].steps
    }
}

/// Six machines that take 2 ms for each message. A first load leaves them many records; under a
/// second one, of 150 requests a second until 112 s, `meanwhile` happens.
fn under_load(config: Value, meanwhile: &[Value], until_ms: u64) -> Watched {
    let mut all = json!({ "nodes": 6, "service_ms": 2, "network": { "latency_ms": [0.5, 2] } });
    for (name, value) in config.as_object().expect("settings") {
        all[name] = value.clone();
    }
    let mut script = vec![
        json!({ "at_ms": 1_000, "workload": { "clients": 10, "keys": 20_000,
            "read_fraction": 0, "ops_per_second": 200, "for_ms": 40_000 } }),
        json!({ "at_ms": 42_000, "workload": { "clients": 40, "keys": 1_000,
            "read_fraction": 0.5, "ops_per_second": 150, "for_ms": 70_000 } }),
    ];
    script.extend_from_slice(meanwhile);
    script.push(json!({ "at_ms": until_ms, "expect": { "converged": {} } }));
    Watched::play(&json!({ "version": 1, "seed": "mallard-42", "until_ms": until_ms,
        "config": all, "script": script }))
}

fn p99_ms(latencies: &Histogram) -> f64 {
    latencies.percentile(99_000).expect("there were answers").as_ms_f64()
}

/// B comes back, and the others have hints for it, which go home in bursts of 64 from each.
fn hints_come_home(control: bool) -> Watched {
    let meanwhile = [
        json!({ "at_ms": 500, "crash": { "node": "B" } }),
        json!({ "at_ms": 43_000, "restart": { "node": "B" } }),
        // While the load still goes on.
        json!({ "at_ms": 111_000, "expect": { "hints": { "for": "B", "count": 0 } } }),
    ];
    let config = json!({ "anti_entropy": false, "admission_control": control });
    under_load(config, &meanwhile, 190_000)
}

/// "The admission controller … uses this controller to reserve runtime slices of the resource",
/// and background work runs "only when the regular critical operations are not affected
/// significantly".
#[test]
fn with_admission_control_the_99th_percentile_stays_below_the_bound_while_hints_go_home() {
    let (without, with) = (hints_come_home(false), hints_come_home(true));
    assert_well(&without.world, "no control");
    assert_well(&with.world, "control");
    for (name, of) in [("reads", true), ("writes", false)] {
        let latencies = |watched: &Watched| match of {
            true => p99_ms(&watched.world.load().reads),
            false => p99_ms(&watched.world.load().writes),
        };
        let (without, with) = (latencies(&without), latencies(&with));
        assert!(with < 50.0 && with * 2.0 < without, "{name}: {without} ms, {with} ms with it");
    }
    let delivered = |watched: &Watched| watched.world.counters().hints_delivered;
    assert!(delivered(&with) > 2_000, "it ended all the same");
    assert!(with.world.counters().background_rests > 100);
}

#[test]
fn slices_go_down_while_clients_wait_and_come_back_when_they_wait_no_more() {
    let with = hints_come_home(true);
    assert_eq!(with.seconds[41].slices, (SLICES, SLICES), "nothing to do yet");
    assert_eq!(with.fewest(), 1);
    let last = with.seconds.last().map(|second| second.slices);
    assert_eq!(last, Some((SLICES, SLICES)));
}

#[test]
fn switched_off_no_slice_is_taken_and_nothing_rests() {
    let without = hints_come_home(false);
    assert_eq!(without.fewest(), SLICES);
    assert_eq!(without.world.counters().background_rests, 0);
}

/// What such a load needs in these rings is about 30 ms, so with a bound of 15 background work has
/// to yield whatever it does.
fn yields(config: Value, meanwhile: &[Value]) -> (Watched, Watched) {
    let with = |control: bool| {
        let mut config = config.clone();
        config["admission_control"] = control.into();
        config["admission_p99_ms"] = 15.into();
        under_load(config, meanwhile, 170_000)
    };
    let (without, with) = (with(false), with(true));
    assert_well(&without.world, "no control");
    assert_well(&with.world, "control");
    assert_eq!((without.fewest(), with.fewest()), (SLICES, 1));
    (without, with)
}

/// B was cut off, and others have what it missed; no hint says so. Each compares all the time.
#[test]
fn anti_entropy_yields_and_still_ends() {
    let config = json!({ "quorum": "primaries", "anti_entropy_interval_ms": 20 });
    let meanwhile = [
        json!({ "at_ms": 42_000, "cut": { "from": ["B"], "to": ["A", "C", "D", "E", "F"] } }),
        json!({ "at_ms": 80_000, "heal": {} }),
    ];
    let (without, with) = yields(config, &meanwhile);
    let (all, few) = (without.steps(79, 84), with.steps(79, 84));
    assert!(few * 2 < all, "{few} steps in five seconds, {all} without control");
    let mended = with.world.counters().merkle_keys_mended;
    assert!(mended > 400, "{mended} records were missing");
}

#[test]
fn a_transfer_to_a_newcomer_yields_and_still_ends() {
    let partitioning = json!({ "strategy": 3, "partitions": 1_024 });
    let config = json!({ "anti_entropy": false, "partitioning": partitioning });
    let join = json!({ "at_ms": 60_000, "join": { "name": "G", "via": "A" } });
    let (without, with) = yields(config, &[join]);
    let (all, few) = (without.steps(59, 64), with.steps(59, 64));
    assert!(few * 2 < all, "{few} steps in five seconds, {all} without control");
    let moved = with.world.counters().records_transferred;
    assert!(moved > 1_500, "{moved} records moved");
}
