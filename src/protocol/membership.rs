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
use crate::base::time::{Moment, WallTime};
use crate::data::plan::{self, Move};
use crate::data::roster::Roster;
use crate::data::view::{BadView, Entries, Member, Status, View, merged};
use crate::protocol::message::{Beat, Beats, Compared, Newcomer, Wanted};

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
            let known = |node| old.roster().index_of(node).map(|row| self.beats.age_at(row));
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

    /// All that is known, as it is told.
    pub fn digest(&mut self) -> Pooled<Beats> {
        self.beats.make_mut().weigh();
        self.beats.clone()
    }

    /// The answer to a digest: the beats known better here, and the nodes known better there.
    pub fn compare(&self, digest: &Beats) -> Compared {
        self.beats.compared(digest, self.roster()).unwrap_or_else(|| self.compare_each(digest))
    }

    fn compare_each(&self, digest: &Beats) -> Compared {
        let (mut newer, mut wanted) = (Beats::default(), Wanted::default());
        for beat in digest.iter() {
            let Some(row) = self.roster().index_of(beat.node) else { continue };
            let age = self.beats.age_at(row);
            match age.cmp(&beat.age()) {
                Ordering::Equal => {}
                Ordering::Greater => newer.push(beat.node, age),
                Ordering::Less => wanted.push(beat.node),
            }
        }
        (newer.into(), wanted.into())
    }

    /// What the other wanted of what is known here.
    pub fn select(&self, wanted: &Wanted) -> Pooled<Beats> {
        self.beats.selected(wanted, self.roster()).unwrap_or_else(|| {
            let mut beats = Beats::default();
            for node in wanted.iter() {
                let age = self.roster().index_of(node).map_or(0, |row| self.beats.age_at(row));
                if age > 0 {
                    beats.push(node, age);
                }
            }
            beats.into()
        })
    }

    /// Whether these are a table along the roster, as the node's own is.
    pub fn is_alike(&self, beats: &Beats) -> bool {
        self.beats.is_alike(beats, self.roster())
    }

    /// Of a row of such a table: whether it is news, and of a new incarnation then.
    pub fn news_in(&self, row: usize, beats: &Beats) -> Option<bool> {
        let (new, known) = (beats.age_at(row), self.beats.age_at(row));
        (new > known).then_some(new >> 32 > known >> 32)
    }

    /// [`Membership::merge`] of such a table, which sets the moments of rows with news.
    pub fn raise(&mut self, beats: &Beats, moments: &mut [Moment], now: Moment) -> Option<u32> {
        let forgotten = self.forgotten_life(beats);
        self.beats.make_mut().raise(beats, self.own_row, moments, now);
        forgotten
    }

    /// Takes in what is newer; calls `on_newer(row, is_new_incarnation)` for each of the others.
    /// The node's own row is its own to raise. Answers as [`Membership::forgotten_life`] does.
    pub fn merge(
        &mut self,
        beats: impl Iterator<Item = Beat>,
        mut on_newer: impl FnMut(usize, bool),
    ) -> Option<u32> {
        let mut told = 0;
        for beat in beats {
            let age = beat.age();
            if beat.node == self.own.node {
                told = age.max(told);
                continue;
            }
            let Some(row) = self.view.roster().index_of(beat.node) else { continue };
            let known = self.beats.age_at(row);
            // The table may be on its way to somebody: it is copied only if there is news.
            if age > known {
                self.beats.make_mut().set(row, age);
                on_newer(row, age >> 32 > known >> 32);
            }
        }
        (told > self.own.age()).then_some((told >> 32) as u32)
    }

    /// The incarnation of a life of this very node that it does not remember, if the beats tell
    /// of one: its disk was lost or is older than it had been.
    pub fn forgotten_life(&self, beats: &Beats) -> Option<u32> {
        let told = self.beat_of(self.own.node, beats)?;
        (told.age() > self.own.age()).then_some(told.incarnation)
    }

    /// The node's beat among these. In a table it stands where it stands here, and nowhere else.
    pub fn beat_of(&self, node: NodeId, beats: &Beats) -> Option<Beat> {
        let row = self.roster().index_of(node);
        let there = row.and_then(|row| beats.get(row)).filter(|beat| beat.node == node);
        if there.is_some() || row.is_some() && self.is_alike(beats) {
            return there;
        }
        beats.iter().find(|beat| beat.node == node)
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
    use crate::base::time::Instant;
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

    fn tell(who: &mut Membership, node: u32, age: u64) -> Option<u32> {
        who.merge([Beat::of_age(NodeId(node), age)].into_iter(), |_, _| {})
    }

    /// One whole exchange that `a` begins.
    fn exchange(a: &mut Membership, b: &mut Membership) {
        let (newer, wanted) = b.compare(&a.digest());
        a.merge(newer.iter(), |_, _| {});
        let rest = a.select(&wanted);
        b.merge(rest.iter(), |_, _| {});
    }

    #[test]
    fn after_an_exchange_both_know_what_either_knew() {
        let (mut a, mut b) = (of(0), of(1));
        a.raise_own();
        b.raise_own();
        exchange(&mut a, &mut b);
        assert_eq!(a.digest(), b.digest());
        assert_eq!(a.beats.age_at(1) as u32, 1);
        assert_eq!(b.beats.age_at(0) as u32, 1);
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
            tell(&mut a, node.0, rng.below(4));
        }
        let theirs = Beats::laid_out(a.roster(), |node| (u64::from(node.0) * 7) % 4);
        let mut shuffled: Vec<Beat> = theirs.iter().collect();
        rng.shuffle(&mut shuffled);
        let of = |digest: &Beats| {
            let (newer, wanted) = a.compare(digest);
            let mut newer: Vec<NodeId> = newer.iter().map(|beat| beat.node).collect();
            let mut wanted: Vec<NodeId> = wanted.iter().collect();
            newer.sort();
            wanted.sort();
            (newer, wanted)
        };
        let table = of(&theirs);
        assert_eq!(table, of(&shuffled.into_iter().collect()));
        let rows = |is: fn(u64, u64) -> bool| -> Vec<NodeId> {
            let is = |&row: &usize| is(a.beats.age_at(row), theirs.age_at(row));
            (0..150).filter(is).map(|row| owners[row]).collect()
        };
        assert_eq!(table, (rows(|mine, theirs| mine > theirs), rows(|mine, theirs| mine < theirs)));
        assert!(table.0.len() > 20 && table.1.len() > 20);
    }

    #[test]
    fn a_table_is_taken_in_as_a_list_of_the_same_beats_is() {
        let owners: Vec<NodeId> = (0..70).map(NodeId).collect();
        let view = Rc::new(View::of_owners(&Ring::new(owners, 2), 2));
        let mut rng = Rng::from_u64(8);
        let mut one = Membership::new(view.clone(), NodeId(7), 1);
        let mut other = one.clone();
        let (mut moments, mut heard) = (vec![Moment::default(); 70], vec![Moment::default(); 70]);
        for ms in 1..50 {
            let now = Moment::of(Instant(ms * 1_000_000));
            let mut ages: Vec<u64> = (0..70).map(|_| rng.below(3) << 32 | rng.below(50)).collect();
            ages[7] = rng.below(2) << 32 | rng.below(3);
            let table = Beats::laid_out(view.roster(), |node| ages[node.index()]);
            assert!(one.is_alike(&table));
            let news: Vec<_> = (0..70).map(|row| one.news_in(row, &table)).collect();
            let forgotten = one.raise(&table, &mut moments, now);
            let told = other.merge(table.iter(), |row, is_new| {
                assert_eq!(news[row], Some(is_new));
                heard[row] = now;
            });
            assert_eq!((forgotten, one.digest(), &moments), (told, other.digest(), &heard));
        }
        assert!(moments.iter().filter(|&&at| at != Moment::default()).count() == 69);
    }

    #[test]
    fn an_older_beat_is_ignored_and_a_new_incarnation_is_told_apart() {
        let mut a = of(0);
        let mut heard = vec![];
        for age in [1 << 32 | 5, 1 << 32 | 4, 1 << 32 | 5, 1 << 32 | 6, 2 << 32] {
            let beat = Beat::of_age(NodeId(1), age);
            a.merge([beat].into_iter(), |row, new| heard.push((row, new)));
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
        tell(&mut peer, 0, a.own.age());
        assert_eq!(a.forgotten_life(&peer.digest()), None);
        let own = a.own.age();
        assert_eq!(tell(&mut a, 0, own), None);
        let mut outsider = of(9);
        let own = outsider.own.age();
        assert_eq!(tell(&mut outsider, 9, own), None);
        let ahead = a.own.age() + 1;
        assert_eq!(tell(&mut a, 0, ahead), Some(1));
    }

    #[test]
    fn heartbeats_stay_with_their_nodes_when_somebody_joins() {
        let mut a = of(1);
        a.raise_own();
        tell(&mut a, 2, 4 << 32 | 9);
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
        tell(&mut peer, 0, 1 << 32 | 57);
        assert_eq!(reborn.forgotten_life(&peer.digest()), Some(1));
        assert_eq!(tell(&mut reborn, 0, 1 << 32 | 57), Some(1));
        reborn.reincarnate(2);
        assert_eq!(reborn.forgotten_life(&peer.digest()), None);
        exchange(&mut reborn, &mut peer);
        assert_eq!(peer.beats.age_at(0) >> 32, 2);
    }
}
