//! `swarm` and `replay`: hostile runs from seeds, and one of them again, told.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant as RealInstant;

use clap::Args;
use dynamo_playground::base::time::Instant;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::swarm::summary::Summary;
use dynamo_playground::sim::swarm::verdict::try_seed;
use dynamo_playground::sim::swarm::{draw, judge, shrink};
use dynamo_playground::sim::words;
use dynamo_playground::sim::world::World;

use super::{BAD_INPUT, FAILED, read, say, write_all, written};

/// The most seeds in one call.
const SEEDS_MAX: u64 = 10_000_000;

#[derive(Args)]
pub struct SwarmArguments {
    /// The seeds, from A up to and without B.
    #[arg(long, value_name = "A..B", default_value = "0..100", value_parser = seeds)]
    seeds: Range<u64>,
    /// Runs at a time; as many as there are processors where it is left out.
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// The most events of one run.
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true)]
    events: u64,
    /// Begin no run later than so many seconds after the first.
    #[arg(long)]
    seconds: Option<u64>,
    /// Send every message through the wire format and back.
    #[arg(long)]
    paranoid: bool,
    /// Print one JSON object and nothing else.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct ReplayArguments {
    /// The seed of the run, or a scenario, a JSON file: one of `tests/seeds`, say.
    #[arg(value_name = "SEED | FILE.json")]
    of: String,
    /// Tell every event, messages and timers among them, not only what is worth a sentence.
    #[arg(long)]
    all: bool,
    /// Stop at the event that broke a check, where one did while the run went on.
    #[arg(long)]
    until_break: bool,
    /// Print the scenario instead: `run` plays it.
    #[arg(long, conflicts_with_all = ["all", "until_break"])]
    scenario: bool,
    /// Print the smallest scenario found that still breaks the same check.
    #[arg(long, conflicts_with_all = ["all", "until_break", "scenario"])]
    shrink: bool,
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let allowed = "A..B with A below B, at most ten million seeds";
    let (from, to) = text.split_once("..").ok_or(allowed)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| allowed.to_owned());
    let seeds = number(from)?..number(to)?;
    match seeds.end.checked_sub(seeds.start) {
        Some(1..=SEEDS_MAX) => Ok(seeds),
        _ => Err(allowed.into()),
    }
}

#[expect(clippy::disallowed_methods, reason = "how fast it went is for people; no world sees it")]
pub fn swarm(arguments: &SwarmArguments) -> ExitCode {
    let SwarmArguments { seeds, jobs, events, seconds, paranoid, json } = arguments;
    let jobs = jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let (next, summary) = (AtomicU64::new(seeds.start), Mutex::new(Summary::default()));
    let started = RealInstant::now();
    let work = || {
        loop {
            let is_late = seconds.is_some_and(|most| started.elapsed().as_secs() >= most);
            let seed = if is_late { seeds.end } else { next.fetch_add(1, Ordering::Relaxed) };
            if !seeds.contains(&seed) {
                return;
            }
            let verdict = try_seed(seed, *events, *paranoid);
            if let Some(broken) = &verdict.broken {
                say(&format!("seed {seed} breaks {}: {}", broken.check, broken.why));
                say(&format!("  under {}", draw::knobs(seed)));
                say(&format!("  with {}", verdict.classes.join(", ")));
                say(&format!("  again: dynamo-playground replay {seed} --until-break"));
            }
            summary.lock().expect("no run holds it when it panics").add(verdict);
        }
    };
    thread::scope(|scope| (0..jobs).for_each(|_| _ = scope.spawn(work)));
    let summary = summary.into_inner().expect("no run holds it when it panics");
    let took = started.elapsed();
    let text = match json {
        true => {
            let json = serde_json::to_string(&summary.to_json(took));
            json.expect("it has text for keys and finite numbers") + "\n"
        }
        false => summary.to_text(took),
    };
    let outcome = written(write_all(text.as_bytes()));
    let is_bad = summary.broken() > 0 || !summary.complaints().is_empty();
    if is_bad { ExitCode::from(FAILED) } else { outcome }
}

pub fn replay(arguments: &ReplayArguments) -> ExitCode {
    let (name, text) = match arguments.of.parse() {
        Ok(seed) => (format!("seed {seed}"), Ok(draw::text(seed))),
        Err(_) => (arguments.of.clone(), read(Path::new(&arguments.of))),
    };
    let read = text.and_then(|text| Scenario::parse(&text).map(|scenario| (text, scenario)));
    let (text, scenario) = match read {
        Ok(read) => read,
        Err(refusal) => {
            say(&refusal.to_string());
            return ExitCode::from(BAD_INPUT);
        }
    };
    if arguments.scenario || arguments.shrink {
        let text = if arguments.shrink {
            shrink::shrink(&text, |entries, _| say(&format!("{entries} entries left"))).0
        } else {
            text
        };
        return written(write_all((text + "\n").as_bytes()));
    }
    say(&format!("{name}: {}", scenario.to_json()));
    let world = match told(&scenario, arguments) {
        Ok(world) => world,
        Err(error) => return written(Err(error)),
    };
    match judge::broken(&world) {
        Some(broken) => {
            say(&format!("{name} breaks {}: {}", broken.check, broken.why));
            ExitCode::from(FAILED)
        }
        None => ExitCode::SUCCESS,
    }
}

/// Plays the run and prints its log as it goes.
fn told(scenario: &Scenario, arguments: &ReplayArguments) -> std::io::Result<World> {
    /// Fewer than the log's window holds, whatever an event of the world leads to.
    const SLICE: u64 = 100;
    let setup = scenario.setup();
    let until = setup.until;
    let mut world = World::new(setup);
    let mut next = 0;
    loop {
        let is_over = world.run_to(until, SLICE);
        let mut text = String::new();
        for event in world.log().since(next) {
            let told = words::tell(&world, event);
            if told.is_notable || arguments.all {
                text.push_str(&line(event.id, event.at, &told.text));
            }
        }
        next = world.log().next_id();
        write_all(text.as_bytes())?;
        let is_broken = arguments.until_break && judge::broken_meanwhile(&world).is_some();
        if is_over || is_broken {
            return Ok(world);
        }
    }
}

fn line(event: u64, at: Instant, text: &str) -> String {
    format!("{:>12} ms  #{event:<8} {text}\n", at.to_string())
}
