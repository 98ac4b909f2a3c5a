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

/// The scenario of a seed.
pub fn scenario(seed: u64) -> Scenario {
    let drawn = text(seed);
    Scenario::parse(&drawn).unwrap_or_else(|refusal| {
        panic!("what is drawn is in range, but seed {seed} is not: {refusal}\n{drawn}")
    })
}

/// The same, as it would be written into a file.
pub fn text(seed: u64) -> String {
    let names = names(&mut stream(seed, "nodes"));
    let draw = Draw { seed, names, network: network(&mut stream(seed, "network")) };
    let script = draw.script();
    let scenario = json!({
        "version": 1, "title": format!("Swarm seed {seed}"), "seed": seed,
        "config": draw.config(), "script": script, "until_ms": UNTIL_MS,
    });
    scenario.to_string()
}

/// What a seed does to a ring of these nodes, on a network that is usually like this: clients,
/// faults, and the heal.
pub fn script(seed: u64, names: Vec<String>, network: Value) -> Vec<Value> {
    Draw { seed, names, network }.script()
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

    fn script(&self) -> Vec<Value> {
        let mut script = self.operations();
        script.extend(self.faults());
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

    /// Each class of faults is there or not; each has a stream of its own.
    fn faults(&self) -> Vec<Value> {
        type Class = (&'static str, fn(&Draw, &mut Rng, u64, u64) -> Vec<Value>);
        const CLASSES: &[Class] = &[
            ("crash", Draw::crash),
            ("disk lost", Draw::disk_lost),
            ("disk torn", Draw::disk_torn),
            ("disk old", Draw::disk_old),
            ("pause", Draw::pause),
            ("slow", Draw::slow),
            ("skew", Draw::skew),
            ("cut", Draw::cut),
            ("isolate", Draw::isolate),
            ("burst", Draw::burst),
            ("join", Draw::join),
            ("leave", Draw::leave),
            ("replace", Draw::replace),
            ("flap", Draw::flap),
        ];
        let mut script = Vec::new();
        for &(name, class) in CLASSES {
            let rng = &mut self.stream(name);
            if !is(rng, 3) {
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
    fn whatever_is_drawn_is_a_scenario_and_a_seed_draws_the_same_again() {
        for seed in 0..300 {
            scenario(seed);
            assert_eq!(text(seed), text(seed));
        }
        assert_ne!(text(1), text(2));
    }
}
