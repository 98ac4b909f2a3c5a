//! What must hold, what will hold, and what nobody promised (three honest classes).
//!
//! The oracle watches clients and disks; no node ever sees it. Each check says since when it is
//! armed: before that it has proved nothing.

use std::sync::Arc;

use crate::base::blob::Key;
use crate::base::map::Map;
use crate::base::time::Instant;
use crate::data::version::{Causality, Clock, Content, Dot, Siblings, Version, Versioning};
use crate::protocol::config::{Config, QuorumRule};
use crate::protocol::message::{Stored, Write};
use crate::sim::causality::{Causality as TrueCausality, Shown, Wrongs};
use crate::sim::disk::Disk;

/// How a check is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckClass {
    /// Broken once is broken for good.
    Always,
    /// Armed by a heal; waits until it holds.
    Eventually,
    /// Counted, never a failure.
    NotPromised,
}

#[derive(Clone, Debug)]
pub struct Check {
    pub name: &'static str,
    pub class: CheckClass,
    /// The section of the paper it comes from.
    pub paper: &'static str,
    /// None: it has not been put to the test yet.
    pub armed_since: Option<Instant>,
    pub ok: bool,
    /// How often, where that is what it says.
    pub count: Option<u64>,
    pub broken: Option<Broken>,
}

/// The first event after which an *always* did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub at: Instant,
    pub event: u64,
    pub what: String,
}

#[derive(Clone, Debug, Default)]
pub struct Oracle {
    versioning: Versioning,
    quorum: QuorumRule,
    n: usize,
    truth: TrueCausality,
    false_dominance: Option<Broken>,
    false_siblings: Option<Broken>,
    /// Whether some clock has lost entries: then a record's clock no longer tells what it covers.
    is_cut: bool,
    /// Acknowledged versions that no later acknowledged version covers.
    acknowledged: Map<Key, Vec<Acknowledged>>,
    first_acknowledged: Option<Instant>,
    /// Somebody has joined or left.
    is_membership_changed: bool,
    /// The fewest that ever belonged to the ring.
    members_min: Option<usize>,
    is_clock_moved: bool,
    /// The first get whose R met the W of what it was owed, while that promised something.
    first_overlap: Option<Instant>,
    /// Gets that missed what was acknowledged before they began, although R+W>N.
    missed: u64,
    missed_write: Option<Broken>,
    /// When disks were lost.
    disks_lost: Vec<Instant>,
    /// Whether a disk was put back to what it had been: then counters may be issued twice, and what
    /// was promised since is forgotten.
    is_rolled_back: bool,
    /// Whether a crash took writes that had been answered before they were durable.
    is_buffer_lost: bool,
    /// Values that were written under a counter that was taken, since then.
    reused_dots: u64,
    /// Every dot that a client was told of, with what it names.
    dots: Map<(Key, Dot), Arc<Content>>,
    /// Deletes that were forgotten, with the clocks of their tombstones.
    reaped: Map<Key, Vec<Acknowledged>>,
    first_reaped: Option<Instant>,
    risen: Option<Broken>,
    lost_write: Option<Broken>,
    reused_dot: Option<Broken>,
    broken_antichain: Option<Broken>,
}

#[derive(Clone, Debug)]
struct Acknowledged {
    version: Version,
    /// Disks lost since then may have been the ones it was written on.
    asked_at: Instant,
    at: Instant,
    /// On how many disks it was written.
    copies: usize,
}

/// A get that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Read<'r> {
    pub began: Instant,
    pub r: usize,
    /// Of the context it gave.
    pub clock: &'r Clock,
}

/// Where in the run a check was made.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub at: Instant,
    pub event: u64,
}

const READS: &str = "reads-its-writes";
const DELETED: &str = "what-was-deleted-stays-deleted";

impl Oracle {
    pub fn new(config: &Config) -> Oracle {
        let &Config { versioning, quorum, n, .. } = config;
        Oracle { versioning, quorum, n, ..Oracle::default() }
    }

