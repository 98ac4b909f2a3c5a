//! Every setting of a node, with its meaning, its unit and its range.
//!
//! A [`Config`] is checked once, when it is made; nothing after that can meet a bad setting.

use std::fmt;

use crate::base::time::Span;
use crate::data::version::{Clock, Versioning};

/// Settings that every node of a ring shares. Fields are public to read; build with
/// [`Config::checked`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// N: how many nodes keep a copy of each key. 1 to [`N_MAX`]. (§4.3)
    pub n: usize,
    /// R: answers a get waits for. 1 to N. (§4.5)
    pub r: usize,
    /// W: answers a put waits for, the coordinator's own among them. 1 to N. (§4.5)
    pub w: usize,
    /// Whose answers count toward R and W. (§4.5, §4.6)
    pub quorum: QuorumRule,
    /// Whether a get writes the reconciled version back to stale replicas. (§5)
    pub read_repair: bool,
    /// Whether hints are delivered; they are stored either way. (§4.6)
    pub hinted_handoff: bool,
    /// Whether replicas are compared, and what differs is merged, without being asked. (§4.7)
    pub anti_entropy: bool,
    /// Which versions stay, and what a put's clock says. (§4.4)
    pub versioning: Versioning,
    /// Entries of a plain clock, 1 to [`Clock::ENTRIES_MAX`]. So many are allowed; one more drops
    /// the entry with the oldest stamp. (§4.4: "say 10") The clocks of [`Versioning::Dotted`]
    /// lose nothing: a put that needs more than the most is refused as overload.
    pub clock_entries_max: usize,
    pub failure_detection: FailureDetection,
    /// How often a node gossips with one random member, and probes its suspects. (§4.8.1: 1 s)
    pub gossip_interval: Span,
    /// How often the hint store is scanned. (§4.6: "periodically")
    pub handoff_interval: Span,
    /// How often a node compares what it keeps with one of the other homes.
    pub anti_entropy_interval: Span,
    /// After this a client is answered, whatever has come. (§5: "within a given time bound")
    pub request_timeout: Span,
    /// After this a silent replica, or a silent forward, is replaced by the next node.
    pub replica_timeout: Span,
    /// A heartbeat unchanged for longer is stale. Only in [`FailureDetection::Gossip`].
    pub suspect_after: Span,
    /// In its place, where it is given: the phi from which on a heartbeat is stale, in thousandths.
    /// A thousandth to [`PHI_MAX`].
    pub suspect_phi: Option<u32>,
    /// How long a tombstone is held before anybody asks whether it may be forgotten, and how long
    /// what is older is refused after that: longer than a message can be on its way.
    pub reap_after: Span,
    /// Copies and hints of puts that may wait unwritten while their puts are answered, up to
    /// [`WRITE_BUFFER_MAX`]; 0 keeps the durability rule to the letter. (§6.1: a thousand)
    pub write_buffer: usize,
    /// How long the oldest of them waits at most.
    pub write_buffer_flush: Span,
    /// Whether one of the N is asked for a durable write all the same. (§6.1)
    pub durable_replica: bool,
    /// Whether handoff, anti-entropy and transfers yield when clients wait long. (§6.5)
    pub admission_control: bool,
    /// How long 99 of 100 clients are to wait at most. (§6.5: 50 ms)
    pub admission_p99: Span,
    pub limits: Limits,
}

/// Whose answers count toward R and W, and whether anybody stands in for a home.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuorumRule {
    /// The first N healthy nodes, stand-ins among them (§4.6).
    #[default]
    Sloppy,
    /// The first N nodes of the list alone; stand-ins keep hints, and count for nothing.
    Strict,
    /// The first N nodes alone, and nobody stands in for them.
    Primaries,
}

impl QuorumRule {
    /// Whether a put also goes to stand-ins.
    pub fn puts_to_stand_ins(self) -> bool {
        self != QuorumRule::Primaries
    }

    /// Whether a stand-in's answer counts; if not, a get has no use for one.
    pub fn counts_stand_ins(self) -> bool {
        self == QuorumRule::Sloppy
    }
}

