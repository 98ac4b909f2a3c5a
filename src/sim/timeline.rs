//! Going anywhere in time: checkpoints, and the log of commands that replays between them.
//!
//! A command acts in the present and becomes part of the scenario, so the scenario alone brings
//! any moment back. Whoever acts in the past gets another future.

use std::rc::Rc;

use crate::base::time::{Instant, Span};
use crate::sim::command::{Action, Command};
use crate::sim::plan::Plan;
use crate::sim::scenario::{BadInput, Scenario};
use crate::sim::setup::Setup;
use crate::sim::world::World;

/// A world that can be sought through.
#[derive(Clone, Debug)]
pub struct Timeline {
    scenario: Scenario,
    world: World,
    /// In the order of time, the beginning first. Never past a command that came after them.
    checkpoints: Vec<World>,
    /// The latest moment this future has been played to.
    horizon: Instant,
}

/// How far one step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// The next thing that happens.
    Event,
    /// The next message that arrives, or is lost.
    Message,
    /// One gossip interval: every node has had its round.
    Round,
}

/// Virtual time between two checkpoints while they are new.
const CHECKPOINT_EVERY: Span = Span::from_ms(500);
/// With more than this many, every second one of the older half goes.
const CHECKPOINTS_MAX: usize = 48;

impl Timeline {
    pub fn new(scenario: Scenario) -> Timeline {
        let world = World::new(scenario.setup());
        Timeline { scenario, checkpoints: vec![world.clone()], world, horizon: Instant::ZERO }
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    /// With every command so far in its script.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Lets time pass up to `to`; answers whether it got there within `max_events`.
    pub fn advance(&mut self, to: Instant, max_events: u64) -> bool {
        let last_event = self.world.events().saturating_add(max_events);
        while self.world.now() < to {
            let checkpoint = self.next_checkpoint();
            let slice = to.min(checkpoint);
            let left = last_event.saturating_sub(self.world.events());
            if left == 0 || !self.world.run_to(slice, left) {
                return false;
            }
            if slice == checkpoint {
                self.keep_checkpoint();
            }
        }
        true
    }

    /// Goes one step on. False when nothing is left to happen.
    pub fn step(&mut self, kind: StepKind) -> bool {
        match kind {
            StepKind::Round => {
                let interval = self.world.setup().config.gossip_interval;
                self.advance(self.world.now() + interval, u64::MAX)
            }
            StepKind::Event => self.world.step(),
            StepKind::Message => {
                let ended = |world: &World| {
                    world.counters().messages_delivered + world.counters().messages_lost
                };
                let before = ended(&self.world);
                while ended(&self.world) == before {
                    if !self.world.step() {
                        return false;
                    }
                }
                true
            }
        }
    }

    /// Goes to a moment, back or on: from the nearest checkpoint before it.
    pub fn seek(&mut self, to: Instant) {
        let nearest = self.checkpoints.partition_point(|checkpoint| checkpoint.now() <= to);
        let nearest = &self.checkpoints[nearest.saturating_sub(1)];
        if to < self.world.now() || nearest.now() > self.world.now() {
            self.horizon = self.horizon.max(self.world.now());
            self.world = nearest.clone();
            self.take_script();
        }
        self.advance(to, u64::MAX);
    }

    /// Acts now. Answers the operation's name, or nothing for a fault.
    pub fn command(&mut self, json: &str) -> Result<Option<String>, BadInput> {
        let at = self.world.next_command_time();
        self.scenario.command(json, at)?; // refuse before anything is forgotten
        if self.horizon > self.world.now() {
            self.checkpoints.retain(|checkpoint| checkpoint.now() < at);
            self.scenario.forget_after(at);
            self.horizon = at;
        }
        let before = self.world.ops().len();
        self.scenario.with(json, at)?;
        self.take_script();
        self.world.run_to(at, u64::MAX);
        Ok(self.world.ops().get(before).map(|op| op.name.clone()))
    }

    /// What a join or a leave would move, were it given now.
    pub fn plan(&self, json: &str) -> Result<(Plan, Rc<Setup>), BadInput> {
        let mut world = self.world.clone();
        let at = world.next_command_time();
        let mut scenario = self.scenario.clone();
        if self.horizon > self.world.now() {
            scenario.forget_after(at);
        }
        let entry = scenario.with(json, at)?;
        let moves = |command: &Command| matches!(command, Command::Join(_) | Command::Leave { .. });
        if !matches!(&entry.action, Action::Command(command) if moves(command)) {
            return Err(BadInput::new("", "another entry", "join or leave"));
        };
        world.set_setup(scenario.setup());
        world.run_to(at, u64::MAX);
        Ok((Plan::between(&self.world, &world), scenario.setup()))
    }

    fn take_script(&mut self) {
        self.world.set_setup(self.scenario.setup());
    }

    fn next_checkpoint(&self) -> Instant {
        let newest = self.checkpoints.last().map_or(Instant::ZERO, World::now);
        newest.max(self.world.now()) + CHECKPOINT_EVERY
    }

    fn keep_checkpoint(&mut self) {
        self.checkpoints.push(self.world.clone());
        if self.checkpoints.len() > CHECKPOINTS_MAX {
            let half = CHECKPOINTS_MAX / 2;
            let mut at = 0;
            self.checkpoints.retain(|_| {
                at += 1;
                at > half || at % 2 == 1
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn timeline() -> Timeline {
        let text = r#"{ "version": 1, "seed": "mallard-42", "config": { "nodes": 6 }, "script": [
            { "at_ms": 200, "put": { "key": "cart:ann", "value": "milk", "via": "A" } },
            { "at_ms": 900, "crash": { "node": "B", "disk": "keep" } } ], "until_ms": 60000 }"#;
        Timeline::new(Scenario::parse(text).expect("the scenario is good"))
    }

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Span::from_ms(ms)
    }

    fn digest_at(ms: u64) -> u64 {
        let mut straight = timeline();
        straight.advance(at(ms), u64::MAX);
        straight.world().digest()
    }

    #[test]
    fn seeking_back_and_on_ends_where_a_straight_run_does() {
        let mut timeline = timeline();
        timeline.advance(at(30_000), u64::MAX);
        for ms in [1_234, 29_000, 0, 900, 901, 12_345] {
            timeline.seek(at(ms));
            assert_eq!(timeline.world().now(), at(ms));
            assert_eq!(timeline.world().digest(), digest_at(ms), "at {ms} ms");
        }
    }

    #[test]
    fn slices_and_budgets_change_nothing() {
        let mut timeline = timeline();
        while !timeline.advance(at(5_000), 7) {}
        assert_eq!(timeline.world().digest(), digest_at(5_000));
    }

    #[test]
    fn a_run_with_commands_replays_from_its_scenario() {
        let mut timeline = timeline();
        for (ms, json) in [
            (100, r#"{ "put": { "key": "cart:bob", "value": "tea", "via": "C" } }"#),
            (1_000, r#"{ "crash": { "node": "D", "disk": "lose" } }"#),
            (1_000, r#"{ "get": { "key": "cart:bob" } }"#),
            (2_500, r#"{ "heal": {} }"#),
        ] {
            timeline.advance(at(ms), u64::MAX);
            timeline.command(json).expect("the command is good");
        }
        timeline.advance(at(8_000), u64::MAX);
        let text = timeline.scenario().to_json();
        let mut replayed = Timeline::new(Scenario::parse(&text).expect("it reads what it writes"));
        replayed.advance(at(8_000), u64::MAX);
        assert_eq!(replayed.world().digest(), timeline.world().digest());
    }

    #[test]
    fn acting_in_the_past_makes_another_future() {
        let mut timeline = timeline();
        timeline.advance(at(3_000), u64::MAX);
        timeline.seek(at(500));
        let name = timeline.command(r#"{ "get": { "key": "cart:ann", "via": "B" } }"#);
        assert_eq!(name.expect("the command is good").as_deref(), Some("g1"));
        timeline.advance(at(3_000), u64::MAX);
        assert_ne!(timeline.world().digest(), digest_at(3_000));
        assert_eq!(timeline.world().counters().crashes, 0, "that crash is of the old future");
    }

    #[test]
    fn steps_go_on_by_one() {
        let mut timeline = timeline();
        timeline.advance(at(200), u64::MAX);
        let delivered = timeline.world().counters().messages_delivered;
        assert!(timeline.step(StepKind::Message));
        assert_eq!(timeline.world().counters().messages_delivered, delivered + 1);
        let logged = timeline.world().log().next_id();
        assert!(timeline.step(StepKind::Event));
        assert!(timeline.world().log().next_id() > logged);
    }
}
