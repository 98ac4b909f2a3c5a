//! What the nodes of a simulated ring believe of each other, held against the truth.

use crate::base::id::NodeId;
use crate::sim::json::{Json, object};
use crate::sim::machine::MachineState;
use crate::sim::report::state_word;
use crate::sim::world::World;

/// So many believers are told one by one. Of more, which nobody tells apart on a screen, a few of
/// those who are wrong: in a ring of a thousand that is cut in two all of them would be a million.
const BELIEVERS_MAX: usize = 12;
const WRONG_MAX: usize = 4;

/// What the others believe of each node that somebody is wrong about.
pub fn beliefs(world: &World) -> Json {
    let mut suspected_by = Vec::new();
    suspected_by.resize_with(world.node_count(), Vec::new);
    // Nearly all know what is true, which is looked up once for all of them.
    let mut knows_all = Vec::new();
    for node in world.nodes() {
        for whom in world.suspects(node) {
            suspected_by[whom.index()].push(node);
        }
        let known = world.view(node).map(|view| view.membership().digest());
        knows_all.push(known == Some(world.truth().digest()));
    }
    let mut beliefs = Vec::new();
    for node in world.nodes() {
        let mut suspicious = &suspected_by[node.index()][..];
        // Nobody can be wrong about who is up and not suspected.
        if suspicious.is_empty() && world.machine_state(node) != MachineState::Crashed {
            continue;
        }
        let has_joined = world.truth().has_joined(node);
        let mut by = Vec::new();
        for other in world.nodes() {
            let suspects = suspicious.first() == Some(&other);
            suspicious = &suspicious[usize::from(suspects)..];
            let knows = match knows_all[other.index()] {
                true => has_joined,
                false => world.machine(other).knows(node),
            };
            if knows && other != node {
                by.push((other, suspects));
            }
        }
        tell(world, node, &by, &mut beliefs);
    }
    Json::List(beliefs)
}

