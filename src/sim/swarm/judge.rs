//! What is wrong with a run that has come to its end.
//!
//! The oracle watches while a run goes on ([`World::checks`]); here is what can be said only once
//! all faults are healed and the ring has had time to agree.

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::map::Map;
use crate::base::time::Span;
use crate::data::merkle::root_of;
use crate::data::version::Record;
use crate::protocol::config::Config;
use crate::sim::machine::MachineState;
use crate::sim::op::{OpRecord, Outcome};
use crate::sim::oracle::{CheckClass, Rule};
use crate::sim::swarm::walk::homes_are_the_first_of_the_walk;
use crate::sim::world::World;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The name of the check.
    pub check: &'static str,
    pub why: String,
}

/// A promise that is looked at when a run is over.
pub struct EndCheck {
    pub rule: Rule,
    /// Whether it is put to the test in this run.
    pub is_armed: fn(&World) -> bool,
    judge: fn(&World) -> Result<(), String>,
}

/// All of them, in the order in which they are looked at.
pub const END_CHECKS: &[EndCheck] = &[
    EndCheck {
        rule: end_rule(
            "every-operation-ends",
            "§5",
            "every client is answered within `request_timeout_ms`",
            "always",
        ),
        is_armed: |world| !world.ops().is_empty(),
        judge: every_operation_ends,
    },
    EndCheck {
        rule: end_rule(
            "who-is-asked-answers",
            "§5",
            "no client gives up on a node that was up and free to say that time is over",
            "always",
        ),
        is_armed: |world| !world.ops().is_empty(),
        judge: |world| world.conduct().answers.verdict(),
    },
    EndCheck {
        rule: end_rule(
            "each-life-is-newer",
            "§4.8.3",
            "a node starts in a higher incarnation than the one that its disk knows",
            "always",
        ),
        is_armed: |world| world.conduct().lives.is_armed(),
        judge: |world| world.conduct().lives.verdict(),
    },
    EndCheck {
        rule: end_rule(
            "operations-succeed-again",
            "§2.3",
            "each put and get through a member succeeds",
            "45 seconds after a heal, with as many members as it needs answers, links and disks \
             that are fast enough for its time bound, while somebody knows who has left and no \
             record is full; not with `suspect_phi`",
        ),
        is_armed: |world| asked_again(world).next().is_some() && can_agree(world),
        judge: operations_succeed_again,
    },
    EndCheck {
        rule: end_rule(
            "a-put-is-executed-once",
            "§5",
            "no process makes two versions of one request, however often it is repeated",
            "while it remembers it; one that came by two ways is two",
        ),
        is_armed: |world| world.conduct().executes_once.is_armed(),
        judge: |world| world.conduct().executes_once.verdict(),
    },
    EndCheck {
        rule: end_rule(
            "all-homes-are-sent-a-copy",
            "§4.5",
            "a coordinator sends what it has stamped to N nodes at once, itself among them",
            "by who suspects nobody, while nothing moves",
        ),
        is_armed: |world| world.conduct().sends_all.is_armed(),
        judge: |world| world.conduct().sends_all.verdict(),
    },
    EndCheck {
        rule: end_rule(
            "messages-add-up",
            "§4.6",
            "each copy of a message was delivered, lost for a reason, or is on its way",
            "always",
        ),
        is_armed: |_| true,
        judge: messages_add_up,
    },
    EndCheck {
        rule: end_rule(
            "suspicions-end",
            "§4.8.3",
            "nobody suspects a node that is up",
            "65 seconds after a heal, while somebody knows who has left; not with `suspect_phi`, \
             which is wrong now and then by what it is",
        ),
        is_armed: |world| {
            let is_by_chance = world.setup().config.suspect_phi.is_some();
            world.counters().suspicions > 0 && !is_by_chance && is_ring_known(world)
        },
        judge: suspicions_end,
    },
    EndCheck {
        rule: end_rule(
            "hints-go-home",
            "§4.6",
            "nobody holds a hint",
            "65 seconds after a heal, with `hinted_handoff`, while somebody knows who has left and \
             no record is full",
        ),
        is_armed: |world| {
            let has_hints = world.counters().hints_stored > 0;
            world.setup().config.hinted_handoff && has_hints && can_agree(world)
        },
        judge: hints_go_home,
    },
    EndCheck {
        rule: end_rule(
            "all-know-the-same-ring",
            "§4.8.1",
            "all members know the same ring, nothing moves any more, and who has left is gone",
            "65 seconds after a heal, while somebody knows who has left and no record is full",
        ),
        is_armed: can_agree,
        judge: all_know_the_same_ring,
    },
    EndCheck {
        rule: end_rule(
            "records-are-at-home",
            "§4.9",
            "each record is with its homes alone",
            "65 seconds after a heal, where partitions moved, while somebody knows who has left \
             and no record is full",
        ),
        is_armed: |world| world.counters().homes_passed > 0 && can_agree(world),
        judge: records_are_at_home,
    },
    EndCheck {
        rule: end_rule(
            "replicas-agree",
            "§4.7",
            "all homes of a key hold the same",
            "65 seconds after a heal, with `anti_entropy` so often that every two members have \
             compared, while somebody knows who has left and no record is full",
        ),
        is_armed: |world| all_have_compared(world) && can_agree(world),
        judge: World::convergence,
    },
    EndCheck {
        rule: end_rule(
            "trees-follow-their-records",
            "§4.7",
            "trees that followed every change are those made from nothing",
            "with `anti_entropy`",
        ),
        is_armed: |world| world.setup().config.anti_entropy,
        judge: trees_follow,
    },
    EndCheck {
        rule: end_rule(
            "tables-within-their-limits",
            "§6.5",
            "no table of a node, and none of the world, holds more than its limit",
            "always",
        ),
        is_armed: |_| true,
        judge: tables_within_limits,
    },
    EndCheck {
        rule: end_rule(
            "homes-are-the-first-of-the-walk",
            "§4.3",
            "the homes of each partition are the first N nodes of its walk",
            "while nothing moves",
        ),
        is_armed: |world| !world.ring().is_moving(),
        judge: homes_are_the_first_of_the_walk,
    },
];

