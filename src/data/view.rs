//! What a node knows of its ring: the members, and the token map (§4.8.1).
//!
//! "The membership changes form a history because nodes can be removed and added back multiple
//! times." Each member's part of it is numbered by a version, each token and each home too, so two
//! views merge entry by entry, the higher version winning: a join, whatever the order.
//!
//! ```text
//!   members   node · joined or left · version · since when · weight · zone · name · address
//!             and its last changes                        for people
//!   ends      where partitions end                        strategy 1 alone; they only grow
//!   tokens    partition → owner · version                 strategy 3 alone
//!   homes     partition → N × (node · version)            where the keys are (§4.9)
//! ```
//!
//! The tokens say where the keys shall be. Under strategies 1 and 2 they follow from the members
//! (`partitioning.rs`), and under 1 every token that ever was ends a partition: when two views
//! with other ends merge, a range that is cut in two hands its homes, with their versions, to both
//! halves, and then the higher version wins as ever. That is a join too.
//!
//! A token moves at once, a home only after the records are there: whoever gives up a home is the
//! one that writes down its successor. While all is quiet the homes are what the tokens say.

mod entries;

use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::base::id::{NodeId, PartitionId};
use crate::base::order::sort_by_key;
use crate::data::partitioning::Partitioning;
use crate::data::plan::Weight;
use crate::data::ring::Ring;
use crate::data::roster::Roster;

pub use entries::{
    BadView, CHANGES_MAX, Change, Entries, HOMES_MAX, Home, Member, Status, TEXT_BYTES_MAX,
    TOKENS_MAX, Token, WEIGHT_MAX, WEIGHT_ONE,
};

/// A view: its entries, and what is looked up in them. Shared between all who know the same.
#[derive(Clone, Debug)]
pub struct View {
    entries: Entries,
    digest: u64,
    roster: Roster,
    ring: Ring,
    /// Some token's owner is no member, and there are members: two views that were apart have met.
    has_orphans: bool,
}

impl View {
    /// What a node knows that knows no ring yet: how it is cut, and the number of copies.
    ///
    /// # Panics
    /// When either is out of its range.
    pub fn blank(partitioning: Partitioning, n: usize) -> View {
        let (partitions, tokens) = match partitioning {
            Partitioning::ByToken { .. } => (1, 0),
            Partitioning::EqualByToken { partitions, .. } => (partitions as usize, 0),
            Partitioning::Equal { partitions } => (partitions as usize, partitions as usize),
        };
        let entries = Entries {
            partitioning,
            members: Vec::new(),
            ends: Vec::new(),
            tokens: vec![Token::default(); tokens],
            homes: vec![Home::default(); partitions * n],
        };
        View::of(entries).expect("the partitions and copies of a ring are in range")
    }

    /// A ring as it is founded: these members, and everything in its place. `owners` are those of
    /// the tokens under strategy 3, none under the others.
    ///
    /// # Panics
    /// As [`View::blank`], and when there are more tokens than [`TOKENS_MAX`].
    pub fn founded(
        partitioning: Partitioning,
        mut members: Vec<Member>,
        owners: &[Option<NodeId>],
        n: usize,
    ) -> View {
        let mut entries = View::blank(partitioning, n).entries;
        sort_by_key(&mut members, |member| member.node);
        entries.members = members;
        for (token, &owner) in entries.tokens.iter_mut().zip(owners) {
            *token = owner.map_or(Token::default(), |owner| Token { version: 1, owner });
        }
        entries.add_all_ends();
        entries.check().expect("a founded ring is in order");
        let ring = entries.ring(true);
        for partition in ring.partitions() {
            let slots = entries.homes[partition.index() * n..].iter_mut();
            for (slot, &node) in slots.zip(ring.targets(partition)) {
                *slot = Home { version: 1, node: Some(node) };
            }
        }
        View::of(entries).expect("a founded ring is in order")
    }

    /// A ring of ordinary nodes without names: everybody who owns a token of this ring of strategy
    /// 3, all of it in its place.
    pub fn of_owners(ring: &Ring, n: usize) -> View {
        let nodes = Roster::new(ring.token_owners().iter().flatten().copied());
        let member = |&node: &NodeId| Member::ordinary(node);
        let partitioning = Partitioning::Equal { partitions: ring.partition_count() as u32 };
        let members = nodes.nodes().iter().map(member).collect();
        View::founded(partitioning, members, ring.token_owners(), n)
    }

