//! What a node keeps: its replicas by partition, and apart from them the hints it holds for
//! others (§4.6: "a separate local database that is scanned periodically").

use crate::base::blob::Key;
use crate::base::id::{NodeId, PartitionId};
use crate::base::map::{Map, Place};
use crate::data::version::Record;

/// Records by key; sharing them is a pointer.
pub type Records = Map<Key, Record>;

/// Where a record is in the store, or would be: good until the store changes.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    partition: Place,
    record: Place,
}

/// The replica store. Keyed by partition, because trees and transfers are.
#[derive(Clone, Debug, Default)]
pub struct Store {
    partitions: Map<PartitionId, Records>,
    len: usize,
}

impl Store {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn get(&self, partition: PartitionId, key: &Key) -> Option<&Record> {
        self.partitions.get(&partition)?.get(key)
    }

    pub fn find(&self, partition: PartitionId, key: &Key) -> Found {
        let partition = self.partitions.find(&partition);
        let records = self.partitions.at(partition);
        Found { partition, record: records.map_or(Place::FIRST, |records| records.find(key)) }
    }

    /// What is there.
    pub fn at(&self, found: Found) -> Option<&Record> {
        self.partitions.at(found.partition)?.at(found.record)
    }

    /// Merges what came into what is held. Answers what is held now, when that is something new.
    pub fn merge(
        &mut self,
        partition: PartitionId,
        key: &Key,
        incoming: &Record,
    ) -> Option<Record> {
        self.merge_at(self.find(partition, key), partition, key, incoming)
    }

    /// The same where [`Store::find`] said.
    pub fn merge_at(
        &mut self,
        found: Found,
        partition: PartitionId,
        key: &Key,
        incoming: &Record,
    ) -> Option<Record> {
        if let Some(records) = self.partitions.at_mut(found.partition) {
            let before = records.len();
            let changed = merge_record(records, found.record, key, incoming);
            self.len += records.len() - before;
            return changed;
        }
        let mut records = Records::default();
        let changed = merge_record(&mut records, Place::FIRST, key, incoming);
        self.partitions.put(found.partition, partition, records);
        self.len += 1;
        changed
    }

    /// Takes one record out.
    pub fn remove(&mut self, partition: PartitionId, key: &Key) -> Option<Record> {
        let removed = self.partitions.get_mut(&partition)?.remove(key);
        self.len -= usize::from(removed.is_some());
        removed
    }

    /// The records of one partition; none when there is none.
    pub fn partition(&self, partition: PartitionId) -> Option<&Records> {
        self.partitions.get(&partition)
    }

    /// The partitions that it holds records of.
    pub fn partitions(&self) -> impl Iterator<Item = PartitionId> + '_ {
        self.partitions.keys().copied()
    }

    /// Lays the records out along other partitions.
    pub fn lay_out(&mut self, partition_of: &dyn Fn(&Key) -> PartitionId) {
        let old = std::mem::take(&mut self.partitions);
        for records in old.values() {
            for (key, record) in records.iter() {
                let records = self.partitions.or_insert_with(partition_of(key), Records::default);
                records.insert(key.clone(), record.clone());
            }
        }
    }

    /// Takes out a partition with all its records.
    pub fn remove_partition(&mut self, partition: PartitionId) -> Records {
        let removed = self.partitions.remove(&partition).unwrap_or_default();
        self.len -= removed.len();
        removed
    }

    /// Every record, partition by partition, in the order of positions.
    pub fn records(&self) -> impl Iterator<Item = (&Key, &Record)> {
        self.partitions.values().flat_map(Records::iter)
    }
}

/// Hinted replicas: by the node they are for, then by key. Never mixed with the node's own.
#[derive(Clone, Debug, Default)]
pub struct HintStore {
    targets: Map<NodeId, Records>,
    len: usize,
}

impl HintStore {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn get(&self, target: NodeId, key: &Key) -> Option<&Record> {
        self.targets.get(&target)?.get(key)
    }

    /// As [`Store::merge`], for the replica that `target` should have had.
    pub fn merge(&mut self, target: NodeId, key: &Key, incoming: &Record) -> Option<Record> {
        let records = self.targets.or_insert_with(target, Records::default);
        let before = records.len();
        let changed = merge_record(records, records.find(key), key, incoming);
        self.len += records.len() - before;
        changed
    }

    /// Replaces what is held: for a disk, which is told the whole record.
    pub fn put(&mut self, target: NodeId, key: Key, siblings: Record) {
        let replaced = self.targets.or_insert_with(target, Records::default).insert(key, siblings);
        self.len += usize::from(replaced.is_none());
    }

    pub fn remove(&mut self, target: NodeId, key: &Key) -> Option<Record> {
        let records = self.targets.get_mut(&target)?;
        let removed = records.remove(key);
        if records.is_empty() {
            self.targets.remove(&target);
        }
        self.len -= usize::from(removed.is_some());
        removed
    }

    /// Every hint held for any node under this key.
    pub fn of_key(&self, key: &Key) -> impl Iterator<Item = &Record> {
        self.targets.values().filter_map(move |records| records.get(key))
    }

    /// The nodes that hints are held for, with those hints.
    pub fn targets(&self) -> impl Iterator<Item = (NodeId, &Records)> {
        self.targets.iter().map(|(&target, records)| (target, records))
    }
}

/// Merges one record into a map of them; `Some` holds what the map now has, if that changed.
fn merge_record(map: &mut Records, at: Place, key: &Key, incoming: &Record) -> Option<Record> {
    let Some(held) = map.at_mut(at) else {
        map.put(at, key.clone(), incoming.clone());
        return Some(incoming.clone());
    };
    held.join(incoming).then(|| held.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::version::{Actor, Clock, Content, Siblings, Version};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn record(node: u32, counter: u64) -> Record {
        let clock = Clock::new([(Actor { node: NodeId(node), epoch: 0 }, counter)]);
        Siblings::record(Version::new(clock, Content::default().into()))
    }

    #[test]
    fn a_newer_record_is_taken_over_without_a_copy() {
        let (mut store, key, p) = (Store::default(), Key::new(b"k"), PartitionId(3));
        store.merge(p, &key, &record(0, 1));
        let newer = record(0, 2);
        let held = store.merge(p, &key, &newer).expect("something new");
        assert!(held.is_same(&newer));
        assert!(store.merge(p, &key, &record(0, 1)).is_none(), "an ancestor changes nothing");
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn a_hint_is_apart_until_it_is_removed() {
        let (mut hints, key, target) = (HintStore::default(), Key::new(b"k"), NodeId(2));
        hints.merge(target, &key, &record(0, 1));
        assert_eq!((hints.len(), hints.of_key(&key).count()), (1, 1));
        assert!(hints.remove(target, &key).is_some());
        assert!(hints.is_empty() && hints.targets().next().is_none());
        assert!(hints.remove(target, &key).is_none());
    }

    #[test]
    fn concurrent_records_become_siblings_and_leave_the_shared_original_alone() {
        let (mut store, key, p) = (Store::default(), Key::new(b"k"), PartitionId(3));
        let first = record(0, 1);
        store.merge(p, &key, &first);
        let held = store.merge(p, &key, &record(1, 1)).expect("something new");
        assert_eq!(held.versions().len(), 2);
        assert_eq!(first.versions().len(), 1);
    }
}
