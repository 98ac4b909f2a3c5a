//! A look into a node, for the page, the checkers and the tests. Read-only.

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::time::Instant;
use crate::data::ring::Ring;
use crate::data::store::{HintStore, Store};
use crate::node::Node;
use crate::protocol::message::{Identity, Suspicion};

#[derive(Clone, Copy)]
pub struct NodeView<'n> {
    node: &'n Node,
}

impl<'n> NodeView<'n> {
    pub(super) fn of(node: &'n Node) -> NodeView<'n> {
        NodeView { node }
    }

    pub fn identity(&self) -> Identity {
        self.node.identity
    }

    pub fn ring(&self) -> &'n Ring {
        &self.node.ring
    }

    pub fn store(&self) -> &'n Store {
        &self.node.store
    }

    pub fn hints(&self) -> &'n HintStore {
        &self.node.hints
    }

    pub fn members(&self) -> &'n [NodeId] {
        self.node.membership.roster().nodes()
    }

    /// Whom this node takes for failed, on what evidence, since when.
    pub fn suspects(&self) -> impl Iterator<Item = (NodeId, Suspicion, Instant)> + use<'n> {
        let members = self.members();
        self.node.detector.suspects().map(move |(row, why, since)| (members[row], why, since))
    }

    pub fn is_suspected(&self, node: NodeId) -> bool {
        self.node.is_suspected(node)
    }

    /// Requests it coordinates or has passed on.
    pub fn requests(&self) -> usize {
        self.node.requests.len()
    }

    /// The highest own counter remembered for a key without a record.
    pub fn floor(&self, key: &Key) -> u64 {
        self.node.floors.get(key).copied().unwrap_or(self.node.identity.counter_floor)
    }
}
