//! What happens next: a wheel of 16-byte keys over a slab of what they stand for.
//!
//! Keys are (time, sequence, slot), so ties are first in, first out, and moving one costs the same
//! however large its message is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use slab::Slab;

use crate::base::id::{ClientId, NodeId};
use crate::base::time::Instant;
use crate::protocol::message::{Message, Put};

/// Something that will happen.
#[derive(Clone, Debug)]
pub enum Event {
    Deliver(Envelope),
    Wake {
        node: NodeId,
    },
    /// A machine is done with the input that it was at work on.
    Served {
        node: NodeId,
    },
    /// The disk has made a call's writes durable. `boot` tells a crashed life from this one.
    Synced {
        node: NodeId,
        boot: u32,
    },
    /// A client's patience with its operation is over.
    ClientTimeout {
        op: usize,
    },
    /// A client asks once more for a put, as if no answer had come.
    Again {
        op: usize,
        put: Rc<Put>,
    },
    /// A client that chooses coordinators asks for a view of the ring.
    Poll {
        client: ClientId,
    },
    /// A request of a load is due; of which client, unless any may ask.
    Arrival {
        load: usize,
        client: usize,
    },
    /// The patience of the load's client that has waited longest may be over.
    LoadPatience,
}

/// A message in flight.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Its number in the log, from the moment it was sent.
    pub id: u64,
    pub from: NodeId,
    pub to: NodeId,
    pub sent: Instant,
    pub arrives: Instant,
    pub message: Message,
}

/// What will happen, in a wheel of short lists: one for each quarter of a millisecond of the next
/// second. Nearly everything is that near, so it is found without being ordered among all that is
/// pending; only what is due in the present quarter is.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Due in the present bucket of time, or before it.
    soon: BinaryHeap<Reverse<u128>>,
    /// The number of that bucket.
    bucket: u64,
    /// The newest of each of the buckets that come next, [`NOTHING`] where there is none.
    wheel: Box<[u32; BUCKETS]>,
    /// Which of the wheel's lists are not empty.
    filled: [u64; BUCKETS / 64],
    /// Due after all of these.
    later: BinaryHeap<Reverse<u128>>,
    slots: Slab<Pending>,
    next_sequence: u64,
}

#[derive(Clone, Debug)]
struct Pending {
    key: u128,
    /// The slot of the next one in the same bucket.
    next: u32,
    event: Event,
}

const SEQUENCE_BITS: u32 = 40;
const SLOT_BITS: u32 = 24;
/// Everything pending at once: 16 million.
pub const PENDING_MAX: usize = 1 << SLOT_BITS;
/// A bucket is so many bits of nanoseconds wide.
const BUCKET_BITS: u32 = 18;
const BUCKETS: usize = 4_096;
const NOTHING: u32 = u32::MAX;

impl Default for Schedule {
    fn default() -> Schedule {
        Schedule {
            soon: BinaryHeap::new(),
            bucket: 0,
            wheel: Box::new([NOTHING; BUCKETS]),
            filled: [0; BUCKETS / 64],
            later: BinaryHeap::new(),
            slots: Slab::new(),
            next_sequence: 0,
        }
    }
}

impl Schedule {
    /// # Panics
    /// When [`PENDING_MAX`] events are pending: the world has run away.
    pub fn at(&mut self, time: Instant, event: Event) {
        let entry = self.slots.vacant_entry();
        let slot = entry.key();
        assert!(slot < PENDING_MAX, "more than {PENDING_MAX} events are pending");
        let sequence = self.next_sequence & ((1 << SEQUENCE_BITS) - 1);
        self.next_sequence += 1;
        let low = sequence << SLOT_BITS | slot as u64;
        let key = u128::from(time.0) << 64 | u128::from(low);
        let (bucket, mut next) = (bucket_of(key), NOTHING);
        if bucket <= self.bucket {
            self.soon.push(Reverse(key));
        } else if bucket - self.bucket < BUCKETS as u64 {
            let place = bucket as usize % BUCKETS;
            next = std::mem::replace(&mut self.wheel[place], slot as u32);
            self.filled[place / 64] |= 1 << (place % 64);
        } else {
            self.later.push(Reverse(key));
        }
        entry.insert(Pending { key, next, event });
    }

