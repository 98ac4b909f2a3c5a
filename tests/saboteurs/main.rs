//! Faults planted on purpose: each is caught, or `table.md` says honestly that it is not.
//!
//! The swarm plays seed after seed with the fault planted (`src/base/sabotage.rs`) until a check
//! breaks that holds without it. What no seed shows must break a scenario. Who is no longer caught
//! fails. `npm run soak -- saboteurs` writes the table.
#![cfg(not(target_arch = "wasm32"))]

mod hunt;
mod table;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use dynamo_playground::base::sabotage::Fault;
use hunt::{SEEDS_MAX, broken, caught_with, hunt, scenario_with};
use table::{Row, Table};

/// Where the hunt begins, each time for as many seeds as it takes.
const STARTS: [u64; 5] = [0, 10_000, 20_000, 30_000, 40_000];
/// What neither a seed nor a scenario shows, and why.
const UNCAUGHT: &[(Fault, &str)] = &[(
    Fault::SuspicionForEver,
    "nothing: an answer to the next probe ends the suspicion a round later (its unit test fails)",
)];

#[test]
fn every_planted_fault_is_caught() {
    match env::var("SABOTEURS").as_deref() {
        Ok("write") => measure(&|_| true),
        Ok("missing") => measure(&Row::is_missing),
        _ => {}
    }
    let table = Table::read();
    let complaints = side_by_side(|fault| complaint(&table, fault));
    let complaints: Vec<String> = complaints.into_iter().flatten().collect();
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}

/// Measures faults anew and writes each into the table at once: it takes long, and may be stopped.
fn measure(is_wanted: &(impl Fn(&Row) -> bool + Sync)) {
    let table = Mutex::new(Table::read());
    side_by_side(|fault| {
        let locked = || table.lock().expect("nobody panics while holding it");
        if is_wanted(&locked().row(fault)) {
            let row = measured(fault);
            eprintln!("{row}");
            let mut table = locked();
            table.set(row);
            table.write();
        }
    });
}

#[test]
fn without_a_fault_the_seeds_of_the_table_break_nothing() {
    for seed in Table::read().seeds().into_iter().take(60) {
        assert_eq!(broken(None, seed), None, "seed {seed}");
    }
}

/// What is wrong with what the table says of a fault.
fn complaint(table: &Table, fault: Fault) -> Option<String> {
    let row = table.row(fault);
    if row.is_missing() {
        return None;
    }
    let is_excused = UNCAUGHT.iter().any(|&(other, _)| other == fault);
    let is_caught_by = |&seed: &u64| caught_with(fault, seed).is_some();
    if is_excused || row.seeds.iter().any(is_caught_by) {
        return None;
    }
    // Other seeds may show it since the protocol or the swarm has changed.
    if !row.seeds.is_empty() && hunt(fault, 0).is_some() || scenario_with(fault).is_some() {
        return None;
    }
    Some(format!("{fault:?} is caught by no scenario, and by none of {SEEDS_MAX} seeds"))
}

/// Hunts for a fault from each start. Who finds nothing looks at the scenarios.
fn measured(fault: Fault) -> Row {
    let found: Vec<_> = STARTS.into_iter().filter_map(|start| hunt(fault, start)).collect();
    let excuse = UNCAUGHT.iter().find(|(other, _)| *other == fault).map(|&(_, why)| why.to_owned());
    let scenario = || scenario_with(fault).map(|name| format!("scenario {name}"));
    let otherwise = if found.is_empty() { scenario().or(excuse) } else { None };
    Row::of(fault, &found, otherwise)
}

/// Something of every fault, a few at a time, in the order of the faults.
fn side_by_side<T: Send>(of: impl Fn(Fault) -> T + Sync) -> Vec<T> {
    let wished = env::var("RUST_TEST_THREADS").ok().and_then(|text| text.parse().ok());
    let jobs = wished.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((at, &fault)) =
            Fault::ALL.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed))
        {
            let result = of(fault);
            all.lock().expect("nobody panics while holding it").push((at, result));
        }
    };
    thread::scope(|scope| (0..jobs).for_each(|_| _ = scope.spawn(work)));
    let mut all = all.into_inner().expect("nobody panics while holding it");
    all.sort_by_key(|&(at, _)| at);
    all.into_iter().map(|(_, result)| result).collect()
}
