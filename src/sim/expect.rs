//! Questions to a world, as data. An answer never changes what happens.

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::order::sort;
use crate::base::time::Span;
use crate::data::roster::Roster;
use crate::data::version::{Content, Siblings, Version};
use crate::sim::machine::MachineState;
use crate::sim::op::{OpKind, OpRecord, Outcome};
use crate::sim::oracle::CheckClass;
use crate::sim::scenario::bad_input::{joined, quoted_up_to};
use crate::sim::world::World;

#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    /// How the client's operation ended.
    Outcome {
        op: String,
        is: Ending,
    },
    /// A get returned exactly this one value; a put carried it.
    Value {
        op: String,
        equals: Vec<u8>,
    },
    /// How many versions, none covering another, live replica stores hold of a key.
    SiblingsOfKey {
        key: Key,
        count: u64,
    },
    /// How many versions an operation brought back.
    SiblingsOfOp {
        op: String,
        count: u64,
    },
    /// How many hints there are, of one holder or for one node where they are named.
    Hints {
        holder: Option<NodeId>,
        target: Option<NodeId>,
        count: u64,
    },
    /// Exactly these live nodes hold the key.
    Replicas {
        key: Key,
        on: Vec<NodeId>,
    },
    Converged,
    /// Whom a node, or every live node, believes to be a member.
    Members {
        node: Option<NodeId>,
        equals: Vec<NodeId>,
    },
    Suspects {
        node: NodeId,
        whom: NodeId,
        is: bool,
    },
    Counter {
        name: String,
        at_least: Option<u64>,
        at_most: Option<u64>,
        equals: Option<u64>,
    },
    /// How long the reads, or the writes, of loads waited for their answers so far.
    Latency {
        of_reads: bool,
        figure: Figure,
        at_least: Option<Span>,
        at_most: Option<Span>,
    },
    /// Whether every invariant that always holds has held so far.
    Invariants {
        ok: bool,
    },
}

/// What can come of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Ok,
    Refused,
    Timeout,
}

/// What is told of many latencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Mean,
    P99,
    P999,
}

/// Whether it holds now, and why, with what was found.
pub fn evaluate(predicate: &Predicate, world: &World) -> (bool, String) {
    match predicate {
        Predicate::All(parts) => all(parts, world),
        Predicate::Any(parts) => any(parts, world),
        Predicate::Not(inner) => {
            let (holds, why) = evaluate(inner, world);
            (!holds, format!("must not be so: {why}"))
        }
        Predicate::Outcome { op, is } => with_op(world, op, |record| outcome(record, *is)),
        Predicate::Value { op, equals } => with_op(world, op, |record| value(record, equals)),
        Predicate::SiblingsOfKey { key, count } => siblings_of_key(world, key, *count),
        Predicate::SiblingsOfOp { op, count } => with_op(world, op, |record| {
            let found = record.versions.len() as u64;
            let shown = shown_versions(&record.versions);
            (found == *count, format!("{op} brought {found} versions ({shown}), wanted {count}"))
        }),
        Predicate::Hints { holder, target, count } => hints(world, *holder, *target, *count),
        Predicate::Replicas { key, on } => replicas(world, key, on),
        Predicate::Converged => match world.convergence() {
            Ok(()) => (true, "converged: records, hints and views agree".into()),
            Err(what) => (false, format!("not converged: {what}")),
        },
        Predicate::Members { node, equals } => members(world, *node, equals),
        Predicate::Suspects { node, whom, is } => suspects(world, *node, *whom, *is),
        Predicate::Counter { name, at_least, at_most, equals } => {
            counter(world, name, [*at_least, *at_most, *equals])
        }
        Predicate::Latency { of_reads, figure, at_least, at_most } => {
            latency(world, *of_reads, *figure, [*at_least, *at_most])
        }
        Predicate::Invariants { ok } => invariants(world, *ok),
    }
}

