//! From the format's `config` to what a world is made of.

use super::bad_input::BadInput;
use super::format::{
    ConfigForm, CoordinationWord, DetectionWord, Interval, NodeForm, NodesForm, PARTITIONS_MAX,
    QuorumWord, VersioningWord,
};
use super::names::Names;
use super::scalar::{Between, Fraction};
use crate::base::gather::Gather;
use crate::base::rng::Probability;
use crate::base::time::Span;
use crate::data::partitioning::Partitioning;
use crate::data::version::Versioning;
use crate::protocol::config::{Config, FailureDetection, QuorumRule};
use crate::sim::setup::{Beginning, Coordination, Network, NodeSetup, thousandths};

/// What §6 of the paper runs with, where a scenario says nothing.
const DISK_LATENCY_MS: Between = Between(0.1, 1.0);
const NETWORK_LATENCY_MS: Between = Between(1.0, 10.0);
const PARTITIONS_MIN: u64 = 64;
/// "Q >> N and Q >> S*T" (§6.2): so many partitions to a node, where the limit allows it.
const PARTITIONS_PER_NODE: u64 = 8;
const TOKENS_PER_NODE: u64 = 8;
const QUEUE_MAX: usize = 10_000;
/// "Clients currently poll every 10 seconds for membership updates" (§6.4).
const CLIENT_POLL: Span = Span::from_ms(10_000);

/// The nodes in order, and the index of their names.
pub fn nodes(form: &ConfigForm) -> Result<(Vec<NodeSetup>, Names), BadInput> {
    let six = NodesForm::default();
    let form = form.nodes.as_ref().unwrap_or(&six);
    let (names, list): (Names, &[NodeForm]) = match form {
        NodesForm::Number(count) => (Names::numbered(*count), &[]),
        NodesForm::List(list) => {
            let names = Names::given(list.iter().map(|node| node.name.0.as_str()));
            (names.map_err(|refusal| refusal.under("config.nodes"))?, list)
        }
    };
    let mut nodes: Vec<NodeSetup> = names
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let given = list.get(place);
            NodeSetup {
                name: name.clone(),
                weight: given.and_then(|node| node.weight).map_or(1.0, |weight| weight.0),
                zone: given.and_then(|node| node.zone.clone()).map_or(String::new(), |z| z.0),
                seed_node: given.and_then(|node| node.seed_node).unwrap_or(false),
                begins: match given.and_then(|node| node.member) {
                    Some(false) => Beginning::Outsider,
                    Some(true) | None => Beginning::Member,
                },
            }
        })
        .gather();
    // A ring without any seed is one where every node says that it is none.
    if !nodes.iter().any(|node| node.seed_node) {
        let says_no = |place: usize| list.get(place).is_some_and(|n| n.seed_node == Some(false));
        if let Some(first) = (0..nodes.len()).find(|&place| !says_no(place)) {
            nodes[first].seed_node = true;
        }
    }
    Ok((nodes, names))
}

/// The settings of every node, and how the ring is cut. `salt` is where random tokens come from.
pub fn config(
    form: &ConfigForm,
    nodes: usize,
    salt: u64,
) -> Result<(Config, Partitioning), BadInput> {
    let default = Config::default();
    let n = form.n.map_or(default.n.min(nodes), |n| n.0 as usize);
    if n > nodes {
        let allowed = format!("at most the number of nodes, {nodes}");
        return Err(BadInput::new("config.n", n.to_string(), allowed));
    }
    let span = |given: Option<Interval>, default: Span| {
        given.map_or(default, |ms| Span::from_ms_f64(ms.0))
    };
    let config = Config {
        n,
        r: form.r.map_or(default.r.min(n), |r| r.0 as usize),
        w: form.w.map_or(default.w.min(n), |w| w.0 as usize),
        quorum: match form.quorum {
            Some(QuorumWord::Strict) => QuorumRule::Strict,
            Some(QuorumWord::Primaries) => QuorumRule::Primaries,
            Some(QuorumWord::Sloppy) | None => QuorumRule::Sloppy,
        },
        read_repair: form.read_repair.unwrap_or(default.read_repair),
        hinted_handoff: form.hinted_handoff.unwrap_or(default.hinted_handoff),
        anti_entropy: form.anti_entropy.unwrap_or(default.anti_entropy),
        versioning: match form.versioning {
            Some(VersioningWord::RecordClock) => Versioning::RecordClock,
            Some(VersioningWord::Dotted) => Versioning::Dotted,
            Some(VersioningWord::LastWriteWins) => Versioning::LastWriteWins,
            Some(VersioningWord::VectorClock) | None => Versioning::VectorClock,
        },
        clock_entries_max: form
            .clock_entries_max
            .map_or(default.clock_entries_max, |max| max.0 as usize),
        failure_detection: match form.failure_detection {
            Some(DetectionWord::Local) => FailureDetection::Local,
            Some(DetectionWord::Gossip) | None => FailureDetection::Gossip,
        },
        gossip_interval: span(form.gossip_interval_ms, default.gossip_interval),
        handoff_interval: span(form.handoff_interval_ms, default.handoff_interval),
        anti_entropy_interval: span(form.anti_entropy_interval_ms, default.anti_entropy_interval),
        request_timeout: span(form.request_timeout_ms, default.request_timeout),
        replica_timeout: span(form.replica_timeout_ms, default.replica_timeout),
        suspect_after: span(form.suspect_after_ms, default.suspect_after),
        reap_after: span(form.reap_after_ms, default.reap_after),
        suspect_phi: form.suspect_phi.map(|phi| thousandths(phi.0)),
        write_buffer: form.write_buffer.map_or(0, |max| max.0 as usize),
        write_buffer_flush: span(form.write_buffer_flush_ms, default.write_buffer_flush),
        durable_replica: form.durable_replica.unwrap_or(default.durable_replica),
        admission_control: form.admission_control.unwrap_or(default.admission_control),
        admission_p99: span(form.admission_p99_ms, default.admission_p99),
        limits: default.limits,
    };
    let config = config.checked().map_err(|refused| {
        let allowed = match refused.field {
            "r" | "w" => format!("{} (N is {n})", refused.allowed),
            _ => refused.allowed,
        };
        BadInput::new(&format!("config.{}", refused.field), refused.found, allowed)
    })?;
    Ok((config, partitioning(form, nodes, salt)?))
}

