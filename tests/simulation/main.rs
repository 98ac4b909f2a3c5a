//! Hostile runs from a seed: a safety phase under faults, then heal, then look.
#![cfg(not(target_arch = "wasm32"))]

mod durability;
mod endurance;
mod invariants;
mod load;
mod overload;
mod queues;
mod swarm;
mod why;

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;

use dynamo_playground::base::time::Instant;
use dynamo_playground::data::version::Versioning;
use dynamo_playground::sim::counters::Counters;
use dynamo_playground::sim::oracle::{Check, CheckClass};
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::swarm::judge::{self, Broken};
use dynamo_playground::sim::swarm::{draw, play};
use dynamo_playground::sim::world::World;

/// What came of one hostile run.
struct Run {
    seed: u64,
    versioning: Versioning,
    has_anti_entropy: bool,
    is_converged: bool,
    counters: Counters,
    /// Merkle trees that followed the changes of their records to the end.
    trees: usize,
    reads: Check,
    broken: Option<Broken>,
}

/// So many hostile runs, played once for all tests; `HOSTILE_SEEDS` asks for more.
fn runs() -> &'static [Run] {
    static RUNS: OnceLock<Vec<Run>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let wished = std::env::var("HOSTILE_SEEDS").ok().and_then(|text| text.parse().ok());
        spread(0..wished.unwrap_or(300), played)
    })
}

fn played(seed: u64) -> Run {
    let world = play(&draw::scenario(seed), u64::MAX, true);
    let views = world.nodes().filter_map(|node| world.view(node));
    let trees = views.map(|view| view.trees().len()).sum();
    let is_reads = |check: &Check| check.name == "reads-its-writes";
    Run {
        seed,
        versioning: world.setup().config.versioning,
        has_anti_entropy: world.setup().config.anti_entropy,
        is_converged: world.convergence().is_ok(),
        counters: world.counters().clone(),
        trees,
        reads: world.checks().into_iter().find(is_reads).expect("it is looked at"),
        broken: judge::broken(&world),
    }
}

/// What `play` makes of each seed, by as many threads as there are processors.
fn spread<T: Send>(seeds: Range<u64>, play: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let seeds: Vec<u64> = seeds.collect();
    let jobs = thread::available_parallelism().map_or(1, |jobs| jobs.get());
    let of_part = |part: &[u64]| -> Vec<T> { part.iter().map(|&seed| play(seed)).collect() };
    thread::scope(|scope| {
        let parts = seeds.chunks(seeds.len().div_ceil(jobs).max(1));
        let jobs: Vec<_> = parts.map(|part| scope.spawn(|| of_part(part))).collect();
        jobs.into_iter().flat_map(|job| job.join().expect("no run panics")).collect()
    })
}

#[test]
fn no_run_breaks_what_it_promises() {
    for run in runs() {
        assert_eq!(run.broken, None, "seed {}", run.seed);
    }
}

#[test]
fn dots_lose_nothing_and_keep_nothing_beside_what_replaced_it_and_the_other_ways_do() {
    let mut wrongs = [[0u64; 2]; 4];
    for run in runs().iter().filter(|run| run.counters.disks_rolled_back == 0) {
        let of_mode = &mut wrongs[run.versioning as usize];
        of_mode[0] += run.counters.false_dominance;
        of_mode[1] += run.counters.false_siblings;
    }
    let [plain, record, dotted, last] = wrongs;
    assert_eq!(dotted, [0, 0]);
    let dots = runs().iter().filter(|run| run.versioning == Versioning::Dotted).count();
    assert!(dots * 3 > runs().len(), "{dots} runs had dots");
    assert!(plain[0] > 0 && plain[1] > 0, "plain clocks lose, and when cut divide: {plain:?}");
    assert!(record[1] > 0, "a record's clock keeps what was replaced: {record:?}");
    assert!(last[0] > 0 && last[1] == 0, "the last write leaves one, and loses: {last:?}");
}

#[test]
fn with_r_plus_w_over_n_a_strict_quorum_reads_what_was_written_and_a_sloppy_one_does_not_always() {
    let (held, elsewhere): (Vec<&Run>, Vec<&Run>) =
        runs().iter().partition(|run| run.reads.class == CheckClass::Always);
    let armed = held.iter().filter(|run| run.reads.armed_since.is_some()).count();
    assert!(armed * 20 > runs().len(), "it was put to the test in {armed} runs");
    let missed: u64 = elsewhere.iter().filter_map(|run| run.reads.count).sum();
    assert!(missed > 0, "elsewhere some gets miss what was written");
}

#[test]
fn without_anti_entropy_some_replicas_are_left_as_they_were() {
    let compared = runs().iter().filter(|run| run.has_anti_entropy).count();
    assert!(compared * 2 > runs().len(), "{compared} runs compare their replicas");
    let left = runs().iter().filter(|run| !run.has_anti_entropy && !run.is_converged).count();
    assert!(left > 0);
}

#[test]
fn what_is_rare_happens_in_many_runs() {
    let sum = |of: fn(&Run) -> u64| runs().iter().map(of).sum::<u64>();
    let many = runs().len() as u64 / 10;
    let reaped = sum(|run| run.counters.tombstones_reaped);
    assert!(reaped >= many, "{reaped} tombstones were reaped");
    let rolled_back = sum(|run| run.counters.disks_rolled_back);
    assert!(rolled_back >= many, "{rolled_back} disks were rolled back");
    assert!(sum(|run| run.counters.flushes_torn) > 0, "no flush was torn");
    assert!(sum(|run| run.trees as u64) > 100, "there were trees to look at");
}

#[test]
fn no_seed_that_ever_broke_something_breaks_it_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds");
    let mut played = 0;
    for entry in fs::read_dir(folder).expect("the seeds are there") {
        let path = entry.expect("an entry can be read").path();
        let text = fs::read_to_string(&path).expect("a seed can be read");
        let setup = Scenario::parse(&text).expect("a committed seed is good").setup();
        let mut world = World::without_log(setup.clone()).paranoid();
        world.run_to(setup.until, u64::MAX);
        assert_eq!(judge::broken(&world), None, "{}", path.display());
        played += 1;
    }
    assert!(played > 0);
}

#[test]
fn a_clone_in_the_middle_goes_on_to_the_same_digest() {
    for seed in 0..40 {
        let setup = draw::scenario(seed).setup();
        let mut straight = World::without_log(setup.clone());
        straight.run_to(Instant(setup.until.0 / 3), u64::MAX);
        let mut resumed = straight.clone();
        straight.run_to(setup.until, u64::MAX);
        resumed.run_to(setup.until, u64::MAX);
        assert_eq!(straight.digest(), resumed.digest(), "seed {seed}");
    }
}
