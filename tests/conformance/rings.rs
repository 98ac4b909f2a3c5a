//! Rings as the paper draws them, and rings of many tokens.

use dynamo_playground::base::blob::Position;
use dynamo_playground::base::id::{NodeId, PartitionId};
use dynamo_playground::base::rng::Rng;
use dynamo_playground::base::time::WallTime;
use dynamo_playground::data::partitioning::{Partitioning, Range};
use dynamo_playground::data::ring::{Ring, deal};
use dynamo_playground::data::view::{Member, View, WEIGHT_ONE};
use dynamo_playground::protocol::membership::{Told, with_join, with_leave};
use dynamo_playground::protocol::message::Newcomer;
use serde_json::{Value, json};

/// Of a world where one token to each node puts A to G round the ring in their order (Figure 2),
/// and the eighth node between A and B (§4.9). Found by trying: one seed in some twenty thousand.
pub const SEED: &str = "ring-196954";
pub const NAMES: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "X"];

pub fn name(node: NodeId) -> &'static str {
    NAMES[node.index()]
}

/// The paper's ring as a scenario with some keys in it.
pub fn figure_2(keys: u32, more: &[Value], until_ms: u32) -> Value {
    let put = |key: u32| {
        let put = json!({ "key": format!("key-{key}"), "value": format!("{key}") });
        json!({ "at_ms": 10 + 5 * key, "put": put })
    };
    let script: Vec<Value> = (0..keys).map(put).chain(more.iter().cloned()).collect();
    json!({ "version": 1, "seed": SEED, "script": script, "until_ms": until_ms, "config": {
        "nodes": 7, "n": 3, "r": 2, "w": 2,
        "partitioning": { "strategy": 1, "tokens_per_node": 1 }
    } })
}

/// A range as the paper writes it, by who stands at its ends. Only for one token to each node.
pub fn written(ring: &Ring, range: Range) -> String {
    let at = |end: u64| {
        let partition = ring.partition_of(Position(u128::from(end) << 64));
        name(ring.owner(partition).expect("somebody's token ends it"))
    };
    format!("({},{}]", at(range.after), at(range.end))
}

/// The three strategies of §6.2, with so many tokens to each of `nodes` nodes.
pub fn strategies(nodes: u32, tokens_per_node: u32, salt: u64) -> [Partitioning; 3] {
    let partitions = nodes * tokens_per_node;
    [
        Partitioning::ByToken { tokens_per_node, salt },
        Partitioning::EqualByToken { tokens_per_node, partitions, salt },
        Partitioning::Equal { partitions },
    ]
}

/// A ring of nodes with these weights.
pub fn weighed(partitioning: Partitioning, weights: &[f64], n: usize) -> View {
    let nodes: Vec<(NodeId, f64)> = (0..).map(NodeId).zip(weights.iter().copied()).collect();
    let member = |&(node, weight): &(NodeId, f64)| Member {
        weight: (weight * f64::from(WEIGHT_ONE)) as u32,
        ..Member::ordinary(node)
    };
    let owners = match partitioning {
        Partitioning::Equal { partitions } => {
            deal(&nodes, partitions as usize, &mut Rng::from_u64(7))
        }
        _ => Vec::new(),
    };
    View::founded(partitioning, nodes.iter().map(member).collect(), &owners, n)
}

pub fn founded(partitioning: Partitioning, nodes: u32, n: usize) -> View {
    weighed(partitioning, &vec![1.0; nodes as usize], n)
}

const TOLD: Told = Told { at: WallTime(0), by: NodeId(0) };

pub fn joined(view: &View, node: NodeId) -> View {
    let empty: std::rc::Rc<str> = "".into();
    let (zone, name, address) = (empty.clone(), empty.clone(), empty);
    let newcomer = Newcomer { node, weight: WEIGHT_ONE, zone, name, address };
    with_join(view, &newcomer, false, TOLD).expect("there is room")
}

pub fn left(view: &View, node: NodeId) -> View {
    with_leave(view, node, TOLD).expect("a smaller ring is a ring")
}

/// Each partition of the ring after a change, with the one before that it lies in.
pub fn since<'r>(
    before: &'r Ring,
    after: &'r Ring,
) -> impl Iterator<Item = (PartitionId, PartitionId)> + 'r {
    let whole = |partition| before.partition_of(after.range(partition).last());
    after.partitions().map(move |partition| (whole(partition), partition))
}