    /// A client heard that this version, asked for at `asked_at`, is written on W disks.
    pub fn on_acknowledged(
        &mut self,
        moment: Moment,
        asked_at: Instant,
        key: &Key,
        version: &Version,
        w: usize,
    ) {
        self.first_acknowledged.get_or_insert(moment.at);
        let of_key = self.acknowledged.or_insert_with(key.clone(), Vec::new);
        let covers = |one: &Version, other: &Version| {
            let stands = self.versioning.compare(one, other);
            matches!(stands, Causality::Equal | Causality::After)
        };
        of_key.retain(|old| !covers(version, &old.version));
        if of_key.iter().all(|other| !covers(&other.version, version)) {
            let version = version.clone();
            of_key.push(Acknowledged { version, asked_at, at: moment.at, copies: w });
        }
    }

    /// A coordinator made a version of a put whose client had been shown this.
    pub fn on_made(&mut self, key: &Key, dot: Dot, shown: Shown<'_>) {
        self.truth.on_made(key, dot, shown);
    }

    /// It keeps the version that it made, or what took its place at once.
    pub fn on_kept(&mut self, key: &Key, dot: Dot, held: &Siblings) {
        self.truth.on_kept(key, dot, held);
    }

    pub fn on_write(&mut self, before: &Stored, write: &Write) {
        self.truth.on_write(before, write);
    }

    /// What clocks got wrong so far. Dots promise that it stays nothing.
    pub fn wrongs(&mut self, moment: Moment) -> Wrongs {
        let wrongs = self.truth.wrongs();
        let Moment { at, event } = moment;
        if self.is_rolled_back {
            return wrongs;
        }
        if wrongs.false_dominance > 0 && self.false_dominance.is_none() {
            let what = "a version vanished that nothing left there descends from".into();
            self.false_dominance = Some(Broken { at, event, what });
        }
        if wrongs.false_siblings > 0 && self.false_siblings.is_none() {
            let what = "a version stays beside one that descends from it".into();
            self.false_siblings = Some(Broken { at, event, what });
        }
        wrongs
    }

    pub fn on_cut(&mut self) {
        self.is_cut = true;
    }

    /// A version was made under its dot.
    pub fn on_dot(&mut self, moment: Moment, key: &Key, version: &Version) {
        let dot = (key.clone(), version.dot);
        let known = self.dots.or_insert_with(dot, || version.content.clone());
        if *known == version.content {
            return;
        }
        if self.is_rolled_back {
            self.reused_dots += 1;
        } else if self.reused_dot.is_none() {
            let what = format!("two values of {key:?} were written under one counter");
            self.reused_dot = Some(Broken { at: moment.at, event: moment.event, what });
        }
    }

    /// The last tombstone of a key is gone: what its clock covers was deleted, and is to stay so.
    pub fn on_reaped(&mut self, at: Instant, key: &Key, clock: &Clock) {
        self.first_reaped.get_or_insert(at);
        let version = Version::new(clock.clone(), Arc::new(Content::tombstone()));
        let forgotten = Acknowledged { version, asked_at: at, at, copies: 0 };
        if let Some(of_key) = self.acknowledged.get_mut(key) {
            of_key.retain(|owed| !self.versioning.has_seen(clock, &owed.version));
        }
        let of_key = self.reaped.or_insert_with(key.clone(), Vec::new);
        of_key.retain(|older| !clock.covers(&older.version.clock));
        of_key.push(forgotten);
    }

    /// Looks at one disk for values that were deleted, and whose tombstones are forgotten.
    pub fn check_risen(&mut self, moment: Moment, disk: &Disk) {
        if self.risen.is_some() || !self.is_deleting_promised() {
            return;
        }
        for (key, forgotten) in self.reaped.iter() {
            let is_deleted = |version: &&Version| {
                let is_covered =
                    |old: &Acknowledged| self.versioning.has_seen(&old.version.clock, version);
                !version.content.is_tombstone && forgotten.iter().any(is_covered)
            };
            if disk.copies_of(key).any(|held| held.versions().iter().any(|v| is_deleted(&v))) {
                let what = format!("{key:?} was deleted, its tombstone reaped, and it is back");
                self.risen = Some(Broken { at: moment.at, event: moment.event, what });
                return;
            }
        }
    }

