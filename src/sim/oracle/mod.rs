//! What must hold, what will hold, and what nobody promised (three honest classes).
//!
//! The oracle watches clients and disks; no node ever sees it. Each invariant has a file of its
//! own, which says what it is, where it comes from and when it is promised; each check says since
//! when it is armed: before that it has proved nothing. What is followed has a limit, the newest
//! keys, versions and counters; of what is older nothing is said.

pub mod antichain;
pub mod conduct;
pub mod contexts;
pub mod deleted;
pub mod dots;
pub mod followed;
pub mod owed;
pub mod past;
pub mod pasts;
pub mod reading;
pub mod survival;

use crate::base::blob::Key;
use crate::base::time::Instant;
use crate::data::version::{Clock, Dot, Siblings, Version};
use crate::protocol::config::Config;
use crate::protocol::message::{Stored, Write};
use crate::sim::causality::{Shown, Wrongs};
use crate::sim::disk::Disk;
use antichain::Antichain;
use conduct::Conduct;
use contexts::Contexts;
use deleted::Deleted;
use dots::Dots;
use owed::{Acknowledged, Owed};
use past::Past;
use pasts::Pasts;
use reading::Reading;
use survival::Survival;

pub use reading::Read;

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

/// An invariant, as it is meant.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub name: &'static str,
    pub class: CheckClass,
    /// The section of the paper it comes from.
    pub paper: &'static str,
    pub says: &'static str,
    /// Under which settings, and after what, it is promised.
    pub promised: &'static str,
}

/// What the oracle watches while a run goes on, in the order of its checks.
pub const RULES: &[Rule] = &[
    survival::RULE,
    reading::RULE,
    dots::RULE,
    antichain::RULE,
    deleted::RULE,
    pasts::DOMINANCE,
    pasts::SIBLINGS,
    contexts::RULE,
];

/// How an invariant stands in a run.
#[derive(Clone, Debug)]
pub struct Check {
    pub name: &'static str,
    pub class: CheckClass,
    /// The section of the paper it comes from.
    pub paper: &'static str,
    /// None: it has not been put to the test, or not while it was promised.
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

/// Where in the run a check was made.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub at: Instant,
    pub event: u64,
}

impl Moment {
    fn broken(self, what: String) -> Broken {
        Broken { at: self.at, event: self.event, what }
    }
}

impl Rule {
    fn check(self, armed_since: Option<Instant>, broken: &Option<Broken>) -> Check {
        Check {
            name: self.name,
            class: self.class,
            paper: self.paper,
            armed_since,
            ok: broken.is_none(),
            count: None,
            broken: broken.clone(),
        }
    }
}

impl Check {
    /// Where it is not promised it is counted; but what broke before stays broken.
    fn unless(self, is_promised: bool, count: Option<u64>) -> Check {
        match is_promised || !self.ok {
            true => self,
            false => Check { class: CheckClass::NotPromised, armed_since: None, count, ..self },
        }
    }
}

#[derive(Clone, Debug)]
pub struct Oracle {
    past: Past,
    owed: Owed,
    survival: Survival,
    reading: Reading,
    dots: Dots,
    antichain: Antichain,
    deleted: Deleted,
    pasts: Pasts,
    contexts: Contexts,
    /// Since when each of [`RULES`] was put to the test, though it may be promised no more.
    armed: [Option<Instant>; RULES.len()],
    conduct: Conduct,
}

impl Oracle {
    pub fn new(config: &Config) -> Oracle {
        Oracle {
            past: Past::of(config),
            owed: Owed::new(config.versioning),
            survival: Survival::default(),
            reading: Reading::default(),
            dots: Dots::default(),
            antichain: Antichain::default(),
            deleted: Deleted::default(),
            pasts: Pasts::default(),
            contexts: Contexts::default(),
            armed: [None; RULES.len()],
            conduct: Conduct::new(config.request_timeout),
        }
    }

    /// Where what befalls the ring is told. What is promised no more from here on was put to the
    /// test all the same.
    pub fn past(&mut self) -> &mut Past {
        let checks = self.checks_as_promised();
        let armed = self.armed.iter_mut().zip(checks.iter().map(|check| check.armed_since));
        armed.for_each(|(known, since)| *known = known.or(since));
        &mut self.past
    }

