//! Worlds from JSON, and what is asked of them again and again.

use dynamo_playground::sim::oracle::CheckClass;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;
use serde_json::Value;

/// A world played to its end; every message goes through the wire.
pub fn played(scenario: &Value) -> World {
    let scenario = Scenario::parse(&scenario.to_string()).expect("the scenario is good");
    let setup = scenario.setup();
    let mut world = World::without_log(setup.clone()).paranoid();
    world.run_to(setup.until, u64::MAX);
    world
}

/// The members by the belief of a node, by name and in order.
pub fn members(world: &World, node: &str) -> Vec<String> {
    let setup = world.setup();
    let id = world.nodes().find(|&id| setup.name(id) == node).expect("there is such a node");
    let mut names: Vec<String> =
        world.members(id).iter().map(|&member| setup.name(member).to_owned()).collect();
    names.sort();
    names
}

/// Every expectation and every invariant of the world holds.
pub fn assert_well(world: &World, what: &str) {
    for expected in world.expects() {
        assert!(expected.ok, "{what}: {}", expected.why);
    }
    for check in world.checks() {
        assert!(check.ok, "{what}: {} is broken: {:?}", check.name, check.broken);
    }
}

/// The same of a world that is left as it is, before its copies have come to agree.
pub fn assert_kept(world: &World, what: &str) {
    for expected in world.expects() {
        assert!(expected.ok, "{what}: {}", expected.why);
    }
    for check in world.checks().iter().filter(|check| check.class == CheckClass::Always) {
        assert!(check.ok, "{what}: {} is broken: {:?}", check.name, check.broken);
    }
}
