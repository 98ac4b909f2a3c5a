//! Vector clocks: sets of events, and how one such set stands to another.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::base::digest::{Digest, Digestible};
use crate::base::id::NodeId;
use crate::base::time::WallTime;

/// Who counts in a clock: a node, in one life of its disk. A node that starts on an empty disk
/// draws a new epoch, so a lost disk never reissues a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub node: NodeId,
    pub epoch: u32,
}

impl Actor {
    /// The node first, then the epoch, as one number: clocks are compared more than anything else.
    #[inline(always)]
    fn as_u64(self) -> u64 {
        u64::from(self.node.0) << 32 | u64::from(self.epoch)
    }
}

impl PartialOrd for Actor {
    #[inline(always)]
    fn partial_cmp(&self, other: &Actor) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Actor {
    #[inline(always)]
    fn cmp(&self, other: &Actor) -> Ordering {
        self.as_u64().cmp(&other.as_u64())
    }
}

/// The event that made a version: the `counter`th put that `actor` coordinated for its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dot {
    pub actor: Actor,
    pub counter: u64,
}

/// An actor's events after `after`, up to and with `counter`. A plain clock has one entry for
/// each actor, from its first event on; only [`super::Versioning::Dotted`] leaves gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    pub actor: Actor,
    pub after: u64,
    pub counter: u64,
    /// When the actor counted to `counter`, by its own clock on the wall (§4.4).
    pub stamp: WallTime,
}

/// A vector clock: the events that it knows of, in the order of actors. Entries of one actor
/// neither overlap nor touch.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(pub(super) SmallVec<[Entry; 3]>);

impl Clone for Clock {
    /// As bytes; what is derived goes entry by entry.
    fn clone(&self) -> Clock {
        Clock(SmallVec::from_slice(&self.0))
    }

    fn clone_from(&mut self, from: &Clock) {
        self.0.clear();
        self.0.extend_from_slice(&from.0);
    }
}

/// How one clock stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Causality {
    Equal,
    /// An ancestor of the other: the other covers it.
    Before,
    After,
    /// Neither covers the other: siblings.
    Concurrent,
}

impl Causality {
    /// How the other stands to this one.
    pub fn reversed(self) -> Causality {
        match self {
            Causality::Before => Causality::After,
            Causality::After => Causality::Before,
            same => same,
        }
    }

    /// From whether this one covers the other, and the other this one.
    fn of(covers: bool, is_covered: bool) -> Causality {
        match (covers, is_covered) {
            (true, true) => Causality::Equal,
            (false, true) => Causality::Before,
            (true, false) => Causality::After,
            (false, false) => Causality::Concurrent,
        }
    }
}

impl Clock {
    /// The highest counter that is ever issued: above it JavaScript's numbers have gaps.
    pub const COUNTER_MAX: u64 = (1 << 53) - 1;
    /// Entries of a clock that is stored or sent.
    pub const ENTRIES_MAX: usize = 256;