/// How a node comes to take another for failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureDetection {
    /// Own evidence, and heartbeats spread by gossip: news of a failure is news that stops coming.
    Gossip,
    /// Own evidence alone (§4.8.3): "A may consider B failed if B does not respond to A".
    Local,
}

/// The size of each table, from 1 to [`LIMIT_MAX`], and so the point at which a node answers
/// `Overloaded`, or drops and counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a node coordinates or forwards at a time; one more is refused.
    pub requests_max: usize,
    /// Records in the replica store; one more is refused.
    pub records_max: usize,
    /// Hints held for others; one more is refused.
    pub hints_max: usize,
    /// Keys whose highest own counter is remembered without a record; past it one floor for all
    /// the others is raised, so counters may skip, never repeat.
    pub floors_max: usize,
    /// Hints sent to one returned node in one scan.
    pub handoff_batch_max: usize,
    /// Suspects probed in one gossip round.
    pub probes_max: usize,
    /// Nodes that a view may speak of, joined or left; a larger one is ignored.
    pub members_max: usize,
    /// Partitions on their way from this node at a time.
    pub transfers_max: usize,
    /// Partitions accepted from others and not settled yet; one more offer is refused.
    pub offers_max: usize,
    /// Records of a partition that go in one message.
    pub chunk_records_max: usize,
    /// Bytes of records that go in one message; one record goes whatever it takes.
    pub chunk_bytes_max: usize,
    /// Hashes of trees, or of records, that go in one message.
    pub hashes_max: usize,
    /// Tombstones in the replica store; one more delete is refused.
    pub tombstones_max: usize,
    /// Tombstones asked about at a time.
    pub burials_max: usize,
    /// Tombstones of which what is older is refused; one more is not agreed to.
    pub graves_max: usize,
    /// Bytes of a key.
    pub key_bytes_max: usize,
    /// Bytes of a value with its metadata.
    pub value_bytes_max: usize,
}

/// The largest limit that is accepted: what a 32-bit memory could ever hold.
pub const LIMIT_MAX: usize = u32::MAX as usize;
/// The largest phi that can be waited for: 100. At 1 a suspicion is wrong one time in ten, at 8
/// one time in 10^8, if heartbeats are as regular as they were.
pub const PHI_MAX: u32 = 100_000;
/// The most writes that are buffered.
pub const WRITE_BUFFER_MAX: usize = 100_000;
/// The largest N that is accepted.
pub const N_MAX: usize = 16;
/// The most times a put is passed on before its receiver coordinates it whatever it believes.
pub const FORWARD_HOPS_MAX: u8 = 2;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            requests_max: 100_000,
            records_max: 10_000_000,
            hints_max: 1_000_000,
            floors_max: 1_000_000,
            handoff_batch_max: 64,
            probes_max: 16,
            members_max: 20_000,
            transfers_max: 8,
            offers_max: 65_536,
            chunk_records_max: 64,
            chunk_bytes_max: 128 << 10,
            hashes_max: 4_096,
            tombstones_max: 1_000_000,
            burials_max: 16,
            graves_max: 1_000_000,
            key_bytes_max: 1_024,
            value_bytes_max: 1 << 20,
        }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            n: 3,
            r: 2,
            w: 2,
            quorum: QuorumRule::Sloppy,
            read_repair: true,
            hinted_handoff: true,
            anti_entropy: true,
            versioning: Versioning::VectorClock,
            clock_entries_max: 10,
            failure_detection: FailureDetection::Gossip,
            gossip_interval: Span::from_ms(1_000),
            handoff_interval: Span::from_ms(1_000),
            anti_entropy_interval: Span::from_ms(10_000),
            request_timeout: Span::from_ms(1_000),
            replica_timeout: Span::from_ms(100),
            suspect_after: Span::from_ms(10_000),
            suspect_phi: None,
            reap_after: Span::from_ms(60_000),
            write_buffer: 0,
            write_buffer_flush: Span::from_ms(1_000),
            durable_replica: false,
            admission_control: true,
            admission_p99: Span::from_ms(50),
            limits: Limits::default(),
        }
    }
}