/// What these believe of a node, and whether they suspect it; nothing while nobody is wrong.
fn tell(world: &World, node: NodeId, all: &[(NodeId, bool)], beliefs: &mut Vec<Json>) {
    let state = world.machine_state(node);
    let is_crowd = all.len() > BELIEVERS_MAX;
    let mut wrong = 0_usize;
    let mut by = Vec::new();
    for &(other, suspects) in all {
        let is_wrong = suspects != (state == MachineState::Crashed);
        wrong += usize::from(is_wrong);
        if !is_crowd || (is_wrong && wrong <= WRONG_MAX) {
            let belief = if suspects { "suspect" } else { "up" };
            by.push(object(vec![
                ("node", other.0.into()),
                ("belief", belief.into()),
                ("wrong", is_wrong.into()),
            ]));
        }
    }
    if wrong > 0 {
        beliefs.push(object(vec![
            ("about", node.0.into()),
            ("truth", state_word(state).into()),
            ("others", all.len().into()),
            ("wrong", wrong.into()),
            ("by", Json::List(by)),
        ]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::gather::Gather;
    use crate::base::time::{Instant, Span};
    use crate::sim::scenario::Scenario;
    use crate::sim::timeline::Timeline;
    use serde_json::Value;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// What is believed in a ring of so many at this time.
    fn after(nodes: u32, script: &str, ms: u64) -> Vec<Value> {
        let text = format!(
            r#"{{ "version": 1, "config": {{ "nodes": {nodes}, "suspect_after_ms": 2000 }},
                 "script": [{script}], "until_ms": 60000 }}"#
        );
        let scenario = Scenario::parse(&text).expect("the scenario is good");
        let mut world = World::new(scenario.setup());
        world.run_to(Instant::ZERO + Span::from_ms(ms), u64::MAX);
        list(&world)
    }

    fn list(world: &World) -> Vec<Value> {
        let told = serde_json::to_value(beliefs(world)).expect("plain values");
        told.as_array().expect("a list").clone()
    }

    /// By asking each node about each other one: who believes what of whom, where one is wrong.
    fn asked(world: &World) -> Vec<(u32, Vec<(u32, bool)>)> {
        let about = |whom: NodeId| {
            let is_down = world.machine_state(whom) == MachineState::Crashed;
            let all: Vec<(u32, bool)> = world
                .nodes()
                .filter(|&who| who != whom && world.machine(who).knows(whom))
                .map(|who| (who.0, world.machine(who).suspects(whom)))
                .gather();
            all.iter().any(|&(_, suspects)| suspects != is_down).then_some((whom.0, all))
        };
        world.nodes().filter_map(about).gather()
    }

    fn number(value: &Value) -> u32 {
        value.as_u64().and_then(|number| u32::try_from(number).ok()).expect("a number")
    }

    #[test]
    fn what_is_told_is_what_each_node_says_when_it_is_asked() {
        let text = r#"{
            "version": 1, "seed": "mallard-42", "until_ms": 40000,
            "config": { "nodes": 7, "suspect_after_ms": 2000 },
            "script": [
                { "at_ms": 3000, "cut": { "from": ["A", "B"], "to": ["C", "D", "E", "F", "G"] } },
                { "at_ms": 9000, "heal": {} },
                { "at_ms": 12000, "crash": { "node": "C", "disk": "keep" } },
                { "at_ms": 18000, "restart": { "node": "C" } },
                { "at_ms": 20000, "join": { "name": "H", "via": "A" } },
                { "at_ms": 26000, "leave": { "node": "B" } }
            ] }"#;
        let scenario = Scenario::parse(text).unwrap_or_else(|why| panic!("{why}"));
        let mut timeline = Timeline::new(scenario);
        let mut most = 0;
        for at_ms in (500..40_000).step_by(500) {
            timeline.seek(Instant::from_ms_f64(f64::from(at_ms)));
            let told = list(timeline.world());
            most = most.max(told.len());
            let believer = |one: &Value| (number(&one["node"]), one["belief"] == "suspect");
            let by = |about: &Value| {
                let by = about["by"].as_array().expect("believers").iter().map(believer);
                (number(&about["about"]), by.gather())
            };
            assert_eq!(told.iter().map(by).gather(), asked(timeline.world()), "at {at_ms} ms");
        }
        assert_eq!(most, 7, "each suspects those beyond the cut");
    }

    #[test]
    fn nothing_is_told_of_whom_nobody_is_wrong_about() {
        assert!(after(6, "", 5_000).is_empty());
        let crash = r#"{ "at_ms": 100, "crash": { "node": "B" } }"#;
        assert_eq!(after(6, crash, 200).len(), 1);
        assert!(after(6, crash, 10_000).is_empty(), "by then all of them suspect it");
    }

    #[test]
    fn of_few_believers_each_is_told_and_whether_it_is_wrong() {
        let cut =
            r#"{ "at_ms": 100, "cut": { "from": ["B"], "to": ["A", "C", "D"], "one_way": true } }"#;
        let crash = r#"{ "at_ms": 4900, "crash": { "node": "D" } }"#;
        let told = after(4, &format!("{cut}, {crash}"), 5_000);
        assert!(told.len() > 1, "of B and D: {told:?}");
        for about in told {
            let is_down = about["truth"] == "crashed";
            let by = about["by"].as_array().expect("believers");
            assert_eq!(about["others"], by.len());
            assert_eq!(about["wrong"], by.iter().filter(|one| one["wrong"] == true).count());
            for one in by {
                assert_eq!(one["wrong"], (one["belief"] == "suspect") != is_down, "{about}");
            }
        }
    }

    #[test]
    fn of_very_many_believers_the_first_that_are_wrong_are_told() {
        let crash = r#"{ "at_ms": 100, "crash": { "node": "E" } },
            { "at_ms": 100, "crash": { "node": "B" } }"#;
        let told = after(20, crash, 200);
        let [b, e] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((&b["about"], &e["about"]), (&Value::from(1), &Value::from(4)));
        assert_eq!((&e["others"], &e["wrong"]), (&Value::from(18), &Value::from(18)));
        let by = e["by"].as_array().expect("believers");
        let named: Vec<u64> = by.iter().filter_map(|one| one["node"].as_u64()).collect();
        assert_eq!(named, [0, 2, 3, 5]);
        assert!(by.iter().all(|one| one["belief"] == "up" && one["wrong"] == true), "{by:?}");
    }
}
