//! Of versions that stand side by side none covers another.

use crate::data::version::{Causality, Siblings, Versioning};
use crate::sim::disk::Disk;
use crate::sim::oracle::owed::Owed;
use crate::sim::oracle::{Broken, Check, CheckClass, Moment, Rule};

pub const RULE: Rule = Rule {
    name: "siblings-are-an-antichain",
    class: CheckClass::Always,
    paper: "§4.4",
    says: "no record on a disk, replica or hint, has a version beside one that covers it; with \
           `record-clock`, no version twice",
    promised: "always",
};

#[derive(Clone, Debug, Default)]
pub struct Antichain {
    broken: Option<Broken>,
}

impl Antichain {
    pub fn look(&mut self, moment: Moment, disk: &Disk) {
        if self.broken.is_some() {
            return;
        }
        let hints = disk.stored.hints.targets().flat_map(|(_, records)| records.iter());
        for (key, siblings) in disk.stored.records.iter().chain(hints) {
            if !is_antichain(siblings) {
                let what = format!("siblings of {key:?} of which one covers another");
                self.broken = Some(moment.broken(what));
                return;
            }
        }
    }

    pub fn check(&self, owed: &Owed) -> Check {
        RULE.check(owed.first_acknowledged, &self.broken)
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
