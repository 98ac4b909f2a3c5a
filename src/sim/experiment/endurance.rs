//! Endurance: a busy ring of thirty nodes for hours, and how much every table holds after each.
//!
//! Clients think between their requests, delete some of what they wrote and fill carts; every few
//! minutes something fails, and once an hour a node joins and one leaves. A table that only grows
//! shows in the columns.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::base::rng::Rng;
use crate::base::time::{Instant, Span};
use crate::sim::experiment::{Table, memory};
use crate::sim::json::{Json, object};
use crate::sim::oracle::CheckClass;
use crate::sim::scenario::Scenario;
use crate::sim::world::{TableSize, World};

/// What is played: the proportions stay, whatever the length of a period.
#[derive(Clone, Copy, Debug)]
pub struct Endurance {
    pub nodes: u32,
    /// Tables are looked at after each.
    pub period: Span,
    pub periods: u32,
    /// Of each of two loads, one of plain keys and one of carts.
    pub clients: u32,
    pub keys: u32,
    /// Clients think from a third of this to this.
    pub think_ms: u32,
}

impl Endurance {
    /// Thirty nodes for so many hours, asked some forty times a second.
    pub fn hours(hours: u32) -> Endurance {
        Endurance {
            nodes: 30,
            period: Span::from_ms(3_600_000),
            periods: hours,
            clients: 100,
            keys: 500,
            think_ms: 10_000,
        }
    }
}

/// What there was at the end of a period.
#[derive(Clone, Debug)]
pub struct Sample {
    pub at: Instant,
    pub events: u64,
    pub operations: u64,
    pub tables: Vec<TableSize>,
    /// Of this process; none where the system does not tell.
    pub resident_kib: Option<u64>,
}

/// Plays it; `told` hears of each sample as it is taken.
///
/// # Panics
/// When a check that must always hold is broken: then there is more to do than to look at sizes.
pub fn measure(plan: Endurance, mut told: impl FnMut(&Sample)) -> Vec<Sample> {
    let scenario = Scenario::parse(&scenario(plan)).expect("a scenario may have these");
    let mut world = World::new(scenario.setup());
    let mut samples = Vec::new();
    for period in 1..=u64::from(plan.periods) {
        world.run_to(Instant(period * plan.period.0), u64::MAX);
        let counters = world.counters();
        let sample = Sample {
            at: world.now(),
            events: world.events(),
            operations: counters.puts_acknowledged + counters.gets_answered,
            tables: world.tables(),
            resident_kib: memory::kib("VmRSS"),
        };
        told(&sample);
        samples.push(sample);
    }
    let checks = world.checks();
    let broken = checks.iter().find(|check| check.class == CheckClass::Always && !check.ok);
    assert!(broken.is_none(), "{broken:?}");
    samples
}

/// The scenario of a plan, as it would be written into a file.
pub fn scenario(plan: Endurance) -> String {
    let Endurance { nodes, period, periods, clients, keys, think_ms } = plan;
    let until_ms = u64::from(periods) * period.0 / 1_000_000;
    let mut script = Vec::new();
    for hour in 0..u64::from(periods) {
        for (is_cart, reads, deletes) in [(false, 0.5, 0.1), (true, 0.2, 0.0)] {
            let load = json!({
                "clients": clients, "keys": keys, "for_ms": until_ms / u64::from(periods),
                "zipf": 0.8, "think_ms": [think_ms / 3, think_ms],
                "read_fraction": reads, "delete_fraction": deletes, "cart": is_cart,
            });
            let begins_ms = hour * period.0 / 1_000_000;
            script.push(json!({ "at_ms": begins_ms, "workload": load }));
        }
        script.extend(troubles(plan, hour));
    }
    json!({
        "version": 1, "title": "A busy ring for hours", "seed": "endurance",
        "config": {
            "nodes": (0..nodes).map(|at| json!({ "name": name(at) })).collect::<Vec<_>>(),
            "versioning": "dotted", "reap_after_ms": 30_000,
            "partitioning": { "strategy": 3, "partitions": 256 },
            "network": { "loss": 0.001 },
        },
        "script": script, "until_ms": until_ms,
    })
    .to_string()
}

