//! Who is a member, as a sorted list that tables are laid out along.

use std::rc::Rc;

use crate::base::id::NodeId;
use crate::base::order::sort;

/// The members in order. Shared: a thousand nodes of one view hold one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster(Rc<[NodeId]>);

impl Roster {
    pub fn new(nodes: impl IntoIterator<Item = NodeId>) -> Roster {
        let mut nodes: Vec<NodeId> = nodes.into_iter().collect();
        sort(&mut nodes);
        nodes.dedup();
        Roster(nodes.into())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is the very same, and not only an equal one.
    pub fn is_same(&self, other: &Roster) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    pub fn nodes(&self) -> &[NodeId] {
        &self.0
    }

    /// Where the node's row stands in every table laid out along this roster.
    #[inline(always)]
    pub fn index_of(&self, node: NodeId) -> Option<usize> {
        // Worlds number their nodes densely, so the first guess is nearly always right.
        match self.0.get(node.index()) {
            Some(&there) if there == node => Some(node.index()),
            _ => self.0.binary_search(&node).ok(),
        }
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
