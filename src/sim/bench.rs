//! The two standard workloads by which speed is measured: gossip (W1) and store (W2).
//!
//! Both are scenarios like any other, played by the whole node logic. What is told of them is
//! counted in the world; how long it took is for whoever plays them to say.

use std::rc::Rc;

use crate::base::time::{Instant, Span};
use crate::sim::command::{Action, Command};
use crate::sim::load::LoadPlan;
use crate::sim::scenario::{BadInput, Scenario};
use crate::sim::setup::Setup;
use crate::sim::world::World;

/// Each key is kept by so many nodes.
const COPIES: usize = 3;
/// Clients of W2, each of which waits for its answers.
const CLIENTS: u32 = 50;
/// Keys of W2 where nothing else is said.
pub const KEYS: u32 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// W1: every node exchanges heartbeats with a random other once a second, for a minute.
    Gossip,
    /// W2: clients put a value of 16 bytes through a random node, wait, and get the same key
    /// through another, for ten seconds. N=3 R=2 W=2, disks that take no time, neither gossip nor
    /// anti-entropy.
    Store { keys: u32 },
}

/// What happened in a workload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// From node to node, delivered.
    pub messages: u64,
    /// Puts and gets that were answered.
    pub operations: u64,
    /// Gets that returned neither their client's own put nor what covers it, and operations that
    /// failed: there must be none.
    pub violations: u64,
}

impl Workload {
    /// How long it lasts, in virtual time.
    pub fn lasts(self) -> Span {
        match self {
            Workload::Gossip => Span::from_ms(60_000),
            Workload::Store { .. } => Span::from_ms(10_000),
        }
    }

    /// The workload on a ring of so many nodes, for so long.
    ///
    /// # Errors
    /// What of the numbers no scenario may have.
    pub fn setup(self, nodes: u32, lasts: Span) -> Result<Rc<Setup>, BadInput> {
        let partitions = nodes.next_power_of_two().clamp(64, 4_096);
        let (config, script) = match self {
            Workload::Gossip => (String::new(), String::new()),
            Workload::Store { .. } => (
                r#""gossip_interval_ms": 3600000, "suspect_after_ms": 3600000,
                    "handoff_interval_ms": 3600000, "#
                    .into(),
                format!(
                    r#"{{ "at_ms": 0, "workload": {{ "clients": {CLIENTS}, "keys": {KEYS},
                        "read_fraction": 0, "value_bytes": 16, "read_back": true,
                        "for_ms": {lasts} }} }}"#
                ),
            ),
        };
        let text = format!(
            r#"{{ "version": 1, "seed": "bench",
                "config": {{ "nodes": {nodes}, "n": 3, "r": 2, "w": 2, {config}
                    "partitioning": {{ "strategy": 3, "partitions": {partitions} }},
                    "versioning": "vector-clock", "anti_entropy": false,
                    "disk_latency_ms": [0, 0], "network": {{ "latency_ms": [1, 10] }} }},
                "script": [{script}], "until_ms": {lasts} }}"#
        );
        let mut setup = Scenario::parse(&text)?.setup();
        if let Workload::Store { keys } = self {
            let script = &mut Rc::make_mut(&mut setup).script;
            script.iter_mut().for_each(|entry| set_keys(&mut entry.action, keys));
        }
        Ok(setup)
    }
}

/// How much a page's clients may remember has a limit. Here it is measured how that grows.
fn set_keys(action: &mut Action, keys: u32) {
    if let Action::Command(command) = action
        && let Command::Workload(plan) = &**command
    {
        let plan = LoadPlan { keys, ..(**plan).clone() };
        *action = Action::Command(Rc::new(Command::Workload(Rc::new(plan))));
    }
}

/// A world in which a workload is played, and nobody looks.
pub struct Played(World);

impl Played {
    pub fn new(setup: Rc<Setup>) -> Played {
        Played(World::unwatched(setup))
    }

    /// Plays on to `to`.
    pub fn run_to(&mut self, to: Instant) {
        self.0.run_to(to, u64::MAX);
    }

    /// How many keys there is a value of: of each, every node has or has not its copy.
    pub fn keys_held(&self) -> usize {
        let copies = self.0.nodes().map(|node| self.0.machine(node).disk.stored.records.len());
        copies.sum::<usize>() / COPIES
    }

    pub fn counted(&self) -> Counted {
        let load = self.0.load();
        Counted {
            messages: self.0.counters().messages_delivered,
            operations: load.reads.count() + load.writes.count(),
            violations: load.own_writes_missed + load.refused + load.timed_out + load.dropped,
        }
    }

    pub fn digest(&self) -> u64 {
        self.0.digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn played(workload: Workload, nodes: u32, lasts: Span) -> Counted {
        let mut played = Played::new(workload.setup(nodes, lasts).expect("such a ring may be"));
        played.run_to(Instant::ZERO + lasts);
        played.counted()
    }

    #[test]
    fn gossip_is_about_three_messages_a_second_and_node() {
        let Counted { messages, operations, violations } =
            played(Workload::Gossip, 20, Span::from_ms(20_000));
        assert!((20 * 18 * 2..=20 * 21 * 3).contains(&messages), "{messages}");
        assert_eq!((operations, violations), (0, 0));
    }

    #[test]
    fn in_the_store_every_client_reads_what_it_wrote() {
        let counted = played(Workload::Store { keys: 10 }, 5, Span::from_ms(500));
        assert!(counted.operations > 500 && counted.messages > counted.operations, "{counted:?}");
        assert_eq!(counted.violations, 0);
    }

    #[test]
    fn there_may_be_more_keys_than_a_page_allows() {
        let (workload, lasts) = (Workload::Store { keys: 200_000 }, Span::from_ms(200));
        let mut played = Played::new(workload.setup(5, lasts).expect("such a ring may be"));
        played.run_to(Instant::ZERO + lasts);
        // Of so many hardly any is written twice.
        let written = played.counted().operations as usize / 2;
        assert!((written * 9 / 10..=written * 11 / 10 + 50).contains(&played.keys_held()));
    }
}
