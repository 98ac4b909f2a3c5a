//! Runs with a fault planted, until one shows it: the swarm's first, then the scenarios.

use std::cell::Cell;
use std::fs;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;

use dynamo_playground::base::sabotage::{Fault, with};
use dynamo_playground::sim::report;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::swarm::{draw, judge, play};

/// The most seeds in one hunt.
pub const SEEDS_MAX: u64 = 1_000;
/// A fault may make a world talk without end: it is looked at after so many events.
const EVENTS_MAX: u64 = 300_000;

/// A seed that showed a fault.
#[derive(Clone, Debug)]
pub struct Caught {
    pub seed: u64,
    /// How many seeds were played, this one among them.
    pub after: u64,
    /// The check that broke.
    pub by: String,
}

/// The first seed from `start` on that shows the fault.
pub fn hunt(fault: Fault, start: u64) -> Option<Caught> {
    (start..start + SEEDS_MAX).find_map(|seed| {
        let by = caught_with(fault, seed)?;
        Some(Caught { seed, after: seed - start + 1, by })
    })
}

/// The check that breaks in this seed's run with the fault, and does not without.
pub fn caught_with(fault: Fault, seed: u64) -> Option<String> {
    let by = broken(Some(fault), seed)?;
    (broken(None, seed).as_ref() != Some(&by)).then_some(by)
}

/// The check that breaks in this seed's run.
pub fn broken(fault: Option<Fault>, seed: u64) -> Option<String> {
    // Only a paranoid world reads its torn journals.
    let is_paranoid = fault == Some(Fault::TornRecordAccepted);
    let run = || {
        let world = play(&draw::scenario(seed), EVENTS_MAX, is_paranoid);
        let is_over = world.now() >= world.setup().until;
        let broken = if is_over { judge::broken(&world) } else { judge::broken_meanwhile(&world) };
        broken.map(|broken| broken.check.to_owned())
    };
    unless_it_panics(fault, run).unwrap_or_else(|| Some("a panic".to_owned()))
}

/// The first scenario of `tests/scenarios` that does not come out as it expects with the fault.
pub fn scenario_with(fault: Fault) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let files = fs::read_dir(folder).expect("the scenarios are there");
    let mut files: Vec<_> =
        files.map(|entry| entry.expect("an entry can be read").path()).collect();
    files.sort();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    let fails = |path: &&std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("a scenario can be read");
        let scenario = Scenario::parse(&text).expect("a committed scenario is good");
        let play = || play(&scenario, EVENTS_MAX, false);
        let world = unless_it_panics(Some(fault), play);
        world.is_none_or(|world| !report::verdict(&world, &scenario).complaints.is_empty())
    };
    let file = files.iter().find(fails)?;
    Some(file.file_stem()?.to_string_lossy().into_owned())
}

/// What a run with the fault comes to; nothing where it panics, which is not said aloud.
fn unless_it_panics<T>(fault: Option<Fault>, run: impl FnOnce() -> T) -> Option<T> {
    thread_local! {
        static IS_QUIET: Cell<bool> = const { Cell::new(false) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            if !IS_QUIET.get() {
                loud(what)
            }
        }));
    });
    IS_QUIET.set(true);
    let result = with(fault, || catch_unwind(AssertUnwindSafe(run))).ok();
    IS_QUIET.set(false);
    result
}