    /// A clock has lost entries. It happens with put after put, and counts once.
    pub fn on_clock_cut(&mut self) {
        if !self.past.is_cut {
            self.past().is_cut = true;
        }
    }

    /// What nodes did: told while a run goes on, judged when it is over.
    pub fn conduct(&self) -> &Conduct {
        &self.conduct
    }

    /// Where what nodes do is told.
    pub fn conduct_mut(&mut self) -> &mut Conduct {
        &mut self.conduct
    }

    /// What clients are owed.
    pub fn owed(&self) -> &Owed {
        &self.owed
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
        let new = Acknowledged { version: version.clone(), asked_at, at: moment.at, copies: w };
        self.owed.on_acknowledged(key, new);
        self.dots.on_dot(moment, &self.past, key, version);
    }

    /// The same put handed in one context and was handed back another.
    pub fn on_contexts(&mut self, moment: Moment, key: &Key, given: &Clock, back: &Clock) {
        self.contexts.on_acknowledged(moment, &self.past, key, given, back);
    }

    /// A coordinator made a version of a put whose client had been shown this.
    pub fn on_made(&mut self, key: &Key, dot: Dot, shown: Shown<'_>) {
        self.pasts.truth.on_made(key, dot, shown);
    }

    /// It keeps the version that it made, or what took its place at once.
    pub fn on_kept(&mut self, key: &Key, dot: Dot, held: &Siblings) {
        self.pasts.truth.on_kept(key, dot, held);
    }

    pub fn on_write(&mut self, before: &Stored, write: &Write) {
        self.pasts.truth.on_write(before, write);
        // Whoever forgets a tombstone that it refuses the past of was told that all agree.
        if let Write::RecordGone { key } = write
            && let Some(tombstone) = before.graves.get(key)
        {
            self.owed.on_forgotten(key, &tombstone.clock());
        }
    }

    /// What clocks got wrong so far.
    pub fn wrongs(&mut self, moment: Moment) -> Wrongs {
        self.pasts.wrongs(moment, &self.past)
    }

