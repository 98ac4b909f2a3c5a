//! What a world is made of before its first event.

use std::sync::Arc;

use crate::base::id::NodeId;
use crate::base::rng::{Probability, Rng};
use crate::base::time::{Instant, Span};
use crate::data::ring::Ring;
use crate::protocol::config::Config;
use crate::sim::command::Entry;

#[derive(Clone, Debug)]
pub struct Setup {
    pub title: String,
    pub seed: String,
    pub config: Arc<Config>,
    pub nodes: Vec<NodeSetup>,
    /// Q of §6.2.
    pub partitions: usize,
    pub network: Network,
    /// How long the disk takes to make a write durable: uniform between the two.
    pub disk_latency: (Span, Span),
    /// In the order of their moments; what shares a moment keeps the script's order.
    pub script: Vec<Entry>,
    pub until: Instant,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NodeSetup {
    pub name: String,
    /// Its share of tokens against the others'.
    pub weight: f64,
    pub zone: String,
    /// Known to every node from outside (§4.8.2).
    pub seed_node: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Network {
    /// One-way, uniform between the two, drawn for each message.
    pub latency: (Span, Span),
    pub loss: Probability,
    pub duplicate: Probability,
}

impl Setup {
    /// The initial token map. Depends on seed, nodes and partitioning alone, so another quorum or
    /// another script moves no key.
    pub fn ring(&self) -> Ring {
        let weights: Vec<(NodeId, f64)> =
            (0..).map(NodeId).zip(self.nodes.iter().map(|node| node.weight)).collect();
        let mut rng = Rng::stream(&self.seed, "placement");
        Ring::deal(&weights, self.partitions, self.config.n, &mut rng)
    }

    pub fn name(&self, node: NodeId) -> &str {
        &self.nodes[node.index()].name
    }
}
