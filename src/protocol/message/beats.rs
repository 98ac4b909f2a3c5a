//! Heartbeats, and lists of them on their way.

use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::id::NodeId;
use crate::base::pool::{Pooled, recycle};
use crate::base::time::Moment;
use crate::data::roster::{Roster, weight};
use crate::protocol::message::ages;

/// What a comparison answers: the beats known better here, and the nodes known better there.
pub type Compared = (Pooled<Beats>, Pooled<Wanted>);

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

/// Heartbeats: a table along a roster that all share, or a list.
///
/// A node keeps a table of all, and sends it once a second. What is told of another's table is a
/// table too, with zero in the rows that are not told of. Lists are for whom the roster is not
/// known to be the same, and for ages that a table has no room for.
#[derive(Debug, Default)]
pub struct Beats {
    roster: Option<Roster>,
    /// A table's, packed.
    rows: Vec<u32>,
    /// Whether a row of zero is a beat of that age, and not the lack of one.
    is_whole: bool,
    /// A list's.
    nodes: Vec<NodeId>,
    ages: Vec<u64>,
    len: usize,
    sum: u32,
}

recycle!(Beats, beats => {
    beats.roster = None;
    beats.rows.clear();
    beats.is_whole = false;
    beats.nodes.clear();
    beats.ages.clear();
    (beats.len, beats.sum) = (0, 0);
});

impl Beats {
    /// A beat for each of a roster, in its order.
    pub fn laid_out(roster: &Roster, age_of: impl Fn(NodeId) -> u64) -> Beats {
        let ages = || roster.nodes().iter().map(|&node| age_of(node));
        let mut beats = Beats::default();
        match ages().map(ages::packed).collect() {
            Some(rows) => {
                beats = Beats { roster: Some(roster.clone()), rows, is_whole: true, ..beats };
            }
            None => {
                beats = Beats { nodes: roster.nodes().to_vec(), ages: ages().collect(), ..beats }
            }
        }
        beats.weigh();
        beats
    }

    /// Adds one to a list.
    pub fn push(&mut self, node: NodeId, age: u64) {
        debug_assert!(self.roster.is_none(), "a table has all that it can have");
        self.sum = self.sum.wrapping_add(ages::share(weight(node), age));
        self.len += 1;
        self.nodes.push(node);
        self.ages.push(age);
    }

    /// The rows of a table of this roster.
    #[inline(always)]
    fn rows_along(&self, roster: &Roster) -> Option<&[u32]> {
        let is_along = self.roster.as_ref().is_some_and(|mine| mine.is_equal(roster));
        is_along.then_some(&self.rows[..])
    }

    /// Of two whole tables of this roster, those that this one has newer, and those that it has
    /// older. None where there are no such tables.
    pub fn compared(&self, others: &Beats, roster: &Roster) -> Option<Compared> {
        let (mine, theirs) = (self.rows_along(roster)?, others.rows_along(roster)?);
        if !(self.is_whole && others.is_whole) {
            return None;
        }
        let newer = Beats::table(roster, |rows| ages::newer(mine, theirs, rows));
        let wanted = Pooled::build(|wanted: &mut Wanted| {
            wanted.roster = Some(roster.clone());
            ages::older(mine, theirs, &mut wanted.mask);
            wanted.weigh();
        });
        Some((newer, wanted))
    }

    /// What a table of this roster has of what is wanted; none where there is no such table.
    pub fn selected(&self, wanted: &Wanted, roster: &Roster) -> Option<Pooled<Beats>> {
        let mine = self.rows_along(roster)?;
        let mask = wanted.mask_along(roster)?;
        Some(Beats::table(roster, |rows| ages::masked(mine, mask, rows)))
    }

    fn table(roster: &Roster, fill: impl FnOnce(&mut Vec<u32>)) -> Pooled<Beats> {
        Pooled::build(|beats: &mut Beats| {
            beats.roster = Some(roster.clone());
            fill(&mut beats.rows);
            beats.weigh();
        })
    }

    /// Whether [`Beats::raise`] can be told these.
    pub fn is_alike(&self, others: &Beats, roster: &Roster) -> bool {
        self.rows_along(roster).is_some() && others.rows_along(roster).is_some()
    }

    /// Takes in what of a table of the same roster is newer, but for one row, and sets the moments
    /// of those rows. What is weighed is weighed anew with [`Beats::weigh`].
    pub fn raise(
        &mut self,
        newer: &Beats,
        but: Option<usize>,
        moments: &mut [Moment],
        now: Moment,
    ) {
        debug_assert_eq!(self.rows.len(), newer.rows.len());
        let kept = but.map(|row| (row, self.rows[row], moments[row]));
        ages::raise(&mut self.rows, &newer.rows, moments, now);
        if let Some((row, age, moment)) = kept {
            (self.rows[row], moments[row]) = (age, moment);
        }
    }

