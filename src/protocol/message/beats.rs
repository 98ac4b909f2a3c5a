//! Heartbeats, and lists of them on their way.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::id::NodeId;
use crate::base::pool::recycle;
use crate::data::roster::{Roster, index_in, weight};

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

/// What a beat adds to the sum of a list.
#[inline(always)]
fn share(weight: u64, age: u64) -> u64 {
    weight.wrapping_mul(age.wrapping_add(1))
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
        let shares = roster.weights().iter().zip(&beats.ages);
        let sum = shares.fold(0, |sum: u64, (&weight, &age)| sum.wrapping_add(share(weight, age)));
        Beats { sum, ..beats }
    }

    /// Adds one to a list.
    #[inline(always)]
    pub fn push(&mut self, node: NodeId, age: u64) {
        debug_assert!(self.roster.is_none(), "a table has all that it can have");
        self.sum = self.sum.wrapping_add(share(weight(node), age));
        self.listed.push(node);
        self.ages.push(age);
    }

    /// Of two tables of this roster, adds to a list what one has newer than the other; to `older`
    /// those of which it has older ones. In a busy ring each is one or the other, at random, so
    /// both are written without a branch, and what was not wanted is written over.
    pub fn extend_newer(
        &mut self,
        roster: &Roster,
        (ages, others): (&[u64], &[u64]),
        older: &mut Vec<NodeId>,
    ) {
        const CHUNK: usize = 256;
        let (mut nodes_newer, mut ages_newer) = ([NodeId(0); CHUNK], [0; CHUNK]);
        let mut nodes_older = [NodeId(0); CHUNK];
        let rows = roster.nodes().chunks(CHUNK).zip(roster.weights().chunks(CHUNK));
        let pairs = ages.chunks(CHUNK).zip(others.chunks(CHUNK));
        for ((nodes, weights), (ages, others)) in rows.zip(pairs) {
            let (mut newer, mut lacking, mut sum) = (0, 0, self.sum);
            if ages == others {
                continue;
            }
            let count = nodes.len();
            let (weights, ages, others) = (&weights[..count], &ages[..count], &others[..count]);
            for at in 0..count {
                let (node, weight, age, other) = (nodes[at], weights[at], ages[at], others[at]);
                nodes_newer[newer % CHUNK] = node;
                ages_newer[newer % CHUNK] = age;
                nodes_older[lacking % CHUNK] = node;
                let is_newer = u64::from(age > other);
                sum = sum.wrapping_add(share(weight, age) & is_newer.wrapping_neg());
                newer += is_newer as usize;
                lacking += usize::from(age < other);
            }
            self.sum = sum;
            self.listed.extend_from_slice(&nodes_newer[..newer]);
            self.ages.extend_from_slice(&ages_newer[..newer]);
            older.extend_from_slice(&nodes_older[..lacking]);
        }
    }

    /// Adds to a list what a table of this roster has of these.
    pub fn extend_with(&mut self, nodes: &[NodeId], roster: &Roster, ages: &[u64]) {
        let from = self.ages.len();
        self.listed.resize(from + nodes.len(), NodeId::default());
        self.ages.resize(from + nodes.len(), 0);
        let (mut sum, mut count) = (self.sum, from);
        let mut places = self.listed[from..].iter_mut().zip(&mut self.ages[from..]);
        let (rows, weights) = (roster.nodes(), roster.weights());
        let (weights, ages) = (&weights[..rows.len()], &ages[..rows.len()]);
        for &node in nodes {
            if let Some(row) = index_in(rows, node)
                && let Some(place) = places.next()
            {
                let age = ages[row];
                (*place.0, *place.1) = (node, age);
                sum = sum.wrapping_add(share(weights[row], age));
                count += 1;
            }
        }
        self.sum = sum;
        self.listed.truncate(count);
        self.ages.truncate(count);
    }

    /// Whether it is a table of this roster.
    pub fn is_laid_out_along(&self, roster: &Roster) -> bool {
        let is_same = self.roster.as_ref().is_some_and(|mine| mine.is_same(roster));
        is_same || self.nodes() == roster.nodes()
    }

    /// Replaces the age that stands there.
    pub fn set(&mut self, row: usize, age: u64) {
        let old = std::mem::replace(&mut self.ages[row], age);
        let more = weight(self.nodes()[row]).wrapping_mul(age.wrapping_sub(old));
        self.sum = self.sum.wrapping_add(more);
    }

    /// Takes in what of these is newer in a table of this roster, but for one node, whose greatest
    /// age that is newer it answers. Calls `on_newer` with each row and its old and new age.
    #[inline(always)]
    pub fn raise(
        &mut self,
        roster: &Roster,
        (nodes, newer): (&[NodeId], &[u64]),
        left_out: NodeId,
        mut on_newer: impl FnMut(usize, u64, u64),
    ) -> u64 {
        let (rows, weights) = (roster.nodes(), roster.weights());
        let (weights, ages) = (&weights[..rows.len()], &mut self.ages[..rows.len()]);
        let newer = &newer[..nodes.len()];
        let (mut sum, mut told) = (self.sum, 0);
        for at in 0..nodes.len() {
            let (node, age) = (nodes[at], newer[at]);
            let Some(row) = index_in(rows, node) else {
                told = if node == left_out { age.max(told) } else { told };
                continue;
            };
            let known = ages[row];
            if age <= known {
                continue;
            }
            if node == left_out {
                told = age.max(told);
                continue;
            }
            ages[row] = age;
            sum = sum.wrapping_add(weights[row].wrapping_mul(age.wrapping_sub(known)));
            on_newer(row, known, age);
        }
        self.sum = sum;
        told
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
        let mut told = vec![];
        for left_out in [2, 3] {
            let (nodes, ages) = ([2, 9, 1, 2].map(NodeId), [9, 9, 1, 8]);
            let newest =
                table.raise(&roster, (&nodes, &ages), NodeId(left_out), |row, old, new| {
                    told.push((row, old, new));
                });
            assert_eq!(newest, if left_out == 2 { 9 } else { 0 });
        }
        assert_eq!(told, [(1, 1, 9)]);
        assert_ne!(table.sum(), first);
        let mut other = Beats::default();
        [(3, 1), (2, 9), (1, 1)].into_iter().for_each(|(node, age)| other.push(NodeId(node), age));
        assert_eq!(table.sum(), other.sum());
        table.set(1, 1);
        assert_eq!(table.sum(), first);
    }

    /// Of more rows than are looked at in one go.
    #[test]
    fn what_one_table_has_newer_than_the_other_is_listed_and_so_is_what_it_has_older() {
        let roster = Roster::new((0..600).map(NodeId));
        let table = |times| Beats::laid_out(&roster, |node| u64::from(node.0 * times % 7));
        let (mine, theirs) = (table(3), table(5));
        let (mut newer, mut older) = (Beats::default(), Vec::new());
        newer.extend_newer(&roster, (mine.ages(), theirs.ages()), &mut older);
        let pairs = || mine.iter().zip(theirs.ages());
        let is_newer = |&(beat, &other): &(Beat, &u64)| beat.age() > other;
        assert_eq!(newer, pairs().filter(is_newer).map(|(beat, _)| beat).collect());
        let is_older = |&(beat, &other): &(Beat, &u64)| beat.age() < other;
        assert!(pairs().filter(is_older).map(|(beat, _)| beat.node).eq(older.iter().copied()));
        let mut told = Beats::default();
        told.extend_with(&[NodeId(599), NodeId(600), NodeId(1)], &roster, mine.ages());
        assert_eq!(told, [599, 1].into_iter().filter_map(|row| mine.get(row)).collect());
    }

    #[test]
    fn a_table_and_a_list_of_the_same_beats_are_equal() {
        let table = Beats::laid_out(&Roster::new([4, 7].map(NodeId)), |node| u64::from(node.0));
        let list: Beats = table.iter().collect();
        assert_eq!(table, list);
        assert_ne!(table, list.iter().take(1).collect());
    }
}