const fn end_rule(
    name: &'static str,
    paper: &'static str,
    says: &'static str,
    promised: &'static str,
) -> Rule {
    Rule { name, class: CheckClass::Eventually, paper, says, promised }
}

/// What must always hold and does not, by now.
pub fn broken_meanwhile(world: &World) -> Option<Broken> {
    let checks = world.checks();
    let check = checks.iter().find(|check| check.class == CheckClass::Always && !check.ok)?;
    let why = check.broken.as_ref().map_or_else(String::new, |broken| {
        format!("at {} ms, event {}: {}", broken.at, broken.event, broken.what)
    });
    Some(Broken { check: check.name, why })
}

/// The first promise that a run broke which has come to its end.
pub fn broken(world: &World) -> Option<Broken> {
    if let Some(broken) = broken_meanwhile(world) {
        return Some(broken);
    }
    END_CHECKS.iter().filter(|check| (check.is_armed)(world)).find_map(|check| {
        let why = (check.judge)(world).err()?;
        Some(Broken { check: check.rule.name, why })
    })
}

/// Whether somebody still knows who has left. What only a lost disk knew is gone: then the others
/// wait for a member that will not come.
fn is_ring_known(world: &World) -> bool {
    let is_gone = |node: &NodeId| world.machine_state(*node) == MachineState::Left;
    let is_known = |gone: NodeId| {
        let views = world.nodes().filter_map(|node| world.view(node));
        views.into_iter().any(|view| !view.membership().has_joined(gone))
    };
    world.nodes().filter(is_gone).all(is_known)
}

/// Whether there was time for each member to compare with each other, one after another, twice.
fn all_have_compared(world: &World) -> bool {
    let config = &world.setup().config;
    let others = world.truth().joined().count() as u64;
    let wanted = config.anti_entropy_interval.0.saturating_mul(2 * others);
    let healed = world.healed_at();
    config.anti_entropy && healed.is_some_and(|healed| (world.now() - healed).0 >= wanted)
}

/// Whether nothing that lasts keeps the nodes from agreeing.
fn can_agree(world: &World) -> bool {
    is_ring_known(world) && records_have_room(world)
}

/// Whether what all nodes hold of each key would fit into one record. Values that no client
/// reconciles can fill it: then who holds the rest keeps it, and is refused, until a client does.
fn records_have_room(world: &World) -> bool {
    let mut all = Map::<Key, Record>::default();
    for view in world.nodes().filter_map(|node| world.view(node)) {
        let hints = view.hints().targets().flat_map(|(_, records)| records.iter());
        for (key, record) in view.store().records().chain(hints) {
            let both = all.or_insert_with(key.clone(), || record.clone());
            if !both.includes(record) {
                both.make_mut().merge(record);
            }
        }
    }
    all.values().all(|record| record.fits())
}

/// Every client is answered within its time bound (§5).
pub fn every_operation_ends(world: &World) -> Result<(), String> {
    let bound = world.setup().config.request_timeout;
    for op in world.ops() {
        let taken = op.finished.map(|at| at - op.started);
        match (&op.outcome, taken) {
            (Outcome::Pending, _) | (_, None) => return Err(format!("{} hangs", op.name)),
            (_, Some(taken)) if taken.0 > bound.0 + 1 => {
                return Err(format!("{} took {taken} ms", op.name));
            }
            _ => {}
        }
    }
    Ok(())
}

