//! A get sees what was written before it began, where R and W overlap.

use crate::base::blob::Key;
use crate::base::time::Instant;
use crate::data::version::{Clock, Siblings};
use crate::protocol::config::QuorumRule;
use crate::sim::oracle::owed::{Acknowledged, Owed};
use crate::sim::oracle::past::Past;
use crate::sim::oracle::{Broken, Check, CheckClass, Moment, Rule, survival};

pub const RULE: Rule = Rule {
    name: "reads-its-writes",
    class: CheckClass::Always,
    paper: "§4.5",
    says: "a get whose R and a put's W are more than N finds what the put wrote before it began",
    promised: "with a `strict` or `primaries` quorum, where writes survive, while nobody gave up \
               the place of another, nor forgot with its disk that places had moved; of a write \
               since which no disk, nor write buffer, was lost, and of a key of which no clock \
               has lost a version",
};

/// A get that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Read<'r> {
    pub began: Instant,
    pub r: usize,
    /// Of the context it gave.
    pub clock: &'r Clock,
}

/// R answers and W copies have one of N places in common, whoever keeps it now: a place passes on
/// with all that was acknowledged there, unless it is filled by others in its keeper's stead. Who
/// has lost its disk asks where the places were in the beginning, until it is told of the moves.
fn is_promised(past: &Past) -> bool {
    past.quorum != QuorumRule::Sloppy
        && !past.is_place_filled_for_another
        && !(past.is_place_moved && past.is_view_lost)
        && survival::is_promised(past)
}

#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The first get whose R met the W of what it was owed, while that promised something.
    first_overlap: Option<Instant>,
    /// Gets that missed what was acknowledged before they began, although R+W>N.
    missed: u64,
    broken: Option<Broken>,
}

impl Reading {
    /// A client heard what a get found. It has missed what was acknowledged before it began when
    /// that does not survive in it; to find nothing is to see a delete.
    pub fn on_read(
        &mut self,
        moment: Moment,
        (past, has_lost_versions, owed): (&Past, bool, &Owed),
        key: &Key,
        read: Read<'_>,
        found: Option<&Siblings>,
    ) {
        let Read { began, r, clock } = read;
        // What a clock covers that its client never saw is nobody's to read.
        let is_promised = is_promised(past) && !has_lost_versions;
        let is_kept = |old: &Acknowledged| is_promised && past.disks_lost_since(old.asked_at) == 0;
        let of_key = owed.of_key(key).iter();
        let due = of_key.filter(|old| old.at < began && old.copies + r > past.n);
        let is_missed = |old: &Acknowledged| match found {
            Some(found) => !found.survives(&old.version),
            None => {
                let has_seen = |clock: &Clock| past.versioning.has_seen(clock, &old.version);
                let mut reaped = owed.reaped_of(key).iter();
                let is_gone = old.version.content.is_tombstone
                    || reaped.any(|past| has_seen(&past.version.clock));
                !is_gone && !has_seen(clock)
            }
        };
        if self.first_overlap.is_none() && due.clone().any(is_kept) {
            self.first_overlap = Some(moment.at);
        }
        let mut missed = due.filter(|old| is_missed(old));
        self.missed += u64::from(missed.clone().next().is_some());
        if self.broken.is_none()
            && let Some(Acknowledged { at, .. }) = missed.find(|old| is_kept(old))
        {
            let what = format!("a get of {key:?} misses what was acknowledged at {at} ms");
            self.broken = Some(moment.broken(what));
        }
    }

    pub fn check(&self, past: &Past) -> Check {
        let check = RULE.check(self.first_overlap, &self.broken);
        check.unless(is_promised(past), Some(self.missed))
    }
}
