//! Clocks tell the truth about what came before what. See [`crate::sim::causality`].

use crate::data::version::Versioning;
use crate::sim::causality::{Causality, Wrongs};
use crate::sim::oracle::owed::Owed;
use crate::sim::oracle::past::Past;
use crate::sim::oracle::{Broken, Check, CheckClass, Moment, Rule};

pub const DOMINANCE: Rule = Rule {
    name: "no-false-dominance",
    class: CheckClass::Always,
    paper: "§4.4",
    says: "no version vanishes unless one that is left was made by who had seen it",
    promised: "with `dotted`, while no disk was rolled back; else counted",
};

pub const SIBLINGS: Rule = Rule {
    name: "no-false-siblings",
    class: CheckClass::Always,
    paper: "§4.4",
    says: "no version stays beside one that was made by who had seen it",
    promised: "with `dotted`, while no disk was rolled back; else counted",
};

#[derive(Clone, Debug, Default)]
pub struct Pasts {
    pub truth: Causality,
    false_dominance: Option<Broken>,
    false_siblings: Option<Broken>,
}

impl Pasts {
    /// What clocks got wrong so far. Dots promise that it stays nothing.
    pub fn wrongs(&mut self, moment: Moment, past: &Past) -> Wrongs {
        let wrongs = self.truth.wrongs();
        if past.is_rolled_back {
            return wrongs;
        }
        if wrongs.false_dominance > 0 && self.false_dominance.is_none() {
            let what = "a version vanished that nothing left there descends from".into();
            self.false_dominance = Some(moment.broken(what));
        }
        if wrongs.false_siblings > 0 && self.false_siblings.is_none() {
            let what = "a version stays beside one that descends from it".into();
            self.false_siblings = Some(moment.broken(what));
        }
        wrongs
    }

    pub fn checks(&self, past: &Past, owed: &Owed) -> [Check; 2] {
        let wrongs = self.truth.wrongs();
        let is_dotted = past.versioning == Versioning::Dotted;
        let check = |rule: Rule, broken: &Option<Broken>, count| {
            let broken = if is_dotted { broken } else { &None };
            let check = rule.check(owed.first_acknowledged, broken);
            check.unless(is_dotted && !past.is_rolled_back, Some(count))
        };
        [
            check(DOMINANCE, &self.false_dominance, wrongs.false_dominance),
            check(SIBLINGS, &self.false_siblings, wrongs.false_siblings),
        ]
    }
}