/// So long after a heal no partition moves any more, and nobody is suspected.
const SETTLED_AFTER: Span = Span::from_ms(45_000);
/// An operation takes fewer ways between two nodes, and fewer flushes, than this.
const WAYS: u64 = 8;

/// The operations that have to succeed: by then enough nodes are there, and known to be.
fn asked_again(world: &World) -> impl Iterator<Item = &OpRecord> {
    let (setup, truth) = (world.setup(), world.truth());
    let Config { request_timeout, suspect_phi, .. } = *setup.config;
    let slowest = setup.network.latency.1.0 + setup.disk_latency.1.0 + setup.service.0;
    let is_fast = slowest.saturating_mul(WAYS) < request_timeout.0;
    let from = world.healed_at().filter(|_| is_fast && suspect_phi.is_none());
    let members = truth.joined().count();
    world.ops().iter().filter(move |op| {
        let is_late = from.is_some_and(|healed_at| op.started >= healed_at + SETTLED_AFTER);
        let is_member = op.via.is_none_or(|via| truth.has_joined(via));
        is_late && is_member && op.need as usize <= members
    })
}

fn operations_succeed_again(world: &World) -> Result<(), String> {
    match asked_again(world).find(|op| op.outcome != Outcome::Ok) {
        Some(op) => Err(format!("{} came to {:?}", op.name, op.outcome)),
        None => Ok(()),
    }
}

/// What was sent was delivered, lost with a cause, or is in flight.
pub fn messages_add_up(world: &World) -> Result<(), String> {
    let counters = world.counters();
    let copies = counters.messages_sent + counters.messages_duplicated;
    let ended = counters.messages_delivered + counters.messages_lost;
    let in_flight = world.in_flight().count() as u64;
    if copies == ended + in_flight {
        return Ok(());
    }
    Err(format!("{copies} copies were sent, {ended} ended and {in_flight} are in flight"))
}

fn name(world: &World, node: NodeId) -> &str {
    world.setup().name(node)
}

fn suspicions_end(world: &World) -> Result<(), String> {
    for node in world.nodes() {
        // Who is down, or has left and is not known to have, is suspected with good reason.
        let is_up = |suspect: &NodeId| world.machine(*suspect).is_up();
        if let Some(suspect) = world.suspects(node).into_iter().find(is_up) {
            return Err(format!("{} still suspects {}", name(world, node), name(world, suspect)));
        }
    }
    Ok(())
}

fn hints_go_home(world: &World) -> Result<(), String> {
    for node in world.nodes() {
        let held = world.hints(node).len();
        if held > 0 {
            return Err(format!("{} still holds hints: {held}", name(world, node)));
        }
    }
    Ok(())
}

fn all_know_the_same_ring(world: &World) -> Result<(), String> {
    let truth = world.truth();
    if truth.ring().is_moving() {
        return Err("partitions still move".into());
    }
    for node in world.nodes() {
        let name = name(world, node);
        match (truth.has_joined(node), world.view(node)) {
            (true, None) => return Err(format!("{name} is down")),
            (true, Some(view)) if view.membership() != truth => {
                return Err(format!("{name} knows less than all together"));
            }
            (false, _)
                if truth.member(node).is_some()
                    && world.machine_state(node) != MachineState::Left =>
            {
                return Err(format!("{name} has left and is still there"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn records_are_at_home(world: &World) -> Result<(), String> {
    let ring = world.ring();
    for node in world.nodes() {
        for (key, _) in world.view(node).into_iter().flat_map(|view| view.store().records()) {
            if !ring.is_home(ring.partition_of(key.position()), node) {
                return Err(format!("{} keeps {key:?} and is no home of it", name(world, node)));
            }
        }
    }
    Ok(())
}

/// Trees that followed every change are those that are made from nothing (§4.7).
pub fn trees_follow(world: &World) -> Result<(), String> {
    for node in world.nodes() {
        let Some(view) = world.view(node) else { continue };
        let (mut trees, store) = (view.trees().clone(), view.store());
        for partition in store.partitions() {
            let records = store.partition(partition);
            if trees.hash(partition, records, 0) != records.map_or(0, root_of) {
                let name = name(world, node);
                return Err(format!("{name}'s tree of partition {} is of the past", partition.0));
            }
        }
    }
    Ok(())
}

/// Nothing is queued without end.
pub fn tables_within_limits(world: &World) -> Result<(), String> {
    let over = world.tables().into_iter().find(|table| table.held > table.max);
    match over {
        Some(table) => Err(format!("{} holds {} of {}", table.name, table.held, table.max)),
        None => Ok(()),
    }
}
