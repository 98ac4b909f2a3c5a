//! What is known of the members, and the push-pull exchange that spreads it (§4.8.1).
//!
//! ```text
//!   A ── Digest: all I know ───────────▶ B     every second, to one random member
//!   A ◀── News: what I know better, ──── B
//!          and what I want
//!   A ── Rest: what you wanted ────────▶ B
//!
//!   and when the digests of their views differ:
//!
//!   A ◀── View ──── B       A ── View, an answer ────▶ B
//! ```
//!
//! Only heartbeats are gossiped, never accusations. Views rarely differ, so they go whole; nodes
//! that know the same hold one value.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::base::id::NodeId;
use crate::base::pool::Pooled;
use crate::base::rng::Rng;
use crate::base::time::WallTime;
use crate::data::plan::{self, Move};
use crate::data::roster::Roster;
use crate::data::view::{BadView, Entries, Member, Status, View, merged};
use crate::protocol::message::{Beat, Beats, Newcomer, Wanted};

#[derive(Clone, Debug)]
pub struct Membership {
    view: Rc<View>,
    own: Beat,
    /// None while the node is no member.
    own_row: Option<usize>,
    /// Laid out along the roster. Shared with digests in flight; copied only when one still is.
    beats: Pooled<Beats>,
}

impl Membership {
    pub fn new(view: Rc<View>, node: NodeId, incarnation: u32) -> Membership {
        let own = Beat { node, incarnation, version: 0 };
        let own_row = view.roster().index_of(node);
        let beats = laid_out(view.roster(), own, |_| None);
        Membership { view, own, own_row, beats }
    }

    pub fn view(&self) -> &Rc<View> {
        &self.view
    }

    pub fn roster(&self) -> &Roster {
        self.view.roster()
    }

    pub fn own_row(&self) -> Option<usize> {
        self.own_row
    }

    pub fn own_beat(&self) -> Beat {
        self.own
    }

    /// What would be known with another's view besides; none when that is nothing new, or nothing
    /// that belongs here: another shape of ring, or more members than there is room for.
    pub fn learn(&self, theirs: &Rc<View>, members_max: usize) -> Option<Rc<View>> {
        let both = merged(&self.view, theirs);
        let is_new = !Rc::ptr_eq(&both, &self.view);
        (is_new && both.entries().members.len() <= members_max).then_some(both)
    }

    /// From here on this is known. Answers the view before. Heartbeats go with their nodes.
    pub fn adopt(&mut self, view: Rc<View>) -> Rc<View> {
        let old = std::mem::replace(&mut self.view, view);
        if old.roster() != self.view.roster() {
            let known = |node| old.roster().index_of(node).map(|row| self.beats.ages()[row]);
            self.beats = laid_out(self.view.roster(), self.own, known);
            self.own_row = self.view.roster().index_of(self.own.node);
        }
        old
    }

    /// Says "I am alive" once more.
    pub fn raise_own(&mut self) {
        self.own.version = self.own.version.saturating_add(1);
        self.tell_own();
    }

    /// Begins a new life in the eyes of the others.
    pub fn reincarnate(&mut self, incarnation: u32) {
        (self.own.incarnation, self.own.version) = (incarnation, 0);
        self.tell_own();
    }

    fn tell_own(&mut self) {
        if let Some(row) = self.own_row {
            self.beats.make_mut().set(row, self.own.age());
        }
    }

    pub fn digest(&self) -> Pooled<Beats> {
        self.beats.clone()
    }

    /// The answer to a digest: the beats known better here, and the nodes known better there.
    pub fn compare(&self, digest: &Beats) -> (Pooled<Beats>, Pooled<Wanted>) {
        let mut newer = Pooled::<Beats>::build(|_| {});
        let mut wanted = Pooled::<Wanted>::build(|_| {});
        let (newer_here, newer_there) = (newer.make_mut(), wanted.make_mut());
        let ages = self.beats.ages();
        if !digest.is_laid_out_along(self.roster()) {
            for (&node, theirs) in digest.nodes().iter().zip(digest.ages()) {
                let Some(row) = self.roster().index_of(node) else { continue };
                match ages[row].cmp(theirs) {
                    Ordering::Equal => {}
                    Ordering::Greater => newer_here.push(node, ages[row]),
                    Ordering::Less => newer_there.push(node),
                }
            }
            return (newer, wanted);
        }
        newer_here.extend_newer(self.roster(), (ages, digest.ages()), newer_there);
        (newer, wanted)
    }