fn partitioning(form: &ConfigForm, nodes: usize, salt: u64) -> Result<Partitioning, BadInput> {
    let form = form.partitioning.as_ref();
    let strategy = form.map_or(3, |form| form.strategy.0);
    let tokens_per_node = form.and_then(|form| form.tokens_per_node);
    let given = form.and_then(|form| form.partitions);
    let refused = |field: &str, found: u64, allowed| {
        let path = format!("config.partitioning.{field}");
        Err(BadInput::new(&path, found.to_string(), allowed))
    };
    let enough = (PARTITIONS_PER_NODE * nodes as u64).next_power_of_two();
    let partitions = given.map_or(enough.clamp(PARTITIONS_MIN, PARTITIONS_MAX), |q| q.0) as u32;
    match (strategy, tokens_per_node, given) {
        (1, _, Some(q)) => refused("partitions", q.0, "none: strategy 1 has one for each token"),
        (3, Some(t), _) => refused("tokens_per_node", t.0, "none: strategy 3 deals its tokens"),
        (3, ..) => Ok(Partitioning::Equal { partitions }),
        (_, tokens, _) => {
            let tokens_per_node = tokens.map_or(TOKENS_PER_NODE, |tokens| tokens.0) as u32;
            Ok(match strategy {
                1 => Partitioning::ByToken { tokens_per_node, salt },
                _ => Partitioning::EqualByToken { tokens_per_node, partitions, salt },
            })
        }
    }
}

pub fn disk_latency(form: &ConfigForm) -> (Span, Span) {
    spans(form.disk_latency_ms.unwrap_or(DISK_LATENCY_MS))
}

pub fn service(form: &ConfigForm) -> Span {
    form.service_ms.map_or(Span::ZERO, |ms| Span::from_ms_f64(ms.0))
}

pub fn queue_max(form: &ConfigForm) -> usize {
    form.queue_max.map_or(QUEUE_MAX, |max| max.0 as usize)
}

pub fn coordination(form: &ConfigForm) -> Coordination {
    match form.coordination {
        Some(CoordinationWord::Client) => {
            let given = form.client_poll_ms.map(|ms| Span::from_ms_f64(ms.0));
            Coordination::Client { poll: given.unwrap_or(CLIENT_POLL) }
        }
        Some(CoordinationWord::Server) | None => Coordination::Server,
    }
}

pub fn network(form: &ConfigForm) -> Network {
    let form = form.network.clone().unwrap_or_default();
    let probability = |given: Option<Fraction>| {
        given.map_or(Probability::NEVER, |given| Probability::from_f64(given.0))
    };
    Network {
        latency: spans(form.latency_ms.unwrap_or(NETWORK_LATENCY_MS)),
        loss: probability(form.loss),
        duplicate: probability(form.duplicate),
        corrupt: probability(form.corrupt),
    }
}

pub fn spans(Between(low, high): Between) -> (Span, Span) {
    (Span::from_ms_f64(low), Span::from_ms_f64(high))
}
