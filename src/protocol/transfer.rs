//! Moving partitions to their new homes (§4.9): "nodes … offer to and upon confirmation from X
//! transfer the appropriate set of keys".
//!
//! ```text
//!   giver ── Offer ──▶ receiver        one partition, its number of records
//!   giver ◀─ Confirm ─ receiver
//!   giver ── Transfer ▶ receiver       a chunk; the next one follows its answer
//!   giver ◀─ Transferred ─ receiver
//!   giver: when the receiver has all that is here, the place is passed on, in the view
//!   giver ── View ────▶ receiver       it is a home now; does it know?
//!   giver ◀─ View ───── receiver       it does, and the records are forgotten here
//! ```
//!
//! The giver stays a home all the while and serves the partition; what changes meanwhile is sent
//! again. It stops in the very step that makes the receiver a home: so one of the N places is
//! never kept by two, and who keeps it has all that was acknowledged there. Nothing of this is
//! written down: after a crash of either side the partition is offered anew, and what the receiver
//! has already it takes as known.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::{NodeId, PartitionId};
use crate::base::map::Map;
use crate::base::order::sort;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::Instant;
use crate::data::ring::Ring;
use crate::data::store::Records;
use crate::protocol::message::Chunk;

/// What a node has to do for one of the places of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    pub partition: PartitionId,
    /// Who must have every record that is here, before anything changes.
    pub receivers: Vec<NodeId>,
    pub then: Then,
}

/// What comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The place of `from` passes to `to`; none stands for a place that nobody keeps.
    Pass { from: Option<NodeId>, to: Option<NodeId> },
    /// The records here are forgotten: this node is no home of theirs.
    Forget,
}

/// What this node has to do for the partition, so that its homes become those that the tokens say.
/// Each home that goes is followed by one that comes, in order; what is left over on either side
/// is a place to be filled, or given up. `is_lost` says who has left and is believed down: a home
/// that stays then gives in its stead, or, when all homes are lost, the first that comes takes the
/// places as they are, with nothing in them.
pub fn duties(
    ring: &Ring,
    partition: PartitionId,
    own: NodeId,
    is_down: &dyn Fn(NodeId) -> bool,
    is_lost: &dyn Fn(NodeId) -> bool,
) -> Vec<Duty> {
    let (homes, targets) = (ring.homes(partition), ring.targets(partition));
    let mut duties = Vec::new();
    if homes == targets || targets.is_empty() {
        return duties;
    }
    let mut add = |receivers: &[NodeId], from, to| {
        let receivers = receivers.iter().copied().filter(|&node| node != own).gather();
        duties.push(Duty { partition, receivers, then: Then::Pass { from, to } });
    };
    let goes = |node: &&NodeId| !targets.contains(node);
    let comes = |node: &&NodeId| !homes.contains(node);
    let first_up = homes.iter().copied().find(|&node| node == own || !is_down(node));
    let first_staying = homes.iter().copied().filter(|node| targets.contains(node));
    let first_staying = first_staying.into_iter().find(|&node| node == own || !is_down(node));
    let is_heir = homes.iter().all(|&home| is_lost(home)) && targets[0] == own;
    let mut coming = targets.iter().filter(comes);
    for &leaver in homes.iter().filter(goes) {
        let next = coming.next();
        if leaver == own || is_lost(leaver) && (first_staying == Some(own) || is_heir) {
            let receivers = next.map_or(targets, std::slice::from_ref);
            add(receivers, Some(leaver), next.copied());
        }
    }
    for newcomer in coming {
        if first_up == Some(own) || is_heir {
            add(std::slice::from_ref(newcomer), None, Some(*newcomer));
        }
    }
    duties
}

/// What goes where.
pub type Route = (PartitionId, NodeId);

/// The transfers under way, to others and from them.
#[derive(Clone, Debug, Default)]
pub struct Transfers {
    /// In the order of their routes.
    jobs: Vec<(Route, Job)>,
    /// The jobs that wait for an answer, by the number of what they sent.
    waiting: Vec<(u32, Instant, Route)>,
    /// Offers that were accepted here, in order, and whether this node was a home already.
    incoming: Vec<(Route, bool)>,
    /// Places that were passed on from here, whose receivers have not said that they know it; in
    /// order, one of a partition.
    passed: Vec<Route>,
    next_sequence: u32,
}