    /// Replaces the age that stands there. See [`Beats::weigh`].
    pub fn set(&mut self, row: usize, age: u64) {
        match (ages::packed(age), &self.roster) {
            (Some(age), Some(_)) => self.rows[row] = age,
            (None, Some(_)) => {
                self.list();
                self.ages[row] = age;
            }
            (_, None) => self.ages[row] = age,
        }
    }

    /// Makes a list of a table, for an age that needs more room.
    fn list(&mut self) {
        let Some(roster) = self.roster.take() else { return };
        self.nodes.extend_from_slice(roster.nodes());
        self.ages.extend(self.rows.drain(..).map(ages::unpacked));
    }

    /// What stands for them in the digest, after rows were changed.
    pub fn weigh(&mut self) {
        (self.len, self.sum) = match &self.roster {
            Some(roster) if self.is_whole => {
                (roster.len(), ages::sum(roster.weights(), &self.rows))
            }
            Some(roster) => (ages::count(&self.rows), ages::sum(roster.weights(), &self.rows)),
            None => {
                let pairs = self.nodes.iter().zip(&self.ages);
                let shares = pairs.map(|(&node, &age)| ages::share(weight(node), age));
                (self.nodes.len(), shares.fold(0, u32::wrapping_add))
            }
        };
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The age that stands in a row, zero where there is none.
    #[inline(always)]
    pub fn age_at(&self, row: usize) -> u64 {
        match self.roster {
            Some(_) => ages::unpacked(self.rows[row]),
            None => self.ages[row],
        }
    }

    pub fn get(&self, row: usize) -> Option<Beat> {
        match &self.roster {
            Some(roster) => {
                let (node, age) = (*roster.nodes().get(row)?, *self.rows.get(row)?);
                (self.is_whole || age != 0).then(|| Beat::of_age(node, ages::unpacked(age)))
            }
            None => Some(Beat::of_age(*self.nodes.get(row)?, *self.ages.get(row)?)),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Beat> + '_ {
        let rows = self.rows.len().max(self.nodes.len());
        (0..rows).filter_map(|row| self.get(row))
    }

    /// The same for the same beats, in whatever order.
    pub fn sum(&self) -> u32 {
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
        self.rows.clone_from(&from.rows);
        self.nodes.clone_from(&from.nodes);
        self.ages.clone_from(&from.ages);
        (self.is_whole, self.len, self.sum) = (from.is_whole, from.len, from.sum);
    }
}

/// The same beats are the same, whether as a list or as a table.
impl PartialEq for Beats {
    fn eq(&self, other: &Beats) -> bool {
        (self.len, self.sum) == (other.len, other.sum) && self.iter().eq(other.iter())
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
        sequence(to, self.len, self.iter())
    }
}

impl<'de> Deserialize<'de> for Beats {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Beats, D::Error> {
        Ok(Vec::<Beat>::deserialize(from)?.into_iter().collect())
    }
}

/// Nodes whose heartbeats are asked for: a mask along a roster, or a list.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    roster: Option<Roster>,
    /// All ones in the rows that are wanted.
    mask: Vec<u32>,
    nodes: Vec<NodeId>,
    len: usize,
    sum: u32,
}

recycle!(Wanted, wanted => {
    wanted.roster = None;
    wanted.mask.clear();
    wanted.nodes.clear();
    (wanted.len, wanted.sum) = (0, 0);
});

impl Wanted {
    /// Adds one to a list.
    pub fn push(&mut self, node: NodeId) {
        debug_assert!(self.roster.is_none(), "a mask has all that it can have");
        self.sum = self.sum.wrapping_add(weight(node));
        self.len += 1;
        self.nodes.push(node);
    }

    fn weigh(&mut self) {
        if let Some(roster) = &self.roster {
            self.len = ages::count(&self.mask);
            self.sum = ages::masked_sum(roster.weights(), &self.mask);
        }
    }

    fn mask_along(&self, roster: &Roster) -> Option<&[u32]> {
        let is_along = self.roster.as_ref().is_some_and(|mine| mine.is_equal(roster));
        is_along.then_some(&self.mask[..])
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        let nodes = self.roster.as_ref().map_or(&self.nodes[..], Roster::nodes);
        let is_wanted = |row: usize| self.roster.is_none() || self.mask[row] != 0;
        nodes.iter().enumerate().filter(move |&(row, _)| is_wanted(row)).map(|(_, &node)| node)
    }

    /// The same for the same nodes, in whatever order.
    pub fn sum(&self) -> u32 {
        self.sum
    }
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Wanted) -> bool {
        (self.len, self.sum) == (other.len, other.sum) && self.iter().eq(other.iter())
    }
}

