//! What happens next: a heap of 16-byte keys over a slab of what they stand for.
//!
//! Keys are (time, sequence, slot), so ties are first in, first out, and moving one in the heap
//! costs the same however large its message is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use slab::Slab;

use crate::base::id::{ClientId, NodeId};
use crate::base::time::Instant;
use crate::protocol::message::Message;

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

#[derive(Clone, Debug, Default)]
pub struct Schedule {
    heap: BinaryHeap<Reverse<u128>>,
    slots: Slab<Event>,
    next_sequence: u64,
}

const SEQUENCE_BITS: u32 = 40;
const SLOT_BITS: u32 = 24;
/// Everything pending at once: 16 million.
pub const PENDING_MAX: usize = 1 << SLOT_BITS;

impl Schedule {
    /// # Panics
    /// When [`PENDING_MAX`] events are pending: the world has run away.
    pub fn at(&mut self, time: Instant, event: Event) {
        let slot = self.slots.insert(event);
        assert!(slot < PENDING_MAX, "more than {PENDING_MAX} events are pending");
        let sequence = self.next_sequence & ((1 << SEQUENCE_BITS) - 1);
        self.next_sequence += 1;
        let low = sequence << SLOT_BITS | slot as u64;
        self.heap.push(Reverse(u128::from(time.0) << 64 | u128::from(low)));
    }

    /// How much is pending.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub fn next_time(&self) -> Option<Instant> {
        self.heap.peek().map(|&Reverse(key)| Instant((key >> 64) as u64))
    }

    pub fn pop(&mut self) -> Option<(Instant, Event)> {
        let Reverse(key) = self.heap.pop()?;
        let slot = key as usize & (PENDING_MAX - 1);
        Some((Instant((key >> 64) as u64), self.slots.remove(slot)))
    }

    /// Every message in flight, in no particular order.
    pub fn in_flight(&self) -> impl Iterator<Item = &Envelope> {
        self.slots.iter().filter_map(|(_, event)| match event {
            Event::Deliver(envelope) => Some(envelope),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn events_come_in_time_and_ties_first_in_first_out() {
        let mut schedule = Schedule::default();
        for (time, node) in [(5, 0), (3, 1), (5, 2), (3, 3)] {
            schedule.at(Instant(time), Event::Wake { node: NodeId(node) });
        }
        let mut order = vec![];
        while let Some((time, Event::Wake { node })) = schedule.pop() {
            order.push((time.0, node.0));
        }
        assert_eq!(order, [(3, 1), (3, 3), (5, 0), (5, 2)]);
    }
}