/// What befalls the ring in one period: each trouble ends before the next begins.
fn troubles(plan: Endurance, hour: u64) -> Vec<Value> {
    let whole = plan.period.0 / 1_000_000;
    let begins = hour * whole;
    let rng = &mut Rng::stream(&hour.to_string(), "endurance");
    // Whoever may still leave, but for the first, which is the seed.
    let leaver = 1 + hour as u32;
    let names: Vec<String> = (leaver + 1..plan.nodes).map(name).collect();
    let mut node = || names[rng.index(names.len())].clone();
    let at = |part: u64| begins + whole * part / 12;
    let mut script = Vec::new();
    for (part, disk) in [(1, "keep"), (3, "torn"), (5, "lose"), (7, "keep")] {
        let node = node();
        script.push(json!({ "at_ms": at(part), "crash": { "node": node, "disk": disk } }));
        script.push(json!({ "at_ms": at(part + 1), "restart": { "node": node } }));
    }
    let alone = node();
    let others: Vec<&String> = names.iter().filter(|name| **name != alone).collect();
    script.push(json!({ "at_ms": at(9), "cut": { "from": [alone], "to": others } }));
    script.push(json!({ "at_ms": at(10), "heal": {} }));
    // One that has been there from the beginning leaves, and another comes.
    let newcomer = format!("new-{hour}");
    script.push(json!({ "at_ms": at(10) + 1_000, "join": { "name": newcomer } }));
    script.push(json!({ "at_ms": at(11), "leave": { "node": name(leaver) } }));
    script
}

fn name(node: u32) -> String {
    format!("n{node}")
}

/// The sizes after each hour.
pub fn table(hours: u32, told: impl FnMut(&Sample)) -> Table {
    let samples = measure(Endurance::hours(hours), told);
    Table { json: to_json(&samples), text: to_text(&samples) }
}

fn to_json(samples: &[Sample]) -> Json {
    let sample = |sample: &Sample| {
        let table = |table: &TableSize| {
            object(vec![
                ("name", table.name.as_str().into()),
                ("held", table.held.into()),
                ("max", table.max.into()),
            ])
        };
        object(vec![
            ("hours", (sample.at.as_ms_f64() / 3.6e6).into()),
            ("events", sample.events.into()),
            ("operations", sample.operations.into()),
            ("resident_kib", sample.resident_kib.map_or(Json::Null, Json::from)),
            ("tables", sample.tables.iter().map(table).collect()),
        ])
    };
    object(vec![
        ("experiment", "endurance".into()),
        ("nodes", Endurance::hours(1).nodes.into()),
        ("samples", samples.iter().map(sample).collect()),
    ])
}

fn to_text(samples: &[Sample]) -> String {
    let mut text =
        String::from("How much each table holds after each hour; of nodes the fullest\n\n");
    let mut line = |name: &str, cell: &dyn Fn(&Sample) -> String, max: &str| {
        let _ = write!(text, "{name:<30}");
        samples.iter().for_each(|sample| _ = write!(text, "{:>10}", cell(sample)));
        let _ = writeln!(text, "  {max}");
    };
    line("hours", &|sample| format!("{:.1}", sample.at.as_ms_f64() / 3.6e6), "at most");
    for (at, table) in samples[0].tables.iter().enumerate() {
        let cell = |sample: &Sample| sample.tables[at].held.to_string();
        line(&table.name, &cell, &table.max.to_string());
    }
    let mib = |kib: u64| format!("{} MiB", kib / 1_024);
    line("memory", &|sample| sample.resident_kib.map_or_else(String::new, mib), "");
    line("operations", &|sample| sample.operations.to_string(), "");
    line("events", &|sample| sample.events.to_string(), "");
    text
}