/// One partition on its way to one receiver.
#[derive(Clone, Debug, Default)]
struct Job {
    stage: Stage,
    /// Every record up to this one was sent.
    sent_to: Option<Key>,
    /// There is none after it.
    is_through: bool,
    /// What changed after it was sent.
    changed: Map<Key, ()>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    New,
    /// It waits for an answer.
    Waiting,
    /// The receiver takes records, and waits for some.
    Open,
    /// Refused or unanswered: it rests until the next round.
    Resting,
}

/// Something to send.
#[derive(Clone, Debug)]
pub enum Step {
    Offer { records: u32 },
    Chunk(Rc<Chunk>),
}

/// How much goes at a time.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Partitions that wait for an answer.
    pub transfers_max: usize,
    /// Records of a chunk.
    pub chunk_records_max: usize,
    /// Bytes of a chunk; one record goes whatever it takes.
    pub chunk_bytes_max: usize,
}

impl Transfers {
    /// Whether something is under way from here.
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// The partitions are others now: all is offered anew, and answers still on their way count
    /// for nothing.
    pub fn restart(&mut self) {
        *self = Transfers { next_sequence: self.next_sequence, ..Transfers::default() };
    }

    /// What is to go where. What is under way already goes on; what is wanted no more ends.
    pub fn want(&mut self, mut wanted: Vec<Route>) {
        sort(&mut wanted);
        wanted.dedup();
        self.waiting.retain(|(.., route)| wanted.binary_search(route).is_ok());
        let mut old = std::mem::take(&mut self.jobs).into_iter().peekable();
        for route in wanted {
            while old.next_if(|&(other, _)| other < route).is_some() {}
            let job = old.next_if(|&(other, _)| other == route).map(|(_, job)| job);
            self.jobs.push((route, job.unwrap_or_default()));
        }
    }

    fn job(&mut self, route: Route) -> Option<&mut Job> {
        let at = self.jobs.binary_search_by_key(&route, |&(route, _)| route).ok()?;
        Some(&mut self.jobs[at].1)
    }

    /// What rested may try again.
    pub fn on_round(&mut self) {
        for (_, job) in self.jobs.iter_mut().filter(|(_, job)| job.stage == Stage::Resting) {
            *job = Job::default();
        }
    }

