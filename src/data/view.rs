//! What a node knows of its ring: the members, and the token map (§4.8.1).
//!
//! "The membership changes form a history because nodes can be removed and added back multiple
//! times." Each member's part of it is numbered by a version, each token and each home too, so two
//! views merge entry by entry, the higher version winning: a join, whatever the order.
//!
//! ```text
//!   members   node · joined or left · version · since when · weight · name · address
//!   tokens    partition → owner · version                 where the keys shall be
//!   homes     partition → N × (node · version)            where they are (§4.9)
//! ```
//!
//! A token moves at once, a home only after the records are there: whoever gives up a home is the
//! one that writes down its successor. While all is quiet the homes are what the tokens say.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::base::digest::{Digest, Digestible};
use crate::base::id::{NodeId, PartitionId};
use crate::base::order::sort_by_key;
use crate::base::time::WallTime;
use crate::data::plan::{Move, Weight};
use crate::data::ring::Ring;
use crate::data::roster::Roster;

/// Whether a node belongs to the ring. Only explicit commands change it (§4.8.1): a failure is no
/// departure. Left is the greater, so that it wins a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Status {
    Joined,
    Left,
}

/// The last word on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub node: NodeId,
    /// From 1; one more for each join and leave of this node.
    pub version: u32,
    pub status: Status,
    /// When the command was given, by the clock of the node that it was given to.
    pub changed_at: WallTime,
    /// Its share of tokens against the others', in thousandths.
    pub weight: u32,
    pub name: Arc<str>,
    /// Where it listens; empty when it cannot be dialled.
    pub address: Arc<str>,
}

/// Who owns a partition. Version 0: nobody is known to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Token {
    pub version: u32,
    pub owner: NodeId,
}

/// Who keeps one of the N copies of a partition. Version 0: nobody ever did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Home {
    pub version: u32,
    pub node: Option<NodeId>,
}

/// The entries of a view, as they are stored and sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    /// In the order of nodes, each once.
    pub members: Vec<Member>,
    /// One for each partition.
    pub tokens: Vec<Token>,
    /// N for each partition, side by side.
    pub homes: Vec<Home>,
}

/// A view: its entries, and what is looked up in them. Shared between all who know the same.
#[derive(Clone, Debug)]
pub struct View {
    entries: Entries,
    digest: u64,
    roster: Roster,
    ring: Ring,
}

/// Entries that no view can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadView(pub &'static str);

impl fmt::Display for BadView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BadView {}

/// The most tokens that a view may have.
pub const TOKENS_MAX: usize = 65_536;
/// The most copies of a partition.
pub const HOMES_MAX: usize = 16;
/// The longest name and the longest address, in bytes.
pub const TEXT_BYTES_MAX: usize = 512;
/// The weight of an ordinary node.
pub const WEIGHT_ONE: u32 = 1_000;
pub const WEIGHT_MAX: u32 = 10_000_000;

impl View {
    /// What a node knows that knows no ring yet: the number of partitions and of copies.
    ///
    /// # Panics
    /// When either is out of its range.
    pub fn blank(partitions: usize, n: usize) -> View {
        let entries = Entries {
            members: Vec::new(),
            tokens: vec![Token::default(); partitions],
            homes: vec![Home::default(); partitions * n],
        };
        View::of(entries).expect("the partitions and copies of a ring are in range")
    }

    /// A ring as it is founded: these members, and the ring with everything in its place.
    ///
    /// # Panics
    /// As [`View::blank`].
    pub fn founded(members: Vec<Member>, ring: &Ring, n: usize) -> View {
        let mut entries = View::blank(ring.partition_count(), n).entries;
        entries.members = members;
        sort_by_key(&mut entries.members, |member| member.node);
        for partition in ring.partitions() {
            if let Some(owner) = ring.owner(partition) {
                entries.tokens[partition.index()] = Token { version: 1, owner };
            }
            let slots = entries.homes[partition.index() * n..].iter_mut();
            for (slot, &node) in slots.zip(ring.homes(partition)) {
                *slot = Home { version: 1, node: Some(node) };
            }
        }
        View::of(entries).expect("a founded ring is in order")
    }

    /// A ring of ordinary nodes without names: everybody who owns a token of this ring, all of it
    /// in its place.
    pub fn of_owners(ring: &Ring, n: usize) -> View {
        let owners = Roster::new(ring.partitions().filter_map(|partition| ring.owner(partition)));
        let member = |&node: &NodeId| Member {
            node,
            version: 1,
            status: Status::Joined,
            changed_at: WallTime(0),
            weight: WEIGHT_ONE,
            name: "".into(),
            address: "".into(),
        };
        View::founded(owners.nodes().iter().map(member).collect(), ring, n)
    }

