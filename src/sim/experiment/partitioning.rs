//! Figure 8: how evenly the three strategies of §6.2 spread the load.

use crate::base::id::NodeId;
use crate::base::rng::Rng;
use crate::data::partitioning::{Ends, Partitioning};
use crate::data::ring::{Ring, Tokens, Zones};
use crate::data::view::WEIGHT_ONE;
use crate::sim::experiment::Table;
use crate::sim::json::{Json, object};

/// Of Figure 8: "the number of nodes in the system (S) is 30 and N=3".
const NODES: u32 = 30;
const N: usize = 3;
/// Strategy 2's Q, which the paper does not name: with about so many its curve is the plot's.
const STRATEGY_2_PARTITIONS: u32 = 1_024;
/// Tokens per node; the metadata of each point is 30 times that.
pub const TOKENS: [u32; 10] = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

/// One point of Figure 8: what each strategy makes of the same size of metadata.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Tokens, or partitions of strategy 3, in all.
    pub metadata: u32,
    /// Load-balancing efficiency: the mean load of a node over that of the hottest.
    pub efficiency: [f64; 3],
}

/// Figure 8, each point the mean over so many random rings, fewer where each says more.
pub fn partitioning(rings: u32) -> Vec<Point> {
    let point = |&tokens: &u32| {
        // The more tokens, the less one ring differs from another.
        let rings = (rings * 8).div_ceil(6 + tokens);
        let mean = |strategy: usize| {
            let rings_of = (0..rings).map(|ring| efficiency(strategy, tokens, ring));
            rings_of.sum::<f64>() / f64::from(rings)
        };
        Point { metadata: NODES * tokens, efficiency: [mean(1), mean(2), mean(3)] }
    };
    TOKENS.iter().map(point).collect()
}

/// Of one random ring. A node's load is its part of the key space over all N replicas.
fn efficiency(strategy: usize, tokens: u32, number: u32) -> f64 {
    let mut rng = Rng::stream(&number.to_string(), "figure 8");
    let salt = rng.next_u64();
    let tokens_per_node = tokens;
    let partitions = NODES * tokens;
    let partitioning = match strategy {
        1 => Partitioning::ByToken { tokens_per_node, salt },
        2 => {
            let partitions = STRATEGY_2_PARTITIONS;
            Partitioning::EqualByToken { tokens_per_node, partitions, salt }
        }
        _ => Partitioning::Equal { partitions },
    };
    let nodes = (0..NODES).map(NodeId);
    if let Partitioning::Equal { .. } = partitioning {
        let weights: Vec<(NodeId, f64)> = nodes.map(|node| (node, 1.0)).collect();
        return balance(&Ring::deal(&weights, partitions as usize, N, &mut rng));
    }
    let of = |node| partitioning.positions(node, WEIGHT_ONE).map(move |at| (at, node));
    let mut tokens: Vec<(u64, NodeId)> = nodes.flat_map(of).collect();
    tokens.sort_unstable();
    let ends = match strategy {
        1 => Ends::At(tokens.iter().map(|&(at, _)| at).collect()),
        _ => Ends::Equal(STRATEGY_2_PARTITIONS),
    };
    let tokens = Tokens::anywhere(tokens, &ends);
    balance(&Ring::laid_out(ends, tokens, Zones::default(), N, &|_| None))
}

fn balance(ring: &Ring) -> f64 {
    let mut load = [0.0; NODES as usize];
    for partition in ring.partitions() {
        let share = ring.range(partition).share();
        ring.homes(partition).iter().for_each(|node| load[node.index()] += share);
    }
    let hottest = load.iter().copied().fold(0.0, f64::max);
    load.iter().sum::<f64>() / f64::from(NODES) / hottest
}

/// Figure 8 as a table.
pub fn table(rings: u32) -> Table {
    let points = partitioning(rings);
    Table { json: to_json(&points), text: to_text(&points) }
}

fn to_json(points: &[Point]) -> Json {
    let point = |point: &Point| {
        let [one, two, three] = point.efficiency;
        object(vec![
            ("metadata", point.metadata.into()),
            ("strategy_1", one.into()),
            ("strategy_2", two.into()),
            ("strategy_3", three.into()),
        ])
    };
    object(vec![
        ("experiment", "partitioning".into()),
        ("paper", "Figure 8".into()),
        ("nodes", NODES.into()),
        ("n", N.into()),
        ("points", points.iter().map(point).collect()),
    ])
}

fn to_text(points: &[Point]) -> String {
    let mut text = format!(
        "Load-balancing efficiency (mean load / hottest node), S={NODES}, N={N}: Figure 8\n\n\
         metadata  strategy 1  strategy 2  strategy 3\n"
    );
    for Point { metadata, efficiency: [one, two, three] } in points {
        text += &format!("{metadata:>8}  {one:>10.3}  {two:>10.3}  {three:>10.3}\n");
    }
    text
}
