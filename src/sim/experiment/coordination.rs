//! Table 2: client-driven against server-driven coordination (§6.4), on a ring whose machines take
//! time for what comes.

use std::fmt::Write as _;

use crate::base::histogram::Histogram;
use crate::base::time::{Instant, Span};
use crate::sim::experiment::Table;
use crate::sim::json::{Json, object};
use crate::sim::scenario::Scenario;
use crate::sim::world::World;

/// So many machines, of which a load balancer picks a home of a key one time in ten.
const NODES: u32 = 30;
const CLIENTS: u32 = 120;
/// Enough that requests wait for one another now and then, and no queue grows.
const OPS_PER_SECOND: u32 = 6_000;
const LASTS_MS: u32 = 20_000;

/// Latencies in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    pub mean: f64,
    /// 99.9th percentile.
    pub p999: f64,
}

/// A row of Table 2.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub read: Latency,
    pub write: Latency,
}

/// What the paper measured, server-driven and client-driven.
const PAPER: [Row; 2] = [
    Row { read: Latency { mean: 3.9, p999: 68.9 }, write: Latency { mean: 4.02, p999: 68.5 } },
    Row { read: Latency { mean: 1.55, p999: 30.4 }, write: Latency { mean: 1.9, p999: 30.4 } },
];

/// Measures a ring whose requests are coordinated so: `server` or `client`.
fn measure(coordination: &str) -> Row {
    let text = format!(
        r#"{{ "version": 1, "seed": "table-2", "until_ms": {LASTS_MS},
            "config": {{ "nodes": {NODES}, "coordination": "{coordination}", "service_ms": 0.3,
                "disk_latency_ms": [0.1, 0.5], "network": {{ "latency_ms": [0.2, 0.8] }} }},
            "script": [{{ "at_ms": 0, "workload": {{ "clients": {CLIENTS}, "keys": 2000,
                "zipf": 0.8, "ops_per_second": {OPS_PER_SECOND}, "for_ms": {LASTS_MS} }} }}] }}"#
    );
    let scenario = Scenario::parse(&text).expect("the scenario is good");
    let mut world = World::without_log(scenario.setup());
    world.run_to(Instant::from_ms_f64(LASTS_MS.into()), u64::MAX);
    let of = |times: &Histogram| {
        let ms = |span: Option<Span>| span.unwrap_or_default().as_ms_f64();
        Latency { mean: ms(times.mean()), p999: ms(times.percentile(99_900)) }
    };
    Row { read: of(&world.load().reads), write: of(&world.load().writes) }
}

/// Server-driven, then client-driven: the same ring, keys and clients.
pub fn rows() -> [Row; 2] {
    ["server", "client"].map(measure)
}

/// Table 2, with the paper's numbers beside it.
pub fn table() -> Table {
    let rows = rows();
    let ratios = |[server, client]: [Row; 2]| {
        object(vec![
            ("read_mean", (server.read.mean / client.read.mean).into()),
            ("read_p999", (server.read.p999 / client.read.p999).into()),
            ("write_mean", (server.write.mean / client.write.mean).into()),
            ("write_p999", (server.write.p999 / client.write.p999).into()),
        ])
    };
    let json = object(vec![
        ("experiment", "coordination".into()),
        ("paper", "Table 2".into()),
        ("nodes", NODES.into()),
        ("ops_per_second", OPS_PER_SECOND.into()),
        ("measured", modes(rows)),
        ("ratio", ratios(rows)),
        ("in_the_paper", modes(PAPER)),
        ("ratio_in_the_paper", ratios(PAPER)),
    ]);
    Table { json, text: text(rows) }
}

fn modes([server, client]: [Row; 2]) -> Json {
    let row = |Row { read, write }: Row| {
        object(vec![
            ("read_mean_ms", read.mean.into()),
            ("read_p999_ms", read.p999.into()),
            ("write_mean_ms", write.mean.into()),
            ("write_p999_ms", write.p999.into()),
        ])
    };
    object(vec![("server", row(server)), ("client", row(client))])
}

fn text(rows: [Row; 2]) -> String {
    let mut text = format!(
        "Client-driven and server-driven coordination, in ms: Table 2\n\
         {NODES} nodes, N=3 R=2 W=2, {OPS_PER_SECOND} requests a second, half of them reads;\n\
         0.3 ms of work for each message and request, 0.2 to 0.8 ms of network, 0.1 to 0.5 ms of\n\
         disk\n\n\
         {:>28}99.9th read    write  mean read    write\n",
        ""
    );
    for (whose, [server, client]) in [("here", rows), ("paper", PAPER)] {
        for (mode, row) in [("server-driven", server), ("client-driven", client)] {
            let Row { read, write } = row;
            let _ = writeln!(
                text,
                "{whose:<6} {mode:<20} {:>10.2} {:>8.2} {:>10.2} {:>8.2}",
                read.p999, write.p999, read.mean, write.mean
            );
        }
        let _ = writeln!(
            text,
            "{whose:<6} {:<20} {:>10.2} {:>8.2} {:>10.2} {:>8.2}",
            "the first / the other",
            server.read.p999 / client.read.p999,
            server.write.p999 / client.write.p999,
            server.read.mean / client.read.mean,
            server.write.mean / client.write.mean
        );
    }
    text + "\nHere a client chooses a home of the key, which coordinates, and its own link takes \
            no time.\nIn the paper it reads from the replicas itself, so a read saves more.\n"
}
