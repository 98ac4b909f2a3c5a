//! Rare paths, and whether a run took them: what no seed reaches, no seed puts to the test.
//!
//! Marks are read off the log, event by event, beside a world that does not know of them. So they
//! cost whoever does not ask for them nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::blob::Key;
use crate::base::id::{NodeId, RequestId};
use crate::data::version::Version;
use crate::protocol::message::Notice;
use crate::sim::disk::Health;
use crate::sim::log::{Hop, LogEvent, MessageKind, What};
use crate::sim::network::Loss;
use crate::sim::op::{OpKind, OpRecord, Outcome};
use crate::sim::world::World;

/// A path that few runs take.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub name: &'static str,
    pub says: &'static str,
}

macro_rules! marks {
    ($($constant:ident $name:literal $says:literal)+) => {
        $(const $constant: &str = $name;)+
        /// All of them.
        pub const MARKS: &[Mark] = &[$(Mark { name: $name, says: $says }),+];
    };
}

marks! {
    HINT_AFTER_RESTART "hint-after-restart"
        "a hint was handed over by a node that had crashed and started again since it took it"
    HINT_REDIRECTED "hint-redirected"
        "a hint went on to the present homes of its key, its owner being none any more"
    HANDOFF_REFUSED_FULL "handoff-refused-by-a-full-disk"
        "an owner had no room on its disk for a hint that was brought to it"
    GIVER_RESUMED "transfer-resumed-by-its-giver"
        "a node that crashed while it gave a partition away went on with it"
    RECEIVER_RESUMED "transfer-resumed-to-its-receiver"
        "a node that crashed while a partition came to it was sent the rest"
    OFFER_REFUSED "offer-refused"
        "a partition was offered to a node that could not take it yet"
    FILLED_FOR_ANOTHER "place-filled-for-another"
        "a place of a node that had left, and was down, was filled by another"
    PLACE_PASSED_ON "asked-after-it-passed-its-place-on"
        "a node that was a home until lately was asked, and said so"
    PARTITIONS_CUT "partitions-cut"
        "a token that was not known of cut partitions in two"
    COMPARED_OTHER_RANGES "exchange-ended-by-other-ranges"
        "two homes could not compare, because one knew of other ranges"
    REPAIR_LATE "read-repair-lost-a-race"
        "a read repair came to a replica that had something newer by then"
    MENDED "mended-without-a-read"
        "anti-entropy brought a record that was news"
    REAPED "tombstone-reaped"
        "all members agreed to forget a tombstone"
    BURIAL_REFUSED "burial-refused"
        "a member would not agree to forget a tombstone"
    COORDINATOR_REPLACED "coordinator-replaced"
        "the node to which a put was passed on fell silent, and another took its place"
    COORDINATED_TWICE "put-coordinated-twice"
        "two nodes made a version each of one put"
    TIMED_OUT_AND_READ "timed-out-and-read"
        "a get found what a put wrote whose client had given it up"
    READ_FROM_A_HINT "read-from-a-hint"
        "a stand-in's hint was one of the answers to a get"
    STALE_CONTEXT "stale-context"
        "a put handed back a context that was older than the newest answer on its key"
    FLOOR_HELD "counter-kept-by-a-floor"
        "nothing a node held showed its last counter for a key: a floor did"
    NEW_ACTOR "new-name-after-a-lost-disk"
        "a node took a new actor, its disk having lost what its old one had done"
    CLOCK_CUT "clock-cut"
        "a clock grew too long, and lost its oldest entries"
    RECORD_FULL "record-full"
        "a record had no room for one version more"
    TORN "torn-tail-recovered"
        "the power failed in the middle of a flush, and a beginning of it was read back"
    ROLLED_BACK "disk-rolled-back"
        "a disk was put back to an older state"
    FLUSH_FAILED "flush-failed"
        "a flush failed, and ended a process"
    BUFFER_LOST "buffer-lost"
        "a crash took writes that had been answered before they were durable"
    QUEUE_FULL "queue-full"
        "a message or a request found the queue of its machine full"
    RESTED "background-rested"
        "background work rested, because clients waited too long"
    DAMAGED "damaged-bytes-refused"
        "a message came whose bytes were damaged, and was refused"
    VIEW_REFRESHED "view-refreshed"
        "a client noticed that its view of the ring was stale"
}

/// Lets so many things happen in a world whose log is kept, up to its end, and looks at each.
pub fn watch(world: &mut World, events_max: u64) -> Reached {
    let (until, mut watch, mut events) = (world.setup().until, Watch::default(), 0);
    while events < events_max && !world.run_to(until, 1) {
        events += 1;
        watch.look(world);
    }
    watch.look_back(world);
    watch.reached
}