fn all(parts: &[Predicate], world: &World) -> (bool, String) {
    let mut whys = Vec::with_capacity(parts.len());
    for part in parts {
        let (holds, why) = evaluate(part, world);
        if !holds {
            return (false, why);
        }
        whys.push(why);
    }
    (true, joined(&whys, "; "))
}

fn any(parts: &[Predicate], world: &World) -> (bool, String) {
    let mut whys = Vec::with_capacity(parts.len());
    for part in parts {
        let (holds, why) = evaluate(part, world);
        if holds {
            return (true, why);
        }
        whys.push(why);
    }
    (false, format!("none of these: {}", joined(&whys, "; ")))
}

fn with_op(
    world: &World,
    op: &str,
    answer: impl FnOnce(&OpRecord) -> (bool, String),
) -> (bool, String) {
    match world.op(op) {
        Some(record) => answer(record),
        None => (false, format!("{op} has not been started yet")),
    }
}

fn outcome(record: &OpRecord, wanted: Ending) -> (bool, String) {
    let found = match &record.outcome {
        Outcome::Pending => None,
        Outcome::Ok => Some(Ending::Ok),
        Outcome::Refused(_) => Some(Ending::Refused),
        Outcome::Timeout(_) => Some(Ending::Timeout),
    };
    (found == Some(wanted), format!("{} {}", record.name, ending_in_words(record)))
}

/// `is ok`, `was refused: …`: what follows the operation's name.
pub fn ending_in_words(record: &OpRecord) -> String {
    match &record.outcome {
        Outcome::Pending => "has no answer yet".into(),
        Outcome::Ok => "is ok".into(),
        Outcome::Refused(why) => format!("was refused: {why}"),
        Outcome::Timeout(why) => format!("timed out: {why}"),
    }
}

fn value(record: &OpRecord, wanted: &[u8]) -> (bool, String) {
    let (name, wanted_text) = (&record.name, shown(wanted));
    if record.kind == OpKind::Put {
        let found = record.value.as_deref().unwrap_or_default();
        return (found == wanted, format!("{name} put {}, wanted {wanted_text}", shown(found)));
    }
    if record.kind == OpKind::Delete {
        return (false, format!("{name} is a delete, wanted {wanted_text}"));
    }
    if record.outcome != Outcome::Ok {
        return (false, format!("{name} {}, wanted {wanted_text}", ending_in_words(record)));
    }
    let holds = match record.versions.as_slice() {
        [only] => !only.content.is_tombstone && &*only.content.value == wanted,
        _ => false,
    };
    let found = shown_versions(&record.versions);
    (holds, format!("{name} returned {found}, wanted {wanted_text}"))
}

fn siblings_of_key(world: &World, key: &Key, wanted: u64) -> (bool, String) {
    let mut union: Option<Siblings> = None;
    for node in live_nodes(world) {
        let replicas = world.replicas(node);
        for (_, held) in replicas.into_iter().filter(|(held_key, _)| *held_key == key) {
            match &mut union {
                Some(union) => {
                    union.merge(held);
                }
                None => union = Some((**held).clone()),
            }
        }
    }
    let versions = union.as_ref().map_or(&[][..], |union| union.versions());
    let (found, text) = (versions.len() as u64, shown_versions(versions));
    (
        found == wanted,
        format!("{key:?} has {found} versions on live nodes ({text}), wanted {wanted}"),
    )
}

fn hints(
    world: &World,
    holder: Option<NodeId>,
    target: Option<NodeId>,
    wanted: u64,
) -> (bool, String) {
    let holders = match holder {
        Some(node) => vec![node],
        None => nodes(world).gather(),
    };
    let mut found = 0;
    let mut places = Vec::new();
    for holder in holders {
        for (meant_for, key, _) in world.hints(holder) {
            if target.is_none_or(|target| target == meant_for) {
                found += 1;
                let (at, to) = (world.setup().name(holder), world.setup().name(meant_for));
                places.push(format!("{key:?} for {to} at {at}"));
            }
        }
    }
    let places = match places.is_empty() {
        true => String::new(),
        false => format!(" ({})", shortened(&places)),
    };
    (found == wanted, format!("{found} hints{places}, wanted {wanted}"))
}