    /// What the other wanted of what is known here.
    pub fn select(&self, wanted: &[NodeId]) -> Pooled<Beats> {
        let (roster, ages) = (self.roster(), self.beats.ages());
        Pooled::build(|beats: &mut Beats| beats.extend_with(wanted, roster, ages))
    }

    /// Takes in what is newer; calls `on_newer(row, is_new_incarnation)` for each of the others.
    /// The node's own row is its own to raise. Answers as [`Membership::forgotten_life`] does.
    #[inline(always)]
    pub fn merge(
        &mut self,
        nodes: &[NodeId],
        ages: &[u64],
        mut on_newer: impl FnMut(usize, bool),
    ) -> Option<u32> {
        let (roster, own) = (self.view.roster(), self.own.node);
        let known = self.beats.ages();
        let is_news = |(&node, &age): (&NodeId, &u64)| {
            node == own || roster.index_of(node).is_some_and(|row| age > known[row])
        };
        // The table may be on its way to somebody: it is copied only if there is news.
        let first = nodes.iter().zip(ages).position(is_news)?;
        let table = self.beats.make_mut();
        let news = (&nodes[first..], &ages[first..]);
        let told = table.raise(roster, news, own, |row, old, new| {
            on_newer(row, new >> 32 > old >> 32);
        });
        (told > self.own.age()).then_some((told >> 32) as u32)
    }

    /// The incarnation of a life of this very node that it does not remember, if the beats tell
    /// of one: its disk was lost or is older than it had been.
    pub fn forgotten_life(&self, beats: &Beats) -> Option<u32> {
        let told = self.beat_of(self.own.node, beats)?;
        (told.age() > self.own.age()).then_some(told.incarnation)
    }

    /// The node's beat among these. In a whole table it stands where it stands here.
    pub fn beat_of(&self, node: NodeId, beats: &Beats) -> Option<Beat> {
        let row = self.roster().index_of(node);
        let there = row.and_then(|row| beats.get(row)).filter(|beat| beat.node == node);
        there.or_else(|| beats.iter().find(|beat| beat.node == node))
    }
}

/// When a change was asked for, and of whom.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub at: WallTime,
    pub by: NodeId,
}

/// What decides where chance has a say: the view before and whom the change is about. So a plan
/// that was looked at is what happens, while the view is the same.
fn lots(view: &View, node: NodeId) -> Rng {
    Rng::from_u64(view.digest().rotate_left(32) ^ u64::from(node.0))
}

/// The view after a node has joined: a member from here on, with tokens of its own where a token
/// map is known (§6.2). `founds`: nobody else is known, so every token is its own.
pub fn with_join(
    view: &View,
    newcomer: &Newcomer,
    founds: bool,
    told: Told,
) -> Result<View, BadView> {
    let mut entries = view.entries().clone();
    let member = Member {
        node: newcomer.node,
        version: 1,
        status: Status::Joined,
        changed_at: told.at,
        weight: newcomer.weight,
        zone: newcomer.zone.clone(),
        name: newcomer.name.clone(),
        address: newcomer.address.clone(),
        changes: Vec::new(),
    };
    entries.set_member(member, told.by);
    if founds {
        entries.found(newcomer.node);
        return View::of(entries);
    }
    share(entries, newcomer.node, &mut lots(view, newcomer.node))
}

/// The view after a member that owns too little has stolen its share of tokens.
pub fn with_share(view: &View, node: NodeId) -> Result<View, BadView> {
    share(view.entries().clone(), node, &mut lots(view, node))
}

/// Under strategies 1 and 2 there is nothing to steal: tokens come and go with their nodes.
fn share(entries: Entries, node: NodeId, rng: &mut Rng) -> Result<View, BadView> {
    let view = View::of(entries)?;
    let moves = match view.ring().is_known() {
        true => plan::steal(&view.dealt(), &view.weights(), node, rng),
        false => Vec::new(),
    };
    with_moves(view, &moves)
}

