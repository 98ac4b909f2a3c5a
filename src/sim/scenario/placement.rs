//! `key_for`: a key that lives where the scenario needs it.
//!
//! Candidates are `key-0`, `key-1` and so on; the first whose home nodes include all that are
//! named is taken. Placement depends on seed, nodes and partitioning alone, and so does the key.

use super::bad_input::{BadInput, joined};
use super::names::Names;
use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::order::{sort, sort_by_key};
use crate::data::ring::Ring;

/// Among so many keys even one partition of 4,096 is met.
const CANDIDATES: u32 = 200_000;

/// Finds keys and remembers them: a script may ask for the same place often.
pub struct Placement<'r> {
    ring: &'r Ring,
    names: &'r Names,
    /// In the order of nodes.
    known: Vec<(Vec<NodeId>, Key)>,
}

impl<'r> Placement<'r> {
    pub fn new(ring: &'r Ring, names: &'r Names) -> Placement<'r> {
        Placement { ring, names, known: Vec::new() }
    }

    /// The key for these nodes, in any order.
    pub fn key_for(&mut self, mut nodes: Vec<NodeId>) -> Result<Key, BadInput> {
        sort(&mut nodes);
        let known = match self.known.binary_search_by(|(other, _)| other.cmp(&nodes)) {
            Ok(known) => return Ok(self.known[known].1.clone()),
            Err(place) => place,
        };
        let fits = |homes: &[NodeId]| nodes.iter().all(|node| homes.contains(node));
        if !self.ring.partitions().any(|partition| fits(self.ring.homes(partition))) {
            return Err(self.nowhere(&nodes));
        }
        let key = (0..CANDIDATES)
            .map(|number| Key::new(format!("key-{number}").as_bytes()))
            .find(|key| fits(self.ring.homes(self.ring.partition_of(key.position()))))
            .ok_or_else(|| self.nowhere(&nodes))?;
        self.known.insert(known, (nodes, key.clone()));
        Ok(key)
    }

    fn nowhere(&self, wanted: &[NodeId]) -> BadInput {
        let shared = |list: &[NodeId]| list.iter().filter(|node| wanted.contains(node)).count();
        let mut lists: Vec<&[NodeId]> =
            self.ring.partitions().map(|partition| self.ring.homes(partition)).gather();
        sort_by_key(&mut lists, |list| (usize::MAX - shared(list), *list));
        lists.dedup();
        let nearest: Vec<String> =
            lists.iter().take(3).map(|list| format!("[{}]", self.names.of(list))).gather();
        BadInput::new(
            "",
            format!("[{}], which no key has together among its first nodes", self.names.of(wanted)),
            format!("nodes of one preference list; the nearest are {}", joined(&nearest, ", ")),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::numbered(5)
    }

    /// Partitions whose owners are A, B, C, D, E in order, N = 2.
    fn ring() -> Ring {
        Ring::new((0..5).map(NodeId).collect(), 2)
    }

    #[test]
    fn the_key_found_has_all_the_nodes_among_its_homes_in_any_order() {
        let (ring, names) = (ring(), names());
        let mut placement = Placement::new(&ring, &names);
        let key = placement.key_for(vec![NodeId(3), NodeId(2)]).unwrap();
        let homes = ring.homes(ring.partition_of(key.position()));
        assert_eq!(homes, [NodeId(2), NodeId(3)]);
        assert_eq!(placement.key_for(vec![NodeId(2), NodeId(3)]).unwrap(), key);
    }

    #[test]
    fn where_no_list_fits_the_nearest_are_named() {
        let (ring, names) = (ring(), names());
        let refusal = Placement::new(&ring, &names).key_for(vec![NodeId(0), NodeId(2)]);
        let text = refusal.unwrap_err().to_string();
        assert!(text.contains("[A, C]") && text.contains("the nearest are [A, B]"), "{text}");
    }
}
