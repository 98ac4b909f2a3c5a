//! A hostile scenario drawn from a seed: its ring, its clients, its network and its faults.
//!
//! What comes out is a scenario like any other, so whatever breaks under a seed is a file that
//! `run` plays again. Each part has a random stream of its own: a new part shifts no other.

use serde_json::{Value, json};

use crate::base::rng::Rng;
use crate::sim::scenario::Scenario;

/// Until then faults may begin; all are healed at the end of it.
pub const FAULTS_UNTIL_MS: u64 = 25_000;
/// What comes after the heal: time to agree again.
const UNTIL_MS: u64 = 90_000;
const KEYS: usize = 5;
/// Operations are so far apart on average.
const OPERATION_EVERY_MS: u64 = 350;

/// A kind of fault: what it adds to the script between two moments.
type Class = (&'static str, fn(&Draw, &mut Rng, u64, u64) -> Vec<Value>);

/// Each class is there or not, and has a stream of its own.
const CLASSES: &[Class] = &[
    ("crash", Draw::crash),
    ("disk lost", Draw::disk_lost),
    ("disk torn", Draw::disk_torn),
    ("disk old", Draw::disk_old),
    ("disk full", Draw::disk_full),
    ("disk failing", Draw::disk_failing),
    ("pause", Draw::pause),
    ("slow", Draw::slow),
    ("skew", Draw::skew),
    ("drift", Draw::drift),
    ("cut", Draw::cut),
    ("isolate", Draw::isolate),
    ("clog", Draw::clog),
    ("swizzle-clog", Draw::swizzle),
    ("burst", Draw::burst),
    ("join", Draw::join),
    ("leave", Draw::leave),
    ("replace", Draw::replace),
    ("flap", Draw::flap),
];
/// Each is there in one of so many runs.
const DRAWN_ONE_IN: usize = 3;
/// The longest that a clog holds a message.
const CLOG_MS: u64 = 5_000;

/// The scenario of a seed.
pub fn scenario(seed: u64) -> Scenario {
    let drawn = text(seed);
    Scenario::parse(&drawn).unwrap_or_else(|refusal| {
        panic!("what is drawn is in range, but seed {seed} is not: {refusal}\n{drawn}")
    })
}

/// The same, as it would be written into a file.
pub fn text(seed: u64) -> String {
    text_with(seed, &classes(seed))
}

/// The classes of faults that a seed draws.
pub fn classes(seed: u64) -> Vec<&'static str> {
    let is_drawn = |name: &&str| is(&mut stream(seed, name), DRAWN_ONE_IN);
    CLASSES.iter().map(|(name, _)| *name).filter(is_drawn).collect()
}

/// The seed's scenario with just these classes of faults, each as the seed draws it.
fn text_with(seed: u64, classes: &[&str]) -> String {
    let names = names(&mut stream(seed, "nodes"));
    let draw = Draw { seed, names, network: network(&mut stream(seed, "network")) };
    let script = draw.script(classes);
    let scenario = json!({
        "version": 1, "title": format!("Swarm seed {seed}"), "seed": seed,
        "config": draw.config(), "script": script, "until_ms": UNTIL_MS,
    });
    scenario.to_string()
}

/// What a seed does to a ring of these nodes, on a network that is usually like this: clients,
/// faults, and the heal.
pub fn script(seed: u64, names: Vec<String>, network: Value) -> Vec<Value> {
    Draw { seed, names, network }.script(&classes(seed))
}

fn stream(seed: u64, purpose: &str) -> Rng {
    Rng::stream(&seed.to_string(), &format!("swarm {purpose}"))
}

/// Mostly few nodes, because faults then concern one another more; up to sixty.
fn names(rng: &mut Rng) -> Vec<String> {
    let count = match rng.index(16) {
        0 => 1 + rng.index(2),
        1..10 => 3 + rng.index(6),
        10..15 => 6 + rng.index(15),
        _ => 20 + rng.index(41),
    };
    (0..count).map(|at| format!("n{at}")).collect()
}

