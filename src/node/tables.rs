//! How full a node's tables are, for the checkers.

use crate::node::NodeView;

/// A table of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeTable {
    /// The limit's name without its `_max`.
    pub name: &'static str,
    pub held: usize,
    pub max: usize,
}

impl NodeView<'_> {
    /// Each table that has a limit of its own.
    pub fn tables(&self) -> [NodeTable; 11] {
        let node = self.node();
        let limits = &node.config.limits;
        let table = |name, held, max| NodeTable { name, held, max };
        [
            table("requests", node.requests.remembered(), limits.requests_max),
            table("records", node.store.len(), limits.records_max),
            table("hints", node.hints.len(), limits.hints_max),
            // One hint may be overdue and picked anew.
            table("deliveries", node.handoff.held(), limits.hints_max.saturating_mul(2)),
            table("floors", node.floors.len(), limits.floors_max),
            table("members", self.membership().entries().members.len(), limits.members_max),
            table("transfers", node.transfers.waiting(), limits.transfers_max),
            table("offers", node.transfers.incoming(), limits.offers_max),
            table("tombstones", node.reaping.held(), limits.tombstones_max),
            table("burials", node.reaping.burials(), limits.burials_max),
            table("graves", node.graves.len(), limits.graves_max),
        ]
    }
}
