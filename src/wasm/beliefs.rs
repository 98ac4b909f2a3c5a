//! What the nodes of a simulated ring believe of each other, held against the truth.

use crate::base::gather::Gather;
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
    let suspected_by = suspicions(world);
    let knowing = Knowing::new(world);
    let about = |node: NodeId| {
        let state = world.machine_state(node);
        let is_down = state == MachineState::Crashed;
        let suspicious = &suspected_by[node.index()];
        // Nobody can be wrong about who is up and not suspected.
        if !is_down && suspicious.is_empty() {
            return None;
        }
        let others = world.nodes().filter(|&other| other != node && knowing.knows(other, node));
        let mut suspicious = suspicious.iter().copied().peekable();
        let believes = |other: NodeId| {
            while suspicious.next_if(|&earlier| earlier < other).is_some() {}
            (other, suspicious.peek() == Some(&other))
        };
        let all: Vec<(NodeId, bool)> = others.map(believes).gather();
        told(node, state, &all)
    };
    world.nodes().filter_map(about).collect()
}

/// What these believe of a node, and whether they suspect it; nothing while nobody is wrong.
fn told(node: NodeId, state: MachineState, all: &[(NodeId, bool)]) -> Option<Json> {
    let is_down = state == MachineState::Crashed;
    let is_wrong = |&&(_, suspects): &&(NodeId, bool)| suspects != is_down;
    let wrong = all.iter().filter(is_wrong).count();
    if wrong == 0 {
        return None;
    }
    let of = |&(other, suspects): &(NodeId, bool)| {
        let belief = if suspects { "suspect" } else { "up" };
        let wrong = (suspects != is_down).into();
        object(vec![("node", other.0.into()), ("belief", belief.into()), ("wrong", wrong)])
    };
    let by: Json = match all.len() > BELIEVERS_MAX {
        true => all.iter().filter(is_wrong).take(WRONG_MAX).map(of).collect(),
        false => all.iter().map(of).collect(),
    };
    Some(object(vec![
        ("about", node.0.into()),
        ("truth", state_word(state).into()),
        ("others", all.len().into()),
        ("wrong", wrong.into()),
        ("by", by),
    ]))
}

/// By whom each node is suspected, in order.
fn suspicions(world: &World) -> Vec<Vec<NodeId>> {
    let mut suspected_by = vec![Vec::new(); world.node_count()];
    for node in world.nodes() {
        world.suspects(node).into_iter().for_each(|whom| suspected_by[whom.index()].push(node));
    }
    suspected_by
}

/// Who knows whom. Nearly all know what is true, which is looked up once for all of them.
struct Knowing<'w> {
    world: &'w World,
    knows_all: Vec<bool>,
    joined: Vec<bool>,
}

impl Knowing<'_> {
    fn new(world: &World) -> Knowing<'_> {
        let truth = world.truth();
        let knows_all = |node| {
            world.view(node).is_some_and(|view| view.membership().digest() == truth.digest())
        };
        Knowing {
            world,
            knows_all: world.nodes().map(knows_all).gather(),
            joined: world.nodes().map(|node| truth.has_joined(node)).gather(),
        }
    }

    fn knows(&self, who: NodeId, whom: NodeId) -> bool {
        match self.knows_all[who.index()] {
            true => self.joined[whom.index()],
            false => self.world.machine(who).knows(whom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
