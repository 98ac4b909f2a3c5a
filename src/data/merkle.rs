//! Merkle trees (§4.7): "a hash tree where leaves are hashes of the values of individual keys.
//! Parent nodes higher in the tree are hashes of their respective children".
//!
//! ```text
//!   branch 0                    the root of one partition's tree on one node
//!   branches 1 … 16             sixteen hashes below it
//!   branches 17 … 272           256 leaves, sixteen below each of those
//! ```
//!
//! One flat array. A leaf stands for the records whose positions end in its eight bits, so where a
//! record hangs does not depend on the bounds of its partition. A record that changes marks its
//! leaf; marked leaves, and what is above them, are hashed again when somebody compares. Nothing
//! is nothing: a branch without records has the hash 0, and a partition without any has no tree.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::digest::{Digest, Digestible};
use crate::base::id::PartitionId;
use crate::base::map::Map;
use crate::base::sabotage::{Fault, is_planted};
use crate::data::store::{Records, Store};
use crate::data::version::Siblings;

/// How many branches hang below each that is no leaf.
const FAN: usize = 16;
const FIRST_LEAF: usize = 1 + FAN;
/// How many branches a tree has, its root and its leaves among them.
pub const BRANCHES: usize = FIRST_LEAF + LEAVES;
const LEAVES: usize = FAN * FAN;

/// Some leaves of a tree, a bit for each.
pub type LeafSet = [u64; LEAVES / 64];

pub const NO_LEAVES: LeafSet = [0; LEAVES / 64];

/// The leaf on which the key's record hangs.
fn leaf_of(key: &Key) -> usize {
    key.position().0 as usize % LEAVES
}

fn has(set: &LeafSet, leaf: usize) -> bool {
    set[leaf / 64] >> (leaf % 64) & 1 == 1
}

/// Whether the key's record hangs on one of these leaves.
pub fn hangs_on(key: &Key, leaves: &LeafSet) -> bool {
    has(leaves, leaf_of(key))
}

/// Adds every leaf that is, or is below, the branch.
pub fn add_leaves(set: &mut LeafSet, branch: usize) {
    let (first, count) = match branch {
        0 => (0, LEAVES),
        branch if branch < FIRST_LEAF => ((branch - 1) * FAN, FAN),
        leaf => (leaf - FIRST_LEAF, 1),
    };
    (first..first + count).for_each(|leaf| set[leaf / 64] |= 1 << (leaf % 64));
}

/// The branches right below; none below a leaf.
pub fn below(branch: usize) -> std::ops::Range<usize> {
    match branch < FIRST_LEAF {
        true => FAN * branch + 1..FAN * branch + 1 + FAN,
        false => 0..0,
    }
}

/// What one record adds to its leaf: equal for equal versions of equal keys.
pub fn record_hash(key: &Key, record: &Siblings) -> u64 {
    let mut digest = Digest::default();
    key.digest(&mut digest);
    record.digest(&mut digest);
    digest.value()
}

#[derive(Clone, Debug)]
struct Tree {
    hashes: [u64; BRANCHES],
    /// Leaves whose records have changed.
    marked: LeafSet,
}

impl Tree {
    fn new() -> Tree {
        Tree { hashes: [0; BRANCHES], marked: [u64::MAX; LEAVES / 64] }
    }

    /// Hashes what is marked, and what is above it, in one walk over the records.
    fn refresh(&mut self, records: &Records) {
        let marked = std::mem::replace(&mut self.marked, NO_LEAVES);
        for (leaf, hash) in self.hashes[FIRST_LEAF..].iter_mut().enumerate() {
            if has(&marked, leaf) {
                *hash = 0;
            }
        }
        for (key, record) in records.iter() {
            let leaf = leaf_of(key);
            if has(&marked, leaf) {
                let hash = &mut self.hashes[FIRST_LEAF + leaf];
                *hash = hash.wrapping_add(record_hash(key, record));
            }
        }
        for branch in (0..FIRST_LEAF).rev() {
            let mut leaves = NO_LEAVES;
            add_leaves(&mut leaves, branch);
            if leaves.iter().zip(&marked).any(|(one, other)| one & other != 0) {
                self.hashes[branch] = self.sum_of(branch);
            }
        }
        let is_first = marked == [u64::MAX; LEAVES / 64];
        self.hashes[0] ^= u64::from(!is_first && is_planted(Fault::MerkleRootFlipped));
    }

    fn sum_of(&self, branch: usize) -> u64 {
        let children = &self.hashes[below(branch)];
        if children.iter().all(|&hash| hash == 0) {
            return 0;
        }
        let mut digest = Digest::default();
        children.iter().for_each(|&hash| digest.word(hash));
        digest.value()
    }
}

/// The trees of one node, a tree to each partition that was ever compared. Shared until they
/// change, because checkpoints hold many.
#[derive(Clone, Debug, Default)]
pub struct Trees(Map<PartitionId, Rc<Tree>>);

impl Trees {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key's record has changed.
    pub fn on_change(&mut self, partition: PartitionId, key: &Key) {
        if is_planted(Fault::MerkleLeafUnmarked) {
            return;
        }
        if let Some(tree) = self.0.get_mut(&partition) {
            let mut leaf = NO_LEAVES;
            add_leaves(&mut leaf, FIRST_LEAF + leaf_of(key));
            let marked = &mut Rc::make_mut(tree).marked;
            marked.iter_mut().zip(leaf).for_each(|(word, more)| *word |= more);
        }
    }

    /// The partitions are other ranges now, so every tree is of something that is no more. Answers
    /// how many there were.
    pub fn forget_all(&mut self) -> usize {
        let count = self.0.len();
        self.0 = Map::default();
        count
    }

