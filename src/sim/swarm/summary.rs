//! Many runs added up: for people as text, for programs as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::sim::json::{Json, object};
use crate::sim::swarm::Verdict;

#[derive(Clone, Debug, Default)]
pub struct Summary {
    runs: u64,
    events: u64,
    counters: BTreeMap<&'static str, u64>,
    commands: BTreeMap<String, u64>,
    /// In how many runs each class of faults was there.
    classes: BTreeMap<&'static str, u64>,
    armed: BTreeMap<&'static str, u64>,
    /// Those that broke something, in the order of their seeds.
    broken: BTreeMap<u64, (&'static str, String)>,
}

impl Summary {
    pub fn add(&mut self, verdict: Verdict) {
        self.runs += 1;
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
        if let Some(broken) = verdict.broken {
            self.broken.insert(verdict.seed, (broken.check, broken.why));
        }
    }

    pub fn broken(&self) -> usize {
        self.broken.len()
    }

    pub fn to_text(&self, took: Duration) -> String {
        let mut text = String::new();
        let seconds = took.as_secs_f64();
        let (runs, events) = (self.runs, self.events);
        let per_second = events as f64 / seconds.max(1e-9);
        let _ = writeln!(
            text,
            "{runs} runs, {events} events in {seconds:.1} s ({per_second:.0} a second)\n"
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
            ("broken", broken.collect()),
        ])
    }
}
