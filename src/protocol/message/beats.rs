//! Heartbeats, and lists of them on their way.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::id::NodeId;
use crate::base::pool::recycle;
use crate::data::roster::Roster;

/// A heartbeat: which life of the node, and how far into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    pub node: NodeId,
    pub incarnation: u32,
    pub version: u32,
}

impl Beat {
    /// Incarnation first, then version, as one number: it is compared more than anything else.
    #[inline(always)]
    pub fn age(&self) -> u64 {
        u64::from(self.incarnation) << 32 | u64::from(self.version)
    }

    #[inline(always)]
    pub fn of_age(node: NodeId, age: u64) -> Beat {
        Beat { node, incarnation: (age >> 32) as u32, version: age as u32 }
    }
}

/// What a node's beat adds to the sum of a list for each step of its age: an odd number of its own.
#[inline(always)]
fn weight(node: NodeId) -> u64 {
    const PRIMES: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F];
    let own = (u64::from(node.0) + 1).wrapping_mul(PRIMES[0]);
    (own ^ own >> 32).wrapping_mul(PRIMES[1]) | 1
}

/// What the beat itself adds.
#[inline(always)]
fn share(node: NodeId, age: u64) -> u64 {
    weight(node).wrapping_mul(age.wrapping_add(1))
}

/// Heartbeats. Every node of a ring has a table of them all, and sends it once a second: so ages
/// stand by themselves, one number each, and whose they are is said by a roster that all share.
/// What stands for them in the digest is kept up with each change: the sum of what they weigh.
#[derive(Debug, Default)]
pub struct Beats {
    /// Whose they are, of a table that is laid out along it.
    roster: Option<Roster>,
    /// The same of a list.
    listed: Vec<NodeId>,
    ages: Vec<u64>,
    sum: u64,
}

recycle!(Beats, beats => {
    beats.roster = None;
    beats.listed.clear();
    beats.ages.clear();
    beats.sum = 0;
});

impl Beats {
    /// A table of a whole roster.
    pub fn laid_out(roster: &Roster, age_of: impl Fn(NodeId) -> u64) -> Beats {
        let ages: Vec<u64> = roster.nodes().iter().map(|&node| age_of(node)).collect();
        let beats = Beats { roster: Some(roster.clone()), listed: Vec::new(), ages, sum: 0 };
        let shares = beats.nodes().iter().zip(&beats.ages).map(|(&node, &age)| share(node, age));
        let sum = shares.fold(0, u64::wrapping_add);
        Beats { sum, ..beats }
    }

    /// Adds one to a list.
    #[inline(always)]
    pub fn push(&mut self, node: NodeId, age: u64) {
        debug_assert!(self.roster.is_none(), "a table has all that it can have");
        self.sum = self.sum.wrapping_add(share(node, age));
        self.listed.push(node);
        self.ages.push(age);
    }

    /// Adds so many to a list.
    #[inline(always)]
    pub fn extend(&mut self, count: usize, beats: impl Iterator<Item = (NodeId, u64)>) {
        let from = self.listed.len();
        self.listed.resize(from + count, NodeId::default());
        self.ages.resize(from + count, 0);
        let places = self.listed[from..].iter_mut().zip(&mut self.ages[from..]);
        let mut sum = self.sum;
        for ((node, age), beat) in places.zip(beats) {
            (*node, *age) = beat;
            sum = sum.wrapping_add(share(*node, *age));
        }
        self.sum = sum;
    }

    /// Whether it is a table of this roster.
    pub fn is_laid_out_along(&self, roster: &Roster) -> bool {
        let is_same = self.roster.as_ref().is_some_and(|mine| mine.is_same(roster));
        is_same || self.nodes() == roster.nodes()
    }

    /// Replaces the age that stands there.
    pub fn set(&mut self, row: usize, age: u64) {
        self.replace(row, self.nodes()[row], age);
    }

    /// Replaces the age of `node`, which stands there, if this one is newer. Answers the old one
    /// then.
    #[inline(always)]
    pub fn raise(&mut self, row: usize, node: NodeId, age: u64) -> Option<u64> {
        (age > self.ages[row]).then(|| self.replace(row, node, age))
    }

    /// Answers the old one.
    #[inline(always)]
    fn replace(&mut self, row: usize, node: NodeId, age: u64) -> u64 {
        let old = std::mem::replace(&mut self.ages[row], age);
        self.sum = self.sum.wrapping_add(weight(node).wrapping_mul(age.wrapping_sub(old)));
        old
    }

    pub fn len(&self) -> usize {
        self.ages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ages.is_empty()
    }

    #[inline(always)]
    pub fn nodes(&self) -> &[NodeId] {
        self.roster.as_ref().map_or(&self.listed, Roster::nodes)
    }

    /// Of each of the nodes.
    #[inline(always)]
    pub fn ages(&self) -> &[u64] {
        &self.ages
    }

    pub fn get(&self, row: usize) -> Option<Beat> {
        Some(Beat::of_age(*self.nodes().get(row)?, *self.ages.get(row)?))
    }

    pub fn iter(&self) -> impl Iterator<Item = Beat> + '_ {
        self.nodes().iter().zip(&self.ages).map(|(&node, &age)| Beat::of_age(node, age))
    }

    /// The same for the same beats, in whatever order.
    pub fn sum(&self) -> u64 {
        self.sum
    }
}

impl Clone for Beats {
    fn clone(&self) -> Beats {
        let mut copy = Beats::default();
        copy.clone_from(self);
        copy
    }

    /// Into the memory that is there already.
    fn clone_from(&mut self, from: &Beats) {
        self.roster.clone_from(&from.roster);
        self.listed.clone_from(&from.listed);
        self.ages.clone_from(&from.ages);
        self.sum = from.sum;
    }
}

/// The same beats are the same, whether as a list or as a table.
impl PartialEq for Beats {
    fn eq(&self, other: &Beats) -> bool {
        (self.sum, &self.ages, self.nodes()) == (other.sum, &other.ages, other.nodes())
    }
}

impl Eq for Beats {}

impl FromIterator<Beat> for Beats {
    fn from_iter<I: IntoIterator<Item = Beat>>(beats: I) -> Beats {
        let mut list = Beats::default();
        beats.into_iter().for_each(|beat| list.push(beat.node, beat.age()));
        list
    }
}

impl Serialize for Beats {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Beats {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Beats, D::Error> {
        Ok(Vec::<Beat>::deserialize(from)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_sum_is_that_of_what_is_in_the_list_however_it_came_there() {
        let roster = Roster::new([1, 2, 3].map(NodeId));
        let mut table = Beats::laid_out(&roster, |_| 1);
        let first = table.sum();
        assert_eq!(table.raise(1, NodeId(2), 9), Some(1));
        assert_eq!(table.raise(1, NodeId(2), 9), None);
        assert_ne!(table.sum(), first);
        let mut other = Beats::default();
        [(3, 1), (2, 9), (1, 1)].into_iter().for_each(|(node, age)| other.push(NodeId(node), age));
        assert_eq!(table.sum(), other.sum());
        table.set(1, 1);
        assert_eq!(table.sum(), first);
    }

    #[test]
    fn a_table_and_a_list_of_the_same_beats_are_equal() {
        let table = Beats::laid_out(&Roster::new([4, 7].map(NodeId)), |node| u64::from(node.0));
        let list: Beats = table.iter().collect();
        assert_eq!(table, list);
        assert_ne!(table, list.iter().take(1).collect());
    }
}