fn one_of<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T {
    &from[rng.index(from.len())]
}

fn is(rng: &mut Rng, one_in: usize) -> bool {
    rng.index(one_in) == 0
}

struct Draw {
    seed: u64,
    names: Vec<String>,
    /// As it is without faults.
    network: Value,
}

fn network(rng: &mut Rng) -> Value {
    let rate = |rng: &mut Rng, most: usize| match is(rng, 2) {
        true => rng.index(most) as f64 / 100.0,
        false => 0.0,
    };
    json!({
        "latency_ms": [1, 1 + rng.index(30)],
        "loss": rate(rng, 30), "duplicate": rate(rng, 50),
    })
}

impl Draw {
    fn stream(&self, purpose: &str) -> Rng {
        stream(self.seed, purpose)
    }

    fn node(&self, rng: &mut Rng) -> &str {
        &one_of(rng, &self.names)[..]
    }

    fn config(&self) -> Value {
        let rng = &mut self.stream("config");
        let n = 1 + rng.index(self.names.len().min(5));
        let zones = 1 + rng.index(3);
        let zone = |at: usize| format!("zone-{}", at % zones);
        let node = |(at, name): (usize, &String)| json!({ "name": name, "zone": zone(at) });
        let mut config = json!({
            "nodes": self.names.iter().enumerate().map(node).collect::<Vec<_>>(),
            "n": n, "r": 1 + rng.index(n), "w": 1 + rng.index(n),
            "quorum": one_of(rng, &["sloppy", "sloppy", "strict", "primaries"]),
            "failure_detection": one_of(rng, &["gossip", "local"]),
            "read_repair": is(rng, 2),
            "anti_entropy": !is(rng, 4),
            "anti_entropy_interval_ms": 500 + rng.below(3_000),
            "reap_after_ms": 2_000 + rng.below(8_000),
            "disk_latency_ms": [0.1, 1 + rng.index(20)],
        });
        // Every second run has dots, which promise most.
        config["versioning"] = (*one_of(
            rng,
            &["dotted", "dotted", "dotted", "vector-clock", "record-clock", "last-write-wins"],
        ))
        .into();
        config["clock_entries_max"] = (1 + rng.index(6)).into();
        let tokens = 1 + rng.index(12);
        config["partitioning"] = match rng.index(3) {
            0 => json!({ "strategy": 1, "tokens_per_node": tokens }),
            1 => json!({ "strategy": 2, "tokens_per_node": tokens, "partitions": 64 }),
            _ => json!({ "strategy": 3, "partitions": 64 << rng.index(2) }),
        };
        config["network"] = self.network.clone();
        self.coordinate(&mut config);
        self.work(&mut config);
        self.buffer(&mut config);
        self.yields(&mut config);
        config
    }

    /// In every third run clients choose who coordinates.
    fn coordinate(&self, config: &mut Value) {
        let rng = &mut self.stream("coordination");
        if is(rng, 3) {
            config["coordination"] = "client".into();
            config["client_poll_ms"] = (500 + rng.below(15_000)).into();
        }
    }

    /// In every third run machines take time for what comes, and little may wait for them.
    fn work(&self, config: &mut Value) {
        let rng = &mut self.stream("work");
        if is(rng, 3) {
            config["service_ms"] = (rng.index(20) as f64 / 10.0).into();
            config["queue_max"] = (*one_of(rng, &[20, 100, 10_000])).into();
        }
    }

    /// In every fourth run writes are buffered; in some, one replica is durable all the same.
    fn buffer(&self, config: &mut Value) {
        let rng = &mut self.stream("write buffer");
        if is(rng, 4) {
            config["write_buffer"] = (*one_of(rng, &[1, 3, 1_000])).into();
            config["write_buffer_flush_ms"] = (50 + rng.below(2_000)).into();
            config["durable_replica"] = is(rng, 2).into();
        }
    }

