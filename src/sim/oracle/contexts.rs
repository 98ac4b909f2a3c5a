//! A context that is handed back knows at least what the one handed in did.

use crate::base::blob::Key;
use crate::base::time::Instant;
use crate::data::version::{Clock, Versioning};
use crate::sim::oracle::past::Past;
use crate::sim::oracle::{Broken, Check, CheckClass, Moment, Rule};

pub const RULE: Rule = Rule {
    name: "contexts-never-shrink",
    class: CheckClass::Always,
    paper: "§4.4",
    says: "the context that a put gives back covers the one that it was given",
    promised: "not under `last-write-wins`, whose clocks carry no past, nor once a clock was cut",
};

fn is_promised(past: &Past) -> bool {
    past.versioning != Versioning::LastWriteWins && !past.is_cut
}

#[derive(Clone, Debug, Default)]
pub struct Contexts {
    first: Option<Instant>,
    broken: Option<Broken>,
}

impl Contexts {
    /// A put was acknowledged that was given one clock and gives back another.
    pub fn on_acknowledged(
        &mut self,
        moment: Moment,
        past: &Past,
        key: &Key,
        given: &Clock,
        back: &Clock,
    ) {
        if given.is_empty() || !is_promised(past) {
            return;
        }
        self.first.get_or_insert(moment.at);
        if self.broken.is_none() && !back.covers(given) {
            let what = format!("a put of {key:?} gave back less than it was given");
            self.broken = Some(moment.broken(what));
        }
    }

    pub fn check(&self, past: &Past) -> Check {
        RULE.check(self.first, &self.broken).unless(is_promised(past), None)
    }
}