    /// The view of these entries, or what is wrong with them.
    pub fn of(entries: Entries) -> Result<View, BadView> {
        entries.check()?;
        let ring = entries.ring(entries.homes.iter().any(|home| home.version > 0));
        let joined = entries.members.iter().filter(|member| member.status == Status::Joined);
        let still_at_it = entries.homes.iter().filter_map(|home| home.node);
        let roster = Roster::new(joined.map(|member| member.node).chain(still_at_it));
        let mut view =
            View { digest: entries.fingerprint(), entries, roster, ring, has_orphans: false };
        let mut owners = view.ring.token_owners().iter().flatten();
        let is_any_orphan = owners.any(|&owner| !view.has_joined(owner));
        view.has_orphans = is_any_orphan && view.joined().next().is_some();
        Ok(view)
    }

    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// Equal views have equal digests, and others, in all likelihood, others.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Everybody who takes part: the members, and who has left and still keeps a home for
    /// somebody.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Whether some token's owner is no member, and somebody is.
    pub fn has_orphans(&self) -> bool {
        self.has_orphans
    }

    /// The N places of a partition, each with who keeps it.
    pub fn places(&self, partition: PartitionId) -> &[Home] {
        let n = self.n();
        &self.entries.homes[partition.index() * n..][..n]
    }

    /// N.
    pub fn n(&self) -> usize {
        self.entries.n()
    }

    /// Whatever is known of a node, joined or left.
    pub fn member(&self, node: NodeId) -> Option<&Member> {
        let members = &self.entries.members;
        let at = members.binary_search_by_key(&node, |member| member.node).ok()?;
        Some(&members[at])
    }

    pub fn has_joined(&self, node: NodeId) -> bool {
        self.member(node).is_some_and(|member| member.status == Status::Joined)
    }

    /// The members, in order.
    pub fn joined(&self) -> impl Iterator<Item = &Member> {
        self.entries.members.iter().filter(|member| member.status == Status::Joined)
    }

    /// The members with their weights, for a plan.
    pub fn weights(&self) -> Vec<Weight> {
        self.joined().map(|member| (member.node, member.weight)).collect()
    }

    /// Whose the tokens are that are dealt (strategy 3).
    pub fn dealt(&self) -> Vec<Option<NodeId>> {
        self.entries.tokens.iter().map(Token::known).collect()
    }

    /// Whether two views speak of rings of one shape: only then can they merge.
    pub fn is_alike(&self, other: &View) -> bool {
        self.entries.partitioning == other.entries.partitioning && self.n() == other.n()
    }
}

/// What both views know together. Shares whichever of the two says it all already. Where that is
/// more than a view can hold, what is known here stays.
pub fn merged(mine: &Rc<View>, theirs: &Rc<View>) -> Rc<View> {
    if mine.digest == theirs.digest || !mine.is_alike(theirs) {
        return mine.clone();
    }
    let mut both = mine.entries.clone();
    both.merge(&theirs.entries);
    if both == mine.entries {
        mine.clone()
    } else if both == theirs.entries {
        theirs.clone()
    } else {
        View::of(both).map_or_else(|_| mine.clone(), Rc::new)
    }
}

impl Serialize for View {
    /// Its entries: whoever reads them looks the rest up in them again.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.entries.serialize(to)
    }
}

impl<'de> Deserialize<'de> for View {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<View, D::Error> {
        View::of(Entries::deserialize(from)?).map_err(|bad| D::Error::custom(bad.0))
    }
}

impl PartialEq for View {
    fn eq(&self, other: &View) -> bool {
        self.entries == other.entries
    }
}

impl Eq for View {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::plan::Move;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn member(node: u32) -> Member {
        Member { name: "n".into(), ..Member::ordinary(NodeId(node)) }
    }

    fn view(count: u32) -> Rc<View> {
        let ring = Ring::new((0..count).map(NodeId).collect(), 2);
        let members = (0..count).map(member).collect();
        let partitioning = Partitioning::Equal { partitions: count };
        Rc::new(View::founded(partitioning, members, ring.token_owners(), 2))
    }

    fn changed(view: &Rc<View>, change: impl FnOnce(&mut Entries)) -> Rc<View> {
        let mut entries = view.entries.clone();
        change(&mut entries);
        Rc::new(View::of(entries).expect("it is in order"))
    }