    /// The last tombstone of a key is gone. The disks are those that its going says nothing of: of
    /// who left, and was not asked, and of who asked, where the delete may not be durable yet.
    pub fn on_reaped<'d>(
        &mut self,
        at: Instant,
        key: &Key,
        clock: &Clock,
        mut unasked: impl Iterator<Item = &'d Disk>,
    ) {
        // What is on its way to a disk comes there after this moment, and what deletes it later.
        let is_kept = unasked.any(|disk| {
            let copies = disk.copies_of(key).chain(disk.pending_of(key));
            deleted::has_older(&self.past, copies, clock)
        });
        self.owed.on_reaped(at, key, clock, is_kept);
    }

    /// A client heard what a get found.
    pub fn on_read(&mut self, moment: Moment, key: &Key, read: Read<'_>, found: Option<&Siblings>) {
        let known = (&self.past, self.pasts.truth.has_lost(key), &self.owed);
        self.reading.on_read(moment, known, key, read, found);
    }

    /// Looks at all disks.
    pub fn look<'d>(&mut self, moment: Moment, disks: impl Iterator<Item = &'d Disk> + Clone) {
        self.survival.look(moment, &self.past, &self.owed, disks.clone());
        for disk in disks {
            self.antichain.look(moment, disk);
            self.deleted.look(moment, &self.past, &self.owed, disk);
        }
    }

    /// The checks of [`RULES`] as they stand, in that order.
    pub fn checks(&self) -> Vec<Check> {
        let armed = self.armed.iter();
        let with = |(check, &since): (Check, _)| Check {
            armed_since: check.armed_since.or(since),
            ..check
        };
        self.checks_as_promised().into_iter().zip(armed).map(with).collect()
    }

    /// The same, armed only where they are promised by now.
    fn checks_as_promised(&self) -> [Check; RULES.len()] {
        let (past, owed) = (&self.past, &self.owed);
        let [dominance, siblings] = self.pasts.checks(past, owed);
        [
            self.survival.check(past, owed),
            self.reading.check(past),
            self.dots.check(past, owed),
            self.antichain.check(owed),
            self.deleted.check(past, owed),
            dominance,
            siblings,
            self.contexts.check(past),
        ]
    }

    /// How much is followed, by the name of the table and with its limit.
    pub fn tables(&self) -> [(&'static str, usize, usize); 5] {
        let [acknowledged, reaped] = self.owed.sizes();
        [
            ("acknowledged keys", acknowledged, owed::KEYS_MAX),
            ("reaped keys", reaped, owed::KEYS_MAX),
            ("dots", self.dots.held(), dots::DOTS_MAX),
            ("executions", self.conduct.held(), conduct::EXECUTIONS_MAX),
            ("keys with pasts", self.pasts.truth.keys(), crate::sim::causality::KEYS_MAX),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::NodeId;
    use crate::data::version::{Actor, Content};
    use crate::protocol::config::QuorumRule;
    use crate::protocol::message::Outbox;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn version(counter: u64, value: &str) -> Version {
        let content = Content { value: value.as_bytes().into(), ..Content::default() };
        let actor = Actor { node: NodeId(0), epoch: 0 };
        Version::new(Clock::new([(actor, counter)]), content.into())
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
        oracle.checks().iter().find(|check| check.name == name).expect("it exists").ok
    }

    #[test]
    fn a_write_that_no_disk_holds_is_lost_unless_as_many_disks_were() {
        let key = Key::new(b"k");
        let mut oracle = Oracle::new(&Config::default());
        oracle.on_acknowledged(at(1), Instant(0), &key, &version(2, "x"), 2);
        let newer = disk_with(&key, version(3, "y"));
        oracle.look(at(2), [&newer].into_iter());
        assert!(is_ok(&oracle, "acknowledged-writes-survive"), "what covers it is enough");

        let mut excused = oracle.clone();
        (0..2).for_each(|_| excused.past().on_disk_lost(Instant(2)));
        let older = disk_with(&key, version(1, "w"));
        excused.look(at(3), [&older].into_iter());
        assert!(is_ok(&excused, "acknowledged-writes-survive"));
        oracle.look(at(3), [&older].into_iter());
        assert!(!is_ok(&oracle, "acknowledged-writes-survive"));
    }

    #[test]
    fn a_write_is_promised_as_many_lost_disks_as_homes_were_left() {
        let key = Key::new(b"k");
        let left_and_held = [(&[][..], false), (&[3, 2], false), (&[1, 3], true), (&[0], true)];
        for (left, held) in left_and_held {
            let mut oracle = Oracle::new(&Config::default());
            oracle.on_acknowledged(at(1), Instant(0), &key, &version(2, "x"), 2);
            left.iter().for_each(|&left| oracle.past().on_left(left));
            oracle.past().on_disk_lost(Instant(2));
            oracle.look(at(3), [].into_iter());
            let ok = is_ok(&oracle, "acknowledged-writes-survive");
            assert_eq!(ok, held, "one disk is lost where {left:?} were left");
        }
    }

    #[test]
    fn a_get_that_misses_a_write_breaks_its_promise_unless_a_disk_was_lost_since() {
        let key = Key::new(b"k");
        let config = Config { quorum: QuorumRule::Strict, n: 3, ..Config::default() };
        let old = Siblings::one(version(1, "w"));
        let read = Read { began: Instant(5), r: 2, clock: &Clock::default() };
        for (lost_at, ok) in [(None, false), (Some(2), true), (Some(0), false)] {
            let mut oracle = Oracle::new(&config);
            lost_at.into_iter().for_each(|at| oracle.past().on_disk_lost(Instant(at)));
            oracle.on_acknowledged(at(3), Instant(1), &key, &version(2, "x"), 2);
            oracle.on_read(at(6), &key, read, Some(&old));
            assert_eq!(is_ok(&oracle, "reads-its-writes"), ok, "lost at {lost_at:?}");
        }
    }

    #[test]
    fn what_a_disk_holds_or_is_about_to_hold_when_its_tombstone_is_reaped_may_come_back() {
        let (key, value) = (Key::new(b"k"), version(1, "x"));
        let stored = disk_with(&key, value.clone());
        let mut pending = Disk::default();
        let write = Write::Record { key: key.clone(), siblings: Siblings::record(value) };
        let mut out = Outbox { writes: vec![write], ..Outbox::default() };
        pending.hold(Instant(0), 0, &mut out, 0);
        let never = Disk::default();
        for (disk, ok) in [(&never, false), (&stored, true), (&pending, true)] {
            let mut oracle = Oracle::new(&Config::default());
            oracle.on_reaped(Instant(1), &key, &version(1, "x").clock, [disk].into_iter());
            oracle.look(at(2), [&stored].into_iter());
            assert_eq!(is_ok(&oracle, "what-was-deleted-stays-deleted"), ok, "{disk:?}");
        }
    }

    #[test]
    fn what_was_put_to_the_test_stays_so_when_it_is_promised_no_more() {
        let (key, mut oracle) = (Key::new(b"k"), Oracle::new(&Config::default()));
        oracle.on_acknowledged(at(1), Instant(0), &key, &version(1, "x"), 2);
        oracle.past().is_rolled_back = true;
        let stands = |name| oracle.checks().into_iter().find(|check| check.name == name);
        let dots = stands("a-dot-names-one-value").expect("it exists");
        assert_eq!((dots.class, dots.armed_since), (CheckClass::NotPromised, Some(Instant(1))));
    }

    #[test]
    fn one_counter_for_two_values_is_caught() {
        let key = Key::new(b"k");
        let mut oracle = Oracle::new(&Config::default());
        oracle.on_acknowledged(at(1), Instant(0), &key, &version(1, "x"), 1);
        oracle.on_acknowledged(at(2), Instant(0), &key, &version(1, "x"), 1);
        assert!(is_ok(&oracle, "a-dot-names-one-value"));
        oracle.on_acknowledged(at(3), Instant(0), &key, &version(1, "y"), 1);
        assert!(!is_ok(&oracle, "a-dot-names-one-value"));
    }

    #[test]
    fn a_get_is_stale_only_when_it_misses_what_was_acknowledged_before_it_began() {
        let key = Key::new(b"k");
        let mut oracle = Oracle::new(&Config::default());
        oracle.on_acknowledged(at(5), Instant(3), &key, &version(2, "x"), 2);
        let old = Siblings::one(version(1, "w"));
        assert!(oracle.owed().is_stale(&key, Instant(6), Some(&old)));
        assert!(oracle.owed().is_stale(&key, Instant(6), None));
        assert!(!oracle.owed().is_stale(&key, Instant(5), Some(&old)), "they overlapped");
        assert!(!oracle.owed().is_stale(&key, Instant(6), Some(&Siblings::one(version(3, "y")))));
    }

    #[test]
    fn a_put_that_gives_back_less_than_it_was_given_is_caught() {
        let (key, mut oracle) = (Key::new(b"k"), Oracle::new(&Config::default()));
        let (less, more) = (version(1, "x").clock.clone(), version(2, "x").clock.clone());
        oracle.on_contexts(at(1), &key, &less, &more);
        assert!(is_ok(&oracle, "contexts-never-shrink"));
        oracle.on_contexts(at(2), &key, &more, &less);
        assert!(!is_ok(&oracle, "contexts-never-shrink"));
    }

    #[test]
    fn what_is_followed_has_a_limit_and_of_what_is_forgotten_nothing_is_said() {
        let (mut oracle, disk) = (Oracle::new(&Config::default()), Disk::default());
        let key = |number: usize| Key::new(number.to_string().as_bytes());
        for number in 0..owed::KEYS_MAX + 10 {
            oracle.on_acknowledged(at(1), Instant(0), &key(number), &version(1, "x"), 1);
        }
        assert!(oracle.tables().iter().all(|(_, held, max)| held <= max), "{:?}", oracle.tables());
        assert!(oracle.owed().of_key(&key(9)).is_empty());
        assert!(!oracle.owed().of_key(&key(10)).is_empty());
        oracle.look(at(2), [&disk].into_iter());
        assert!(!is_ok(&oracle, "acknowledged-writes-survive"), "the newest are followed");
    }

    #[test]
    fn checks_come_in_the_order_of_their_rules() {
        let oracle = Oracle::new(&Config::default());
        let names = |rules: &[Rule]| rules.iter().map(|rule| rule.name).collect::<Vec<_>>();
        assert_eq!(
            oracle.checks().iter().map(|check| check.name).collect::<Vec<_>>(),
            names(RULES)
        );
    }
}
