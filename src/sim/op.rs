//! A client's operation as the client, and the onlooker, see it.

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::time::Instant;
use crate::data::version::{Context, Version};
use crate::protocol::message::Replica;

#[derive(Clone, Debug)]
pub struct OpRecord {
    pub name: String,
    pub kind: OpKind,
    pub key: Key,
    /// The node that the client talked to; none when nobody was up.
    pub via: Option<NodeId>,
    pub coordinator: Option<NodeId>,
    /// The operation whose context was handed back.
    pub context_of: Option<String>,
    /// What a put carried.
    pub value: Option<Vec<u8>>,
    /// The answers that R or W asked for.
    pub need: u32,
    pub started: Instant,
    /// The event of the log with which it began.
    pub asked: u64,
    pub finished: Option<Instant>,
    pub outcome: Outcome,
    /// Of a put the version it made; of a get what it returned.
    pub versions: Vec<Version>,
    /// What the answer hands back for the next put.
    pub context: Option<Context>,
    /// Every replica that acknowledged, in the order of arrival.
    pub acknowledged: Vec<Acknowledged>,
}

impl OpRecord {
    /// For how many homes its coordinator has a copy, of the W that it was answered with: that of a
    /// home and that of who stands in for it become one, when the hint goes home (D28).
    pub fn copies(&self, by: NodeId) -> usize {
        let mut homes: Vec<NodeId> = Vec::new();
        for Acknowledged { replica, .. } in self.acknowledged.iter().filter(|one| one.to == by) {
            let home = replica.stands_in_for.unwrap_or(replica.node);
            if !homes.contains(&home) {
                homes.push(home);
            }
        }
        homes.len().clamp(1, self.need as usize)
    }

    /// An operation that begins now, and has heard nothing yet.
    pub fn begun(name: String, kind: OpKind, key: Key, need: u32, started: Instant) -> OpRecord {
        OpRecord {
            name,
            kind,
            key,
            via: None,
            coordinator: None,
            context_of: None,
            value: None,
            need,
            started,
            asked: 0,
            finished: None,
            outcome: Outcome::Pending,
            versions: Vec::new(),
            context: None,
            acknowledged: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpKind {
    Put,
    Get,
    /// A put of a tombstone.
    Delete,
}

impl OpKind {
    /// As a scenario writes it.
    pub fn word(self) -> &'static str {
        match self {
            OpKind::Put => "put",
            OpKind::Get => "get",
            OpKind::Delete => "delete",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No answer yet.
    Pending,
    Ok,
    /// Definite: it never took effect.
    Refused(String),
    /// Indefinite: it may have taken effect.
    Timeout(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    pub replica: Replica,
    /// To whom: two nodes may have coordinated the request.
    pub to: NodeId,
    pub at: Instant,
}