fn replicas(world: &World, key: &Key, wanted: &[NodeId]) -> (bool, String) {
    let holds = |node: &NodeId| world.replicas(*node).iter().any(|(held, _)| *held == key);
    let found = Roster::new(live_nodes(world).filter(holds));
    let wanted = Roster::new(wanted.iter().copied());
    let why = format!(
        "{key:?} is on {}, wanted on {}",
        named(world, found.nodes().iter().copied()),
        named(world, wanted.nodes().iter().copied())
    );
    (found == wanted, why)
}

fn members(world: &World, node: Option<NodeId>, wanted: &[NodeId]) -> (bool, String) {
    let wanted = Roster::new(wanted.iter().copied());
    let wanted_text = named(world, wanted.nodes().iter().copied());
    let believers = match node {
        Some(node) => vec![node],
        None => live_nodes(world).gather(),
    };
    for believer in &believers {
        let found = Roster::new(world.members(*believer));
        if found != wanted {
            let name = world.setup().name(*believer);
            let found = named(world, found.nodes().iter().copied());
            return (false, format!("{name} knows {found}, wanted {wanted_text}"));
        }
    }
    let who = match node {
        Some(node) => world.setup().name(node).to_owned(),
        None => format!("each of {} live nodes", believers.len()),
    };
    (true, format!("{who} knows {wanted_text}"))
}

fn suspects(world: &World, node: NodeId, whom: NodeId, wanted: bool) -> (bool, String) {
    let suspected = world.suspects(node);
    let found = suspected.contains(&whom);
    let verb = if found { "suspects" } else { "does not suspect" };
    let (node, whom) = (world.setup().name(node), world.setup().name(whom));
    let all = named(world, suspected.into_iter());
    (found == wanted, format!("{node} {verb} {whom} (its suspects: {all})"))
}

fn counter(world: &World, name: &str, bounds: [Option<u64>; 3]) -> (bool, String) {
    let Some(found) = world.counters().get(name) else {
        return (false, format!("there is no counter {name}"));
    };
    let [at_least, at_most, equals] = bounds;
    let holds = at_least.is_none_or(|low| found >= low)
        && at_most.is_none_or(|high| found <= high)
        && equals.is_none_or(|exactly| found == exactly);
    let words = [("at least", at_least), ("at most", at_most), ("exactly", equals)];
    let wanted: Vec<String> = words
        .iter()
        .filter_map(|(word, bound)| bound.map(|bound| format!("{word} {bound}")))
        .gather();
    (holds, format!("{name} is {found}, wanted {}", joined(&wanted, " and ")))
}

fn latency(
    world: &World,
    of_reads: bool,
    figure: Figure,
    [at_least, at_most]: [Option<Span>; 2],
) -> (bool, String) {
    let load = world.load();
    let (what, latencies) =
        if of_reads { ("reads", &load.reads) } else { ("writes", &load.writes) };
    let (which, found) = match figure {
        Figure::Mean => ("mean", latencies.mean()),
        Figure::P99 => ("99th percentile", latencies.percentile(99_000)),
        Figure::P999 => ("99.9th percentile", latencies.percentile(99_900)),
    };
    let Some(found) = found else {
        return (false, format!("none of a load's {what} was answered"));
    };
    let holds = at_least.is_none_or(|low| found >= low) && at_most.is_none_or(|high| found <= high);
    let words = [("at least", at_least), ("at most", at_most)];
    let wanted = words.iter().filter_map(|(word, bound)| Some(format!("{word} {}", (*bound)?)));
    let wanted: Vec<String> = wanted.gather();
    let wanted = joined(&wanted, " and ");
    (holds, format!("the {which} of the {what} is {found} ms, wanted {wanted}"))
}

