//! `run FILE.json`: plays a scenario and says what came of it.
//!
//! Exit status: 0 when all that was expected came true, 1 when something did not, 2 when the input
//! was bad.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant as RealInstant};

use clap::{Parser, Subcommand};
use dynamo_playground::sim::experiment::{self, Table};
use dynamo_playground::sim::report::{self, Report};
use dynamo_playground::sim::scenario::{BadInput, Scenario};
use dynamo_playground::sim::world::World;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Amazon's Dynamo (SOSP 2007) as a playground: whole rings in virtual time.
#[derive(Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Play a scenario and report what came of it.
    #[command(after_help = "\
Exit status:
  0  every expect and every invariant that always holds held
  1  one did not: which, when and why is on standard error
  2  the input was bad: path, found and allowed are on standard error

Examples:
  dynamo-playground run tests/scenarios/story.json
  dynamo-playground run tests/scenarios/story.json --json | jq .ops
  cat my.json | dynamo-playground run -")]
    Run {
        /// The scenario, a JSON file; - reads standard input.
        #[arg(value_name = "FILE.json")]
        file: PathBuf,
        /// Print the result as one JSON object and nothing else.
        #[arg(long)]
        json: bool,
        /// Send every message through the wire format and back: slower, with the same result.
        #[arg(long)]
        paranoid: bool,
    },
    /// Play hostile runs drawn from seeds, and hold each to all that is promised.
    Swarm(swarm::SwarmArguments),
    /// Play the run of one seed again, and tell what happens in it.
    Replay(swarm::ReplayArguments),
    /// Measure how fast the two standard workloads run.
    Bench(bench::BenchArguments),
    /// Make a table of the paper anew.
    Experiment {
        name: Experiment,
        /// Print one JSON object and nothing else.
        #[arg(long)]
        json: bool,
        /// Of partitioning: how many random rings each point is the mean of, at most.
        #[arg(long, default_value_t = 1_000, value_parser = rings())]
        rings: u32,
        /// Of endurance: how many hours are played.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10))]
        hours: u32,
    },
}

fn rings() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=10_000)
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Experiment {
    /// Figure 8, how evenly the three strategies of §6.2 spread the load.
    Partitioning,
    /// What a ring serves, by the number of its machines.
    Throughput,
    /// Table 2, coordination by clients against coordination by servers.
    Coordination,
    /// Figure 5, what a write buffer gains and what it may lose.
    WriteBuffer,
    /// How many versions readers find (§6.3), and what makes them many.
    Divergence,
    /// How much every table holds, hour by hour, in a busy ring of thirty nodes.
    Endurance,
}

mod bench;
mod swarm;

const FAILED: u8 = 1;
const BAD_INPUT: u8 = 2;

pub fn main() -> ExitCode {
    match Arguments::parse().verb {
        Verb::Bench(arguments) => bench::bench(&arguments),
        Verb::Swarm(arguments) => swarm::swarm(&arguments),
        Verb::Replay(arguments) => swarm::replay(&arguments),
        Verb::Run { file, json, paranoid } => run(&file, json, paranoid),
        Verb::Experiment { name, json, rings, hours } => {
            let table = match name {
                Experiment::Partitioning => experiment::partitioning::table(rings),
                Experiment::Throughput => experiment::throughput::table(),
                Experiment::Coordination => experiment::coordination::table(),
                Experiment::WriteBuffer => experiment::write_buffer::table(),
                Experiment::Divergence => experiment::divergence::table(),
                Experiment::Endurance => experiment::endurance::table(hours, |sample| {
                    let hours = sample.at.as_ms_f64() / 3.6e6;
                    say(&format!("{hours:.1} hours, {} events", sample.events));
                }),
            };
            written(write_all(shown(&table, json).as_bytes()))
        }
    }
}

fn shown(table: &Table, json: bool) -> String {
    match json {
        true => {
            let json = serde_json::to_string(&table.json);
            json.expect("it has text for keys and finite numbers") + "\n"
        }
        false => table.text.clone(),
    }
}

/// What was written tells how it went: whoever reads may have had enough, or the disk.
fn written(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("the result could not be written: {error}"));
            ExitCode::from(FAILED)
        }
    }
}

fn write_all(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // Whoever reads has had enough, as `head` has: that is no failure.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn run(file: &Path, json: bool, paranoid: bool) -> ExitCode {
    let scenario = match read(file).and_then(|text| Scenario::parse(&text)) {
        Ok(scenario) => scenario,
        Err(refusal) => {
            say(&refusal.to_string());
            return ExitCode::from(BAD_INPUT);
        }
    };
    let world = play(&scenario, paranoid);
    if let Err(error) = print(&world, &scenario, json) {
        say(&format!("the result could not be written: {error}"));
        return ExitCode::from(FAILED);
    }
    let verdict = report::verdict(&world, &scenario);
    verdict.complaints.iter().for_each(|complaint| say(complaint));
    if verdict.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
}

fn read(file: &Path) -> Result<String, BadInput> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    let name = file.display().to_string();
    let bytes = bytes.map_err(|error| {
        BadInput::new(&name, error.to_string(), "a readable file, or - for standard input")
    })?;
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        BadInput::new(&name, format!("a byte at {at} that is no UTF-8"), "JSON in UTF-8")
    })?;
    // Some editors begin a file with a byte-order mark, which is no JSON.
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// Plays to the end, in slices, so that a person can be shown how far it is.
fn play(scenario: &Scenario, is_paranoid: bool) -> World {
    const SLICE: u64 = 50_000;
    let setup = scenario.setup();
    let until = setup.until;
    let mut world = World::without_log(setup);
    if is_paranoid {
        world = world.paranoid();
    }
    let mut progress = Progress::new(until.as_ms_f64());
    while !world.run_to(until, SLICE) {
        progress.show(world.now().as_ms_f64(), world.events());
    }
    progress.end();
    world
}

/// A bar on standard error, where that is a terminal and the run takes long enough to wonder.
struct Progress {
    started: RealInstant,
    until_ms: f64,
    bar: Option<ProgressBar>,
}

const PATIENCE: Duration = Duration::from_millis(700);

impl Progress {
    #[expect(clippy::disallowed_methods, reason = "a person waits in real time; no world sees it")]
    fn new(until_ms: f64) -> Progress {
        Progress { started: RealInstant::now(), until_ms, bar: None }
    }

    fn show(&mut self, now_ms: f64, events: u64) {
        if self.started.elapsed() < PATIENCE || !io::stderr().is_terminal() {
            return;
        }
        let until_ms = self.until_ms;
        let bar = self.bar.get_or_insert_with(|| {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let style = ProgressStyle::with_template("{bar:40} {msg}, {eta} left")
                .expect("the template is fixed");
            ProgressBar::with_draw_target(Some(until_ms as u64), target).with_style(style)
        });
        bar.set_position(now_ms as u64);
        bar.set_message(format!("{now_ms:.0} of {until_ms:.0} ms, {events} events"));
    }

    fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn print(world: &World, scenario: &Scenario, json: bool) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = if json {
        serde_json::to_writer(&mut out, &Report::new(world))
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out))
    } else {
        out.write_all(report::text(world, scenario).as_bytes())
    };
    match written.and_then(|()| out.flush()) {
        // Whoever reads has had enough, as `head` has: that is no failure of the run.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A line on standard error, which may be closed too.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
