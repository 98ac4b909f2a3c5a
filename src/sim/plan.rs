//! What a join or a leave would move, to look at before it is committed.
//!
//! Nothing is guessed: a copy of the world is given the command, and what its views say then is
//! held against what they say now. Where chance has a say, the view before and the command decide
//! (`protocol::membership`), so what was looked at is what happens while the view is the same.

use std::rc::Rc;

use crate::base::id::{NodeId, PartitionId};
use crate::base::map::Map;
use crate::data::view::View;
use crate::protocol::membership::with_share;
use crate::sim::json::{Json, object};
use crate::sim::world::World;

/// One partition that somebody new is to keep a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedMove {
    /// By the numbers that partitions have after the change.
    pub partition: PartitionId,
    pub from: NodeId,
    pub to: NodeId,
    /// What `from` keeps of it now.
    pub keys: u64,
    pub bytes: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Of the view that it starts from: while that is the same, so is the plan.
    pub digest: u64,
    pub moves: Vec<PlannedMove>,
}

impl Plan {
    /// What changes between two worlds, the second being the first after one command.
    pub fn between(before: &World, after: &World) -> Plan {
        let old = before.truth();
        let new = with_shares(after.truth());
        let (old_ring, new_ring) = (old.ring(), new.ring());
        let mut plan = Plan { digest: old.digest(), moves: Vec::new() };
        for partition in new_ring.partitions() {
            // Ends only grow, so a partition lies within one of those before.
            let range = new_ring.range(partition);
            let whole = old_ring.partition_of(range.last());
            let (olds, news) = (old_ring.targets(whole), new_ring.targets(partition));
            let mut leaving = olds.iter().filter(|node| !news.contains(node));
            for &to in news.iter().filter(|node| !olds.contains(node)) {
                let Some(&from) = leaving.next().or(olds.first()) else { continue };
                plan.moves.push(PlannedMove { partition, from, to, keys: 0, bytes: 0 });
            }
        }
        plan.count(before, &new);
        plan
    }

    /// Counts what each giver has of each partition, looking once at each node.
    fn count(&mut self, world: &World, view: &View) {
        for node in world.nodes() {
            let mut held: Map<PartitionId, (u64, u64)> = Map::default();
            if !self.moves.iter().any(|planned| planned.from == node) {
                continue;
            }
            for (key, record) in world.replicas(node) {
                let partition = view.ring().partition_of(key.position());
                let (keys, bytes) = held.or_insert_with(partition, Default::default);
                *keys += 1;
                *bytes += (key.bytes().len() + record.bytes()) as u64;
            }
            for planned in self.moves.iter_mut().filter(|planned| planned.from == node) {
                if let Some(&(keys, bytes)) = held.get(&planned.partition) {
                    (planned.keys, planned.bytes) = (keys, bytes);
                }
            }
        }
    }

    pub fn keys(&self) -> u64 {
        self.moves.iter().map(|planned| planned.keys).sum()
    }

    pub fn bytes(&self) -> u64 {
        self.moves.iter().map(|planned| planned.bytes).sum()
    }

    /// As the page shows it. `name` says what nodes are called.
    pub fn to_json<'n>(&self, name: &dyn Fn(NodeId) -> &'n str) -> Json {
        let planned = |planned: &PlannedMove| {
            object(vec![
                ("partition", planned.partition.0.into()),
                ("from", name(planned.from).into()),
                ("to", name(planned.to).into()),
                ("keys", planned.keys.into()),
                ("bytes", planned.bytes.into()),
            ])
        };
        object(vec![
            ("digest", format!("{:016x}", self.digest).into()),
            ("moves", self.moves.iter().map(planned).collect()),
            ("keys", self.keys().into()),
            ("bytes", self.bytes().into()),
        ])
    }
}

/// Who joined knowing only itself takes its share as soon as it hears of the token map.
fn with_shares(view: &Rc<View>) -> Rc<View> {
    let ring = view.ring();
    let is_poor = |node: &NodeId| ring.is_known() && ring.tokens_of(*node) == 0;
    let poor = view.joined().map(|member| member.node).find(is_poor);
    let richer = poor.and_then(|node| with_share(view, node).ok());
    richer.map_or_else(|| view.clone(), Rc::new)
}