    /// A plain clock.
    pub fn new(counters: impl IntoIterator<Item = (Actor, u64)>) -> Clock {
        let mut clock = Clock::default();
        for (actor, counter) in counters {
            clock.raise(Dot { actor, counter }, WallTime::default());
        }
        clock
    }

    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The highest counter of each actor, as people are shown a clock.
    pub fn counters(&self) -> impl Iterator<Item = (Actor, u64)> + '_ {
        self.0.iter().enumerate().filter_map(|(at, entry)| {
            let is_last = self.0.get(at + 1).is_none_or(|next| next.actor != entry.actor);
            is_last.then_some((entry.actor, entry.counter))
        })
    }

    /// The actor's highest counter; 0 where it never wrote.
    pub fn get(&self, actor: Actor) -> u64 {
        let last = self.0.iter().rev().find(|entry| entry.actor == actor);
        last.map_or(0, |entry| entry.counter)
    }

    fn entry_with(&self, dot: Dot) -> Option<&Entry> {
        let mut entries = self.0.iter();
        entries.find(|e| e.actor == dot.actor && e.after < dot.counter && dot.counter <= e.counter)
    }

    /// Whether the event is one that this clock knows of.
    pub fn contains(&self, dot: Dot) -> bool {
        self.entry_with(dot).is_some()
    }

    /// When the event, or the last one after it without a gap, happened.
    pub fn stamp_of(&self, dot: Dot) -> WallTime {
        self.entry_with(dot).map_or(WallTime(i64::MIN), |entry| entry.stamp)
    }

    /// Lifts the actor's counter to at least the dot's: it and all before it are known.
    pub fn raise(&mut self, dot: Dot, stamp: WallTime) {
        self.include(Entry { actor: dot.actor, after: 0, counter: dot.counter, stamp });
    }

    /// Takes in this one event, and none that came before it.
    pub fn add(&mut self, dot: Dot, stamp: WallTime) {
        let Dot { actor, counter } = dot;
        self.include(Entry { actor, after: counter.saturating_sub(1), counter, stamp });
    }

    /// Takes in a run of events, and grows together with the runs that it touches.
    fn include(&mut self, mut new: Entry) {
        if new.after >= new.counter {
            return;
        }
        let at = self.0.partition_point(|e| (e.actor, e.counter) < (new.actor, new.after));
        let mut until = at;
        while let Some(old) = self.0.get(until)
            && (old.actor, old.after) <= (new.actor, new.counter)
        {
            new.after = new.after.min(old.after);
            (new.counter, new.stamp) = (new.counter, new.stamp).max((old.counter, old.stamp));
            until += 1;
        }
        match until - at {
            0 => self.0.insert(at, new),
            touched => {
                self.0[at] = new;
                (1..touched).for_each(|_| _ = self.0.remove(at + 1));
            }
        }
    }

    /// The least clock that covers both.
    pub fn merge(&mut self, other: &Clock) {
        other.0.iter().for_each(|&entry| self.include(entry));
    }

    /// Whether every counter of `other` is less than or equal to this clock's (§4.4): whether it
    /// knows of all events that the other knows of.
    pub fn covers(&self, other: &Clock) -> bool {
        covers(&self.0, &other.0)
    }

    pub fn compare(&self, other: &Clock) -> Causality {
        let (mine, theirs) = (&self.0[..], &other.0[..]);
        let (mut at, mut there) = (0, 0);
        let (mut is_ahead, mut is_behind) = (false, false);
        while let (Some(mine), Some(theirs)) = (mine.get(at), theirs.get(there)) {
            if mine.after | theirs.after != 0 {
                return Causality::of(self.covers(other), other.covers(self));
            }
            // Of plain clocks one walk tells both: who lacks an actor, or is short of its counter.
            let by_actor = mine.actor.cmp(&theirs.actor);
            let by_counter = by_actor.reverse().then(mine.counter.cmp(&theirs.counter));
            is_ahead |= by_counter.is_gt();
            is_behind |= by_counter.is_lt();
            if is_ahead && is_behind {
                return Causality::Concurrent;
            }
            at += usize::from(by_actor.is_le());
            there += usize::from(by_actor.is_ge());
        }
        // What is left over is of actors that the other lacks, unless it is a run that goes on.
        let goes_on = |rest: Option<&Entry>| rest.is_some_and(|entry| entry.after != 0);
        if goes_on(mine.get(at)) || goes_on(theirs.get(there)) {
            return Causality::of(self.covers(other), other.covers(self));
        }
        Causality::of(!(is_behind || there < theirs.len()), !(is_ahead || at < mine.len()))
    }

    /// Drops the entries with the oldest stamps, until no more than `entries_max` are left; never
    /// one of `writer`. Answers whether there were more (§4.4).
    pub fn truncate(&mut self, entries_max: usize, writer: Actor) -> bool {
        let mut is_cut = false;
        while self.0.len() > entries_max {
            let others = self.0.iter().enumerate().filter(|(_, entry)| entry.actor != writer);
            let Some((oldest, _)) = others.min_by_key(|(_, entry)| entry.stamp) else { break };
            self.0.remove(oldest);
            is_cut = true;
        }
        is_cut
    }
}

/// Each run of `theirs` lies within the first of `mine` that does not end before it does.
fn covers(mut mine: &[Entry], theirs: &[Entry]) -> bool {
    theirs.iter().all(|their| {
        while let [first, rest @ ..] = mine
            && (first.actor < their.actor
                || first.actor == their.actor && first.counter < their.counter)
        {
            mine = rest;
        }
        mine.first().is_some_and(|mine| mine.actor == their.actor && mine.after <= their.after)
    })
}

impl Digestible for Actor {
    fn digest(&self, into: &mut Digest) {
        into.word(self.as_u64());
    }
}

impl Digestible for Clock {
    fn digest(&self, into: &mut Digest) {
        into.word(self.0.len() as u64);
        for entry in &self.0 {
            let Entry { actor, after, counter, stamp } = entry;
            into.words([actor.as_u64(), *after, *counter, stamp.0 as u64]);
        }
    }
}
