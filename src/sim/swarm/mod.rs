//! The swarm: hostile runs from seeds. Each draws a ring, its clients and its faults, lets them
//! rage, heals, and holds the world to everything it promises.

pub mod draw;
pub mod judge;
#[cfg(not(target_arch = "wasm32"))]
pub mod marks;
#[cfg(not(target_arch = "wasm32"))]
pub mod shrink;
#[cfg(not(target_arch = "wasm32"))]
pub mod summary;
pub mod under;
#[cfg(not(target_arch = "wasm32"))]
pub mod verdict;
pub mod walk;

use crate::sim::scenario::Scenario;
use crate::sim::world::World;

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
