//! What a host is told before it runs, and what is wrong with that.

use std::fmt;
use std::rc::Rc;

use crate::data::partitioning::Partitioning;
use crate::host::journal::BadJournal;
use crate::protocol::config::Config;
use crate::wire::{self, Secret};

/// What a host is made of.
#[derive(Clone, Debug)]
pub struct Start {
    /// 1 to 32 of `a-z 0-9 -`.
    pub ring: String,
    pub secret: Secret,
    /// 1 to 16 of `A-Z a-z 0-9 _ -`, and no other node's of the ring.
    pub name: String,
    /// Where others can dial this node, the URL of a WebSocket; empty when they cannot.
    pub address: String,
    pub config: Rc<Config>,
    /// The same for every node of a ring.
    pub partitioning: Partitioning,
    pub founding: Founding,
}

/// What a node does that has never been a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Founding {
    /// It is the ring's first node.
    Found,
    /// It waits until it is told through whom to join ([`crate::host::Host::join`]).
    Wait,
}

impl Start {
    /// The first thing that is wrong, if any.
    pub(super) fn check(&self) -> Result<(), BadStart> {
        let bad = |field, found: &str, allowed| {
            let found = found.chars().take(40).collect();
            Err(BadStart::Field { field, found, allowed })
        };
        if !wire::is_ring_name(&self.ring) {
            return bad("ring", &self.ring, "1 to 32 of a to z, 0 to 9 and -");
        }
        if !wire::is_node_name(&self.name) {
            return bad("name", &self.name, "1 to 16 of A to Z, a to z, 0 to 9, _ and -");
        }
        if !wire::is_address(&self.address) {
            return bad("address", &self.address, "nothing, or a URL that begins ws:// or wss://");
        }
        Ok(())
    }
}

/// A host that cannot start. Its journal is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadStart {
    Field { field: &'static str, found: String, allowed: &'static str },
    Journal(BadJournal),
}

impl fmt::Display for BadStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadStart::Field { field, found, allowed } => {
                write!(f, "{field}: found {found:?}, allowed {allowed}")
            }
            BadStart::Journal(bad) => bad.fmt(f),
        }
    }
}

impl std::error::Error for BadStart {}