fn invariants(world: &World, wanted: bool) -> (bool, String) {
    let checks = world.checks();
    let always = || checks.iter().filter(|check| check.class == CheckClass::Always);
    match always().find(|check| !check.ok) {
        None => (wanted, format!("all {} invariants hold", always().count())),
        Some(check) => {
            let broken = check.broken.as_ref();
            let what = broken.map_or(String::new(), |broken| format!(": {}", broken.what));
            (!wanted, format!("{} is broken{what}", check.name))
        }
    }
}

fn nodes(world: &World) -> impl Iterator<Item = NodeId> + use<> {
    (0..world.node_count() as u32).map(NodeId)
}

fn live_nodes(world: &World) -> impl Iterator<Item = NodeId> + '_ {
    nodes(world).filter(|&node| {
        matches!(world.machine_state(node), MachineState::Up | MachineState::Paused)
    })
}

fn named(world: &World, nodes: impl Iterator<Item = NodeId>) -> String {
    let mut names: Vec<String> = nodes.map(|node| world.setup().name(node).to_owned()).gather();
    sort(&mut names);
    if names.is_empty() { "nobody".into() } else { shortened(&names) }
}

fn shortened(parts: &[String]) -> String {
    const ENOUGH: usize = 12;
    match parts.get(..ENOUGH) {
        Some(first) if parts.len() > ENOUGH => {
            format!("{} … ({} in all)", joined(first, ", "), parts.len())
        }
        _ => joined(parts, ", "),
    }
}

fn shown_versions(versions: &[Version]) -> String {
    if versions.is_empty() {
        return "nothing".into();
    }
    let shown_content = |content: &Content| match content.is_tombstone {
        true => "a tombstone".into(),
        false => shown(&content.value),
    };
    let values: Vec<String> = versions.iter().map(|v| shown_content(&v.content)).gather();
    shortened(&values)
}

/// Bytes for a person: text in quotation marks, anything else by its length.
pub fn shown(bytes: &[u8]) -> String {
    const ENOUGH: usize = 60;
    match std::str::from_utf8(bytes) {
        Ok(text) => quoted_up_to(text, ENOUGH),
        Err(_) => format!("{} bytes that are no text", bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Instant;
    use crate::data::version::Clock;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn get_that_returned(values: &[&str]) -> OpRecord {
        let version = |value: &&str| {
            let content = Content { value: value.as_bytes().into(), ..Content::default() };
            Version::new(Clock::default(), content.into())
        };
        OpRecord {
            name: "g1".into(),
            kind: OpKind::Get,
            key: Key::new(b"k"),
            via: None,
            coordinator: None,
            context_of: None,
            value: None,
            need: 2,
            asked: 0,
            started: Instant::ZERO,
            finished: Some(Instant::ZERO),
            outcome: Outcome::Ok,
            versions: values.iter().map(version).collect(),
            context: None,
            acknowledged: Vec::new(),
        }
    }

    #[test]
    fn a_value_is_the_only_one_returned_or_it_is_not_the_value() {
        assert!(value(&get_that_returned(&["milk"]), b"milk").0);
        assert!(!value(&get_that_returned(&[]), b"milk").0);
        let (holds, why) = value(&get_that_returned(&["milk", "tea"]), b"milk");
        assert!(!holds);
        assert_eq!(why, "g1 returned \"milk\", \"tea\", wanted \"milk\"");
    }

    #[test]
    fn an_operation_without_an_answer_has_no_outcome_at_all() {
        let pending = OpRecord { outcome: Outcome::Pending, ..get_that_returned(&[]) };
        for ending in [Ending::Ok, Ending::Refused, Ending::Timeout] {
            assert!(!outcome(&pending, ending).0);
        }
        assert!(outcome(&get_that_returned(&[]), Ending::Ok).0);
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_by_their_length() {
        assert_eq!(shown(b"milk"), "\"milk\"");
        assert_eq!(shown(&[0xff, 0]), "2 bytes that are no text");
        assert!(shown("ä".repeat(100).as_bytes()).ends_with("\"…"));
    }
}
