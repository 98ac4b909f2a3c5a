//! A hostile scenario drawn from a seed: its ring, its clients, its network and its faults.
//!
//! What comes out is a scenario like any other, so whatever breaks under a seed is a file that
//! `run` plays again. Each part has a random stream of its own: a new part shifts no other.

mod clients;
mod faults;
mod settings;

use serde_json::{Value, json};

use crate::base::rng::Rng;
use crate::sim::scenario::Scenario;
use faults::{CLASSES, DRAWN_ONE_IN};
use settings::network;

/// Until then faults may begin; all are healed at the end of it.
pub const FAULTS_UNTIL_MS: u64 = 25_000;
/// Then all is well again, and operations must succeed.
const PROBED_AT_MS: u64 = 72_000;
/// What comes after the heal: time to agree again.
const UNTIL_MS: u64 = 90_000;

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

/// The settings that a seed draws, told in a line: its nodes are counted.
pub fn knobs(seed: u64) -> String {
    let mut scenario: Value = serde_json::from_str(&text(seed)).unwrap_or_default();
    let config = &mut scenario["config"];
    let nodes = config["nodes"].as_array().map_or(0, Vec::len);
    config["nodes"] = nodes.into();
    config.to_string()
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

impl Draw {
    fn stream(&self, purpose: &str) -> Rng {
        stream(self.seed, purpose)
    }

    fn node(&self, rng: &mut Rng) -> &str {
        &one_of(rng, &self.names)[..]
    }

    fn script(&self, classes: &[&str]) -> Vec<Value> {
        let mut script = self.operations();
        script.extend(self.deletes());
        script.extend(self.load());
        script.extend(self.faults(classes));
        script.push(json!({ "at_ms": FAULTS_UNTIL_MS, "heal": {} }));
        script.extend(self.probes());
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