    #[test]
    fn equal_views_are_shared_and_so_is_the_one_that_says_more() {
        let old = view(3);
        let new = changed(&old, |entries| {
            entries.set_member(Member { status: Status::Left, ..member(1) }, NodeId(0));
        });
        assert!(Rc::ptr_eq(&merged(&old, &new), &new));
        assert!(Rc::ptr_eq(&merged(&new, &old), &new));
        assert!(Rc::ptr_eq(&merged(&new, &new.clone()), &new));
        assert_ne!(old.digest(), new.digest());
        assert!(!new.has_joined(NodeId(1)) && new.joined().count() == 2);
    }

    #[test]
    fn what_either_side_learned_is_known_after_a_merge() {
        let old = view(3);
        let one = changed(&old, |entries| entries.set_member(member(7), NodeId(0)));
        let other = changed(&old, |entries| {
            entries.move_tokens(&[Move { partition: PartitionId(0), to: NodeId(9) }]);
        });
        let both = merged(&one, &other);
        assert!(both.has_joined(NodeId(7)));
        assert_eq!(both.ring().owner(PartitionId(0)), Some(NodeId(9)));
        assert_eq!(both, merged(&other, &one));
    }

    #[test]
    fn a_draw_goes_to_who_left_and_of_two_owners_to_the_greater() {
        let old = view(3);
        let take = |to: u32| {
            changed(&old, |entries| {
                entries.move_tokens(&[Move { partition: PartitionId(2), to: NodeId(to) }]);
            })
        };
        let both = merged(&take(8), &take(5));
        assert_eq!(both.ring().owner(PartitionId(2)), Some(NodeId(8)));
        let again = changed(&old, |entries| entries.set_member(member(0), NodeId(0)));
        let left = changed(&old, |entries| {
            entries.set_member(Member { status: Status::Left, ..member(0) }, NodeId(0));
        });
        assert!(!merged(&again, &left).has_joined(NodeId(0)));
    }

    #[test]
    fn a_token_moves_at_once_and_a_home_when_it_is_passed_on() {
        let before = view(3);
        let moved = changed(&before, |entries| {
            entries.set_member(member(9), NodeId(0));
            entries.move_tokens(&[Move { partition: PartitionId(0), to: NodeId(9) }]);
        });
        let p = PartitionId(0);
        assert_eq!(moved.ring().homes(p), [NodeId(1), NodeId(0)], "who stays comes first");
        assert_eq!(moved.ring().targets(p), [NodeId(9), NodeId(1)]);
        let done = changed(&moved, |entries| {
            assert!(entries.pass_home(p, Some(NodeId(0)), Some(NodeId(9))));
        });
        assert_eq!(done.ring().homes(p), [NodeId(9), NodeId(1)]);
    }

    #[test]
    fn who_has_left_stays_on_the_roster_while_it_keeps_a_home() {
        let leaving = changed(&view(3), |entries| {
            entries.set_member(Member { status: Status::Left, ..member(2) }, NodeId(0));
        });
        assert_eq!(leaving.roster().len(), 3);
        let left = changed(&leaving, |entries| {
            for partition in 0..3 {
                entries.pass_home(PartitionId(partition), Some(NodeId(2)), None);
            }
        });
        assert_eq!(left.roster().nodes(), [NodeId(0), NodeId(1)]);
    }

    #[test]
    fn entries_out_of_order_are_no_view() {
        let good = view(3).entries.clone();
        let refused = |change: &dyn Fn(&mut Entries)| {
            let mut entries = good.clone();
            change(&mut entries);
            View::of(entries).is_err()
        };
        assert!(refused(&|entries| entries.members.reverse()));
        assert!(refused(&|entries| entries.members[0].version = 0));
        assert!(refused(&|entries| entries.tokens.clear()));
        assert!(refused(&|entries| entries.homes.truncate(5)));
        assert!(refused(&|entries| entries.tokens[1].version = 0));
        assert!(refused(&|entries| entries.homes[1].version = 0));
        assert!(!refused(&|_| ()));
    }

    #[test]
    fn views_of_rings_of_another_shape_never_merge() {
        let (three, four) = (view(3), view(4));
        assert!(Rc::ptr_eq(&merged(&three, &four), &three));
    }
}
