//! The table of saboteurs: `table.md`, written and read back.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use dynamo_playground::base::sabotage::Fault;

use crate::hunt::{Caught, SEEDS_MAX};

const TITLE: &str = "# Planted faults, and what catches them

Written by `npm run soak -- saboteurs`. Each fault of `src/base/sabotage.rs` is planted in the
swarm's runs, seed after seed from 5 starting points, until a check breaks that holds without it.
*Seeds needed* is the median. What no seed shows is planted in the scenarios of `tests/scenarios`.

| planted fault | what it does | paper | caught by | seeds needed | by seeds |
|---|---|---|---|---|---|
";

/// What stands for a number that nobody has found out yet.
const MISSING: &str = "not measured";

pub struct Table {
    rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    fault: String,
    does: String,
    paper: String,
    /// The checks that broke, or why none does.
    by: String,
    needed: String,
    pub seeds: Vec<u64>,
}

impl Row {
    /// What was found of a fault, or else what is to be said.
    pub fn of(fault: Fault, found: &[Caught], otherwise: Option<String>) -> Row {
        let mut checks: Vec<&str> = Vec::new();
        for caught in found {
            if !checks.contains(&&caught.by[..]) {
                checks.push(&caught.by);
            }
        }
        let mut needed: Vec<u64> = found.iter().map(|caught| caught.after).collect();
        needed.sort_unstable();
        let median = needed.get(needed.len() / 2);
        let otherwise = otherwise.unwrap_or_else(|| "nothing".to_owned());
        Row {
            fault: format!("{fault:?}"),
            does: fault.does().to_owned(),
            paper: fault.paper().to_owned(),
            by: if checks.is_empty() { otherwise } else { checks.join(", ") },
            needed: median.map_or_else(|| format!("none of {SEEDS_MAX}"), u64::to_string),
            seeds: found.iter().map(|caught| caught.seed).collect(),
        }
    }

    /// Whether nobody has hunted for it yet.
    pub fn is_missing(&self) -> bool {
        self.needed == MISSING
    }

    fn parse(line: &str) -> Option<Row> {
        let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
        let [fault, does, paper, by, needed, seeds, ""] = cells[..] else { return None };
        let seeds = seeds.split(' ').filter(|seed| !seed.is_empty()).map(str::parse);
        Some(Row {
            fault: fault.to_owned(),
            does: does.to_owned(),
            paper: paper.to_owned(),
            by: by.to_owned(),
            needed: needed.to_owned(),
            seeds: seeds.collect::<Result<_, _>>().ok()?,
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { fault, does, paper, by, needed, seeds } = self;
        let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
        write!(f, "| {fault} | {does} | {paper} | {by} | {needed} | {} |", seeds.join(" "))
    }
}

impl Table {
    fn path() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/saboteurs/table.md")
    }

    /// A row for every fault, in their order; what the file says of others is of the past.
    pub fn read() -> Table {
        let text = fs::read_to_string(Table::path()).unwrap_or_default();
        let known: Vec<Row> = text.lines().filter_map(Row::parse).collect();
        let row = |&fault: &Fault| {
            let found = known.iter().find(|row| row.fault == format!("{fault:?}")).cloned();
            found.unwrap_or_else(|| Row {
                needed: MISSING.to_owned(),
                ..Row::of(fault, &[], Some(String::new()))
            })
        };
        Table { rows: Fault::ALL.iter().map(row).collect() }
    }

    pub fn row(&self, fault: Fault) -> Row {
        self.rows[fault as usize].clone()
    }

    pub fn set(&mut self, row: Row) {
        let at = self.rows.iter().position(|old| old.fault == row.fault);
        self.rows[at.expect("there is a row for every fault")] = row;
    }

    /// All that it names, each once, rising.
    pub fn seeds(&self) -> Vec<u64> {
        let mut seeds: Vec<u64> = self.rows.iter().flat_map(|row| row.seeds.clone()).collect();
        seeds.sort_unstable();
        seeds.dedup();
        seeds
    }

    pub fn write(&self) {
        let rows: String = self.rows.iter().map(|row| format!("{row}\n")).collect();
        fs::write(Table::path(), TITLE.to_owned() + &rows).expect("the table can be written");
    }
}