    /// The partition's records are here no more.
    pub fn forget(&mut self, partition: PartitionId) {
        self.0.remove(&partition);
    }

    /// The hash of a branch of the partition's tree, which has these records.
    pub fn hash(
        &mut self,
        partition: PartitionId,
        records: Option<&Records>,
        branch: usize,
    ) -> u64 {
        let Some(records) = records.filter(|records| !records.is_empty()) else {
            self.forget(partition);
            return 0;
        };
        let tree = self.0.or_insert_with(partition, || Rc::new(Tree::new()));
        if tree.marked != NO_LEAVES {
            Rc::make_mut(tree).refresh(records);
        }
        tree.hashes.get(branch).copied().unwrap_or(0)
    }
}

/// The root over these records, hashed from nothing.
pub fn root_of(records: &Records) -> u64 {
    Trees::default().hash(PartitionId(0), Some(records), 0)
}

/// One hash over the roots of all partitions of a store, hashed from nothing; 0 where it is empty.
pub fn root_of_all(store: &Store) -> u64 {
    if store.is_empty() {
        return 0;
    }
    let mut digest = Digest::default();
    for partition in store.partitions() {
        let root = store.partition(partition).map_or(0, root_of);
        if root != 0 {
            digest.word(u64::from(partition.0));
            digest.word(root);
        }
    }
    digest.value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::NodeId;
    use crate::data::version::{Actor, Clock, Content, Record, Version};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const P: PartitionId = PartitionId(7);

    fn record(counter: u64) -> Record {
        let clock = Clock::new([(Actor { node: NodeId(0), epoch: 0 }, counter)]);
        Siblings::record(Version::new(clock, Content::default().into()))
    }

    fn records(count: u32) -> Records {
        let mut records = Records::default();
        (0..count).for_each(|n| _ = records.insert(Key::new(&n.to_be_bytes()), record(1)));
        records
    }

    #[test]
    fn every_branch_but_the_root_hangs_below_one_other() {
        let mut seen = [0; BRANCHES];
        (0..BRANCHES).flat_map(below).for_each(|branch| seen[branch] += 1);
        assert!(seen[0] == 0 && seen[1..].iter().all(|&times| times == 1));
        let mut all = NO_LEAVES;
        below(0).for_each(|branch| add_leaves(&mut all, branch));
        assert_eq!(all, [u64::MAX; 4]);
    }

    #[test]
    fn keys_hang_on_all_leaves_alike_and_on_no_others() {
        let keys: Vec<Key> = (0u32..4_096).map(|n| Key::new(&n.to_be_bytes())).collect();
        let mut counts = [0; LEAVES];
        keys.iter().for_each(|key| counts[leaf_of(key)] += 1);
        assert!(counts.iter().all(|count| (1..=48).contains(count)), "{counts:?}");
        for key in &keys[..64] {
            let mut own = NO_LEAVES;
            add_leaves(&mut own, FIRST_LEAF + leaf_of(key));
            let others = own.map(|word| !word);
            assert!(hangs_on(key, &own) && !hangs_on(key, &others) && !hangs_on(key, &NO_LEAVES));
        }
    }

    #[test]
    fn trees_are_counted_and_forgotten() {
        let mut trees = Trees::default();
        assert!(trees.is_empty());
        (0..3).for_each(|p| _ = trees.hash(PartitionId(p), Some(&records(2)), 0));
        assert_eq!((trees.len(), trees.is_empty()), (3, false));
        assert_eq!((trees.forget_all(), trees.len()), (3, 0));
    }

    #[test]
    fn the_root_of_all_tells_stores_apart() {
        let of = |entries: &[(u32, u64)]| {
            let mut store = Store::default();
            for &(partition, counter) in entries {
                store.merge(PartitionId(partition), &Key::new(b"k"), &record(counter));
            }
            root_of_all(&store)
        };
        assert_eq!(of(&[]), 0);
        let all = [of(&[]), of(&[(1, 1)]), of(&[(2, 1)]), of(&[(1, 2)]), of(&[(1, 1), (2, 1)])];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{all:?}");
        }
    }

    #[test]
    fn one_record_that_differs_changes_the_hashes_on_its_way_to_the_root_and_no_other() {
        let (mut one, mut other) = (records(500), records(500));
        let key = Key::new(&9u32.to_be_bytes());
        other.insert(key.clone(), record(2));
        let (mut left, mut right) = (Trees::default(), Trees::default());
        let mut differing = |other: &Records| -> Vec<usize> {
            let is_other =
                |&at: &usize| left.hash(P, Some(&one), at) != right.hash(P, Some(other), at);
            (0..BRANCHES).filter(is_other).collect()
        };
        let differ = differing(&other);
        assert_eq!(differ.len(), 3, "root, branch and leaf");
        assert!(below(differ[0]).contains(&differ[1]) && below(differ[1]).contains(&differ[2]));
        assert_eq!(differ[2], FIRST_LEAF + leaf_of(&key));
        one.insert(key.clone(), record(2));
        left.on_change(P, &key);
        assert_eq!(left.hash(P, Some(&one), 0), root_of(&other));
    }

    #[test]
    fn nothing_has_the_hash_0_and_no_tree() {
        let mut trees = Trees::default();
        assert_eq!(trees.hash(P, None, 0), 0);
        assert_eq!(trees.hash(P, Some(&Records::default()), 0), 0);
        assert!(trees.is_empty());
        assert_ne!(trees.hash(P, Some(&records(1)), 0), 0);
        assert_eq!((trees.len(), trees.hash(P, Some(&records(1)), BRANCHES)), (1, 0));
        trees.forget(P);
        assert!(trees.is_empty());
    }
}
