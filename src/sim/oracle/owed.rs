//! What clients were promised: versions that were acknowledged, and deletes that were forgotten.

use crate::base::blob::Key;
use crate::base::time::Instant;
use crate::data::version::{Causality, Clock, Content, Siblings, Version, Versioning};
use crate::sim::oracle::followed::Followed;

/// Keys whose acknowledged versions are followed, and keys whose forgotten deletes are.
pub const KEYS_MAX: usize = 20_000;
/// Versions of a key that are followed: as many as a record can hold side by side.
pub const VERSIONS_MAX: usize = 256;

#[derive(Clone, Debug)]
pub struct Owed {
    versioning: Versioning,
    /// Versions that no later acknowledged version covers.
    acknowledged: Followed<Vec<Acknowledged>>,
    pub first_acknowledged: Option<Instant>,
    /// Deletes that were forgotten, with the clocks of their tombstones.
    reaped: Followed<Vec<Acknowledged>>,
    pub first_reaped: Option<Instant>,
}

#[derive(Clone, Debug)]
pub struct Acknowledged {
    pub version: Version,
    /// Disks lost since then may have been the ones it was written on.
    pub asked_at: Instant,
    pub at: Instant,
    /// On how many disks it was written.
    pub copies: usize,
}

impl Owed {
    pub fn new(versioning: Versioning) -> Owed {
        Owed {
            versioning,
            acknowledged: Followed::new(KEYS_MAX),
            first_acknowledged: None,
            reaped: Followed::new(KEYS_MAX),
            first_reaped: None,
        }
    }

    /// A client heard that a version is on so many disks.
    pub fn on_acknowledged(&mut self, key: &Key, new: Acknowledged) {
        self.first_acknowledged.get_or_insert(new.at);
        let versioning = self.versioning;
        let covers = |one: &Version, other: &Version| {
            let stands = versioning.compare(one, other);
            matches!(stands, Causality::Equal | Causality::After)
        };
        let of_key = self.acknowledged.follow(key);
        of_key.retain(|old| !covers(&new.version, &old.version));
        if of_key.iter().all(|other| !covers(&other.version, &new.version)) {
            add(of_key, new);
        }
    }

    /// The last tombstone of a key is gone: what its clock covers was deleted, and is to stay so,
    /// unless somebody who was not asked has kept it.
    pub fn on_reaped(&mut self, at: Instant, key: &Key, clock: &Clock, is_kept: bool) {
        let version = Version::new(clock.clone(), Content::tombstone().into());
        self.on_forgotten(key, clock);
        if is_kept {
            return;
        }
        self.first_reaped.get_or_insert(at);
        let of_key = self.reaped.follow(key);
        of_key.retain(|older| !clock.covers(&older.version.clock));
        add(of_key, Acknowledged { version, asked_at: at, at, copies: 0 });
    }

    /// All have agreed to forget a tombstone of this clock: what it covers is owed no more.
    pub fn on_forgotten(&mut self, key: &Key, clock: &Clock) {
        let versioning = self.versioning;
        if let Some(of_key) = self.acknowledged.get_mut(key) {
            of_key.retain(|owed| !versioning.has_seen(clock, &owed.version));
        }
    }

    pub fn of_key(&self, key: &Key) -> &[Acknowledged] {
        self.acknowledged.get(key).map_or(&[], Vec::as_slice)
    }

    pub fn reaped_of(&self, key: &Key) -> &[Acknowledged] {
        self.reaped.get(key).map_or(&[], Vec::as_slice)
    }

    pub fn all(&self) -> impl Iterator<Item = (&Key, &Vec<Acknowledged>)> {
        self.acknowledged.iter()
    }

    pub fn all_reaped(&self) -> impl Iterator<Item = (&Key, &Vec<Acknowledged>)> {
        self.reaped.iter()
    }

    /// Keys followed: acknowledged, reaped.
    pub fn sizes(&self) -> [usize; 2] {
        [self.acknowledged.held(), self.reaped.held()]
    }

    /// Whether a get that began at `began` and returned `found` misses something it should have
    /// seen: a version acknowledged before it began.
    pub fn is_stale(&self, key: &Key, began: Instant, found: Option<&Siblings>) -> bool {
        let mut owed = self.of_key(key).iter().filter(|version| version.at < began);
        owed.any(|version| !found.is_some_and(|found| found.survives(&version.version)))
    }

    /// The same of a get that found nothing, and whose context is `clock`.
    pub fn is_unseen(&self, key: &Key, began: Instant, clock: &Clock) -> bool {
        let mut owed = self.of_key(key).iter().filter(|version| version.at < began);
        owed.any(|version| !self.versioning.has_seen(clock, &version.version))
    }
}

fn add(of_key: &mut Vec<Acknowledged>, new: Acknowledged) {
    if of_key.len() >= VERSIONS_MAX {
        of_key.remove(0);
    }
    of_key.push(new);
}