/// The marks that a run reached, by their names.
pub type Reached = BTreeSet<&'static str>;

/// What the marks need to remember of a run.
#[derive(Default)]
struct Watch {
    reached: Reached,
    next_event: u64,
    /// The event with which each node last started, once it has started before.
    restarted: BTreeMap<NodeId, u64>,
    has_started: BTreeSet<NodeId>,
    /// By holder, owner and key: the event with which the holder first took the hint.
    hints: BTreeMap<(NodeId, NodeId, Key), u64>,
    /// By giver and receiver: the event of the last chunk, since a place was passed on.
    chunks: BTreeMap<(NodeId, NodeId), u64>,
    /// Puts that were passed on.
    forwards: BTreeSet<(NodeId, RequestId)>,
    /// Who first coordinated each operation.
    coordinators: BTreeMap<usize, NodeId>,
}

impl Watch {
    fn reach(&mut self, mark: &'static str) {
        self.reached.insert(mark);
    }

    /// Looks at what the log has gained.
    fn look(&mut self, world: &World) {
        let from = self.next_event;
        self.next_event = world.log().next_id();
        let newest = world.log().newest().take_while(|event| event.id >= from);
        let new: Vec<&LogEvent> = newest.collect();
        for event in new.into_iter().rev() {
            match &event.what {
                What::Sent(hop) if hop.kind == MessageKind::Transfer => {
                    self.see_chunk(event.id, hop);
                }
                What::Delivered(hop) => self.see_delivery(world, hop),
                What::Lost { why: Loss::Damaged, .. } => self.reach(DAMAGED),
                What::Noticed { node, notice } => self.see_notice(world, event, *node, notice),
                _ => {}
            }
        }
    }

    fn see_chunk(&mut self, event: u64, hop: &Hop) {
        let before = self.chunks.insert((hop.from, hop.to), event);
        let has_restarted = |node| self.restarted.get(&node) > before.as_ref();
        if before.is_some() && has_restarted(hop.from) {
            self.reach(GIVER_RESUMED);
        } else if before.is_some() && has_restarted(hop.to) {
            self.reach(RECEIVER_RESUMED);
        }
    }

    fn see_delivery(&mut self, world: &World, hop: &Hop) {
        match hop.kind {
            MessageKind::HandoffAnswer if hop.is_refusal && is_disk_full(world, hop.from) => {
                self.reach(HANDOFF_REFUSED_FULL);
            }
            MessageKind::OfferAnswer if hop.is_refusal => self.reach(OFFER_REFUSED),
            MessageKind::CompareAnswer if hop.is_refusal => self.reach(COMPARED_OTHER_RANGES),
            MessageKind::BuryAnswer if hop.is_refusal => self.reach(BURIAL_REFUSED),
            MessageKind::NotHome => self.reach(PLACE_PASSED_ON),
            MessageKind::ReadRepair if is_late_repair(world, hop) => self.reach(REPAIR_LATE),
            _ => {}
        }
    }

    fn see_notice(&mut self, world: &World, event: &LogEvent, node: NodeId, notice: &Notice) {
        match notice {
            Notice::Started { actor, .. } => {
                if !self.has_started.insert(node) {
                    self.restarted.insert(node, event.id);
                }
                if world.actor_name(*actor).contains('~') {
                    self.reach(NEW_ACTOR);
                }
            }
            Notice::HintStored { target, key } => {
                self.hints.entry((node, *target, key.clone())).or_insert(event.id);
                if is_of_a_view(world, event) {
                    self.reach(HINT_REDIRECTED);
                }
            }
            Notice::HintDelivered { target, key } => {
                let taken = self.hints.remove(&(node, *target, key.clone()));
                if taken.is_some() && self.restarted.get(&node) > taken.as_ref() {
                    self.reach(HINT_AFTER_RESTART);
                }
            }
            Notice::Moved { from, to, .. } => {
                if from.is_some_and(|keeper| keeper != node) {
                    self.reach(FILLED_FOR_ANOTHER);
                }
                to.iter().for_each(|&to| _ = self.chunks.remove(&(node, to)));
            }
            Notice::Forwards { request, .. } => _ = self.forwards.insert((node, *request)),
            Notice::Replaced { request, .. } if self.forwards.contains(&(node, *request)) => {
                self.reach(COORDINATOR_REPLACED);
            }
            Notice::Coordinates { request, key, dot: Some(dot), .. } => {
                if let Some(op) = world.op_served(node, *request) {
                    let first = *self.coordinators.entry(op).or_insert(node);
                    if first != node {
                        self.reach(COORDINATED_TWICE);
                    }
                }
                let floor = world.view(node).map_or(0, |view| view.floor(key));
                if floor > 0 && dot.counter == floor + 1 && !shows_counter(world, node, key, floor)
                {
                    self.reach(FLOOR_HELD);
                }
            }
            Notice::Overloaded { key } if is_full(world, node, key) => self.reach(RECORD_FULL),
            _ => {}
        }
    }

