//! One run of the swarm, and what came of it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sim::counters::Counters;
use crate::sim::oracle::RULES;
use crate::sim::swarm::draw;
use crate::sim::swarm::judge::{self, Broken, END_CHECKS};
use crate::sim::swarm::marks::{Reached, watch};
use crate::sim::world::World;

/// What came of one run.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub seed: u64,
    pub events: u64,
    pub counters: Counters,
    /// The classes of faults that were drawn.
    pub classes: Vec<&'static str>,
    /// How often each kind of command was given, clients' requests among them.
    pub commands: BTreeMap<String, u64>,
    /// Each check, and whether it was put to the test.
    pub armed: Vec<(&'static str, bool)>,
    pub reached: Reached,
    /// False of a run that ended before its time.
    pub is_over: bool,
    pub broken: Option<Broken>,
}

/// Plays a seed's run to its end, or so many events of it. `is_paranoid` sends every message
/// through the wire and back.
pub fn try_seed(seed: u64, events_max: u64, is_paranoid: bool) -> Verdict {
    let text = draw::text(seed);
    let mut world = World::new(draw::scenario(seed).setup());
    if is_paranoid {
        world = world.paranoid();
    }
    let reached = watch(&mut world, events_max);
    let is_over = world.now() >= world.setup().until;
    // What was watched comes first, in the order of its rules.
    let watched = world.checks().into_iter().take(RULES.len());
    let mut armed: Vec<_> =
        watched.map(|check| (check.name, check.armed_since.is_some())).collect();
    armed.extend(
        END_CHECKS.iter().map(|check| (check.rule.name, is_over && (check.is_armed)(&world))),
    );
    Verdict {
        seed,
        events: world.events(),
        counters: world.counters().clone(),
        classes: draw::classes(seed),
        commands: commands(&text),
        armed,
        reached,
        is_over,
        broken: if is_over { judge::broken(&world) } else { judge::broken_meanwhile(&world) },
    }
}

/// How often a script has each verb; crashes are told apart by what becomes of the disk.
fn commands(text: &str) -> BTreeMap<String, u64> {
    let scenario: Value = serde_json::from_str(text).expect("what was drawn is JSON");
    let mut commands = BTreeMap::new();
    for entry in scenario["script"].as_array().into_iter().flatten() {
        for (verb, fields) in entry.as_object().into_iter().flatten().filter(|(n, _)| *n != "at_ms")
        {
            let how = fields["disk"].as_str().map_or_else(String::new, |disk| format!(" {disk}"));
            *commands.entry(format!("{verb}{how}")).or_default() += 1;
        }
    }
    commands
}
