//! A counter of a node names one value for ever.

use crate::base::blob::Key;
use crate::base::digest::{Digest, Digestible};
use crate::base::map::Map;
use crate::base::queue::Queue;
use crate::data::version::{Dot, Version};
use crate::sim::oracle::owed::Owed;
use crate::sim::oracle::past::Past;
use crate::sim::oracle::{Broken, Check, CheckClass, Moment, Rule};

pub const RULE: Rule = Rule {
    name: "a-dot-names-one-value",
    class: CheckClass::Always,
    paper: "§4.4",
    says: "no two values of a key were acknowledged under one counter of one node",
    promised: "while no disk was rolled back",
};

/// Acknowledged versions that are remembered, the newest.
pub const DOTS_MAX: usize = 20_000;

#[derive(Clone, Debug, Default)]
pub struct Dots {
    /// Every dot that a client was told of lately, with the hash of what it names.
    known: Map<(Key, Dot), u64>,
    /// Those of `known`, the oldest first.
    order: Queue<(Key, Dot)>,
    /// Values that were written under a counter that was taken, since a disk was rolled back.
    reused: u64,
    broken: Option<Broken>,
}

impl Dots {
    /// A version was made under its dot.
    pub fn on_dot(&mut self, moment: Moment, past: &Past, key: &Key, version: &Version) {
        let dot = (key.clone(), version.dot);
        let mut digest = Digest::default();
        version.content.digest(&mut digest);
        let content = digest.value();
        match self.known.get(&dot) {
            Some(&known) if known == content => return,
            Some(_) => {}
            None => return self.remember(dot, content),
        }
        if past.is_rolled_back {
            self.reused += 1;
        } else if self.broken.is_none() {
            let what = format!("two values of {key:?} were written under one counter");
            self.broken = Some(moment.broken(what));
        }
    }

    fn remember(&mut self, dot: (Key, Dot), content: u64) {
        if self.order.len() >= DOTS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(dot.clone());
        self.known.insert(dot, content);
    }

    /// How many are remembered.
    pub fn held(&self) -> usize {
        self.order.len()
    }

    pub fn check(&self, past: &Past, owed: &Owed) -> Check {
        let check = RULE.check(owed.first_acknowledged, &self.broken);
        check.unless(!past.is_rolled_back, Some(self.reused))
    }
}