    /// How soon background work yields, and how silence is judged.
    fn yields(&self, config: &mut Value) {
        let rng = &mut self.stream("admission");
        config["admission_control"] = (!is(rng, 4)).into();
        config["admission_p99_ms"] = (1 + rng.index(60)).into();
        if is(rng, 4) {
            config["suspect_phi"] = (4 + rng.index(9)).into();
        }
    }

    fn script(&self, classes: &[&str]) -> Vec<Value> {
        let mut script = self.operations();
        script.extend(self.load());
        script.extend(self.faults(classes));
        script.push(json!({ "at_ms": FAULTS_UNTIL_MS, "heal": {} }));
        script
    }

    /// Puts, gets and deletes of a few keys, some of them hot; some hand back the context of an
    /// operation that is long past, or that was never answered.
    fn operations(&self) -> Vec<Value> {
        let rng = &mut self.stream("operations");
        let count = (FAULTS_UNTIL_MS / OPERATION_EVERY_MS) as usize + rng.index(20);
        let has_deletes = !is(rng, 3);
        let mut before: Vec<Vec<String>> = vec![Vec::new(); KEYS];
        let mut at_ms = 100;
        let mut script = Vec::with_capacity(count);
        for number in 0..count {
            at_ms += 1 + rng.below(2 * OPERATION_EVERY_MS);
            // The first keys are asked for more than the last.
            let place = rng.index(KEYS).min(rng.index(KEYS));
            let (name, key) = (format!("op{number}"), format!("key-{place}"));
            let mut fields = json!({ "as": name, "key": key });
            if is(rng, 2) {
                fields["via"] = self.node(rng).into();
            }
            let verb = match rng.index(6) {
                0 | 1 => "get",
                2 if has_deletes => "delete",
                _ => "put",
            };
            if verb == "put" {
                fields["value"] = format!("value {number}").into();
            }
            if verb != "get" && !before[place].is_empty() && !is(rng, 3) {
                let newest = before[place].len() - 1;
                let stale = if is(rng, 4) { rng.index(newest + 1) } else { 0 };
                fields["context"] = before[place][newest - stale.min(newest)].as_str().into();
            }
            before[place].push(name);
            script.push(json!({ "at_ms": at_ms, verb: fields }));
        }
        script
    }

    /// Clients that keep asking for some of the same keys, in every fourth run; in some so many
    /// that background work has to yield.
    fn load(&self) -> Option<Value> {
        let rng = &mut self.stream("load");
        let mut load = json!({ "clients": 1 + rng.index(8), "keys": 1 + rng.index(6),
            "for_ms": 2_000 + rng.below(15_000), "zipf": rng.index(2), "cart": is(rng, 2),
            "read_fraction": 0.4, "delete_fraction": rng.index(3) as f64 / 10.0 });
        match is(rng, 2) {
            true => load["ops_per_second"] = (*one_of(rng, &[2, 20, 200])).into(),
            false => load["think_ms"] = json!([20, 400]),
        }
        let at_ms = rng.below(FAULTS_UNTIL_MS);
        is(rng, 4).then(|| json!({ "at_ms": at_ms, "workload": load }))
    }

    fn faults(&self, classes: &[&str]) -> Vec<Value> {
        let mut script = Vec::new();
        for &(name, class) in CLASSES {
            let rng = &mut self.stream(name);
            // What `classes` has drawn from the same stream: the next draws are the faults.
            is(rng, DRAWN_ONE_IN);
            if !classes.contains(&name) {
                continue;
            }
            for _ in 0..1 + rng.index(4) {
                let at_ms = 500 + rng.below(FAULTS_UNTIL_MS - 1_000);
                let ends_ms = (at_ms + 200 + rng.below(12_000)).min(FAULTS_UNTIL_MS - 1);
                script.extend(class(self, rng, at_ms, ends_ms));
            }
        }
        script
    }

