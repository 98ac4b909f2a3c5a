//! A look into a node, for the page, the checkers and the tests. Read-only.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::time::Instant;
use crate::data::merkle::Trees;
use crate::data::ring::Ring;
use crate::data::roster::Roster;
use crate::data::store::{HintStore, Store};
use crate::data::view::View;
use crate::node::Node;
use crate::protocol::admission::Admission;
use crate::protocol::message::{Identity, Suspicion};

#[derive(Clone, Copy)]
pub struct NodeView<'n> {
    node: &'n Node,
}

impl<'n> NodeView<'n> {
    pub(super) fn of(node: &'n Node) -> NodeView<'n> {
        NodeView { node }
    }

    /// For what lies beside this file.
    pub(super) fn node(&self) -> &'n Node {
        self.node
    }

    pub fn identity(&self) -> Identity {
        self.node.identity
    }

    pub fn ring(&self) -> &'n Ring {
        self.node.ring()
    }

    pub fn store(&self) -> &'n Store {
        &self.node.store
    }

    pub fn hints(&self) -> &'n HintStore {
        &self.node.hints
    }

    /// What it knows of members and tokens.
    pub fn membership(&self) -> &'n Rc<View> {
        self.node.membership.view()
    }

    /// The members as it knows them, in order. One that knows no token map yet knows itself and
    /// the seeds.
    pub fn members(&self) -> Vec<NodeId> {
        let view = self.membership();
        let joined = view.joined().map(|member| member.node);
        if view.ring().is_known() {
            return joined.gather();
        }
        let known = self.node.seeds.iter().copied().chain([self.node.id]);
        Roster::new(joined.chain(known)).nodes().to_vec()
    }

    /// Whether it belongs to the ring, by what it knows.
    pub fn is_member(&self) -> bool {
        self.membership().has_joined(self.node.id)
    }

    /// Whether it has left and nothing is left for it to do: whatever it held is with others.
    pub fn is_gone(&self) -> bool {
        self.node.membership.own_row().is_none()
            && self.store().is_empty()
            && self.hints().is_empty()
            && self.membership().member(self.node.id).is_some()
            && self.node.told == Some(self.membership().digest())
    }

    /// Whom this node takes for failed, on what evidence, since when.
    pub fn suspects(&self) -> impl Iterator<Item = (NodeId, Suspicion, Instant)> + use<'n> {
        let members = self.node.membership.roster().nodes();
        self.node.detector.suspects().map(move |(row, why, since)| (members[row], why, since))
    }

    /// How suspicious the silence of each other node is, in thousandths of phi; none where phi is
    /// not asked for.
    pub fn phis(&self, now: Instant) -> impl Iterator<Item = (NodeId, u32)> + use<'n> {
        let (detector, roster) = (&self.node.detector, self.node.membership.roster());
        let rows = (0..).zip(roster.nodes());
        rows.filter_map(move |(row, &node)| Some((node, detector.phi(row, now)?)))
    }

    pub fn is_suspected(&self, node: NodeId) -> bool {
        self.node.is_suspected(node)
    }

    /// Requests it coordinates or has passed on.
    pub fn requests(&self) -> usize {
        self.node.requests.len()
    }

    /// What background work may take (§6.5).
    pub fn admission(&self) -> &'n Admission {
        &self.node.admission
    }

    /// The trees that it has made, as far as they were brought up to date.
    pub fn trees(&self) -> &'n Trees {
        &self.node.trees
    }

    /// Hashes and records that it has sent for anti-entropy, since it started.
    pub fn entropy_sent(&self) -> (u64, u64) {
        (self.node.entropy.hashes_sent, self.node.entropy.records_sent)
    }

    /// The highest own counter remembered for a key without a record.
    pub fn floor(&self, key: &Key) -> u64 {
        self.node.floors.get(key).copied().unwrap_or(self.node.identity.counter_floor)
    }
}
