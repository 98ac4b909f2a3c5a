//! What loads measured. Never read by anything that happens.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::histogram::Histogram;
use crate::base::map::Map;
use crate::base::queue::Queue;
use crate::base::time::{Instant, Span};
use crate::sim::json::{Json, object};
use crate::sim::load::FIRST_NUMBER;
use crate::sim::load::cart::CartWatch;
use crate::sim::op::OpRecord;

/// The newest operations of loads that are kept for the eye.
const RECENT_MAX: usize = 2_000;
/// Reads that found so many versions, or more, are counted together.
pub const VERSIONS_TOLD: usize = 4;

#[derive(Clone, Debug, Default)]
pub struct LoadStats {
    pub reads: Histogram,
    pub writes: Histogram,
    pub refused: u64,
    pub timed_out: u64,
    /// Never asked: too much was under way.
    pub dropped: u64,
    /// Reads that found one version, two, three, and more.
    pub versions: [u64; VERSIONS_TOLD],
    pub carts: Map<Key, CartWatch>,
    /// Reads right after a write of the same client that found neither what it wrote nor a version
    /// that covers it.
    pub own_writes_missed: u64,
    pub items_returned: u64,
    pub items_lost: u64,
    /// When the first load began, and when the last of them ends.
    pub period: Option<(Instant, Instant)>,
    recent: Queue<Rc<OpRecord>>,
    /// The number of the oldest of those.
    first_recent: usize,
}

impl LoadStats {
    pub fn on_begun(&mut self, now: Instant, ends: Instant) {
        let (began, last) = self.period.unwrap_or((now, ends));
        self.period = Some((began, last.max(ends)));
    }

    /// Answers in a second of virtual time, so far.
    pub fn per_second(&self, now: Instant) -> f64 {
        let Some((began, ends)) = self.period else { return 0.0 };
        let took = now.min(ends) - began;
        let answered = self.reads.count() + self.writes.count();
        if took == Span::ZERO { 0.0 } else { answered as f64 * 1e9 / took.0 as f64 }
    }

    /// Remembers the next operation, and forgets the oldest when there are many.
    pub fn remember(&mut self, number: usize, record: OpRecord) {
        if self.recent.is_empty() {
            self.first_recent = number;
        }
        if self.recent.len() >= RECENT_MAX {
            self.recent.pop_front();
            self.first_recent += 1;
        }
        self.recent.push_back(Rc::new(record));
    }

    pub fn record(&self, number: usize) -> Option<&OpRecord> {
        let place = number.checked_sub(self.first_recent.max(FIRST_NUMBER))?;
        self.recent.get(place).map(|record| &**record)
    }

    pub fn record_mut(&mut self, number: usize) -> Option<&mut OpRecord> {
        let place = number.checked_sub(self.first_recent.max(FIRST_NUMBER))?;
        self.recent.get_mut(place).map(Rc::make_mut)
    }

    /// What it remembers, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = &OpRecord> {
        self.recent.iter().rev().map(|record| &**record)
    }

    /// As every result shows it; nothing before the first load.
    pub fn to_json(&self, now: Instant) -> Json {
        if self.period.is_none() {
            return Json::Null;
        }
        object(vec![
            ("reads", latencies(&self.reads)),
            ("writes", latencies(&self.writes)),
            ("refused", self.refused.into()),
            ("timed_out", self.timed_out.into()),
            ("dropped", self.dropped.into()),
            ("ops_per_second", self.per_second(now).into()),
            ("versions", self.versions.iter().copied().collect()),
            ("own_writes_missed", self.own_writes_missed.into()),
            ("items_returned", self.items_returned.into()),
            ("items_lost", self.items_lost.into()),
        ])
    }
}

fn latencies(histogram: &Histogram) -> Json {
    let ms = |span: Option<Span>| span.map(Span::as_ms_f64).into();
    object(vec![
        ("count", histogram.count().into()),
        ("mean_ms", ms(histogram.mean())),
        ("p99_ms", ms(histogram.percentile(99_000))),
        ("p999_ms", ms(histogram.percentile(99_900))),
        ("max_ms", ms(histogram.max())),
    ])
}
