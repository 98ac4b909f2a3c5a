//! The one place that decides, for each versioning, what stays when two records meet.

use smallvec::{SmallVec, smallvec};

use super::joined::Joined;
use super::{Causality, Clock, Record, Siblings, Version, Versioning};
use crate::base::gather::Gather;
use crate::base::sabotage::{Fault, is_planted};

/// What becomes of the versions of a record when those of another come in.
struct Meeting {
    /// What is to be said of each of its own.
    mine: SmallVec<[Fate; 4]>,
    /// Which of the other's come in.
    news: SmallVec<[bool; 4]>,
}

#[derive(Clone, Copy, Default)]
struct Fate {
    /// One of the other's outdoes it, or is it.
    is_outdone: bool,
    /// One that comes in takes its place.
    is_replaced: bool,
    /// The one that is being looked at would.
    is_covered: bool,
}

/// Versions of each record up to which all are held against all: of more it is cheaper to ask
/// first which of them one of the other's can cover at all.
const FEW: usize = 16;

impl Record {
    /// Takes in what is new in `other`. What covers everything held is taken over as it is, so
    /// that replicas share one record. Answers whether anything changed.
    pub fn join(&mut self, other: &Record) -> bool {
        if self.is_same(other) || self.has_versions_of(other) {
            return false;
        }
        if self.versioning != other.versioning || self.versioning == Versioning::RecordClock {
            if self.includes(other) {
                return false;
            }
            match other.includes(self) {
                true => *self = other.clone(),
                false => _ = self.make_mut().merge(other),
            }
            return true;
        }
        if let ([mine], [theirs]) = (&self.versions[..], &other.versions[..]) {
            // As most records meet most puts.
            let stands = self.versioning.compare(mine, theirs);
            if outdoes(stands, mine, theirs) {
                return false;
            }
            if outdoes(stands.reversed(), theirs, mine) {
                *self = other.clone();
                return true;
            }
        }
        if let Some(joined) = Joined::of(self, other) {
            *self = joined;
            return true;
        }
        let meeting = self.meet(other);
        if !meeting.news.contains(&true) {
            return false;
        }
        match meeting.mine.iter().all(|fate| fate.is_outdone) {
            true => *self = other.clone(),
            false => {
                let held = self.clone();
                self.make_mut().settle(other, &meeting);
                Joined::remember(held, other, self);
            }
        }
        true
    }
}

impl Siblings {
    /// Whether nothing in `other` would change this set.
    pub fn includes(&self, other: &Siblings) -> bool {
        if self.versioning != other.versioning {
            return self.versioning > other.versioning;
        }
        if self.versioning != Versioning::RecordClock {
            return other.versions.iter().all(|theirs| self.outdoes(theirs));
        }
        match self.record_clock().compare(other.record_clock()) {
            Causality::After => true,
            Causality::Before | Causality::Concurrent => false,
            Causality::Equal => *self == *other || !self.clone().merge(other),
        }
    }

    /// Takes in what is new and drops what it covers. Commutative and idempotent; associative too,
    /// except under [`Versioning::RecordClock`], where one clock cannot tell which value it
    /// covers. Records of two versionings never meet in one ring; then the later named one stays.
    /// Answers whether anything changed.
    pub fn merge(&mut self, other: &Siblings) -> bool {
        if self.versioning != other.versioning {
            let is_outdone = self.versioning < other.versioning;
            if is_outdone {
                self.clone_from(other);
            }
            return is_outdone;
        }
        if self.versioning == Versioning::RecordClock {
            return self.merge_record(other);
        }
        let meeting = self.meet(other);
        self.settle(other, &meeting)
    }

    /// Holds each version against each, once; but for pairs that do not know of one another.
    fn meet(&self, other: &Siblings) -> Meeting {
        let mine = smallvec![Fate::default(); self.versions.len()];
        let far = [self.far_from(other), other.far_from(self)];
        let is_far = |whose: usize, at: usize| far[whose].get(at) == Some(&true);
        let mut meeting = Meeting { mine, news: SmallVec::new() };
        for (there, theirs) in other.versions.iter().enumerate() {
            let place = self.versions.iter().position(|mine| mine.0.is_same(&theirs.0));
            if let Some(place) = place {
                // None of mine covers another, so neither does this one of theirs.
                meeting.mine[place].is_outdone = true;
                meeting.news.push(false);
                continue;
            }
            let mut is_news = true;
            for (at, (mine, fate)) in self.versions.iter().zip(&mut meeting.mine).enumerate() {
                if is_far(0, at) && is_far(1, there) {
                    continue;
                }
                let stands = self.versioning.compare(mine, theirs);
                is_news &= !outdoes(stands, mine, theirs);
                fate.is_outdone |= outdoes(stands.reversed(), theirs, mine);
                fate.is_covered = matches!(stands, Causality::Before | Causality::Equal);
            }
            for fate in &mut meeting.mine {
                fate.is_replaced |= is_news && fate.is_covered;
            }
            meeting.news.push(is_news);
        }
        meeting
    }