/// The view after a member has left: its tokens go at random, and evenly, to the others.
pub fn with_leave(view: &View, node: NodeId, told: Told) -> Result<View, BadView> {
    let mut entries = view.entries().clone();
    if let Some(member) = view.member(node) {
        let left = Member { status: Status::Left, changed_at: told.at, ..member.clone() };
        entries.set_member(left, told.by);
    }
    adopted(entries, &mut lots(view, node))
}

/// The view after tokens whose owner is no member have found one.
pub fn with_orphans_adopted(view: &View, by: NodeId) -> Result<View, BadView> {
    adopted(view.entries().clone(), &mut lots(view, by))
}

fn adopted(entries: Entries, rng: &mut Rng) -> Result<View, BadView> {
    let view = View::of(entries)?;
    let moves = plan::hand_out(&view.dealt(), &view.weights(), rng);
    with_moves(view, &moves)
}

fn with_moves(view: View, moves: &[Move]) -> Result<View, BadView> {
    if moves.is_empty() {
        return Ok(view);
    }
    let mut entries = view.entries().clone();
    entries.move_tokens(moves);
    View::of(entries)
}

/// A heartbeat for each node of the roster: the own one, those that are known, and blanks.
fn laid_out(roster: &Roster, own: Beat, known: impl Fn(NodeId) -> Option<u64>) -> Pooled<Beats> {
    let age_of = |node| match node == own.node {
        true => own.age(),
        false => known(node).unwrap_or(0),
    };
    Beats::laid_out(roster, age_of).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ring::Ring;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn view(nodes: &[u32]) -> Rc<View> {
        let owners = (0..4).map(|at| NodeId(nodes[at % nodes.len()])).collect();
        Rc::new(View::of_owners(&Ring::new(owners, 2), 2))
    }

    fn of(own: u32) -> Membership {
        Membership::new(view(&[0, 1, 2]), NodeId(own), 1)
    }

    /// One whole exchange that `a` begins.
    fn exchange(a: &mut Membership, b: &mut Membership) {
        let (newer, wanted) = b.compare(&a.digest());
        a.merge(newer.nodes(), newer.ages(), |_, _| {});
        let rest = a.select(&wanted);
        b.merge(rest.nodes(), rest.ages(), |_, _| {});
    }

    #[test]
    fn after_an_exchange_both_know_what_either_knew() {
        let (mut a, mut b) = (of(0), of(1));
        a.raise_own();
        b.raise_own();
        exchange(&mut a, &mut b);
        assert_eq!(a.digest(), b.digest());
        assert_eq!(a.beats.ages()[1] as u32, 1);
        assert_eq!(b.beats.ages()[0] as u32, 1);
    }

    #[test]
    fn an_exchange_between_equals_sends_nothing_more() {
        let (mut a, mut b) = (of(0), of(1));
        exchange(&mut a, &mut b);
        let (newer, wanted) = b.compare(&a.digest());
        assert!(newer.is_empty() && wanted.is_empty());
    }

    #[test]
    fn a_table_is_compared_alike_whether_or_not_it_is_laid_out_as_here() {
        let owners: Vec<NodeId> = (0..150).map(NodeId).collect();
        let view = Rc::new(View::of_owners(&Ring::new(owners.clone(), 2), 2));
        let (mut rng, mut a) = (Rng::from_u64(5), Membership::new(view, NodeId(7), 1));
        for &node in &owners {
            a.merge(&[node], &[rng.below(4)], |_, _| {});
        }
        let theirs = Beats::laid_out(a.roster(), |node| (u64::from(node.0) * 7) % 4);
        let mut shuffled: Vec<Beat> = theirs.iter().collect();
        rng.shuffle(&mut shuffled);
        let of = |digest: &Beats| {
            let (newer, wanted) = a.compare(digest);
            let mut newer: Vec<NodeId> = newer.nodes().to_vec();
            let mut wanted = wanted.to_vec();
            newer.sort();
            wanted.sort();
            (newer, wanted)
        };
        let table = of(&theirs);
        assert_eq!(table, of(&shuffled.into_iter().collect()));
        let mine = a.beats.ages();
        let rows = |is: fn(u64, u64) -> bool| -> Vec<NodeId> {
            let is = |&row: &usize| is(mine[row], theirs.ages()[row]);
            (0..150).filter(is).map(|row| owners[row]).collect()
        };
        assert_eq!(table, (rows(|mine, theirs| mine > theirs), rows(|mine, theirs| mine < theirs)));
        assert!(table.0.len() > 20 && table.1.len() > 20);
    }

    #[test]
    fn an_older_beat_is_ignored_and_a_new_incarnation_is_told_apart() {
        let mut a = of(0);
        let mut heard = vec![];
        for age in [1 << 32 | 5, 1 << 32 | 4, 1 << 32 | 5, 1 << 32 | 6, 2 << 32] {
            a.merge(&[NodeId(1)], &[age], |row, new| heard.push((row, new)));
        }
        assert_eq!(heard, [(1, true), (1, false), (1, true)]);
    }

    #[test]
    fn a_beat_is_found_in_a_whole_table_and_in_any_other() {
        let (mut a, b) = (of(0), of(1));
        a.raise_own();
        let whole = a.digest();
        let some: Beats = whole.iter().skip(1).collect();
        for (node, row) in [(NodeId(1), 1), (NodeId(2), 2)] {
            assert_eq!(b.beat_of(node, &whole), whole.get(row));
            assert_eq!(b.beat_of(node, &some), whole.get(row), "its row there is another");
        }
        assert_eq!(b.beat_of(NodeId(0), &some), None);
    }

    #[test]
    fn a_node_is_told_nothing_of_its_life_that_it_knows() {
        let (mut a, mut peer) = (of(0), of(1));
        a.raise_own();
        peer.merge(&[NodeId(0)], &[a.own.age()], |_, _| {});
        assert_eq!(a.forgotten_life(&peer.digest()), None);
        assert_eq!(a.merge(&[NodeId(0)], &[a.own.age()], |_, _| {}), None);
        let mut outsider = of(9);
        assert_eq!(outsider.merge(&[NodeId(9)], &[outsider.own.age()], |_, _| {}), None);
        let ahead = a.own.age() + 1;
        assert_eq!(a.merge(&[NodeId(1), NodeId(0)], &[0, ahead], |_, _| {}), Some(1));
    }

    #[test]
    fn heartbeats_stay_with_their_nodes_when_somebody_joins() {
        let mut a = of(1);
        a.raise_own();
        a.merge(&[NodeId(2)], &[4 << 32 | 9], |_, _| {});
        let larger = a.learn(&view(&[0, 1, 2, 7]), 100).expect("there is something new");
        assert!(a.learn(&view(&[0, 1, 2, 7]), 3).is_none(), "there is a limit");
        a.adopt(larger);
        let beats: Vec<_> = a.beats.iter().map(|beat| (beat.node.0, beat.version)).collect();
        assert_eq!(beats, [(0, 0), (1, 1), (2, 9), (7, 0)]);
    }

    #[test]
    fn a_node_that_is_no_member_has_no_row_and_a_heartbeat_all_the_same() {
        let mut outsider = of(9);
        outsider.raise_own();
        assert_eq!((outsider.own_row(), outsider.own_beat().version), (None, 1));
        assert!(outsider.digest().iter().all(|beat| beat.node != NodeId(9)));
    }

    #[test]
    fn a_node_without_memory_learns_of_its_forgotten_life() {
        let (mut reborn, mut peer) = (of(0), of(1));
        peer.merge(&[NodeId(0)], &[1 << 32 | 57], |_, _| {});
        assert_eq!(reborn.forgotten_life(&peer.digest()), Some(1));
        assert_eq!(reborn.merge(&[NodeId(0)], &[1 << 32 | 57], |_, _| {}), Some(1));
        reborn.reincarnate(2);
        assert_eq!(reborn.forgotten_life(&peer.digest()), None);
        exchange(&mut reborn, &mut peer);
        assert_eq!(peer.beats.ages()[0] >> 32, 2);
    }
}
