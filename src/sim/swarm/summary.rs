//! Many runs added up: for people as text, for programs as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::sim::json::{Json, object};
use crate::sim::swarm::marks::MARKS;
use crate::sim::swarm::verdict::Verdict;

/// In so many runs each check is put to the test, or the swarm fails: one in five.
const ARMED_ONE_IN: u64 = 5;
/// Fewer runs say nothing about how often.
const ARMED_RUNS_MIN: u64 = 200;
/// In so many runs each mark is reached once.
const MARKS_RUNS_MIN: u64 = 1_000;

#[derive(Clone, Debug, Default)]
pub struct Summary {
    runs: u64,
    /// The first and the last of their seeds.
    seeds: Option<(u64, u64)>,
    /// Of those, the ones that ended before their time.
    cut_short: u64,
    events: u64,
    counters: BTreeMap<&'static str, u64>,
    commands: BTreeMap<String, u64>,
    /// In how many runs each class of faults was there.
    classes: BTreeMap<&'static str, u64>,
    armed: BTreeMap<&'static str, u64>,
    /// In how many runs each mark was reached.
    reached: BTreeMap<&'static str, u64>,
    /// Those that broke something, in the order of their seeds.
    broken: BTreeMap<u64, (&'static str, String)>,
}

impl Summary {
    pub fn add(&mut self, verdict: Verdict) {
        self.runs += 1;
        let (first, last) = self.seeds.unwrap_or((verdict.seed, verdict.seed));
        self.seeds = Some((first.min(verdict.seed), last.max(verdict.seed)));
        self.cut_short += u64::from(!verdict.is_over);
        self.events += verdict.events;
        for (name, count) in verdict.counters.iter() {
            *self.counters.entry(name).or_default() += count;
        }
        for class in verdict.classes {
            *self.classes.entry(class).or_default() += 1;
        }
        for (word, count) in verdict.commands {
            *self.commands.entry(word).or_default() += count;
        }
        for (name, is_armed) in verdict.armed {
            *self.armed.entry(name).or_default() += u64::from(is_armed);
        }
        for mark in verdict.reached {
            *self.reached.entry(mark).or_default() += 1;
        }
        if let Some(broken) = verdict.broken {
            self.broken.insert(verdict.seed, (broken.check, broken.why));
        }
    }

    pub fn broken(&self) -> usize {
        self.broken.len()
    }

    /// What the runs did not put to the test often enough, said aloud: checks, then marks. Nothing
    /// is said of runs that are too few, or were cut short.
    pub fn complaints(&self) -> Vec<String> {
        let has = |runs| self.cut_short == 0 && self.runs >= runs;
        let runs = self.runs;
        let rare = |(_, armed): &(_, &u64)| has(ARMED_RUNS_MIN) && **armed * ARMED_ONE_IN < runs;
        let rare = self.armed.iter().filter(rare).map(|(name, armed)| {
            format!("{name} was put to the test in {armed} of {runs} runs: too few")
        });
        let never = |name: &&str| has(MARKS_RUNS_MIN) && !self.reached.contains_key(name);
        let never = MARKS.iter().map(|mark| mark.name).filter(never);
        rare.chain(never.map(|name| format!("{name} was reached in none of {runs} runs"))).collect()
    }

    fn marks(&self) -> impl Iterator<Item = (&'static str, u64, &'static str)> {
        let of = |name| self.reached.get(name).copied().unwrap_or(0);
        MARKS.iter().map(move |mark| (mark.name, of(mark.name), mark.says))
    }

    pub fn to_text(&self, took: Duration) -> String {
        let mut text = String::new();
        let seconds = took.as_secs_f64();
        let (runs, events) = (self.runs, self.events);
        let (first, last) = self.seeds.unwrap_or_default();
        let per_second = events as f64 / seconds.max(1e-9);
        let _ = writeln!(
            text,
            "{runs} runs (seeds {first} to {last}), {events} events in {seconds:.1} s \
             ({per_second:.0} a second)\n"
        );
        let _ = writeln!(text, "Commands");
        for (word, count) in &self.commands {
            let _ = writeln!(text, "{count:>12}  {word}");
        }
        let _ = writeln!(text, "\nClasses of faults, and in how many runs each was there");
        for (name, runs) in &self.classes {
            let _ = writeln!(text, "{runs:>12}  {name}");
        }
        let _ = writeln!(text, "\nCounted");
        for (name, count) in &self.counters {
            let _ = writeln!(text, "{count:>12}  {}", name.replace('_', " "));
        }
        let _ = writeln!(text, "\nChecks, and in how many runs each was put to the test");
        for (name, armed) in &self.armed {
            let _ = writeln!(text, "{armed:>12}  {name}");
        }
        let _ = writeln!(text, "\nRare paths, and how many runs took each");
        for (name, runs, says) in self.marks() {
            let _ = writeln!(text, "{runs:>12}  {name}: {says}");
        }
        if self.runs < MARKS_RUNS_MIN || self.cut_short > 0 {
            let _ = writeln!(
                text,
                "\nJudged by whole runs alone: a check that fewer than one in {ARMED_ONE_IN} of \
                 {ARMED_RUNS_MIN} puts to the test, a path that none of {MARKS_RUNS_MIN} takes"
            );
        }
        for complaint in self.complaints() {
            let _ = writeln!(text, "\n{complaint}");
        }
        for (seed, (check, why)) in &self.broken {
            let _ = writeln!(text, "\nSeed {seed} breaks {check}: {why}");
        }
        text
    }

    pub fn to_json(&self, took: Duration) -> Json {
        fn counts<N: AsRef<str>>(of: &BTreeMap<N, u64>) -> Json {
            object(of.iter().map(|(name, &count)| (name.as_ref(), count.into())).collect())
        }
        let broken = self.broken.iter().map(|(&seed, (check, why))| {
            object(vec![
                ("seed", seed.into()),
                ("check", (*check).into()),
                ("why", why.as_str().into()),
            ])
        });
        object(vec![
            ("runs", self.runs.into()),
            ("events", self.events.into()),
            ("seconds", took.as_secs_f64().into()),
            ("commands", counts(&self.commands)),
            ("classes", counts(&self.classes)),
            ("counters", counts(&self.counters)),
            ("armed", counts(&self.armed)),
            ("marks", object(self.marks().map(|(name, runs, _)| (name, runs.into())).collect())),
            ("complaints", self.complaints().into_iter().map(Json::from).collect()),
            ("broken", broken.collect()),
        ])
    }
}