    fn crash_with(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64, disk: &str) -> Vec<Value> {
        let node = self.node(rng);
        let crash = json!({ "at_ms": at_ms, "crash": { "node": node, "disk": disk } });
        let restart = json!({ "at_ms": ends_ms, "restart": { "node": node } });
        // Some come back with the heal alone.
        if is(rng, 3) { vec![crash] } else { vec![crash, restart] }
    }

    fn crash(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.crash_with(rng, at_ms, ends_ms, "keep")
    }

    fn disk_lost(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.crash_with(rng, at_ms, ends_ms, "lose")
    }

    fn disk_torn(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.crash_with(rng, at_ms, ends_ms, "torn")
    }

    fn disk_old(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let node = self.node(rng);
        vec![
            json!({ "at_ms": rng.below(at_ms), "backup": { "node": node } }),
            json!({ "at_ms": at_ms, "crash": { "node": node, "disk": "old" } }),
            json!({ "at_ms": ends_ms, "restart": { "node": node } }),
        ]
    }

    fn disk_does(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64, what: &str) -> Vec<Value> {
        let node = self.node(rng);
        vec![
            json!({ "at_ms": at_ms, "disk": { "node": node, "is": what } }),
            json!({ "at_ms": ends_ms, "disk": { "node": node, "is": "well" } }),
        ]
    }

    fn disk_full(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.disk_does(rng, at_ms, ends_ms, "full")
    }

    fn disk_failing(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.disk_does(rng, at_ms, ends_ms, "failing")
    }

    fn pause(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let node = self.node(rng);
        vec![
            json!({ "at_ms": at_ms, "pause": { "node": node } }),
            json!({ "at_ms": ends_ms, "resume": { "node": node } }),
        ]
    }

    fn slow(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let node = self.node(rng);
        let factor = 2 + rng.index(40);
        vec![
            json!({ "at_ms": at_ms, "slow": { "node": node, "factor": factor } }),
            json!({ "at_ms": ends_ms, "slow": { "node": node, "factor": 1 } }),
        ]
    }

    fn skew(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let ms = rng.below(120_000) as i64 - 60_000;
        vec![json!({ "at_ms": at_ms, "skew": { "node": self.node(rng), "ms": ms } })]
    }

    /// A clock that runs too fast or too slow: moved a little each second.
    fn drift(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let (node, ms) = (self.node(rng), rng.below(400) as i64 - 200);
        let moments = (at_ms..ends_ms).step_by(1_000);
        moments.map(|at_ms| json!({ "at_ms": at_ms, "skew": { "node": node, "ms": ms } })).collect()
    }

    /// The ring in two parts, or one way only.
    fn cut(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let mut names = self.names.clone();
        rng.shuffle(&mut names);
        let split = 1 + rng.index(names.len());
        let (from, to) = names.split_at(split.min(names.len() - 1));
        if from.is_empty() || to.is_empty() {
            return Vec::new();
        }
        let one_way = is(rng, 2);
        vec![json!({ "at_ms": at_ms, "cut": { "from": from, "to": to, "one_way": one_way } })]
    }

    fn isolate(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let alone = self.node(rng);
        let others: Vec<&String> = self.names.iter().filter(|name| *name != alone).collect();
        if others.is_empty() {
            return Vec::new();
        }
        let one_way = is(rng, 3);
        vec![
            json!({ "at_ms": at_ms, "cut": { "from": [alone], "to": others, "one_way": one_way } }),
        ]
    }

    /// What is sent between one node and some others is held.
    fn clog(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let held_ms = 1 + rng.below(CLOG_MS);
        self.clog_one(rng, at_ms, held_ms).into_iter().collect()
    }

