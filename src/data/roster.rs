//! Who is a member, as a sorted list that tables are laid out along.

use std::rc::Rc;

use crate::base::id::NodeId;
use crate::base::order::sort;

/// The members in order. Shared: a thousand nodes of one view hold one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster(Rc<Rows>);

#[derive(Debug, PartialEq, Eq)]
struct Rows {
    nodes: Box<[NodeId]>,
    /// What each weighs, kept because heartbeats are weighed more often than anything else is done.
    weights: Box<[u32]>,
}

/// [`Roster::index_of`] among the nodes of a roster.
#[inline(always)]
pub fn index_in(nodes: &[NodeId], node: NodeId) -> Option<usize> {
    // Worlds number their nodes densely, so the first guess is nearly always right.
    match nodes.get(node.index()) {
        Some(&there) if there == node => Some(node.index()),
        _ => search(nodes, node),
    }
}

#[cold]
#[inline(never)]
fn search(nodes: &[NodeId], node: NodeId) -> Option<usize> {
    nodes.binary_search(&node).ok()
}

/// By what a node's share of a sum counts: an odd number of its own.
#[inline(always)]
pub fn weight(node: NodeId) -> u32 {
    const PRIMES: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F];
    let own = (u64::from(node.0) + 1).wrapping_mul(PRIMES[0]);
    ((own ^ own >> 32).wrapping_mul(PRIMES[1]) >> 32) as u32 | 1
}

impl Roster {
    pub fn new(nodes: impl IntoIterator<Item = NodeId>) -> Roster {
        let mut nodes: Vec<NodeId> = nodes.into_iter().collect();
        sort(&mut nodes);
        nodes.dedup();
        let weights = nodes.iter().map(|&node| weight(node)).collect();
        Roster(Rc::new(Rows { nodes: nodes.into(), weights }))
    }

    pub fn len(&self) -> usize {
        self.0.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.nodes.is_empty()
    }

    /// As `==`, but quick where it is the very same, as it nearly always is.
    #[inline(always)]
    pub fn is_equal(&self, other: &Roster) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0.nodes == other.0.nodes
    }

    #[inline(always)]
    pub fn nodes(&self) -> &[NodeId] {
        &self.0.nodes
    }

    /// Of each of the nodes, what [`weight`] says.
    #[inline(always)]
    pub fn weights(&self) -> &[u32] {
        &self.0.weights
    }

    /// Where the node's row stands in every table laid out along this roster.
    #[inline(always)]
    pub fn index_of(&self, node: NodeId) -> Option<usize> {
        index_in(&self.0.nodes, node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_row_is_found_in_dense_and_in_sparse_rosters() {
        let dense = Roster::new((0..4).map(NodeId));
        let sparse = Roster::new([NodeId(900), NodeId(7), NodeId(7), NodeId(30)]);
        assert_eq!(dense.index_of(NodeId(3)), Some(3));
        assert_eq!(dense.index_of(NodeId(4)), None);
        assert_eq!(sparse.len(), 3);
        assert_eq!(sparse.index_of(NodeId(900)), Some(2));
        assert_eq!(sparse.index_of(NodeId(2)), None);
    }
}
