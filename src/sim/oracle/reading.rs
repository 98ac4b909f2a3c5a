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
    promised: "with a `strict` or `primaries` quorum, while nobody has joined or left, no disk was \
               lost, and no clock has lost a version; and where writes survive",
};

/// A get that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Read<'r> {
    pub began: Instant,
    pub r: usize,
    /// Of the context it gave.
    pub clock: &'r Clock,
}

/// R answers and W copies have a home in common only if both are those of the same N nodes, and no
/// disk has forgotten. What the last write won over, or a clock covers that its client never saw,
/// is nobody's to read.
fn is_promised(past: &Past, versions_lost: u64) -> bool {
    past.quorum != QuorumRule::Sloppy
        && !past.is_membership_changed
        && past.disks_lost.is_empty()
        && survival::is_promised(past)
        && versions_lost == 0
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
        (past, versions_lost, owed): (&Past, u64, &Owed),
        key: &Key,
        read: Read<'_>,
        found: Option<&Siblings>,
    ) {
        let Read { began, r, clock } = read;
        let is_promised = is_promised(past, versions_lost);
        let of_key = owed.of_key(key).iter();
        let mut due = of_key.filter(|old| old.at < began && old.copies + r > past.n);
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
        if is_promised && self.first_overlap.is_none() && due.clone().next().is_some() {
            self.first_overlap = Some(moment.at);
        }
        let Some(at_ms) = due.find(|old| is_missed(old)).map(|old| old.at) else { return };
        self.missed += 1;
        if is_promised && self.broken.is_none() {
            let what = format!("a get of {key:?} misses what was acknowledged at {at_ms} ms");
            self.broken = Some(moment.broken(what));
        }
    }

    pub fn check(&self, past: &Past, versions_lost: u64) -> Check {
        let check = RULE.check(self.first_overlap, &self.broken);
        check.unless(is_promised(past, versions_lost), Some(self.missed))
    }
}
