//! What a node keeps on its disk, and what it finds there when it starts.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::map::Map;
use crate::data::store::{HintStore, Records};
use crate::data::version::{Actor, Record};
use crate::data::view::View;

/// What must be on disk before anything else of the same call leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Write {
    Identity(Identity),
    /// The members and the token map, whole.
    View(Rc<View>),
    Record {
        key: Key,
        siblings: Record,
    },
    /// The record is at all its homes, and this node is none of them.
    RecordGone {
        key: Key,
    },
    Hint {
        target: NodeId,
        key: Key,
        siblings: Record,
    },
    HintGone {
        target: NodeId,
        key: Key,
    },
    /// The node's counters for this key went up to here, though it keeps no record that shows it.
    Floor {
        key: Key,
        counter: u64,
    },
    /// Every member has agreed to forget this tombstone: what is older is refused.
    Grave {
        key: Key,
        tombstone: Record,
    },
    /// No message can be on its way any more that is older.
    GraveGone {
        key: Key,
    },
}

impl Write {
    /// Whether the write buffer may take it: a copy, a hint, or a counter of a put.
    pub fn may_wait(&self) -> bool {
        matches!(self, Write::Record { .. } | Write::Hint { .. } | Write::Floor { .. })
    }
}

/// Who a node is, across restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Greater at each start than ever before.
    pub incarnation: u32,
    pub actor: Actor,
    /// For keys whose own floor found no room: no counter up to here is issued again.
    pub counter_floor: u64,
}

/// What a node's durable writes add up to: the one reading of a disk or a journal, for all homes.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// None on an empty disk.
    pub identity: Option<Identity>,
    pub records: Records,
    pub hints: HintStore,
    /// Tombstones whose older versions are refused.
    pub graves: Records,
    /// The highest own counter of keys that the node holds no record of any more.
    pub floors: Map<Key, u64>,
    /// What the node knew of members and tokens.
    pub view: Option<Rc<View>>,
}

impl Stored {
    pub fn apply(&mut self, write: Write) {
        match write {
            Write::Identity(identity) => self.identity = Some(identity),
            Write::Record { key, siblings } => _ = self.records.insert(key, siblings),
            Write::Hint { target, key, siblings } => self.hints.put(target, key, siblings),
            Write::HintGone { target, key } => _ = self.hints.remove(target, &key),
            Write::Floor { key, counter } => _ = self.floors.insert(key, counter),
            Write::Grave { key, tombstone } => _ = self.graves.insert(key, tombstone),
            Write::GraveGone { key } => _ = self.graves.remove(&key),
            Write::View(view) => self.view = Some(view),
            Write::RecordGone { key } => _ = self.records.remove(&key),
        }
    }

    /// The least writes that add up to this.
    pub fn writes(&self) -> impl Iterator<Item = Write> {
        let records = self
            .records
            .iter()
            .map(|(key, siblings)| Write::Record { key: key.clone(), siblings: siblings.clone() });
        let hints = self.hints.targets().flat_map(|(target, records)| {
            records.iter().map(move |(key, siblings)| Write::Hint {
                target,
                key: key.clone(),
                siblings: siblings.clone(),
            })
        });
        let floors = self.floors.iter();
        let floors = floors.map(|(key, &counter)| Write::Floor { key: key.clone(), counter });
        let view = self.view.clone().map(Write::View);
        let who = self.identity.map(Write::Identity).into_iter().chain(view);
        let graves = self.graves.iter().map(|(key, tombstone)| Write::Grave {
            key: key.clone(),
            tombstone: tombstone.clone(),
        });
        who.chain(records).chain(hints).chain(floors).chain(graves)
    }
}

/// What a starting node finds: its own disk, and the ring as it was configured.
#[derive(Clone, Debug)]
pub struct Recovered {
    pub stored: Stored,
    /// What it is configured with, for where the disk holds no view: a ring, or nothing but a
    /// ring's shape ([`View::blank`]).
    pub view: Rc<View>,
    /// Nodes known from outside (§4.8.2), which are gossiped with whether or not they are members.
    pub seeds: Rc<[NodeId]>,
}

impl Recovered {
    /// What a node finds on an empty disk.
    pub fn empty(view: Rc<View>) -> Recovered {
        Recovered { stored: Stored::default(), view, seeds: Rc::new([]) }
    }
}