    fn clog_one(&self, rng: &mut Rng, at_ms: u64, held_ms: u64) -> Option<Value> {
        let one = self.node(rng);
        let is_chosen = |name: &&String| *name != one && is(rng, 2);
        let others: Vec<&String> = self.names.iter().filter(is_chosen).collect();
        let one_way = is(rng, 2);
        (!others.is_empty()).then(|| {
            json!({ "at_ms": at_ms, "clog": { "from": [one], "to": others, "for_ms": held_ms,
                "one_way": one_way } })
        })
    }

    /// Links are clogged one by one, and let go in another order.
    fn swizzle(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let links = 2 + rng.below(5);
        let clog = |place: u64| {
            let held_ms = 500 + rng.below(CLOG_MS - 500);
            self.clog_one(rng, at_ms + 50 * place, held_ms)
        };
        (0..links).filter_map(clog).collect()
    }

    /// The network is bad for a while.
    fn burst(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let loss = rng.index(60) as f64 / 100.0;
        vec![
            json!({ "at_ms": at_ms, "network": { "loss": loss, "latency_ms": [1, 200] } }),
            json!({ "at_ms": ends_ms, "network": self.network }),
        ]
    }

    fn join(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        vec![self.join_as(rng, at_ms, "new")]
    }

    fn join_as(&self, rng: &mut Rng, at_ms: u64, what: &str) -> Value {
        let name = format!("{what}-{at_ms}");
        let mut join = json!({ "name": name, "weight": 1 + rng.index(3) });
        if is(rng, 2) {
            join["via"] = self.node(rng).into();
        }
        json!({ "at_ms": at_ms, "join": join })
    }

    /// Never the first: it is the seed, and who joins knowing seeds alone would find nobody.
    fn leaver(&self, rng: &mut Rng) -> Option<&str> {
        let others = self.names.get(1..)?;
        (!others.is_empty()).then(|| one_of(rng, others).as_str())
    }

    fn leave(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let leaver = self.leaver(rng);
        leaver
            .map(|node| json!({ "at_ms": at_ms, "leave": { "node": node } }))
            .into_iter()
            .collect()
    }

    /// A node is lost for good: it is taken out, and another takes its place.
    fn replace(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let Some(node) = self.leaver(rng) else { return Vec::new() };
        vec![
            json!({ "at_ms": at_ms, "crash": { "node": node, "disk": "lose" } }),
            json!({ "at_ms": ends_ms, "leave": { "node": node } }),
            self.join_as(rng, ends_ms, "spare"),
        ]
    }

    /// Down and up and down again.
    fn flap(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let node = self.node(rng);
        let every = 100 + rng.below(1_500);
        let mut script = Vec::new();
        let mut at_ms = at_ms;
        while at_ms < ends_ms && script.len() < 20 {
            script.push(json!({ "at_ms": at_ms, "crash": { "node": node } }));
            script.push(json!({ "at_ms": at_ms + every / 2, "restart": { "node": node } }));
            at_ms += every;
        }
        script
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_of_faults_changes_what_happens() {
        let digest = |text: &str| {
            let scenario = Scenario::parse(text).expect("what is drawn is in range");
            crate::sim::swarm::play(&scenario, 20_000, false).digest()
        };
        for &(name, _) in CLASSES {
            let changes = |seed: &u64| {
                let (with, without) = (text_with(*seed, &[name]), text_with(*seed, &[]));
                with != without && digest(&with) != digest(&without)
            };
            assert!((0..10).any(|seed| changes(&seed)), "{name} changed nothing in ten runs");
        }
    }

    #[test]
    fn each_class_is_drawn_in_some_runs_and_not_in_others() {
        for &(name, _) in CLASSES {
            let drawn = (0..300).filter(|&seed| classes(seed).contains(&name)).count();
            assert!((50..150).contains(&drawn), "{name} in {drawn} of 300");
        }
    }

    #[test]
    fn whatever_is_drawn_is_a_scenario_and_a_seed_draws_the_same_again() {
        for seed in 0..300 {
            scenario(seed);
            assert_eq!(text(seed), text(seed));
        }
        assert_ne!(text(1), text(2));
    }
}