    /// Somebody joins or leaves, and so many stay.
    pub fn on_membership_change(&mut self, members: usize) {
        self.is_membership_changed = true;
        let fewest = self.members_min.unwrap_or(members).min(members);
        self.members_min = Some(fewest.max(1));
    }

    /// The wall clock of a node was moved.
    pub fn on_clock_moved(&mut self) {
        self.is_clock_moved = true;
    }

    /// A disk that was rolled back has what all agreed to forget; and where the greatest stamp
    /// wins, a clock that is behind writes what seems to be older than what was deleted.
    fn is_deleting_promised(&self) -> bool {
        let is_by_stamp = self.versioning == Versioning::LastWriteWins;
        !(self.is_rolled_back || is_by_stamp && self.is_clock_moved)
    }

    /// A client heard what a get found. It has missed what was acknowledged before it began when
    /// that does not survive in it; to find nothing is to see a delete.
    pub fn on_read(&mut self, moment: Moment, key: &Key, read: Read<'_>, found: Option<&Siblings>) {
        let Read { began, r, clock } = read;
        let is_promised = self.is_reading_promised();
        let of_key = self.acknowledged.get(key).map_or(&[][..], Vec::as_slice);
        let mut owed = of_key.iter().filter(|old| old.at < began && old.copies + r > self.n);
        let reaped = self.reaped.get(key).map_or(&[][..], Vec::as_slice);
        let is_missed = |old: &Acknowledged| match found {
            Some(found) => !found.survives(&old.version),
            None => {
                let has_seen = |clock: &Clock| self.versioning.has_seen(clock, &old.version);
                let is_gone = old.version.content.is_tombstone
                    || reaped.iter().any(|past| has_seen(&past.version.clock));
                !is_gone && !has_seen(clock)
            }
        };
        if is_promised && self.first_overlap.is_none() && owed.clone().next().is_some() {
            self.first_overlap = Some(moment.at);
        }
        let Some(at_ms) = owed.find(|old| is_missed(old)).map(|old| old.at) else { return };
        self.missed += 1;
        if is_promised && self.missed_write.is_none() {
            let what = format!("a get of {key:?} misses what was acknowledged at {at_ms} ms");
            self.missed_write = Some(Broken { at: moment.at, event: moment.event, what });
        }
    }

    /// R answers and W copies have a home in common only if both are those of the same N nodes, and
    /// no disk has forgotten. What the last write won over, or a clock covers that its client
    /// never saw, is nobody's to read.
    fn is_reading_promised(&self) -> bool {
        self.quorum != QuorumRule::Sloppy
            && !self.is_membership_changed
            && self.disks_lost.is_empty()
            && self.is_survival_promised()
            && self.truth.wrongs().false_dominance == 0
    }

    pub fn on_roll_back(&mut self) {
        self.is_rolled_back = true;
    }

    pub fn on_buffer_lost(&mut self) {
        self.is_buffer_lost = true;
    }

    pub fn on_disk_lost(&mut self, at: Instant) {
        self.disks_lost.push(at);
    }

    /// Whether a get that began at `began` and returned `found` misses something it should have
    /// seen: a version acknowledged before it began.
    pub fn is_stale(&self, key: &Key, began: Instant, found: Option<&Siblings>) -> bool {
        let of_key = self.acknowledged.get(key).map_or(&[][..], Vec::as_slice);
        let mut owed = of_key.iter().filter(|version| version.at < began);
        owed.any(|version| !found.is_some_and(|found| found.survives(&version.version)))
    }