    /// Of each version whether none of the other's can cover it, or be it; nothing where there are
    /// few. Who covers a version knows of its event, if its clock, as it should, has that.
    fn far_from(&self, other: &Siblings) -> Vec<bool> {
        let is_many = self.versions.len().min(other.versions.len()) > FEW;
        if !is_many || self.versioning == Versioning::LastWriteWins {
            return Vec::new();
        }
        let known = other.clock();
        let is_far =
            |version: &Version| !known.contains(version.dot) && version.clock.contains(version.dot);
        self.versions.iter().map(is_far).gather()
    }

    /// Lets come in, and go, what a meeting says. Answers whether anything changed.
    fn settle(&mut self, other: &Siblings, meeting: &Meeting) -> bool {
        let is_left_out =
            |new: &Version| is_planted(Fault::TombstoneDropped) && new.content.is_tombstone;
        let news = other.versions.iter().zip(&meeting.news);
        let mut news = news.filter(|&(new, &is_news)| is_news && !is_left_out(new)).peekable();
        if news.peek().is_none() {
            return false;
        }
        let mut fates = meeting.mine.iter();
        self.versions.retain(|_| {
            let is_replaced = fates.next().is_some_and(|fate| fate.is_replaced);
            !is_planted(Fault::SiblingsDropped)
                && (!is_replaced || is_planted(Fault::AncestorsKept))
        });
        for (new, _) in news {
            let at = self.versions.partition_point(|mine| *mine < *new);
            self.versions.insert(at, new.clone());
        }
        true
    }

    /// Whether the version is here or covered already.
    fn outdoes(&self, theirs: &Version) -> bool {
        let is_here = self.versions.iter().any(|mine| mine.0.is_same(&theirs.0));
        let stands = |mine: &Version| self.versioning.compare(mine, theirs);
        is_here || self.versions.iter().any(|mine| outdoes(stands(mine), mine, theirs))
    }

    /// Whether these are the very versions that the other has, and not only equal ones.
    pub(super) fn has_versions_of(&self, other: &Siblings) -> bool {
        let mut pairs = self.versions.iter().zip(&other.versions);
        self.versioning == other.versioning
            && self.versions.len() == other.versions.len()
            && pairs.all(|(mine, theirs)| mine.0.is_same(&theirs.0))
    }

    /// The record whose clock covers the other's stays; else the values of both.
    fn merge_record(&mut self, other: &Siblings) -> bool {
        match self.record_clock().compare(other.record_clock()) {
            Causality::After => return false,
            Causality::Before => {
                self.clone_from(other);
                return true;
            }
            Causality::Equal | Causality::Concurrent => {}
        }
        let mut clock = self.record_clock().clone();
        clock.merge(other.record_clock());
        let mut changed = clock != *self.record_clock();
        for theirs in &other.versions {
            let at = self.versions.partition_point(|mine| mine.dot < theirs.dot);
            match self.versions.get_mut(at).filter(|mine| mine.dot == theirs.dot) {
                Some(mine) if *mine.content >= *theirs.content => continue,
                Some(mine) => *mine = theirs.clone(),
                None => self.versions.insert(at, theirs.clone()),
            }
            changed = true;
        }
        if changed {
            self.versions.iter_mut().for_each(|mine| mine.set_clock(&clock));
        }
        changed
    }

    /// The clock that every version of a record has under [`Versioning::RecordClock`].
    fn record_clock(&self) -> &Clock {
        &self.versions[0].clock
    }

    /// A new version in what its coordinator holds, under [`Versioning::RecordClock`]: values that
    /// `context` does not cover stay beside it. Its clock may be cut to `entries_max`; answers
    /// whether it was.
    pub fn beside(
        version: Version,
        held: Option<&Record>,
        context: &Clock,
        entries_max: usize,
    ) -> (Record, bool) {
        let writer = version.dot.actor;
        let mut all = Siblings::record_under(Versioning::RecordClock, version);
        let held = held.filter(|held| held.versioning == Versioning::RecordClock);
        let Some(held) = held.filter(|held| !context.covers(held.record_clock())) else {
            return (all, false);
        };
        let siblings = all.make_mut();
        let mut clock = siblings.record_clock().clone();
        clock.merge(held.record_clock());
        let is_cut = clock.truncate(entries_max, writer);
        for old in &held.versions {
            let at = siblings.versions.partition_point(|mine| mine.dot < old.dot);
            siblings.versions.insert(at, old.clone());
        }
        siblings.versions.iter_mut().for_each(|mine| mine.set_clock(&clock));
        (all, is_cut)
    }
}

/// Whether a version that stands so to another makes it needless. Two contents under one clock
/// cannot come about without a shared identity; then the greater content wins, everywhere alike.
fn outdoes(stands: Causality, mine: &Version, theirs: &Version) -> bool {
    let is_inverted = is_planted(Fault::DominanceInverted);
    match stands {
        Causality::After => !is_inverted,
        Causality::Equal => (&*mine.content, mine) >= (&*theirs.content, theirs),
        Causality::Before => is_inverted,
        Causality::Concurrent => false,
    }
}
