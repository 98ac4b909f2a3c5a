//! The result for people, and the verdict that the exit status says.

use std::fmt::Write as _;

use super::blame::blame;
use super::json::{class_word, in_list_order, outcome_word, state_word};
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::time::Span;
use crate::data::version::Version;
use crate::sim::expect::shown;
use crate::sim::op::{OpRecord, Outcome};
use crate::sim::oracle::{Check, CheckClass};
use crate::sim::scenario::Scenario;
use crate::sim::world::World;

/// Rows of a table that a person reads; the rest is counted.
const ROWS: usize = 30;

/// Whether all that was expected came true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What did not hold: which, when, and the first event that broke it. Empty when all is well.
    pub complaints: Vec<String>,
}

impl Verdict {
    pub fn is_ok(&self) -> bool {
        self.complaints.is_empty()
    }
}

/// All `expect`s, and all invariants that hold always.
pub fn verdict(world: &World, scenario: &Scenario) -> Verdict {
    let expects = world.expects().iter().filter(|expected| !expected.ok).map(|expected| {
        let (path, at_ms) = (scenario.path_of(expected.index), expected.at.as_ms_f64());
        let (why, event) = (&expected.why, expected.event);
        let blame = blame(world.setup(), expected, world.events());
        format!("{path}.expect failed at {at_ms} ms, after event {event}: {why}{blame}")
    });
    let checks = world.checks();
    let invariants = checks.iter().filter(|check| is_broken(check)).map(|check| {
        let what = match &check.broken {
            None => String::new(),
            Some(broken) => {
                let at_ms = broken.at.as_ms_f64();
                format!(" at {at_ms} ms, by event {}: {}", broken.event, broken.what)
            }
        };
        format!("invariant {} ({}) was broken{what}", check.name, check.paper)
    });
    Verdict { complaints: expects.chain(invariants).gather() }
}

fn is_broken(check: &Check) -> bool {
    check.class == CheckClass::Always && !check.ok
}

/// The whole report as text.
pub fn text(world: &World, scenario: &Scenario) -> String {
    let mut out = String::new();
    head(&mut out, world);
    operations(&mut out, world);
    nodes(&mut out, world);
    load(&mut out, world);
    counters(&mut out, world);
    invariants(&mut out, world);
    expects(&mut out, world, scenario);
    out
}

/// Writing to text cannot fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($part:tt)+) => {{
        let _ = writeln!($out, $($part)+);
    }};
}

fn head(out: &mut String, world: &World) {
    let setup = world.setup();
    if !setup.title.is_empty() {
        line!(out, "{}\n", setup.title);
    }
    let config = &setup.config;
    line!(
        out,
        "seed {:?} · {} nodes · N={} R={} W={} · {} partitions",
        setup.seed,
        world.node_count(),
        config.n,
        config.r,
        config.w,
        world.ring().partition_count()
    );
    let (now, events) = (world.now().as_ms_f64(), world.events());
    line!(out, "digest {:016x} after {now} ms and {events} events", world.digest());
}

fn operations(out: &mut String, world: &World) {
    let ops = world.ops();
    if ops.is_empty() {
        return;
    }
    line!(out, "\nOperations");
    for op in ops.iter().take(ROWS) {
        let verb = op.kind.word();
        let started = op.started.as_ms_f64();
        let key = shown(op.key.bytes());
        line!(out, "  {:<6} {started:>10} ms  {verb} {key}: {}", op.name, ending(world, op));
    }
    more(out, ops.len());
}

fn ending(world: &World, op: &OpRecord) -> String {
    let setup = world.setup();
    let took = op
        .finished
        .map_or(String::new(), |at| format!(" after {} ms", (at - op.started).as_ms_f64()));
    let by = op.coordinator.map_or(String::new(), |node| format!(" by {}", setup.name(node)));
    let word = outcome_word(&op.outcome);
    match &op.outcome {
        Outcome::Pending => "no answer yet".into(),
        Outcome::Refused(why) | Outcome::Timeout(why) => format!("{word}{took}: {why}"),
        Outcome::Ok => {
            let value = |version: &Version| match version.content.is_tombstone {
                true => "a tombstone".into(),
                false => shown(&version.content.value),
            };
            let values: Vec<String> = op.versions.iter().map(value).gather();
            let values = if values.is_empty() { "nothing".into() } else { values.join(" | ") };
            let replicas: Vec<String> = in_list_order(world, op)
                .into_iter()
                .map(|acknowledged| {
                    let name = setup.name(acknowledged.replica.node);
                    match acknowledged.replica.stands_in_for {
                        None => name.to_owned(),
                        Some(whom) => format!("{name} (for {})", setup.name(whom)),
                    }
                })
                .gather();
            format!("{word}{by}{took}: {values} · {}", replicas.join(", "))
        }
    }
}