/// A setting outside its range. Nothing was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    pub field: &'static str,
    pub found: String,
    pub allowed: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, allowed {}", self.field, self.found, self.allowed)
    }
}

impl std::error::Error for ConfigError {}

/// The longest interval or timeout: an hour.
const INTERVAL_MAX: Span = Span::from_ms(3_600_000);
/// The shortest: below it a round would be a busy loop.
const INTERVAL_MIN: Span = Span::from_ms(1);

impl Config {
    /// The settings, or the first that is out of range.
    pub fn checked(self) -> Result<Config, ConfigError> {
        within("n", self.n, 1, N_MAX)?;
        within("r", self.r, 1, self.n)?;
        within("w", self.w, 1, self.n)?;
        within("clock_entries_max", self.clock_entries_max, 1, Clock::ENTRIES_MAX)?;
        for (field, span) in [
            ("gossip_interval_ms", self.gossip_interval),
            ("handoff_interval_ms", self.handoff_interval),
            ("anti_entropy_interval_ms", self.anti_entropy_interval),
            ("request_timeout_ms", self.request_timeout),
            ("replica_timeout_ms", self.replica_timeout),
            ("suspect_after_ms", self.suspect_after),
            ("reap_after_ms", self.reap_after),
            ("write_buffer_flush_ms", self.write_buffer_flush),
            ("admission_p99_ms", self.admission_p99),
        ] {
            if !(INTERVAL_MIN..=INTERVAL_MAX).contains(&span) {
                let (low, high) = (INTERVAL_MIN, INTERVAL_MAX);
                return Err(ConfigError {
                    field,
                    found: span.to_string(),
                    allowed: format!("{low} to {high} milliseconds"),
                });
            }
        }
        within("write_buffer", self.write_buffer, 0, WRITE_BUFFER_MAX)?;
        if let Some(phi) = self.suspect_phi {
            within("suspect_phi", phi as usize, 1, PHI_MAX as usize)?;
        }
        self.limits.check()?;
        Ok(self)
    }
}

impl Limits {
    /// Every table has room for one thing at least.
    fn check(&self) -> Result<(), ConfigError> {
        for (field, max) in [
            ("requests_max", self.requests_max),
            ("records_max", self.records_max),
            ("hints_max", self.hints_max),
            ("floors_max", self.floors_max),
            ("handoff_batch_max", self.handoff_batch_max),
            ("probes_max", self.probes_max),
            ("members_max", self.members_max),
            ("transfers_max", self.transfers_max),
            ("offers_max", self.offers_max),
            ("chunk_records_max", self.chunk_records_max),
            ("chunk_bytes_max", self.chunk_bytes_max),
            ("hashes_max", self.hashes_max),
            ("tombstones_max", self.tombstones_max),
            ("burials_max", self.burials_max),
            ("graves_max", self.graves_max),
            ("key_bytes_max", self.key_bytes_max),
            ("value_bytes_max", self.value_bytes_max),
        ] {
            within(field, max, 1, LIMIT_MAX)?;
        }
        Ok(())
    }
}

fn within(field: &'static str, found: usize, low: usize, high: usize) -> Result<(), ConfigError> {
    if (low..=high).contains(&found) {
        return Ok(());
    }
    Err(ConfigError { field, found: found.to_string(), allowed: format!("{low} to {high}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_defaults_are_in_range() {
        assert!(Config::default().checked().is_ok());
    }

    #[test]
    fn a_setting_out_of_range_is_named_with_what_is_allowed() {
        let refused = Config { w: 4, ..Config::default() }.checked().unwrap_err();
        assert_eq!(refused.to_string(), "w: found 4, allowed 1 to 3");
        let limits = Limits { hints_max: 0, ..Limits::default() };
        let refused = Config { limits, ..Config::default() }.checked().unwrap_err();
        assert_eq!(refused.to_string(), "hints_max: found 0, allowed 1 to 4294967295");
        let refused =
            Config { gossip_interval: Span::ZERO, ..Config::default() }.checked().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "gossip_interval_ms: found 0, allowed 1 to 3600000 milliseconds"
        );
    }
}