    /// What to send next, with its number: offers, and chunks of what is in `records`.
    pub fn next_steps<'r>(
        &mut self,
        bounds: Bounds,
        deadline: Instant,
        records: impl Fn(PartitionId) -> Option<&'r Records>,
    ) -> Vec<(u32, PartitionId, NodeId, Step)> {
        let mut steps = Vec::new();
        for &mut ((partition, to), ref mut job) in &mut self.jobs {
            if self.waiting.len() >= bounds.transfers_max {
                break;
            }
            let held = records(partition);
            let step = match job.stage {
                Stage::New => Step::Offer { records: held.map_or(0, |held| held.len() as u32) },
                Stage::Open => match held.and_then(|held| job.next_chunk(held, bounds)) {
                    Some(chunk) => Step::Chunk(Rc::new(chunk)),
                    None => {
                        job.is_through = true;
                        continue;
                    }
                },
                Stage::Waiting | Stage::Resting => continue,
            };
            job.stage = Stage::Waiting;
            let sequence = self.next_sequence;
            self.next_sequence = sequence.wrapping_add(1);
            self.waiting.push((sequence, deadline, (partition, to)));
            steps.push((sequence, partition, to, step));
        }
        steps
    }

    /// Until when the answer to an offer or a chunk is waited for.
    pub fn deadline_of(&self, receiver: NodeId, sequence: u32) -> Option<Instant> {
        let is_it =
            |&&(number, _, (_, to)): &&(u32, Instant, Route)| number == sequence && to == receiver;
        self.waiting.iter().find(is_it).map(|&(_, deadline, _)| deadline)
    }

    /// The receiver answered an offer or a chunk. One that refuses is offered it anew, later.
    pub fn on_answer(&mut self, from: NodeId, sequence: u32, accepted: bool) {
        let ours = |&(number, _, (_, to)): &(u32, Instant, _)| number == sequence && to == from;
        let Some(at) = self.waiting.iter().position(ours) else { return };
        let (.., route) = self.waiting.swap_remove(at);
        if let Some(job) = self.job(route) {
            job.stage = if accepted { Stage::Open } else { Stage::Resting };
        }
    }

    /// One receiver whose time to answer is over: it is silent.
    pub fn on_deadline(&mut self, now: Instant) -> Option<NodeId> {
        let at = self.waiting.iter().position(|&(_, deadline, _)| deadline <= now)?;
        let (.., route) = self.waiting.swap_remove(at);
        if let Some(job) = self.job(route) {
            job.stage = Stage::Resting;
        }
        Some(route.1)
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.waiting.iter().map(|&(_, deadline, _)| deadline).min()
    }

    /// A record changed here: whoever was sent it before must have it again.
    pub fn on_change(&mut self, partition: PartitionId, key: &Key) {
        let first = self.jobs.partition_point(|&((other, _), _)| other < partition);
        let of_partition =
            self.jobs[first..].iter_mut().take_while(|((other, _), _)| *other == partition);
        for (_, job) in of_partition {
            let is_late = !is_planted(Fault::LateChangesNotSent);
            if is_late
                && job.stage != Stage::New
                && (job.is_through || job.sent_to.as_ref() >= Some(key))
            {
                job.changed.insert(key.clone(), ());
            }
        }
    }

    /// Whether the receiver has all that is here.
    pub fn has_all(&self, partition: PartitionId, receiver: NodeId) -> bool {
        let at = self.jobs.binary_search_by_key(&(partition, receiver), |&(route, _)| route);
        at.is_ok_and(|at| {
            let job = &self.jobs[at].1;
            let has_all = job.is_through && job.changed.is_empty();
            job.stage == Stage::Open && (has_all || is_planted(Fault::GiverForgetsTooSoon))
        })
    }

    /// How many partitions wait for an answer.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many offers were accepted here and are not settled.
    pub fn incoming(&self) -> usize {
        self.incoming.len()
    }

    /// Whether nobody is waited for.
    pub fn is_quiet(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Another offers a partition; accepting is remembered, up to a limit. `is_home` says whether
    /// this node keeps the partition already.
    pub fn accept(
        &mut self,
        from: NodeId,
        partition: PartitionId,
        is_home: bool,
        max: usize,
    ) -> bool {
        let offer = ((partition, from), is_home);
        match self.find_incoming(from, partition) {
            Ok(at) => self.incoming[at] = offer,
            Err(_) if self.incoming.len() >= max => return false,
            Err(at) => self.incoming.insert(at, offer),
        }
        true
    }

    fn find_incoming(&self, from: NodeId, partition: PartitionId) -> Result<usize, usize> {
        self.incoming.binary_search_by_key(&(partition, from), |&(route, _)| route)
    }

    /// A receiver offers the partition back: by what it knows it is to be no home of it, and will
    /// forget what it was given. So nothing counts that it has, and no place may pass to it for
    /// that.
    pub fn on_given_back(&mut self, partition: PartitionId, by: NodeId) {
        let route = (partition, by);
        self.waiting.retain(|&(.., other)| other != route);
        if let Some(job) = self.job(route) {
            *job = Job { stage: Stage::Resting, ..Job::default() };
        }
    }

    /// A place was passed on. Another may have been passed to the same node meanwhile, by one who
    /// knew as little of this as this node of that; so the records stay until the receiver's view
    /// shows the place: the later of two such views shows both.
    pub fn pass(&mut self, partition: PartitionId, to: NodeId) {
        match self.find_passed(partition) {
            Ok(at) => self.passed[at].1 = to,
            Err(at) => self.passed.insert(at, (partition, to)),
        }
    }

    /// The places that were passed on, whose receivers have not said that they know it.
    pub fn passed(&self) -> &[Route] {
        &self.passed
    }

    pub fn is_passed(&self, partition: PartitionId) -> bool {
        self.find_passed(partition).is_ok()
    }

    fn find_passed(&self, partition: PartitionId) -> Result<usize, usize> {
        self.passed.binary_search_by_key(&partition, |&(other, _)| other)
    }

    /// Waits no longer for those that `is_over` says.
    pub fn forget_passed(&mut self, is_over: impl Fn(PartitionId, NodeId) -> bool) {
        self.passed.retain(|&(partition, to)| !is_over(partition, to));
    }

    /// Whether records of this partition may come from there. Not after a restart: the giver then
    /// begins again, because it cannot know what of the old is still here.
    pub fn is_accepted(&self, from: NodeId, partition: PartitionId) -> bool {
        self.find_incoming(from, partition).is_ok()
    }

    /// Forgets accepted offers of which nothing more can come. `is_over` hears of the partition,
    /// and whether this node was a home of it when it accepted.
    pub fn forget_incoming(&mut self, is_over: impl Fn(PartitionId, bool) -> bool) {
        self.incoming.retain(|&((partition, _), was_home)| !is_over(partition, was_home));
    }
}

