//! How many versions readers find (§6.3): shopping carts of few and of many writers, in calm, when
//! nodes crash, and in a ring that is cut in two.

use std::fmt::Write as _;

use crate::sim::experiment::Table;
use crate::sim::json::{Json, object};
use crate::sim::load::stats::VERSIONS_TOLD;
use crate::sim::scenario::Scenario;
use crate::sim::world::World;

/// Of all requests for carts in a day. As printed; they do not add to 100.
const PAPER: [f64; VERSIONS_TOLD] = [99.94, 0.00057, 0.00047, 0.00009];
const LASTS_MS: u32 = 120_000;
/// Requests of one client a second.
const RATE: u32 = 2;
const CLIENTS: u32 = 100;

/// Who writes, and what goes wrong meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub what: &'static str,
    pub carts: u32,
    pub trouble: Trouble,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// A node is down half of the time, each time another.
    Crashes,
    /// The ring is in two halves for ten seconds.
    Cut,
}

/// The same clients with the same requests; the fewer the carts, the more write at once to each.
pub const CASES: [Case; 5] = [
    Case { what: "few writers", carts: 2_000, trouble: Trouble::None },
    Case { what: "few writers, nodes crash", carts: 2_000, trouble: Trouble::Crashes },
    Case { what: "few writers, ring cut", carts: 2_000, trouble: Trouble::Cut },
    Case { what: "many writers", carts: 20, trouble: Trouble::None },
    Case { what: "many writers, nodes crash", carts: 20, trouble: Trouble::Crashes },
];

impl Case {
    /// Reads that found one version, two, three, and more, in percent of those that found any.
    pub fn measure(&self) -> [f64; VERSIONS_TOLD] {
        let Case { carts, trouble, .. } = self;
        let mut script = vec![format!(
            r#"{{ "at_ms": 1000, "workload": {{ "clients": {CLIENTS}, "keys": {carts},
                "cart": true, "ops_per_second": {}, "for_ms": {LASTS_MS} }} }}"#,
            CLIENTS * RATE
        )];
        match trouble {
            Trouble::None => {}
            Trouble::Crashes => script.extend(crashes()),
            Trouble::Cut => script.extend(cut()),
        }
        let text = format!(
            r#"{{ "version": 1, "seed": "divergence", "until_ms": {},
                "config": {{ "nodes": 12, "versioning": "dotted",
                    "network": {{ "latency_ms": [1, 10] }} }},
                "script": [{}] }}"#,
            LASTS_MS + 5_000,
            script.join(",")
        );
        let setup = Scenario::parse(&text).expect("the scenario is good").setup();
        let mut world = World::without_log(setup.clone());
        world.run_to(setup.until, u64::MAX);
        let found = world.load().versions;
        let all: u64 = found.iter().sum();
        found.map(|found| 100.0 * found as f64 / all.max(1) as f64)
    }
}

fn crashes() -> impl Iterator<Item = String> {
    let nodes = (1..12).zip(["A", "C", "E", "G", "I", "K"].into_iter().cycle());
    nodes.flat_map(|(turn, node)| {
        let at = 10_000 * turn;
        [
            format!(r#"{{ "at_ms": {at}, "crash": {{ "node": "{node}" }} }}"#),
            format!(r#"{{ "at_ms": {}, "restart": {{ "node": "{node}" }} }}"#, at + 5_000),
        ]
    })
}

fn cut() -> [String; 2] {
    [
        r#"{ "at_ms": 60000, "cut": { "from": ["A", "B", "C", "D", "E", "F"],
            "to": ["G", "H", "I", "J", "K", "L"] } }"#,
        r#"{ "at_ms": 70000, "heal": {} }"#,
    ]
    .map(str::to_owned)
}

/// What readers find in each case, with the paper's numbers beside it.
pub fn table() -> Table {
    let rows = CASES.map(|case| (case, case.measure()));
    let percent = |found: [f64; VERSIONS_TOLD]| found.into_iter().collect::<Json>();
    let json = object(vec![
        ("experiment", "divergence".into()),
        ("paper", "§6.3".into()),
        (
            "rows",
            rows.iter()
                .map(|(case, found)| {
                    object(vec![
                        ("what", case.what.into()),
                        ("carts", case.carts.into()),
                        ("percent", percent(*found)),
                    ])
                })
                .collect(),
        ),
        ("in_the_paper", percent(PAPER)),
    ]);
    Table { json, text: text(&rows) }
}

fn text(rows: &[(Case, [f64; VERSIONS_TOLD])]) -> String {
    let mut text = format!(
        "How many versions the readers of carts find, in percent: §6.3\n\
         12 nodes, N=3 R=2 W=2; {CLIENTS} clients, {RATE} requests of each a second for {} s. A \
         node that\ncrashes is back after 5 s, when the next one does; \
         a cut ring is in halves for 10 s.\
         \n\n{:<26}   carts       one      two    three     more\n",
        LASTS_MS / 1_000,
        ""
    );
    let line = |text: &mut String, found: [f64; VERSIONS_TOLD]| {
        for percent in found {
            let _ = write!(text, " {percent:>8.4}");
        }
        text.push('\n');
    };
    for (case, found) in rows {
        let _ = write!(text, "{:<26} {:>7} ", case.what, case.carts);
        line(&mut text, *found);
    }
    let _ = write!(text, "{:<34} ", "paper, a day of carts");
    line(&mut text, PAPER);
    text + "\nAs in the paper, what makes versions many is writers who write at once, not nodes \
            that fail:\na hundred times as many writers to a cart make far more siblings, and \
            crashes change little,\nfor a put goes to the same replicas and their stand-ins. Only \
            a ring cut in two, where both\nsides go on writing, comes near.\n"
}