impl FromIterator<NodeId> for Wanted {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Wanted {
        let mut list = Wanted::default();
        nodes.into_iter().for_each(|node| list.push(node));
        list
    }
}

impl Serialize for Wanted {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        sequence(to, self.len, self.iter())
    }
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Wanted, D::Error> {
        Ok(Vec::<NodeId>::deserialize(from)?.into_iter().collect())
    }
}

/// A sequence that says beforehand how long it is, as the wire must.
fn sequence<S: Serializer, T: Serialize>(
    to: S,
    len: usize,
    mut items: impl Iterator<Item = T>,
) -> Result<S::Ok, S::Error> {
    let mut sequence = to.serialize_seq(Some(len))?;
    items.try_for_each(|item| sequence.serialize_element(&item))?;
    sequence.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Instant;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn listed(beats: &Beats) -> Beats {
        beats.iter().collect()
    }

    #[test]
    fn the_sum_is_that_of_what_is_there_however_it_came_there() {
        let roster = Roster::new([1, 2, 3].map(NodeId));
        let mut table = Beats::laid_out(&roster, |_| 1);
        let first = table.sum();
        let news = Beats::laid_out(&roster, |node| u64::from(node.0));
        let (early, now) = (Moment::default(), Moment::of(Instant(5_000_000)));
        let mut moments = vec![early; 3];
        table.raise(&news, Some(2), &mut moments, now);
        assert_eq!(moments, [early, now, early], "the row left out is not news either");
        table.weigh();
        assert_ne!(table.sum(), first);
        let mut other = Beats::default();
        [(3, 1), (2, 2), (1, 1)].into_iter().for_each(|(node, age)| other.push(NodeId(node), age));
        assert_eq!((table.sum(), table.len()), (other.sum(), other.len()));
        table.set(1, 1);
        table.weigh();
        assert_eq!(table.sum(), first);
    }

    #[test]
    fn what_one_table_has_newer_than_the_other_is_told_and_so_is_what_it_has_older() {
        let roster = Roster::new((0..600).map(NodeId));
        let table = |times| Beats::laid_out(&roster, |node| u64::from(node.0 * times % 7));
        let (mine, theirs) = (table(3), table(5));
        let (newer, wanted) = mine.compared(&theirs, &roster).expect("both are tables");
        let pairs = || mine.iter().zip(theirs.iter());
        let is_newer = |&(beat, other): &(Beat, Beat)| beat.age() > other.age();
        assert_eq!(*newer, pairs().filter(is_newer).map(|(beat, _)| beat).collect());
        let is_older = |&(beat, other): &(Beat, Beat)| beat.age() < other.age();
        assert_eq!(*wanted, pairs().filter(is_older).map(|(beat, _)| beat.node).collect());
        assert_eq!((newer.len(), wanted.len()), (newer.iter().count(), wanted.iter().count()));
        let rest = theirs.selected(&wanted, &roster).expect("it is a table");
        assert_eq!(*rest, pairs().filter(is_older).map(|(_, other)| other).collect());
        assert_eq!(rest.len(), wanted.len());
    }

    #[test]
    fn only_whole_tables_of_one_roster_are_compared_as_tables() {
        let roster = Roster::new([4, 7].map(NodeId));
        let table = Beats::laid_out(&roster, |_| 1);
        assert!(table.compared(&listed(&table), &roster).is_none());
        let (some, wanted) = table.compared(&Beats::laid_out(&roster, |_| 0), &roster).unwrap();
        assert!(table.compared(&some, &roster).is_none(), "what it lacks is not of age zero");
        let other = Roster::new([4, 8].map(NodeId));
        assert!(table.selected(&wanted, &other).is_none() && !table.is_alike(&table, &other));
        assert!(table.compared(&table, &Roster::new([4, 7].map(NodeId))).is_some());
    }

    #[test]
    fn a_table_and_a_list_of_the_same_beats_are_equal() {
        let table = Beats::laid_out(&Roster::new([4, 7].map(NodeId)), |node| u64::from(node.0));
        let list = listed(&table);
        assert_eq!(table, list);
        assert_ne!(table, list.iter().take(1).collect());
    }

    #[test]
    fn an_age_that_a_table_has_no_room_for_makes_it_a_list() {
        let roster = Roster::new([4, 7].map(NodeId));
        let wide = |node: NodeId| if node.0 == 7 { u64::MAX } else { 3 };
        let mut table = Beats::laid_out(&roster, |_| 3);
        table.set(1, u64::MAX);
        table.weigh();
        assert_eq!(table, Beats::laid_out(&roster, wide));
        assert_eq!((table.age_at(0), table.age_at(1), table.len()), (3, u64::MAX, 2));
        table.set(1, 3);
        table.weigh();
        assert_eq!(table, Beats::laid_out(&roster, |_| 3));
    }
}
