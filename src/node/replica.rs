//! The node as a replica: storing what others coordinate, and holding hints apart.

use crate::base::blob::Key;
use crate::base::id::{NodeId, RequestId};
use crate::data::version::Record;
use crate::node::Node;
use crate::protocol::message::{Message, Notice, Outbox, Write};

impl Node {
    pub(super) fn on_store(
        &mut self,
        from: NodeId,
        request: RequestId,
        key: &Key,
        siblings: &Record,
        stands_in_for: Option<NodeId>,
        out: &mut Outbox,
    ) {
        let accepted = self.store_as(key, siblings, stands_in_for, out);
        out.send(from, Message::Stored { request, accepted });
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
                // A hint for a stranger could never go home.
                let is_member = self.membership.roster().index_of(absent).is_some();
                is_member && self.store_hint(absent, key, siblings, out)
            }
            _ => self.store_own(key, siblings, out),
        }
    }

    /// Merges into the replica store. False when there is no room for one more record, or for
    /// more siblings in this one.
    pub(super) fn store_own(&mut self, key: &Key, siblings: &Record, out: &mut Outbox) -> bool {
        let partition = self.ring().partition_of(key.position());
        let has_room = match self.store.get(partition, key) {
            Some(held) => held.fits_with(siblings),
            None => self.store.len() < self.config.limits.records_max,
        };
        if !has_room {
            out.notice(Notice::Overloaded { key: key.clone() });
            return false;
        }
        if let Some(siblings) = self.store.merge(partition, key, siblings) {
            out.writes.push(Write::Record { key: key.clone(), siblings });
        }
        true
    }

    /// Merges into the hint store, apart from the node's own replicas (§4.6).
    fn store_hint(
        &mut self,
        target: NodeId,
        key: &Key,
        siblings: &Record,
        out: &mut Outbox,
    ) -> bool {
        let has_room = match self.hints.get(target, key) {
            Some(held) => held.fits_with(siblings),
            None => self.hints.len() < self.config.limits.hints_max,
        };
        if !has_room {
            out.notice(Notice::Overloaded { key: key.clone() });
            return false;
        }
        if let Some(siblings) = self.hints.merge(target, key, siblings) {
            out.writes.push(Write::Hint { target, key: key.clone(), siblings });
            out.notice(Notice::HintStored { target, key: key.clone() });
        }
        true
    }
}
