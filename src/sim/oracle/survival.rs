//! What was acknowledged is on some disk.

use crate::data::version::Versioning;
use crate::sim::disk::Disk;
use crate::sim::oracle::owed::Owed;
use crate::sim::oracle::past::Past;
use crate::sim::oracle::{Broken, Check, CheckClass, Moment, Rule};

pub const RULE: Rule = Rule {
    name: "acknowledged-writes-survive",
    class: CheckClass::Always,
    paper: "§2.3",
    says: "some disk holds each acknowledged version, or one that covers it",
    promised: "not under `last-write-wins`, nor with `record-clock` once a clock was cut, nor \
               after a disk was rolled back; nor of a write since which as many disks, or write \
               buffers, were lost as there were homes that it had copies for, or members, or \
               homes left where a place passed to nobody",
};

/// Whether anything is promised. The greatest stamp promises nothing to the other writes; a
/// record's clock that was cut no longer covers what it once did; and a node whose disk was rolled
/// back may write anew under the counter of what it has forgotten.
pub fn is_promised(past: &Past) -> bool {
    match past.versioning {
        _ if past.is_rolled_back => false,
        Versioning::VectorClock | Versioning::Dotted => true,
        Versioning::RecordClock => !past.is_cut,
        Versioning::LastWriteWins => false,
    }
}

#[derive(Clone, Debug, Default)]
pub struct Survival {
    broken: Option<Broken>,
}

impl Survival {
    /// Looks for acknowledged writes that no disk holds, nor anything that covers them.
    pub fn look<'d>(
        &mut self,
        moment: Moment,
        past: &Past,
        owed: &Owed,
        disks: impl Iterator<Item = &'d Disk> + Clone,
    ) {
        if self.broken.is_some() || !is_promised(past) {
            return;
        }
        for (key, versions) in owed.all() {
            for version in versions {
                // With a write buffer a put that changes nothing is answered at once, on the
                // strength of one that is still to be durable.
                let pending = |disk: &'d Disk| disk.pending_of(key).filter(|_| past.has_buffer);
                let mut copies =
                    disks.clone().flat_map(|disk| disk.copies_of(key).chain(pending(disk)));
                if copies.any(|held| held.survives(&version.version)) {
                    continue;
                }
                let lost_since = past.disks_lost_since(version.asked_at);
                // A ring of fewer than W nodes keeps fewer copies.
                if lost_since < version.copies.min(past.homes_min.unwrap_or(usize::MAX)) {
                    let at_ms = version.at;
                    let what =
                        format!("no disk holds {key:?} as it was acknowledged at {at_ms} ms");
                    self.broken = Some(moment.broken(what));
                    return;
                }
            }
        }
    }

    pub fn check(&self, past: &Past, owed: &Owed) -> Check {
        RULE.check(owed.first_acknowledged, &self.broken).unless(is_promised(past), None)
    }
}