impl Job {
    /// The next records in order; once all were sent, those that changed since.
    fn next_chunk(&mut self, held: &Records, bounds: Bounds) -> Option<Chunk> {
        let mut chunk = Chunk::new();
        let mut bytes = 0;
        let mut fits = |key: &Key, more: usize, count: usize| {
            bytes += key.bytes().len() + more;
            count == 0 || count < bounds.chunk_records_max && bytes <= bounds.chunk_bytes_max
        };
        if !self.is_through {
            for (key, record) in held.after(self.sent_to.as_ref()) {
                if !fits(key, record.bytes(), chunk.len()) {
                    break;
                }
                chunk.push((key.clone(), record.clone()));
            }
            if let Some((key, _)) = chunk.last() {
                self.sent_to = Some(key.clone());
                return Some(chunk);
            }
            self.is_through = true;
        }
        loop {
            let Some(key) = self.changed.keys().next().cloned() else { break };
            let record = held.get(&key);
            if record.is_some_and(|record| !fits(&key, record.bytes(), chunk.len())) {
                break;
            }
            self.changed.remove(&key);
            chunk.extend(record.map(|record| (key, record.clone())));
        }
        (!chunk.is_empty()).then_some(chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::version::{Actor, Clock, Content, Record, Siblings, Version};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const P: PartitionId = PartitionId(0);
    const X: NodeId = NodeId(9);
    const LATER: Instant = Instant(100);
    const BOUNDS: Bounds =
        Bounds { transfers_max: 8, chunk_records_max: 2, chunk_bytes_max: 1_000 };

    fn record(counter: u64) -> Record {
        let clock = Clock::new([(Actor { node: NodeId(0), epoch: 0 }, counter)]);
        Siblings::record(Version::new(clock, Content::default().into()))
    }

    fn records(count: u8) -> Records {
        let mut records = Records::default();
        (0..count).for_each(|n| _ = records.insert(Key::new(&[n]), record(1)));
        records
    }

    fn wanted(to: &[NodeId]) -> Vec<Route> {
        to.iter().map(|&to| (P, to)).collect()
    }

    fn steps(transfers: &mut Transfers, held: &Records) -> Vec<(u32, NodeId, Step)> {
        let steps = transfers.next_steps(BOUNDS, LATER, |_| Some(held));
        steps.into_iter().map(|(number, _, to, step)| (number, to, step)).collect()
    }

    /// Answers whatever is sent until nothing more is, and counts the records of it.
    fn run(transfers: &mut Transfers, held: &Records) -> usize {
        let mut moved = 0;
        loop {
            let steps = steps(transfers, held);
            if steps.is_empty() {
                return moved;
            }
            for (number, to, step) in steps {
                if let Step::Chunk(chunk) = step {
                    assert!(chunk.len() <= 2);
                    moved += chunk.len();
                }
                transfers.on_answer(to, number, true);
            }
        }
    }

    #[test]
    fn a_partition_goes_in_chunks_each_after_the_answer_to_the_last() {
        let (mut transfers, held) = (Transfers::default(), records(5));
        transfers.want(wanted(&[X]));
        let offer = steps(&mut transfers, &held);
        assert!(matches!(offer[..], [(_, X, Step::Offer { records: 5 })]));
        assert!(steps(&mut transfers, &held).is_empty(), "it waits for the confirmation");
        transfers.on_answer(X, offer[0].0, true);
        assert_eq!(run(&mut transfers, &held), 5);
        assert!(transfers.has_all(P, X));
    }

    #[test]
    fn what_changes_after_it_was_sent_is_sent_again_before_all_is_there() {
        let (mut transfers, mut held) = (Transfers::default(), records(3));
        transfers.want(wanted(&[X]));
        run(&mut transfers, &held);
        let key = held.keys().next().expect("there are three").clone();
        held.insert(key.clone(), record(2));
        transfers.on_change(P, &key);
        assert!(!transfers.has_all(P, X));
        assert_eq!(run(&mut transfers, &held), 1);
        assert!(transfers.has_all(P, X));
    }

    #[test]
    fn a_receiver_that_gives_the_partition_back_counts_as_having_nothing() {
        let (mut transfers, held) = (Transfers::default(), records(3));
        transfers.want(wanted(&[X]));
        run(&mut transfers, &held);
        assert!(transfers.has_all(P, X));
        transfers.on_given_back(P, X);
        assert!(!transfers.has_all(P, X));
        assert_eq!(run(&mut transfers, &held), 0, "it rests, because the receiver wants nothing");
        transfers.on_round();
        assert_eq!(run(&mut transfers, &held), 3);
    }

    #[test]
    fn a_new_record_counts_even_when_the_partition_was_empty() {
        let (mut transfers, held) = (Transfers::default(), records(1));
        transfers.want(wanted(&[X]));
        run(&mut transfers, &Records::default());
        assert!(transfers.has_all(P, X));
        transfers.on_change(P, held.keys().next().expect("there is one"));
        assert_eq!(run(&mut transfers, &held), 1);
    }

    #[test]
    fn who_is_silent_or_refuses_is_offered_it_anew_in_a_later_round() {
        let (mut transfers, held) = (Transfers::default(), records(1));
        transfers.want(wanted(&[X]));
        let offer = steps(&mut transfers, &held)[0].0;
        assert_eq!(transfers.on_deadline(LATER), Some(X));
        transfers.on_answer(X, offer, true);
        assert!(steps(&mut transfers, &held).is_empty(), "too late, and not its turn");
        transfers.on_round();
        let offer = steps(&mut transfers, &held)[0].0;
        transfers.on_answer(X, offer, false);
        assert!(steps(&mut transfers, &held).is_empty());
        transfers.on_round();
        assert_eq!(run(&mut transfers, &held), 1);
    }

    #[test]
    fn a_transfer_that_is_wanted_no_more_ends() {
        let (mut transfers, held) = (Transfers::default(), records(1));
        transfers.want(wanted(&[X]));
        steps(&mut transfers, &held);
        transfers.want(wanted(&[]));
        assert!(transfers.is_idle() && transfers.is_quiet());
    }

    fn nodes(list: &[u32]) -> Vec<Option<NodeId>> {
        list.iter().map(|&node| Some(NodeId(node))).collect()
    }

    #[test]
    fn each_home_that_goes_has_one_that_comes_and_a_dead_leaver_is_stood_in_for() {
        let settled = nodes(&[0, 1, 2]);
        let ring = Ring::on_the_move(nodes(&[9, 1, 2, 0]), 3, |p| (p == P).then_some(&settled[..]));
        let nobody = |_: NodeId| false;
        let of = |own, is_lost: &dyn Fn(NodeId) -> bool| {
            duties(&ring, P, NodeId(own), &|node| is_lost(node), is_lost)
        };
        let pass = Then::Pass { from: Some(NodeId(0)), to: Some(X) };
        let duty = Duty { partition: P, receivers: vec![X], then: pass };
        assert!(of(1, &nobody).is_empty() && of(9, &nobody).is_empty());
        for done in [of(0, &nobody), of(1, &|node| node == NodeId(0))] {
            assert_eq!(done.as_slice(), std::slice::from_ref(&duty));
        }
        assert!(of(2, &|node| node == NodeId(0)).is_empty(), "one is enough");
        let (is_down, is_lost) = (|node: NodeId| node.0 < 2, |node: NodeId| node.0 == 0);
        assert_eq!(duties(&ring, P, NodeId(2), &is_down, &is_lost), [duty], "the first that is up");
    }

    #[test]
    fn a_place_that_nobody_keeps_is_filled_and_one_too_many_given_up() {
        let (one, three) = (vec![Some(NodeId(0)), None, None], nodes(&[0, 1, 2]));
        let nobody = |_: NodeId| false;
        let grown = Ring::on_the_move(nodes(&[0, 1]), 3, |_| Some(&one[..]));
        let filled = duties(&grown, P, NodeId(0), &nobody, &nobody);
        assert_eq!(filled[0].then, Then::Pass { from: None, to: Some(NodeId(1)) });
        let two = [Some(NodeId(0)), Some(NodeId(1)), None];
        let grown = Ring::on_the_move(nodes(&[0, 1, 2]), 3, |_| Some(&two[..]));
        let is_first_down = |node: NodeId| node.0 == 0;
        let of = |own| duties(&grown, P, NodeId(own), &is_first_down, &nobody);
        assert_eq!((of(0).len(), of(1).len()), (1, 1), "by the first that is up, each believes");
        let shrunk = Ring::on_the_move(nodes(&[0, 1]), 3, |_| Some(&three[..]));
        let given_up = duties(&shrunk, P, NodeId(2), &nobody, &nobody);
        assert_eq!(given_up[0].then, Then::Pass { from: Some(NodeId(2)), to: None });
        assert_eq!(given_up[0].receivers, [NodeId(0), NodeId(1)]);
    }

    #[test]
    fn an_answer_is_waited_for_from_who_was_asked_and_no_longer_than_said() {
        let (mut transfers, held) = (Transfers::default(), records(1));
        transfers.want(wanted(&[X]));
        let offer = steps(&mut transfers, &held)[0].0;
        assert_eq!(transfers.deadline_of(X, offer), Some(LATER));
        assert_eq!(transfers.deadline_of(X, offer + 1), None);
        assert_eq!(transfers.deadline_of(NodeId(1), offer), None);
        assert_eq!(transfers.on_deadline(Instant(99)), None);
    }

    #[test]
    fn what_changes_goes_in_chunks_too() {
        let (mut transfers, held) = (Transfers::default(), records(5));
        transfers.want(wanted(&[X]));
        run(&mut transfers, &held);
        held.keys().for_each(|key| transfers.on_change(P, key));
        assert_eq!(run(&mut transfers, &held), 5);
    }

    #[test]
    fn when_all_homes_are_lost_the_first_that_comes_takes_their_places() {
        let places = nodes(&[5, 6]);
        let ring = Ring::on_the_move(nodes(&[0, 1]), 2, |_| Some(&places[..]));
        let is_lost = |node: NodeId| node.0 > 4;
        let heir = duties(&ring, P, NodeId(0), &is_lost, &is_lost);
        let pass = |from, to| Then::Pass { from: Some(NodeId(from)), to: Some(NodeId(to)) };
        assert_eq!([heir[0].then, heir[1].then], [pass(5, 0), pass(6, 1)]);
        assert!(heir[0].receivers.is_empty(), "nobody has anything to give");
        assert!(duties(&ring, P, NodeId(1), &is_lost, &is_lost).is_empty());
        let one_lives = |node: NodeId| node.0 == 5;
        assert!(duties(&ring, P, NodeId(0), &one_lives, &one_lives).is_empty());
    }
}
