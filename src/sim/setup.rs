//! What a world is made of before its first event.

use std::rc::Rc;

use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::rng::{Probability, Rng};
use crate::base::time::{Instant, Span};
use crate::data::partitioning::Partitioning;
use crate::data::ring::deal;
use crate::data::view::{Member, View, WEIGHT_ONE};
use crate::protocol::config::Config;
use crate::sim::command::Entry;

#[derive(Clone, Debug)]
pub struct Setup {
    pub title: String,
    pub seed: String,
    pub config: Rc<Config>,
    /// Those that are there from the beginning, then those that join later, in the order in which
    /// they do.
    pub nodes: Vec<NodeSetup>,
    pub partitioning: Partitioning,
    pub network: Network,
    /// How long the disk takes to make a write durable: uniform between the two.
    pub disk_latency: (Span, Span),
    /// How long a machine is at work on each message and request before its node handles it.
    pub service: Span,
    /// Inputs that wait for one machine at a time. One message more is lost, one request more is
    /// refused.
    pub queue_max: usize,
    pub coordination: Coordination,
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
    pub begins: Beginning,
}

impl NodeSetup {
    /// Whether a command of the script starts it.
    pub fn joins_later(&self) -> bool {
        self.begins == Beginning::Later
    }
}

/// Who chooses the node that coordinates a request (§6.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coordination {
    /// A load balancer picks any node that is up; it coordinates, or passes the request on.
    #[default]
    Server,
    /// Each client, by a view of the ring that it polls so often.
    Client { poll: Span },
}

/// How a node comes to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// A member of the ring from the first moment.
    Member,
    /// There from the first moment; it knows itself and the seeds, and is no member.
    Outsider,
    /// Started by the command that lets it join.
    Later,
}

/// A weight as views have it.
pub fn thousandths(weight: f64) -> u32 {
    (weight * f64::from(WEIGHT_ONE) + 0.5) as u32
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Network {
    /// One-way, uniform between the two, drawn for each message.
    pub latency: (Span, Span),
    pub loss: Probability,
    pub duplicate: Probability,
    /// Bytes of a message are damaged on its way, or missing.
    pub corrupt: Probability,
}

impl Setup {
    /// What the members know in the beginning. Its token map depends on seed, nodes and
    /// partitioning alone, so another quorum or another script moves no key.
    pub fn view(&self) -> View {
        let member = |(node, setup): (NodeId, &NodeSetup)| Member {
            weight: thousandths(setup.weight),
            zone: setup.zone.as_str().into(),
            name: setup.name.as_str().into(),
            ..Member::ordinary(node)
        };
        let owners = match self.partitioning {
            Partitioning::Equal { partitions } => {
                let mut rng = Rng::stream(&self.seed, "placement");
                deal(&self.weights(), partitions as usize, &mut rng)
            }
            _ => Vec::new(),
        };
        let members = self.founders().map(member).gather();
        View::founded(self.partitioning, members, &owners, self.config.n)
    }

    fn weights(&self) -> Vec<(NodeId, f64)> {
        self.founders().map(|(node, setup)| (node, setup.weight)).gather()
    }

    /// How many tokens the nodes take at random, those that come later included.
    pub fn tokens(&self) -> u64 {
        let tokens = |node: &NodeSetup| self.partitioning.tokens(thousandths(node.weight));
        self.nodes.iter().map(tokens).sum()
    }

    /// The seeds among the nodes that are there from the beginning; later ones among all that have
    /// come by then.
    pub fn seeds(&self, present: usize) -> Rc<[NodeId]> {
        let present = self.numbered().take(present);
        present.filter(|(_, node)| node.seed_node).map(|(id, _)| id).collect()
    }

    /// How many nodes are there from the beginning.
    pub fn present(&self) -> usize {
        self.nodes.iter().filter(|node| node.begins != Beginning::Later).count()
    }

    /// The members of the beginning.
    pub fn founders(&self) -> impl Iterator<Item = (NodeId, &NodeSetup)> {
        self.numbered().filter(|(_, node)| node.begins == Beginning::Member)
    }

    fn numbered(&self) -> impl Iterator<Item = (NodeId, &NodeSetup)> {
        (0..).map(NodeId).zip(&self.nodes)
    }

    pub fn name(&self, node: NodeId) -> &str {
        &self.nodes[node.index()].name
    }
}