    /// The view of these entries, or what is wrong with them.
    pub fn of(entries: Entries) -> Result<View, BadView> {
        entries.check()?;
        let (tokens, homes) = (&entries.tokens, &entries.homes);
        let n = homes.len() / tokens.len();
        let owner = |token: &Token| (token.version > 0).then_some(token.owner);
        let slots: Vec<Option<NodeId>> = homes.iter().map(|home| home.node).collect();
        let settled = |p: PartitionId| Some(&slots[p.index() * n..][..n]);
        let ring = Ring::on_the_move(tokens.iter().map(owner).collect(), n, settled);
        let joined = entries.members.iter().filter(|member| member.status == Status::Joined);
        let still_at_it = slots.iter().flatten().copied();
        let roster = Roster::new(joined.map(|member| member.node).chain(still_at_it));
        Ok(View { digest: entries.fingerprint(), entries, roster, ring })
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

    /// The N places of a partition, each with who keeps it.
    pub fn places(&self, partition: PartitionId) -> &[Home] {
        let n = self.n();
        &self.entries.homes[partition.index() * n..][..n]
    }

    /// N.
    pub fn n(&self) -> usize {
        self.entries.homes.len() / self.entries.tokens.len()
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

    /// Whose the tokens are.
    pub fn owners(&self) -> Vec<Option<NodeId>> {
        self.ring.partitions().map(|partition| self.ring.owner(partition)).collect()
    }

    /// Whether two views speak of rings of one shape: only then can they merge.
    pub fn is_alike(&self, other: &View) -> bool {
        let shape = |view: &View| (view.entries.tokens.len(), view.entries.homes.len());
        shape(self) == shape(other)
    }
}

/// What both views know together. Shares whichever of the two says it all already.
pub fn merged(mine: &Arc<View>, theirs: &Arc<View>) -> Arc<View> {
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
        Arc::new(View::of(both).expect("what was in order on both sides merges in order"))
    }
}

impl Member {
    /// What the greater of two words on one node is judged by.
    fn rank(&self) -> (u32, Status, u32, WallTime, &str, &str) {
        (self.version, self.status, self.weight, self.changed_at, &self.name, &self.address)
    }

    fn is_in_order(&self) -> bool {
        let is_short = |text: &str| text.len() <= TEXT_BYTES_MAX;
        let is_weighed = (1..=WEIGHT_MAX).contains(&self.weight);
        self.version > 0 && is_weighed && is_short(&self.name) && is_short(&self.address)
    }
}

impl Entries {
    fn check(&self) -> Result<(), BadView> {
        let (tokens, homes) = (self.tokens.len(), self.homes.len());
        if !(1..=TOKENS_MAX).contains(&tokens) {
            return Err(BadView("a view has 1 to 65536 partitions"));
        }
        if !homes.is_multiple_of(tokens) || !(1..=HOMES_MAX).contains(&(homes / tokens)) {
            return Err(BadView("each partition of a view has the same number of homes, 1 to 16"));
        }
        if !self.members.is_sorted_by(|a, b| a.node < b.node) {
            return Err(BadView("the members of a view are in order, each once"));
        }
        if !self.members.iter().all(Member::is_in_order) {
            return Err(BadView("a member has a version, a weight and a short name and address"));
        }
        let is_blank = |token: &Token| token.version > 0 || token.owner == NodeId::default();
        let is_empty = |home: &Home| home.version > 0 || home.node.is_none();
        if !self.tokens.iter().all(is_blank) || !self.homes.iter().all(is_empty) {
            return Err(BadView("what has no version yet says nothing"));
        }
        Ok(())
    }

    /// Takes over what the other knows better. Commutative, associative, idempotent.
    pub fn merge(&mut self, other: &Entries) {
        for theirs in &other.members {
            match self.members.binary_search_by_key(&theirs.node, |member| member.node) {
                Ok(at) if self.members[at].rank() < theirs.rank() => {
                    self.members[at] = theirs.clone();
                }
                Ok(_) => {}
                Err(at) => self.members.insert(at, theirs.clone()),
            }
        }
        let tokens = self.tokens.iter_mut().zip(&other.tokens);
        tokens.for_each(|(mine, theirs)| *mine = (*mine).max(*theirs));
        let homes = self.homes.iter_mut().zip(&other.homes);
        homes.for_each(|(mine, theirs)| *mine = (*mine).max(*theirs));
    }

    /// Enters a new word on a node, past all that was said of it.
    pub fn set_member(&mut self, mut member: Member) {
        match self.members.binary_search_by_key(&member.node, |other| other.node) {
            Ok(at) => {
                member.version = self.members[at].version.saturating_add(1);
                self.members[at] = member;
            }
            Err(at) => {
                member.version = 1;
                self.members.insert(at, member);
            }
        }
    }