    /// The same of a get that found nothing, and whose context is `clock`.
    pub fn is_unseen(&self, key: &Key, began: Instant, clock: &Clock) -> bool {
        let of_key = self.acknowledged.get(key).map_or(&[][..], Vec::as_slice);
        let mut owed = of_key.iter().filter(|version| version.at < began);
        owed.any(|version| !self.versioning.has_seen(clock, &version.version))
    }

    /// Looks for acknowledged writes that no disk holds, nor anything that covers them. Promised
    /// while fewer disks were lost since than the write had copies.
    pub fn check_survival<'d>(
        &mut self,
        moment: Moment,
        disks: impl Iterator<Item = &'d Disk> + Clone,
    ) {
        if self.lost_write.is_some() || !self.is_survival_promised() {
            return;
        }
        for (key, versions) in self.acknowledged.iter() {
            for version in versions {
                let mut copies =
                    disks.clone().flat_map(|disk| disk.copies_of(key).chain(disk.buffered_of(key)));
                if copies.any(|held| held.survives(&version.version)) {
                    continue;
                }
                let lost_since =
                    self.disks_lost.iter().filter(|&&at| at >= version.asked_at).count();
                // A ring of fewer than W nodes keeps fewer copies.
                if lost_since < version.copies.min(self.members_min.unwrap_or(usize::MAX)) {
                    let at_ms = version.at;
                    let what =
                        format!("no disk holds {key:?} as it was acknowledged at {at_ms} ms");
                    self.lost_write = Some(Broken { at: moment.at, event: moment.event, what });
                    return;
                }
            }
        }
    }

    /// The greatest stamp promises nothing to the other writes; a record's clock that was cut no
    /// longer covers what it once did; and a disk that was rolled back, or a lost write
    /// buffer, has forgotten.
    fn is_survival_promised(&self) -> bool {
        match self.versioning {
            _ if self.is_rolled_back || self.is_buffer_lost => false,
            Versioning::VectorClock | Versioning::Dotted => true,
            Versioning::RecordClock => !self.is_cut,
            Versioning::LastWriteWins => false,
        }
    }

    /// Looks at one disk for versions side by side of which one covers the other.
    pub fn check_antichains(&mut self, moment: Moment, disk: &Disk) {
        if self.broken_antichain.is_some() {
            return;
        }
        let hints = disk.stored.hints.targets().flat_map(|(_, records)| records.iter());
        for (key, siblings) in disk.stored.records.iter().chain(hints) {
            if !is_antichain(siblings) {
                let what = format!("siblings of {key:?} of which one covers another");
                self.broken_antichain = Some(Broken { at: moment.at, event: moment.event, what });
                return;
            }
        }
    }

    /// The *always* checks as they stand.
    pub fn always(&self) -> Vec<Check> {
        let armed_since = |name| match name {
            DELETED => self.first_reaped,
            READS => self.first_overlap,
            _ => self.first_acknowledged,
        };
        let check = |name, paper, broken: &Option<Broken>| Check {
            name,
            class: CheckClass::Always,
            paper,
            armed_since: armed_since(name),
            ok: broken.is_none(),
            count: None,
            broken: broken.clone(),
        };
        let wrongs = self.truth.wrongs();
        let unless = |is_promised, check: Check, count| match is_promised || !check.ok {
            true => check,
            false => Check { class: CheckClass::NotPromised, armed_since: None, count, ..check },
        };
        let is_one_past = !self.is_rolled_back;
        let is_true = is_one_past && self.versioning == Versioning::Dotted;
        let truly = |name, broken: &Option<Broken>, count| {
            let broken = if self.versioning == Versioning::Dotted { broken } else { &None };
            unless(is_true, check(name, "§4.4", broken), Some(count))
        };
        let survive = check("acknowledged-writes-survive", "§2.3", &self.lost_write);
        let reads = check(READS, "§4.5", &self.missed_write);
        let dots = check("a-dot-names-one-value", "§4.4", &self.reused_dot);
        vec![
            unless(self.is_survival_promised(), survive, None),
            unless(self.is_reading_promised(), reads, Some(self.missed)),
            unless(is_one_past, dots, Some(self.reused_dots)),
            check("siblings-are-an-antichain", "§4.4", &self.broken_antichain),
            unless(self.is_deleting_promised(), check(DELETED, "§4.4", &self.risen), None),
            truly("no-false-dominance", &self.false_dominance, wrongs.false_dominance),
            truly("no-false-siblings", &self.false_siblings, wrongs.false_siblings),
        ]
    }
}

