//! The swarm: hostile runs from seeds. Each draws a ring, its clients and its faults, lets them
//! rage, heals, and holds the world to everything it promises.

pub mod draw;
pub mod judge;
#[cfg(not(target_arch = "wasm32"))]
pub mod shrink;
#[cfg(not(target_arch = "wasm32"))]
pub mod summary;
pub mod under;
pub mod walk;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sim::counters::Counters;
use crate::sim::oracle::CheckClass;
use crate::sim::scenario::Scenario;
use crate::sim::world::World;
use judge::{Broken, END_CHECKS};

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
    pub broken: Option<Broken>,
}

/// Plays a seed's run to its end, or so many events of it. `is_paranoid` sends every message
/// through the wire and back.
pub fn try_seed(seed: u64, events_max: u64, is_paranoid: bool) -> Verdict {
    let text = draw::text(seed);
    let world = play(&draw::scenario(seed), events_max, is_paranoid);
    let is_over = world.now() >= world.setup().until;
    let always = world.checks().into_iter().filter(|check| check.class == CheckClass::Always);
    let mut armed: Vec<_> = always.map(|check| (check.name, check.armed_since.is_some())).collect();
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
        broken: if is_over { judge::broken(&world) } else { judge::broken_meanwhile(&world) },
    }
}

/// The scenario's world at its end, or after so many events.
pub fn play(scenario: &Scenario, events_max: u64, is_paranoid: bool) -> World {
    let setup = scenario.setup();
    let until = setup.until;
    let mut world = World::without_log(setup);
    if is_paranoid {
        world = world.paranoid();
    }
    world.run_to(until, events_max);
    world
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
