//! What a run counted. Each figure can be traced to events of the log.

use crate::sim::op::{OpKind, Outcome};

macro_rules! counters {
    ($($(#[doc = $doc:literal])* $name:ident,)+) => {
        /// Totals since the world began.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Counters {
            $($(#[doc = $doc])* pub $name: u64,)+
        }

        impl Counters {
            pub const NAMES: &[&str] = &[$(stringify!($name)),+];

            /// Every counter by its name, in a fixed order.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name)),+].into_iter()
            }

            pub fn get(&self, name: &str) -> Option<u64> {
                self.iter().find(|&(known, _)| known == name).map(|(_, value)| value)
            }
        }
    };
}

impl Counters {
    /// A client's operation ended.
    pub fn on_outcome(&mut self, outcome: &Outcome, kind: OpKind) {
        match (outcome, kind) {
            (Outcome::Ok, OpKind::Put | OpKind::Delete) => self.puts_acknowledged += 1,
            (Outcome::Ok, OpKind::Get) => self.gets_answered += 1,
            (Outcome::Refused(_), _) => self.requests_refused += 1,
            (Outcome::Timeout(_), _) => self.requests_timed_out += 1,
            (Outcome::Pending, _) => {}
        }
    }
}

counters! {
    /// Node to node; a duplicate counts once.
    messages_sent,
    messages_delivered,
    /// Dropped by the network, by a cut, or for want of a destination.
    messages_lost,
    messages_duplicated,
    /// A client's put that was acknowledged.
    puts_acknowledged,
    /// A client's get that was answered.
    gets_answered,
    /// Definite failures.
    requests_refused,
    /// Indefinite failures.
    requests_timed_out,
    /// A load's request that was never made, because too many were under way.
    load_dropped,
    /// A message or a request that found the queue of its machine full.
    queues_full,
    /// An item of a load's cart that was deleted, and is back.
    items_returned,
    /// An item of a load's cart that is gone, and nobody deleted it.
    items_lost,
    /// A put passed on to a node that may coordinate it.
    forwards,
    /// A client's poll for a view of the ring that was due (§6.4).
    view_polls,
    /// One besides, because the client noticed that its view is stale.
    view_refreshes,
    /// A silent or refusing replica replaced by the next node.
    replacements,
    hints_stored,
    hints_delivered,
    read_repairs,
    /// Hashes that went from one home to another, of branches of trees and of records.
    merkle_hashes_exchanged,
    /// Records sent because two homes differ.
    merkle_keys_moved,
    /// Of those, the ones that were news where they came.
    merkle_keys_mended,
    /// About what all that took on its way.
    merkle_bytes_sent,
    /// What it would have taken to copy each partition that differs, whole.
    merkle_full_copy_bytes,
    /// Trees dropped because the partitions became other ranges.
    merkle_trees_rebuilt,
    /// Messages with which a node goes on with a handoff, a transfer or a comparison.
    background_steps,
    /// Turns of background work after which a node rested, for its clients' sake (§6.5).
    background_rests,
    gossip_rounds,
    /// One of a partition's N places passed on to another node.
    homes_passed,
    /// A node's partitions became other ranges (strategy 1).
    partitions_changed,
    /// Records that came with a partition that moves.
    records_transferred,
    /// Tombstones that every member has agreed to forget, and forgot.
    tombstones_reaped,
    /// A suspicion that began.
    suspicions,
    /// A suspicion that began about a node that was up.
    false_suspicions,
    /// A get that misses a version acknowledged before it began.
    stale_reads,
    /// A get that returned more than one version.
    siblings_seen,
    /// A put's clock that lost its oldest entries.
    clocks_cut,
    /// A version that vanished though no version left there truly descends from it.
    false_dominance,
    /// Two versions side by side of which one truly descends from the other.
    false_siblings,
    /// A record or hint refused because a table was full.
    overloads,
    crashes,
    restarts,
    disks_lost,
    /// Copies and hints whose puts were answered before they were durable (§6.1).
    writes_buffered,
    /// Those of them that a crash took.
    writes_lost_in_buffer,
    /// Puts of which one replica was asked for a durable write.
    durable_writes_asked,
    /// Power failures in the middle of a flush.
    flushes_torn,
    /// Flushes that failed, each of which ended a process.
    flushes_failed,
    /// A disk that was put back to what it had been.
    disks_rolled_back,
}
