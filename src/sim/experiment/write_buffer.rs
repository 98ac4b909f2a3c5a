//! Figure 5: a buffer in memory trades durability for the 99.9th percentile of writes (§6.1). Each
//! ring is played twice: once at peak traffic, and once until its power fails.

use std::fmt::Write as _;

use crate::base::time::{Instant, Span};
use crate::sim::experiment::Table;
use crate::sim::json::{Json, object};
use crate::sim::op::Outcome;
use crate::sim::scenario::Scenario;
use crate::sim::world::World;

const NODES: u32 = 6;
/// Many flushes gather the writes of several calls then, and calls wait for two of them.
const OPS_PER_SECOND: u32 = 400;
const LASTS_MS: u32 = 40_000;
/// So many puts, one each 2 ms, are acknowledged or under way when the power fails.
const PUTS: u32 = 300;
/// The paper's buffer, and smaller ones.
const OBJECTS: [u32; 4] = [0, 10, 100, 1_000];

/// A ring whose nodes gather so many writes in memory before they flush.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub objects: u32,
    pub is_durable: bool,
    pub mean_ms: f64,
    /// 99.9th percentile.
    pub p999_ms: f64,
    /// Puts that were acknowledged before all machines failed at once.
    pub acknowledged: usize,
    /// Those of them that nobody has after the restart.
    pub lost: usize,
}

impl Row {
    fn measure(objects: u32, is_durable: bool) -> Row {
        let peak = played(objects, is_durable, &workload(), LASTS_MS + 2_000);
        let writes = &peak.load().writes;
        let ms = |span: Option<Span>| span.unwrap_or_default().as_ms_f64();
        let (mean_ms, p999_ms) = (ms(writes.mean()), ms(writes.percentile(99_900)));
        let (acknowledged, lost) = outage(objects, is_durable);
        Row { objects, is_durable, mean_ms, p999_ms, acknowledged, lost }
    }

    fn to_json(self) -> Json {
        object(vec![
            ("objects", self.objects.into()),
            ("durable_replica", self.is_durable.into()),
            ("write_mean_ms", self.mean_ms.into()),
            ("write_p999_ms", self.p999_ms.into()),
            ("acknowledged", self.acknowledged.into()),
            ("lost", self.lost.into()),
        ])
    }
}

fn workload() -> String {
    format!(
        r#"{{ "at_ms": 0, "workload": {{ "clients": 40, "keys": 400,
            "ops_per_second": {OPS_PER_SECOND}, "for_ms": {LASTS_MS} }} }}"#
    )
}

fn played(objects: u32, is_durable: bool, script: &str, until_ms: u32) -> World {
    let text = format!(
        r#"{{ "version": 1, "seed": "figure-5", "until_ms": {until_ms},
            "config": {{ "nodes": {NODES}, "disk_latency_ms": [2, 20], "write_buffer": {objects},
                "durable_replica": {is_durable}, "network": {{ "latency_ms": [0.5, 2] }} }},
            "script": [{script}] }}"#
    );
    let scenario = Scenario::parse(&text).expect("the scenario is good");
    let mut world = World::without_log(scenario.setup());
    world.run_to(Instant::from_ms_f64(until_ms.into()), u64::MAX);
    world
}

/// All machines fail at once, and start again: how many puts were acknowledged, and how many of
/// those a get of every copy does not find.
fn outage(objects: u32, is_durable: bool) -> (usize, usize) {
    let mut script = Vec::new();
    for put in 0..PUTS {
        let at = 1_000 + 2 * put;
        script.push(format!(
            r#"{{ "at_ms": {at}, "put": {{ "as": "p{put}", "key": "k{put}", "value": "v" }} }}"#
        ));
        script.push(format!(
            r#"{{ "at_ms": 20000, "get": {{ "as": "g{put}", "key": "k{put}", "r": 3 }} }}"#
        ));
    }
    let fails = 1_000 + 2 * PUTS;
    for node in ["A", "B", "C", "D", "E", "F"] {
        let back = fails + 1_000;
        script.push(format!(r#"{{ "at_ms": {fails}, "crash": {{ "node": "{node}" }} }}"#));
        script.push(format!(r#"{{ "at_ms": {back}, "restart": {{ "node": "{node}" }} }}"#));
    }
    let world = played(objects, is_durable, &script.join(","), 25_000);
    let is_well = |name: String| world.op(&name).is_some_and(|op| op.outcome == Outcome::Ok);
    let acknowledged: Vec<u32> = (0..PUTS).filter(|put| is_well(format!("p{put}"))).collect();
    let is_gone = |put: &&u32| {
        let get = world.op(&format!("g{put}")).filter(|get| get.outcome == Outcome::Ok);
        get.expect("everybody is back").versions.is_empty()
    };
    (acknowledged.len(), acknowledged.iter().filter(is_gone).count())
}

/// The sizes of the buffer, and then the largest with a durable replica.
pub fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = OBJECTS.map(|objects| Row::measure(objects, false)).into();
    rows.push(Row::measure(1_000, true));
    rows
}

/// Figure 5 as a table.
pub fn table() -> Table {
    let rows = rows();
    let json = object(vec![
        ("experiment", "write-buffer".into()),
        ("paper", "Figure 5".into()),
        ("nodes", NODES.into()),
        ("ops_per_second", OPS_PER_SECOND.into()),
        ("rows", rows.iter().map(|row| row.to_json()).collect()),
        ("ratio_p999", (rows[0].p999_ms / rows[3].p999_ms).into()),
        ("ratio_in_the_paper", 5.0.into()),
    ]);
    Table { json, text: text(&rows) }
}

fn text(rows: &[Row]) -> String {
    let mut text = format!(
        "A write buffer against none: Figure 5\n\
         {NODES} nodes, N=3 R=2 W=2, {OPS_PER_SECOND} requests a second, half of them writes; a \
         flush takes\n2 to 20 ms. Then all machines fail at once, in the midst of {PUTS} puts.\n\n\
         objects  durable replica  mean write  99.9th     acknowledged, and then lost\n"
    );
    for row in rows {
        let durable = if row.is_durable { "yes" } else { "no" };
        let _ = writeln!(
            text,
            "{:>7}  {durable:<15} {:>8.2} ms {:>7.2} ms {:>10} {:>10}",
            row.objects, row.mean_ms, row.p999_ms, row.acknowledged, row.lost
        );
    }
    let ratio = rows[0].p999_ms / rows[3].p999_ms;
    let _ = writeln!(
        text,
        "\nA thousand objects lower the 99.9th percentile {ratio:.1} times (in the paper 5 times). \
         What a buffer\ncosts is what it held when the power failed. The durable replica buys it \
         back, but for the puts of\nthe last milliseconds: a client waits for W answers, not for \
         that one's."
    );
    text
}