    /// How much is pending.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub fn next_time(&self) -> Option<Instant> {
        if let Some(&Reverse(key)) = self.soon.peek() {
            return Some(time_of(key));
        }
        let in_wheel = self.next_filled().map(|bucket| self.wheel[bucket as usize % BUCKETS]);
        let nearest = in_wheel.and_then(|first| self.listed(first).min());
        let later = self.later.peek().map(|&Reverse(key)| key);
        nearest.into_iter().chain(later).min().map(time_of)
    }

    /// The next event, if its time is not past `to`.
    pub fn pop(&mut self, to: Instant) -> Option<(Instant, Event)> {
        if self.soon.is_empty() {
            self.turn(to);
        }
        let time = time_of(self.soon.peek()?.0);
        if time > to {
            return None;
        }
        let Reverse(key) = self.soon.pop()?;
        Some((time, self.slots.remove(key as usize & (PENDING_MAX - 1)).event))
    }

    /// Goes on to the next bucket in which something is due, unless that is past `to`.
    fn turn(&mut self, to: Instant) {
        let later = self.later.peek().map(|&Reverse(key)| bucket_of(key));
        let in_wheel = self.next_filled();
        let Some(bucket) = in_wheel.into_iter().chain(later).min() else { return };
        if bucket > to.0 >> BUCKET_BITS {
            return;
        }
        self.bucket = bucket;
        if in_wheel == Some(bucket) {
            let place = bucket as usize % BUCKETS;
            let first = std::mem::replace(&mut self.wheel[place], NOTHING);
            self.filled[place / 64] &= !(1 << (place % 64));
            let mut slot = first;
            while let Some(Pending { key, next, .. }) = self.slots.get(slot as usize) {
                self.soon.push(Reverse(*key));
                slot = *next;
            }
        }
        while self.later.peek().is_some_and(|&Reverse(key)| bucket_of(key) == bucket) {
            self.soon.extend(self.later.pop());
        }
    }

    /// The first bucket after the present one whose list is not empty.
    fn next_filled(&self) -> Option<u64> {
        let start = (self.bucket as usize + 1) % BUCKETS;
        let words = self.filled.len();
        // The word of the start comes twice: its upper bits first, its lower bits last.
        for step in 0..=words {
            let word = (start / 64 + step) % words;
            let below_start = (1 << (start % 64)) - 1;
            let bits = match step {
                0 => self.filled[word] & !below_start,
                _ if step == words => self.filled[word] & below_start,
                _ => self.filled[word],
            };
            if bits != 0 {
                let place = word * 64 + bits.trailing_zeros() as usize;
                return Some(self.bucket + 1 + ((place + BUCKETS - start) % BUCKETS) as u64);
            }
        }
        None
    }

    /// The keys of a list of the wheel.
    fn listed(&self, first: u32) -> impl Iterator<Item = u128> + '_ {
        let pending = |slot: u32| self.slots.get(slot as usize);
        let list = std::iter::successors(pending(first), move |last| pending(last.next));
        list.map(|pending| pending.key)
    }

    /// Every message in flight, in no particular order.
    pub fn in_flight(&self) -> impl Iterator<Item = &Envelope> {
        self.slots.iter().filter_map(|(_, pending)| match &pending.event {
            Event::Deliver(envelope) => Some(envelope),
            _ => None,
        })
    }
}

fn time_of(key: u128) -> Instant {
    Instant((key >> 64) as u64)
}

fn bucket_of(key: u128) -> u64 {
    time_of(key).0 >> BUCKET_BITS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use std::collections::BTreeSet;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn events_come_in_time_and_ties_first_in_first_out() {
        let mut schedule = Schedule::default();
        for (time, node) in [(5, 0), (3, 1), (5, 2), (3, 3)] {
            schedule.at(Instant(time), Event::Wake { node: NodeId(node) });
        }
        let mut order = vec![];
        while let Some((time, Event::Wake { node })) = schedule.pop(Instant(u64::MAX)) {
            order.push((time.0, node.0));
        }
        assert_eq!(order, [(3, 1), (3, 3), (5, 0), (5, 2)]);
    }

    /// Against a sorted list: pushes and pops as a world makes them, near and far, and with pauses
    /// after which something earlier comes in.
    #[test]
    fn whatever_is_put_in_comes_out_in_the_order_of_a_sorted_list() {
        let (mut schedule, mut sorted) = (Schedule::default(), BTreeSet::new());
        let (mut rng, mut now) = (Rng::from_u64(7), 0);
        for number in 0..20_000u32 {
            let far = [1_000, 300_000, 20_000_000, 1_500_000_000, 90_000_000_000];
            let far = far[rng.index(far.len())];
            let time = now + rng.below(far);
            schedule.at(Instant(time), Event::Wake { node: NodeId(number) });
            sorted.insert((time, number));
            let to = now + rng.below(10_000_000);
            while rng.index(3) > 0 {
                assert_eq!(schedule.next_time(), sorted.first().map(|&(time, _)| Instant(time)));
                let Some((Instant(time), event)) = schedule.pop(Instant(to)) else { break };
                let Event::Wake { node: NodeId(number) } = event else { unreachable!() };
                assert_eq!(Some((time, number)), sorted.pop_first());
                assert!((now..=to).contains(&time));
                now = time;
            }
        }
        let rest: Vec<u64> = std::iter::from_fn(|| schedule.pop(Instant(u64::MAX)))
            .map(|(time, _)| time.0)
            .collect();
        assert_eq!(rest, sorted.iter().map(|&(time, _)| time).collect::<Vec<_>>());
    }
}