    /// Hands tokens over, as planned.
    pub fn move_tokens(&mut self, moves: &[Move]) {
        for &Move { partition, to } in moves {
            let token = &mut self.tokens[partition.index()];
            *token = Token { version: token.version.saturating_add(1), owner: to };
        }
    }

    /// All tokens, and one copy of each partition, belong to this node.
    pub fn found(&mut self, node: NodeId) {
        let n = self.homes.len() / self.tokens.len();
        for (place, token) in self.tokens.iter_mut().enumerate() {
            *token = Token { version: token.version.saturating_add(1), owner: node };
            let home = &mut self.homes[place * n];
            *home = Home { version: home.version.saturating_add(1), node: Some(node) };
        }
    }

    /// One of a partition's places passes from `from` to `to`; `None` on either side is a place
    /// that nobody keeps. Two places of one node, which come about when views that were apart
    /// merge, are one that nobody keeps. Answers whether there was such a place.
    pub fn pass_home(
        &mut self,
        partition: PartitionId,
        from: Option<NodeId>,
        to: Option<NodeId>,
    ) -> bool {
        let n = self.homes.len() / self.tokens.len();
        let places = &mut self.homes[partition.index() * n..][..n];
        let is_second =
            |&at: &usize| places[..at].iter().any(|other| other.node == places[at].node);
        let at = places.iter().position(|home| home.node == from);
        let at = at.or_else(|| (0..n).rfind(|at| from.is_none() && is_second(at)));
        let Some(at) = at else { return false };
        places[at] = Home { version: places[at].version.saturating_add(1), node: to };
        true
    }

    fn fingerprint(&self) -> u64 {
        let mut digest = Digest::default();
        self.digest(&mut digest);
        digest.value()
    }
}

impl Digestible for Entries {
    fn digest(&self, into: &mut Digest) {
        into.word(self.members.len() as u64);
        for member in &self.members {
            into.word(u64::from(member.node.0) << 32 | u64::from(member.version));
            into.word(u64::from(member.weight) << 8 | u64::from(member.status == Status::Left));
            into.word(member.changed_at.0 as u64);
            into.bytes(member.name.as_bytes());
            into.bytes(member.address.as_bytes());
        }
        into.word(self.tokens.len() as u64);
        for token in &self.tokens {
            into.word(u64::from(token.owner.0) << 32 | u64::from(token.version));
        }
        for home in &self.homes {
            let node = home.node.map_or(0, |node| u64::from(node.0) + 1);
            into.word(node);
            into.word(u64::from(home.version));
        }
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
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn member(node: u32) -> Member {
        Member {
            node: NodeId(node),
            version: 1,
            status: Status::Joined,
            changed_at: WallTime(0),
            weight: WEIGHT_ONE,
            name: "n".into(),
            address: "".into(),
        }
    }

    fn view(count: u32) -> Arc<View> {
        let ring = Ring::new((0..count).map(NodeId).collect(), 2);
        Arc::new(View::founded((0..count).map(member).collect(), &ring, 2))
    }

    fn changed(view: &Arc<View>, change: impl FnOnce(&mut Entries)) -> Arc<View> {
        let mut entries = view.entries.clone();
        change(&mut entries);
        Arc::new(View::of(entries).expect("it is in order"))
    }

    #[test]
    fn equal_views_are_shared_and_so_is_the_one_that_says_more() {
        let old = view(3);
        let new = changed(&old, |entries| {
            entries.set_member(Member { status: Status::Left, ..member(1) });
        });
        assert!(Arc::ptr_eq(&merged(&old, &new), &new));
        assert!(Arc::ptr_eq(&merged(&new, &old), &new));
        assert!(Arc::ptr_eq(&merged(&new, &new.clone()), &new));
        assert_ne!(old.digest(), new.digest());
        assert!(!new.has_joined(NodeId(1)) && new.joined().count() == 2);
    }

    #[test]
    fn what_either_side_learned_is_known_after_a_merge() {
        let old = view(3);
        let one = changed(&old, |entries| entries.set_member(member(7)));
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
        let again = changed(&old, |entries| entries.set_member(member(0)));
        let left = changed(&old, |entries| {
            entries.set_member(Member { status: Status::Left, ..member(0) });
        });
        assert!(!merged(&again, &left).has_joined(NodeId(0)));
    }

    #[test]
    fn a_token_moves_at_once_and_a_home_when_it_is_passed_on() {
        let before = view(3);
        let moved = changed(&before, |entries| {
            entries.set_member(member(9));
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
            entries.set_member(Member { status: Status::Left, ..member(2) });
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
        assert!(Arc::ptr_eq(&merged(&three, &four), &three));
    }
}
