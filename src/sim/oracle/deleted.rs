//! What was deleted, and whose tombstone was forgotten, does not rise again.

use crate::data::version::{Clock, Record, Version, Versioning};
use crate::sim::disk::Disk;
use crate::sim::oracle::owed::{Acknowledged, Owed};
use crate::sim::oracle::past::Past;
use crate::sim::oracle::{Broken, Check, CheckClass, Moment, Rule};

pub const RULE: Rule = Rule {
    name: "what-was-deleted-stays-deleted",
    class: CheckClass::Always,
    paper: "§4.4",
    says: "no disk holds a value that a reaped tombstone covered",
    promised: "not after a disk was rolled back, nor under `last-write-wins` once a node's clock \
               was moved; nor of a value that was on the disk of one who had left, or of who \
               asked, or on its way there, when the tombstone was reaped",
};

/// A disk that was rolled back has what all agreed to forget; and where the greatest stamp wins, a
/// clock that is behind writes what seems to be older than what was deleted.
fn is_promised(past: &Past) -> bool {
    let is_by_stamp = past.versioning == Versioning::LastWriteWins;
    !(past.is_rolled_back || is_by_stamp && past.is_clock_moved)
}

/// Whether one of these copies has a value that a tombstone of this clock covers.
pub fn has_older<'r>(
    past: &Past,
    mut copies: impl Iterator<Item = &'r Record>,
    clock: &Clock,
) -> bool {
    let is_older = |version: &Version| {
        !version.content.is_tombstone && past.versioning.has_seen(clock, version)
    };
    copies.any(|held| held.versions().iter().any(is_older))
}

#[derive(Clone, Debug, Default)]
pub struct Deleted {
    broken: Option<Broken>,
}

impl Deleted {
    /// Looks at one disk for values that were deleted, and whose tombstones are forgotten.
    pub fn look(&mut self, moment: Moment, past: &Past, owed: &Owed, disk: &Disk) {
        if self.broken.is_some() || !is_promised(past) {
            return;
        }
        for (key, forgotten) in owed.all_reaped() {
            let is_back =
                |old: &Acknowledged| has_older(past, disk.copies_of(key), &old.version.clock);
            if forgotten.iter().any(is_back) {
                let what = format!("{key:?} was deleted, its tombstone reaped, and it is back");
                self.broken = Some(moment.broken(what));
                return;
            }
        }
    }

    pub fn check(&self, past: &Past, owed: &Owed) -> Check {
        RULE.check(owed.first_reaped, &self.broken).unless(is_promised(past), None)
    }
}