    /// Looks at what a run has come to.
    fn look_back(&mut self, world: &World) {
        let counters = world.counters();
        let counted = [
            (PARTITIONS_CUT, counters.partitions_changed),
            (MENDED, counters.merkle_keys_mended),
            (REAPED, counters.tombstones_reaped),
            (CLOCK_CUT, counters.clocks_cut),
            (TORN, counters.flushes_torn),
            (ROLLED_BACK, counters.disks_rolled_back),
            (FLUSH_FAILED, counters.flushes_failed),
            (BUFFER_LOST, counters.writes_lost_in_buffer),
            (QUEUE_FULL, counters.queues_full),
            (RESTED, counters.background_rests),
            (VIEW_REFRESHED, counters.view_refreshes),
        ];
        counted.into_iter().filter(|&(_, count)| count > 0).for_each(|(mark, _)| self.reach(mark));
        let ops = world.ops();
        let lost: BTreeSet<&[u8]> = ops.iter().filter_map(given_up).collect();
        for op in ops {
            let found = op.versions.iter().any(|version| lost.contains(&*version.content.value));
            if op.kind == OpKind::Get && found {
                self.reach(TIMED_OUT_AND_READ);
            }
            let mut answers = op.acknowledged.iter();
            if op.kind == OpKind::Get && answers.any(|it| it.replica.stands_in_for.is_some()) {
                self.reach(READ_FROM_A_HINT);
            }
            if has_stale_context(world, op) {
                self.reach(STALE_CONTEXT);
            }
        }
    }
}

/// What a put carried that its client had no answer to.
fn given_up(op: &OpRecord) -> Option<&[u8]> {
    matches!(op.outcome, Outcome::Timeout(_)).then_some(op.value.as_deref()).flatten()
}

/// Whether a put that was done handed back what was not the newest that was told of its key.
fn has_stale_context(world: &World, put: &OpRecord) -> bool {
    let handed_back = put.context_of.as_ref().and_then(|name| world.op(name));
    let Some(told) = handed_back.and_then(|source| source.finished) else { return false };
    let is_newer = |op: &OpRecord| {
        let finished = op.finished.filter(|_| op.outcome == Outcome::Ok);
        op.key == put.key && finished.is_some_and(|at| told < at && at < put.started)
    };
    put.outcome == Outcome::Ok && world.ops().iter().any(is_newer)
}

/// Whether the replica has, by now, a version that the get which repairs it did not find.
fn is_late_repair(world: &World, hop: &Hop) -> bool {
    let get = hop.op.and_then(|op| world.record(op));
    let found = get.map_or(&[][..], |get| &get.versions);
    let view = world.view(hop.to);
    let held = view
        .zip(hop.key.as_ref())
        .and_then(|(view, key)| view.store().get(view.ring().partition_of(key.position()), key));
    let is_unknown = |version: &Version| found.iter().all(|known| known.dot != version.dot);
    !found.is_empty() && held.is_some_and(|held| held.versions().iter().any(is_unknown))
}

/// Whether the node did this on hearing another's view of the ring.
fn is_of_a_view(world: &World, event: &LogEvent) -> bool {
    let cause = event.cause.and_then(|cause| world.log().get(cause));
    cause.is_some_and(
        |cause| matches!(&cause.what, What::Delivered(hop) if hop.kind == MessageKind::View),
    )
}

/// Whether some version that the node holds of the key was made under this counter of its own.
fn shows_counter(world: &World, node: NodeId, key: &Key, counter: u64) -> bool {
    let Some(view) = world.view(node) else { return false };
    let actor = view.identity().actor;
    let held = view.store().get(view.ring().partition_of(key.position()), key);
    let records = held.into_iter().chain(view.hints().of_key(key));
    let mut versions = records.flat_map(|record| record.versions());
    versions.any(|version| version.dot.actor == actor && version.dot.counter == counter)
}

fn is_disk_full(world: &World, node: NodeId) -> bool {
    world.machine(node).disk.health == Health::Full
}

/// Whether the node refused because the record, and not its disk, has no room.
fn is_full(world: &World, node: NodeId, key: &Key) -> bool {
    let Some(view) = world.view(node) else { return false };
    let held = view.store().get(view.ring().partition_of(key.position()), key);
    !is_disk_full(world, node) && held.is_some()
}