fn nodes(out: &mut String, world: &World) {
    line!(out, "\nNodes");
    for node in (0..world.node_count() as u32).map(NodeId).take(ROWS) {
        let setup = world.setup();
        let suspects = world.suspects(node);
        let mut names: Vec<&str> = suspects.iter().map(|&other| setup.name(other)).gather();
        names.sort_unstable();
        let suspects = match names.len() {
            0 => String::new(),
            1..=8 => format!(", suspects {}", names.join(" ")),
            many => format!(", suspects {many} nodes"),
        };
        line!(
            out,
            "  {:<6} {:<8} {} keys, {} hints{suspects}",
            setup.name(node),
            state_word(world.machine_state(node)),
            world.replicas(node).len(),
            world.hints(node).len()
        );
    }
    more(out, world.node_count());
}

fn load(out: &mut String, world: &World) {
    let stats = world.load();
    if stats.period.is_none() {
        return;
    }
    line!(out, "\nLoad           count    mean ms     99% ms   99.9% ms     max ms");
    for (name, histogram) in [("reads", &stats.reads), ("writes", &stats.writes)] {
        let ms = |span: Option<Span>| span.unwrap_or_default().as_ms_f64();
        let (count, mean) = (histogram.count(), ms(histogram.mean()));
        let (p99, p999) = (ms(histogram.percentile(99_000)), ms(histogram.percentile(99_900)));
        let max = ms(histogram.max());
        line!(out, "  {name:<8} {count:>9} {mean:>10.3} {p99:>10.3} {p999:>10.3} {max:>10.3}");
    }
    let (per_second, refused) = (stats.per_second(world.now()), stats.refused);
    let (late, dropped) = (stats.timed_out, stats.dropped);
    line!(out, "  {per_second:.1}/s, {refused} refused, {late} timed out, {dropped} dropped");
    let [one, two, three, more] = stats.versions;
    line!(out, "  reads that found one version {one}, two {two}, three {three}, more {more}");
    if stats.own_writes_missed > 0 {
        let missed = stats.own_writes_missed;
        line!(out, "  reads that missed what their client had just written: {missed}");
    }
    let (returned, lost) = (stats.items_returned, stats.items_lost);
    if !stats.carts.is_empty() {
        line!(out, "  items of carts: {returned} deleted and back, {lost} gone undeleted");
    }
}

fn counters(out: &mut String, world: &World) {
    line!(out, "\nCounters");
    for (name, count) in world.counters().iter().filter(|&(_, count)| count > 0) {
        line!(out, "  {count:>10}  {}", name.replace('_', " "));
    }
}

fn invariants(out: &mut String, world: &World) {
    line!(out, "\nInvariants");
    for check in world.checks() {
        let state = match (check.class, check.ok, check.armed_since) {
            (CheckClass::NotPromised, ..) => "counted",
            (_, false, _) if check.class == CheckClass::Eventually => "not yet",
            (_, false, _) => "BROKEN",
            (_, true, None) => "unproved",
            (_, true, Some(_)) => "holds",
        };
        let since = check
            .armed_since
            .map_or(String::new(), |at| format!(", put to the test since {} ms", at.as_ms_f64()));
        let count = check.count.map_or(String::new(), |count| format!(": {count}"));
        let (name, class, paper) = (check.name, class_word(check.class), check.paper);
        line!(out, "  {state:<9} {name} ({class}, {paper}){count}{since}");
    }
}

fn expects(out: &mut String, world: &World, scenario: &Scenario) {
    if world.expects().is_empty() {
        return;
    }
    line!(out, "\nExpectations");
    for expected in world.expects() {
        let mark = if expected.ok { "holds" } else { "FAILS" };
        let (path, at_ms) = (scenario.path_of(expected.index), expected.at.as_ms_f64());
        let why = expected.why.replace("; ", ";\n                       ");
        line!(out, "  {mark}  {at_ms:>10} ms  {path}: {why}");
    }
    let held = world.expects().iter().filter(|expected| expected.ok).count();
    line!(out, "\n{held} of {} expectations hold", world.expects().len());
}

fn more(out: &mut String, total: usize) {
    if total > ROWS {
        line!(out, "  … and {} more (--json has them all)", total - ROWS);
    }
}
