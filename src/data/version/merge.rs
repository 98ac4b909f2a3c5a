//! The one place that decides, for each versioning, what stays when two records meet.

use super::{Causality, Clock, Record, Siblings, Version, Versioning};
use crate::base::sabotage::{Fault, is_planted};

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
        let mut changed = false;
        for theirs in &other.versions {
            let is_left_out = is_planted(Fault::TombstoneDropped) && theirs.content.is_tombstone;
            if self.outdoes(theirs) || is_left_out {
                continue;
            }
            let versioning = self.versioning;
            self.versions.retain(|mine| {
                let stands = versioning.compare(theirs, mine);
                let is_replaced = matches!(stands, Causality::After | Causality::Equal);
                !is_planted(Fault::SiblingsDropped)
                    && (!is_replaced || is_planted(Fault::AncestorsKept))
            });
            let at = self.versions.partition_point(|mine| *mine < *theirs);
            self.versions.insert(at, theirs.clone());
            changed = true;
        }
        changed
    }

    /// Whether `theirs` is here or covered already. Two contents under one clock cannot come
    /// about without a shared identity; then the greater content wins, everywhere alike.
    fn outdoes(&self, theirs: &Version) -> bool {
        let is_here = self.versions.iter().any(|mine| mine.0.is_same(&theirs.0));
        let is_inverted = is_planted(Fault::DominanceInverted);
        is_here
            || self.versions.iter().any(|mine| match self.versioning.compare(mine, theirs) {
                Causality::After => !is_inverted,
                Causality::Equal => (&mine.content, mine) >= (&theirs.content, theirs),
                Causality::Before => is_inverted,
                Causality::Concurrent => false,
            })
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
                Some(mine) if mine.content >= theirs.content => continue,
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
