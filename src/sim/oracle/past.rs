//! What was asked of a ring and what befell it: on that depends what is promised.

use crate::base::queue::Queue;
use crate::base::time::Instant;
use crate::data::version::Versioning;
use crate::protocol::config::{Config, N_MAX, QuorumRule};

#[derive(Clone, Debug, Default)]
pub struct Past {
    pub versioning: Versioning,
    pub quorum: QuorumRule,
    pub n: usize,
    /// Whether writes may be answered before they are durable (§6.1).
    pub has_buffer: bool,
    /// Whether some clock has lost entries: then a record's clock no longer tells what it covers.
    pub is_cut: bool,
    /// A place passed on to another node.
    pub is_place_moved: bool,
    /// A disk was lost, and with it what its node knew of places that had moved.
    pub is_view_lost: bool,
    /// A place of one who has left was filled by another than the one who had it (D9): what was
    /// acknowledged at that place may stand elsewhere alone.
    pub is_place_filled_for_another: bool,
    /// The fewest that ever belonged to the ring, or were homes of a partition when a place of it
    /// passed to nobody: who gives that up goes by those it knows of, and has not heard yet of who
    /// was told to join elsewhere.
    pub homes_min: Option<usize>,
    /// The wall clock of a node was moved.
    pub is_clock_moved: bool,
    /// When disks were lost, or with a crash what a write buffer held: the newest [`N_MAX`], as no
    /// write has more copies.
    pub disks_lost: Queue<Instant>,
    /// Whether a disk was put back to what it had been: then counters may be issued twice, and what
    /// was promised since is forgotten.
    pub is_rolled_back: bool,
}

impl Past {
    pub fn of(config: &Config) -> Past {
        let &Config { versioning, quorum, n, write_buffer, .. } = config;
        Past { versioning, quorum, n, has_buffer: write_buffer > 0, ..Past::default() }
    }

    /// Somebody joins or leaves, and so many stay; or a place passes to nobody, and so many homes
    /// are left.
    pub fn on_left(&mut self, left: usize) {
        let fewest = self.homes_min.unwrap_or(left).min(left);
        self.homes_min = Some(fewest.max(1));
    }

    pub fn on_disk_lost(&mut self, at: Instant) {
        self.is_view_lost = true;
        self.on_buffer_lost(at);
    }

    /// To what was written on it a disk is as good as lost; what its node knows of others was never
    /// buffered.
    pub fn on_buffer_lost(&mut self, at: Instant) {
        if self.disks_lost.len() >= N_MAX {
            self.disks_lost.pop_front();
        }
        self.disks_lost.push_back(at);
    }

    /// How many disks were lost since then.
    pub fn disks_lost_since(&self, at: Instant) -> usize {
        self.disks_lost.iter().filter(|&&lost| lost >= at).count()
    }
}
