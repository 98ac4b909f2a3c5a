//! `bench`: how fast the two standard workloads run here.

use std::process::ExitCode;
use std::time::{Duration, Instant as RealInstant};

use clap::Args;
use dynamo_playground::base::time::{Instant, Span};
use dynamo_playground::sim::bench::{Counted, KEYS, Played, Workload};
use dynamo_playground::sim::experiment::{Table, memory};
use dynamo_playground::sim::json::{Json, object};

use super::{BAD_INPUT, FAILED, say, shown, write_all, written};

#[derive(Args)]
pub struct BenchArguments {
    /// Print one JSON object and nothing else.
    #[arg(long)]
    json: bool,
    /// How often each is played; the fastest counts, after one that warms up.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// Only this one: w1 is gossip, w2 the store.
    #[arg(long, value_enum)]
    workload: Option<Which>,
    /// Rings of so many nodes, in place of 100 and 1000 (w1), 5 and 50 (w2).
    #[arg(long, value_delimiter = ',', requires = "workload")]
    nodes: Vec<u32>,
    /// Of w2: how many keys there are.
    #[arg(long, default_value_t = KEYS, value_parser = clap::value_parser!(u32).range(1..))]
    keys: u32,
    /// How long each lasts, in virtual seconds, in place of 60 (w1) and 10 (w2).
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=36_000))]
    seconds: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    W1,
    W2,
}

/// The fastest of several runs.
struct Measured {
    nodes: u32,
    digest: u64,
    counted: Counted,
    took: Duration,
    lasts: Span,
    /// Of w2: of how many keys there is a value in the end.
    keys: usize,
    /// More than before the first of the runs was made.
    world_mib: Option<f64>,
    peak_rss_mib: Option<f64>,
}

pub fn bench(arguments: &BenchArguments) -> ExitCode {
    let sizes = |usual: &[u32]| match arguments.nodes.as_slice() {
        [] => usual.to_vec(),
        given => given.to_vec(),
    };
    let all = [
        (Which::W1, Workload::Gossip, sizes(&[100, 1_000])),
        (Which::W2, Workload::Store { keys: arguments.keys }, sizes(&[5, 50])),
    ];
    let mut tables = [Vec::new(), Vec::new()];
    for (which, workload, sizes) in all {
        if arguments.workload.is_some_and(|only| only != which) {
            continue;
        }
        for nodes in sizes {
            match measure(workload, nodes, arguments) {
                Ok(measured) => tables[which as usize].push(measured),
                Err(refusal) => {
                    say(&refusal);
                    return ExitCode::from(BAD_INPUT);
                }
            }
        }
    }
    let violations: u64 = tables.iter().flatten().map(|one| one.counted.violations).sum();
    let table = Table { json: json(&tables), text: text(&tables) };
    let status = written(write_all(shown(&table, arguments.json).as_bytes()));
    if violations > 0 {
        say(&format!("{violations} operations were not what they must be"));
        return ExitCode::from(FAILED);
    }
    status
}

#[expect(clippy::disallowed_methods, reason = "to measure real time is what this is for")]
fn measure(workload: Workload, nodes: u32, arguments: &BenchArguments) -> Result<Measured, String> {
    let lasts = arguments.seconds.map_or(workload.lasts(), |s| Span::from_ms(1_000 * s));
    let setup = workload.setup(nodes, lasts).map_err(|refusal| refusal.to_string())?;
    let mib = |line| memory::kib(line).map(|kib| kib as f64 / 1_024.0);
    memory::forget_peak();
    let before = mib("VmRSS");
    let mut best: Option<(Duration, Counted)> = None;
    let (mut digest, mut keys) = (0, 0);
    for run in 0..=arguments.runs {
        let mut played = Played::new(setup.clone());
        let (began, before) = (RealInstant::now(), on_processor());
        played.run_to(Instant::ZERO + lasts);
        let passed = began.elapsed();
        let had = before.zip(on_processor()).map(|(before, after)| after - before);
        let took = had.filter(|&had| had > TICKS).unwrap_or(passed);
        (digest, keys) = (played.digest(), played.keys_held());
        let is_warm = run > 0;
        if is_warm && best.is_none_or(|(fastest, _)| took < fastest) {
            best = Some((took, played.counted()));
        }
    }
    let (took, counted) = best.expect("it was played once at least");
    let peak_rss_mib = mib("VmHWM");
    Ok(Measured {
        keys,
        world_mib: peak_rss_mib.zip(before).map(|(peak, before)| peak - before),
        nodes,
        digest,
        counted,
        took,
        lasts,
        peak_rss_mib,
    })
}

/// The system counts by ticks: of what is not much longer than some of them it tells too little.
const TICKS: Duration = Duration::from_millis(50);

/// How long this thread has had a processor, where the system tells it: on a machine that others
/// use as well, more time passes.
fn on_processor() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

impl Measured {
    fn ns_per_message(&self) -> f64 {
        self.took.as_nanos() as f64 / self.counted.messages.max(1) as f64
    }

    fn per_second(&self, count: u64) -> f64 {
        count as f64 / self.took.as_secs_f64()
    }

    fn virtual_per_real(&self) -> f64 {
        self.lasts.as_ms_f64() / 1_000.0 / self.took.as_secs_f64()
    }

    fn to_json(&self, which: Which) -> Json {
        let counted = self.counted;
        let mut json = object(vec![
            ("nodes", self.nodes.into()),
            ("digest", format!("{:016x}", self.digest).into()),
            ("messages", counted.messages.into()),
            ("messages_per_second", self.per_second(counted.messages).into()),
            ("ns_per_message", self.ns_per_message().into()),
            ("virtual_per_real", self.virtual_per_real().into()),
            ("peak_rss_mib", self.peak_rss_mib.into()),
            ("world_mib", self.world_mib.into()),
        ]);
        if which == Which::W2 {
            let per_op = counted.messages as f64 / counted.operations.max(1) as f64;
            json.set("operations", counted.operations.into());
            json.set("ops_per_second", self.per_second(counted.operations).into());
            json.set("messages_per_op", per_op.into());
            json.set("violations", counted.violations.into());
            json.set("keys", self.keys.into());
        }
        json
    }
}

fn json([w1, w2]: &[Vec<Measured>; 2]) -> Json {
    let list = |which, all: &[Measured]| all.iter().map(|one| one.to_json(which)).collect();
    object(vec![("w1", list(Which::W1, w1)), ("w2", list(Which::W2, w2))])
}

fn text([w1, w2]: &[Vec<Measured>; 2]) -> String {
    let mut text = String::from(
        "               nodes   messages  ns/message    messages/s  virtual/real       ops/s  \
         msgs/op  peak MiB\n",
    );
    for (name, all) in [("W1 gossip", w1), ("W2 store", w2)] {
        for one in all {
            let counted = one.counted;
            let (ops, per_op) = match counted.operations {
                0 => ("-".into(), "-".into()),
                ops => (
                    format!("{:.0}", one.per_second(ops)),
                    format!("{:.2}", counted.messages as f64 / ops as f64),
                ),
            };
            let peak = one.peak_rss_mib.map_or("-".into(), |peak| format!("{peak:.1}"));
            text += &format!(
                "{name:<11} {:>8} {:>10} {:>11.0} {:>13.0} {:>13.1} {ops:>11} {per_op:>8} \
                 {peak:>9}\n",
                one.nodes,
                counted.messages,
                one.ns_per_message(),
                one.per_second(counted.messages),
                one.virtual_per_real(),
            );
        }
    }
    text
}