fn is_antichain(siblings: &Siblings) -> bool {
    let versions = siblings.versions();
    let pairs = versions.iter().enumerate();
    let mut pairs = pairs.flat_map(|(i, a)| versions[i + 1..].iter().map(move |b| (a, b)));
    pairs.all(|(a, b)| match siblings.versioning() {
        Versioning::RecordClock => a.dot != b.dot,
        versioning => versioning.compare(a, b) == Causality::Concurrent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::NodeId;
    use crate::data::version::Actor;
    use crate::protocol::message::Write;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn version(counter: u64, value: &str) -> Version {
        let content = Content { value: value.as_bytes().into(), ..Content::default() };
        let actor = Actor { node: NodeId(0), epoch: 0 };
        Version::new(Clock::new([(actor, counter)]), Arc::new(content))
    }

    fn at(time: u64) -> Moment {
        Moment { at: Instant(time), event: time }
    }

    fn disk_with(key: &Key, version: Version) -> Disk {
        let mut disk = Disk::default();
        let siblings = Siblings::record(version);
        disk.stored.apply(Write::Record { key: key.clone(), siblings });
        disk
    }

    fn is_ok(oracle: &Oracle, name: &str) -> bool {
        oracle.always().iter().find(|check| check.name == name).expect("it exists").ok
    }

    #[test]
    fn a_write_that_no_disk_holds_is_lost_unless_as_many_disks_were() {
        let key = Key::new(b"k");
        let mut oracle = Oracle::default();
        oracle.on_acknowledged(at(1), Instant(0), &key, &version(2, "x"), 2);
        let newer = disk_with(&key, version(3, "y"));
        oracle.check_survival(at(2), [&newer].into_iter());
        assert!(is_ok(&oracle, "acknowledged-writes-survive"), "what covers it is enough");

        let mut excused = oracle.clone();
        (0..2).for_each(|_| excused.on_disk_lost(Instant(2)));
        let older = disk_with(&key, version(1, "w"));
        excused.check_survival(at(3), [&older].into_iter());
        assert!(is_ok(&excused, "acknowledged-writes-survive"));
        oracle.check_survival(at(3), [&older].into_iter());
        assert!(!is_ok(&oracle, "acknowledged-writes-survive"));
    }

    #[test]
    fn one_counter_for_two_values_is_caught() {
        let key = Key::new(b"k");
        let mut oracle = Oracle::default();
        oracle.on_dot(at(1), &key, &version(1, "x"));
        oracle.on_dot(at(2), &key, &version(1, "x"));
        assert!(is_ok(&oracle, "a-dot-names-one-value"));
        oracle.on_dot(at(3), &key, &version(1, "y"));
        assert!(!is_ok(&oracle, "a-dot-names-one-value"));
    }

    #[test]
    fn a_get_is_stale_only_when_it_misses_what_was_acknowledged_before_it_began() {
        let key = Key::new(b"k");
        let mut oracle = Oracle::default();
        oracle.on_acknowledged(at(5), Instant(3), &key, &version(2, "x"), 2);
        let old = Siblings::one(version(1, "w"));
        assert!(oracle.is_stale(&key, Instant(6), Some(&old)));
        assert!(oracle.is_stale(&key, Instant(6), None));
        assert!(!oracle.is_stale(&key, Instant(5), Some(&old)), "they overlapped");
        assert!(!oracle.is_stale(&key, Instant(6), Some(&Siblings::one(version(3, "y")))));
    }
}
