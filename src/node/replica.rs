//! The node as a replica: storing what others coordinate, and holding hints apart.

use crate::base::blob::Key;
use crate::base::id::{NodeId, RequestId};
use crate::base::sabotage::{Fault, is_planted};
use crate::data::version::{Record, Siblings};
use crate::node::Node;
use crate::node::client::highest_counter;
use crate::protocol::message::{Durability, Message, Notice, Outbox, Write};

impl Node {
    pub(super) fn on_store(
        &mut self,
        from: NodeId,
        request: RequestId,
        (key, siblings): (&Key, &Record),
        stands_in_for: Option<NodeId>,
        out: &mut Outbox,
    ) {
        let is_home = self.is_home_of(key) || is_planted(Fault::StrangerStores);
        if stands_in_for.is_none_or(|absent| absent == self.id) && !is_home {
            return self.say_not_home(from, request, out);
        }
        let accepted = self.store_as(key, siblings, stands_in_for, out);
        out.send(from, Message::Stored { request, accepted });
    }

    /// Whether what a put writes may wait in the write buffer, or must be durable with all before
    /// it, because this copy is the one that is asked to be (§6.1).
    pub(super) fn hold_for(&self, is_durable: bool, out: &mut Outbox) {
        out.durability = match is_durable {
            true => Durability::Everything,
            false if self.config.write_buffer > 0 => Durability::Buffered,
            false => Durability::Written,
        };
    }

    /// Whether this node keeps one of the key's N copies, by what it knows.
    pub(super) fn is_home_of(&self, key: &Key) -> bool {
        let ring = self.ring();
        ring.is_home(ring.partition_of(key.position()), self.id)
    }

    /// Asked as a home of a key, this node is none: an answer would count for a place that another
    /// keeps by now. It says instead where the homes are.
    pub(super) fn say_not_home(&self, from: NodeId, request: RequestId, out: &mut Outbox) {
        out.send(from, Message::NotHome { request, view: self.membership.view().clone() });
    }

    /// Stores a replica, or a hint for the node it stands in for. Answers whether it is kept.
    pub(super) fn store_as(
        &mut self,
        key: &Key,
        siblings: &Record,
        stands_in_for: Option<NodeId>,
        out: &mut Outbox,
    ) -> bool {
        match stands_in_for {
            Some(absent) if absent != self.id => {
                // A hint for a stranger could never go home. And a home, or who is to become one,
                // would have two copies on one disk.
                let is_member = self.membership.roster().index_of(absent).is_some();
                let (ring, partition) = (self.ring(), self.ring().partition_of(key.position()));
                let is_concerned =
                    ring.is_home(partition, self.id) || ring.is_coming(partition, self.id);
                let is_forgotten = is_planted(Fault::HintForgotten);
                is_member
                    && !is_concerned
                    && (is_forgotten || self.store_hint(absent, key, siblings, out))
            }
            _ => self.store_own(key, siblings, out),
        }
    }

    /// Merges into the replica store. False when there is no room for one more record, or for
    /// more siblings in this one.
    pub(super) fn store_own(&mut self, key: &Key, siblings: &Record, out: &mut Outbox) -> bool {
        match self.unburied(key, siblings) {
            Some(siblings) => self.take_in(key, siblings.as_ref(), out),
            None => true,
        }
    }

    /// The same, whatever this node has agreed to forget.
    pub(super) fn take_in(&mut self, key: &Key, siblings: &Record, out: &mut Outbox) -> bool {
        let partition = self.ring().partition_of(key.position());
        let is_new_tombstone = siblings.is_deleted() && !self.reaping.holds(key);
        let found = self.store.find(partition, key);
        let held = self.store.at(found);
        let own_counter = self.counter_in(held);
        let has_room = siblings.versioning() == self.config.versioning
            && self.disk_takes(held, siblings)
            && match held {
                Some(held) => held.fits_with(siblings),
                None => siblings.fits() && self.store.len() < self.config.limits.records_max,
            }
            && !(is_new_tombstone && self.reaping.held() >= self.config.limits.tombstones_max);
        if !has_room {
            out.notice(|| Notice::Overloaded { key: key.clone() });
            return false;
        }
        if let Some(siblings) = self.store.merge_at(found, partition, key, siblings) {
            self.reaping.on_change(key, siblings.is_deleted());
            self.keep_counter(key, own_counter, &siblings, out);
            out.writes.push(Write::Record { key: key.clone(), siblings });
            self.transfers.on_change(partition, key);
            self.trees.on_change(partition, key);
            let ring = self.membership.view().ring();
            let is_ours = |nodes: &[NodeId]| nodes.contains(&self.id);
            if !is_ours(ring.homes(partition)) && !is_ours(ring.targets(partition)) {
                self.is_replanning = true;
            }
        }
        true
    }

    /// Merges into the hint store, apart from the node's own replicas (§4.6).
    pub(super) fn store_hint(
        &mut self,
        target: NodeId,
        key: &Key,
        siblings: &Record,
        out: &mut Outbox,
    ) -> bool {
        let Some(siblings) = self.unburied(key, siblings) else { return true };
        let siblings = siblings.as_ref();
        let held = self.hints.get(target, key);
        let own_counter = self.counter_in(held);
        let has_room = siblings.versioning() == self.config.versioning
            && self.disk_takes(held, siblings)
            && match held {
                Some(held) => held.fits_with(siblings),
                None => siblings.fits() && self.hints.len() < self.config.limits.hints_max,
            };
        if !has_room {
            out.notice(|| Notice::Overloaded { key: key.clone() });
            return false;
        }
        if let Some(siblings) = self.hints.merge(target, key, siblings) {
            self.keep_counter(key, own_counter, &siblings, out);
            out.writes.push(Write::Hint { target, key: key.clone(), siblings });
            out.notice(|| Notice::HintStored { target, key: key.clone() });
            // Who sent it knew an older view: the hint goes on to the present homes.
            let ring = self.membership.view().ring();
            let is_astray = !ring.is_home(ring.partition_of(key.position()), target);
            self.is_replanning |= is_astray;
        }
        true
    }

    /// Whether the disk has room for what changes; what is there already takes none.
    fn disk_takes(&self, held: Option<&Record>, more: &Siblings) -> bool {
        !self.is_disk_full || held.is_some_and(|held| held.includes(more))
    }

    fn counter_in(&self, held: Option<&Record>) -> u64 {
        held.map_or(0, |held| highest_counter(held, self.identity.actor))
    }

    /// What took the place of a record may not speak of this node's counter any more: its clock
    /// was cut, or it won by its stamp. Then the node remembers by itself.
    fn keep_counter(&mut self, key: &Key, before: u64, now: &Record, out: &mut Outbox) {
        if before > 0 && before > self.counter_in(Some(now)) {
            self.raise_floor(key, before, out);
        }
    }
}
