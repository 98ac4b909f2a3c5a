//! The one event log: everything that is drawn, said or checked comes from here.
//!
//! Each event has its cause's id. The log is a bounded window; earlier events come back by replay
//! from a checkpoint. It never changes what happens.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::id::{ClientId, NodeId};
use crate::base::queue::Queue;
use crate::base::time::Instant;
use crate::protocol::message::{Message, Notice};
use crate::sim::command::Command;
use crate::sim::network::Loss;

#[derive(Debug)]
pub struct LogEvent {
    pub id: u64,
    pub at: Instant,
    pub cause: Option<u64>,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    Sent(Hop),
    Delivered(Hop),
    Lost {
        hop: Hop,
        why: Loss,
    },
    /// A node's timer came due.
    Woke {
        node: NodeId,
    },
    /// A client's request reached its node; nobody, when none was up.
    Asked {
        op: usize,
    },
    Answered {
        op: usize,
    },
    /// A client asks a node for its view of the ring: its poll was due, or its own view is stale.
    Polled {
        client: ClientId,
        node: NodeId,
        why: Option<Staleness>,
    },
    /// A crash took so many writes that had been answered before they were durable (§6.1).
    BufferLost {
        node: NodeId,
        writes: u64,
    },
    /// A flush failed: the node's process ends.
    DiskFailed {
        node: NodeId,
    },
    Did(Rc<Command>),
    Noticed {
        node: NodeId,
        notice: Notice,
    },
    Expected {
        index: usize,
        ok: bool,
    },
}

/// What shows a client that its view of the ring is stale; each names the node that it asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staleness {
    /// It cannot be reached, or does not answer.
    Silent(NodeId),
    /// It belongs to the ring no more.
    NoMember(NodeId),
    /// It is no home of the key: it had to ask others before it could answer.
    NoHome(NodeId),
}

/// A message between two nodes, without what it carries.
#[derive(Debug)]
pub struct Hop {
    pub from: NodeId,
    pub to: NodeId,
    pub kind: MessageKind,
    pub key: Option<Key>,
    /// Whom a hint is for.
    pub hint_for: Option<NodeId>,
    /// The operation that it belongs to.
    pub op: Option<usize>,
    /// It answers that what was brought, offered or asked is not taken, or not agreed to.
    pub is_refusal: bool,
}

/// What a message is to the eye. The numbers are the page's (`www`), so they are fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MessageKind {
    Put = 0,
    PutAccepted = 1,
    PutRefused = 2,
    Get = 3,
    GetFound = 4,
    GetNothing = 5,
    ReadRepair = 6,
    Hint = 7,
    Handoff = 8,
    HandoffAnswer = 9,
    GossipDigest = 10,
    GossipNews = 11,
    Probe = 12,
    ProbeAnswer = 13,
    Forward = 15,
    ForwardAnswer = 16,
    ReadRepairAnswer = 17,
    View = 18,
    Join = 19,
    NotHome = 20,
    Offer = 21,
    OfferAnswer = 22,
    Transfer = 23,
    TransferAnswer = 24,
    Compare = 14,
    CompareAnswer = 25,
    Keys = 26,
    KeysAnswer = 27,
    Mend = 28,
    MendAnswer = 29,
    Bury = 30,
    BuryAnswer = 31,
}

impl MessageKind {
    pub fn of(message: &Message) -> MessageKind {
        match message {
            Message::Forward { .. } => MessageKind::Forward,
            Message::Taken { .. } | Message::Forwarded { .. } => MessageKind::ForwardAnswer,
            Message::Store { stands_in_for: None, .. } => MessageKind::Put,
            Message::Store { stands_in_for: Some(_), .. } => MessageKind::Hint,
            Message::Stored { accepted: true, .. } => MessageKind::PutAccepted,
            Message::Stored { accepted: false, .. } => MessageKind::PutRefused,
            Message::Fetch { .. } => MessageKind::Get,
            Message::Fetched { siblings: Some(_), .. } => MessageKind::GetFound,
            Message::Fetched { siblings: None, .. } => MessageKind::GetNothing,
            Message::Repair { .. } => MessageKind::ReadRepair,
            Message::Repaired { .. } => MessageKind::ReadRepairAnswer,
            Message::Handoff { .. } => MessageKind::Handoff,
            Message::HandedOver { .. } => MessageKind::HandoffAnswer,
            Message::Digest { .. } => MessageKind::GossipDigest,
            Message::News { .. } | Message::Rest { .. } => MessageKind::GossipNews,
            Message::Probe { .. } => MessageKind::Probe,
            Message::Probed { .. } => MessageKind::ProbeAnswer,
            Message::View { .. } => MessageKind::View,
            Message::Join { .. } => MessageKind::Join,
            Message::NotHome { .. } => MessageKind::NotHome,
            Message::Offer { .. } => MessageKind::Offer,
            Message::Confirm { .. } => MessageKind::OfferAnswer,
            Message::Transfer { .. } => MessageKind::Transfer,
            Message::Transferred { .. } => MessageKind::TransferAnswer,
            Message::Compare { .. } => MessageKind::Compare,
            Message::Differing { .. } => MessageKind::CompareAnswer,
            Message::Keys { .. } => MessageKind::Keys,
            Message::Different { .. } => MessageKind::KeysAnswer,
            Message::Wanted { .. } => MessageKind::Mend,
            Message::Mended { .. } => MessageKind::MendAnswer,
            Message::Bury { .. } => MessageKind::Bury,
            Message::Buried { .. } => MessageKind::BuryAnswer,
        }
    }
}

/// Whether a message is an answer that says no.
pub fn is_refusal(message: &Message) -> bool {
    match message {
        Message::Stored { accepted, .. }
        | Message::HandedOver { accepted, .. }
        | Message::Confirm { accepted, .. }
        | Message::Transferred { accepted, .. }
        | Message::Mended { accepted, .. }
        | Message::Buried { accepted, .. } => !accepted,
        Message::Differing { is_comparable, .. } => !is_comparable,
        _ => false,
    }
}

/// How many events the window holds, about.
pub const WINDOW: usize = 20_000;
const CHUNK: usize = 500;

/// Events in chunks that checkpoints share: one that is shared is never added to.
#[derive(Clone, Debug, Default)]
pub struct Log {
    chunks: Queue<Rc<Vec<LogEvent>>>,
    /// In all chunks together.
    held: usize,
    next_id: u64,
    is_kept: bool,
}

impl Log {
    /// A log that numbers events and keeps a window of them, or, for runs that nobody looks at,
    /// only numbers them.
    pub fn new(is_kept: bool) -> Log {
        Log { is_kept, ..Log::default() }
    }

    pub fn next_id(&self) -> u64 {
        self.next_id
    }

    /// How many events the window holds now.
    pub fn len(&self) -> usize {
        self.held
    }

    pub fn is_empty(&self) -> bool {
        self.held == 0
    }

    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Numbers the event; `what` is built only when the log is kept.
    pub fn add(&mut self, at: Instant, cause: Option<u64>, what: impl FnOnce() -> What) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        if self.is_kept {
            self.push(LogEvent { id, at, cause, what: what() });
        }
        id
    }

    /// Apart from what builds the event, which is another closure each time: one copy is enough.
    #[inline(never)]
    fn push(&mut self, event: LogEvent) {
        self.held += 1;
        match self.chunks.back_mut().and_then(Rc::get_mut) {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(event),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(event);
                self.chunks.push_back(Rc::new(chunk));
            }
        }
        while self.held > WINDOW {
            self.held -= self.chunks.pop_front().map_or(self.held, |oldest| oldest.len());
        }
    }

    /// The events still in the window whose id is at least `from`, oldest first.
    pub fn since(&self, from: u64) -> impl Iterator<Item = &LogEvent> {
        let is_past =
            move |chunk: &&Rc<Vec<LogEvent>>| chunk.last().is_some_and(|event| event.id < from);
        let chunks = self.chunks.iter().skip_while(is_past);
        chunks.flat_map(|chunk| chunk.iter()).skip_while(move |event| event.id < from)
    }

    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = &LogEvent> {
        self.chunks.iter().rev().flat_map(|chunk| chunk.iter().rev())
    }

    pub fn get(&self, id: u64) -> Option<&LogEvent> {
        self.since(id).next().filter(|event| event.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn filled(count: u64) -> Log {
        let mut log = Log::new(true);
        for n in 0..count {
            log.add(Instant(n), None, || What::Woke { node: NodeId(0) });
        }
        log
    }

    #[test]
    fn the_window_is_bounded_and_ids_go_on() {
        let log = filled(WINDOW as u64 + 5_000);
        let kept = log.newest().count();
        assert!((WINDOW - CHUNK..=WINDOW).contains(&kept), "{kept}");
        assert_eq!(log.newest().next().map(|event| event.id), Some(WINDOW as u64 + 4_999));
    }

    #[test]
    fn a_copy_and_its_original_go_on_apart() {
        let mut log = filled(700);
        let mut copy = log.clone();
        log.add(Instant(700), None, || What::Woke { node: NodeId(1) });
        copy.add(Instant(999), None, || What::Woke { node: NodeId(2) });
        assert_eq!(log.get(700).map(|event| event.at), Some(Instant(700)));
        assert_eq!(copy.get(700).map(|event| event.at), Some(Instant(999)));
        assert_eq!((log.since(0).count(), copy.since(0).count()), (701, 701));
    }

    #[test]
    fn an_event_is_found_by_its_id_while_it_is_in_the_window() {
        let log = filled(1_200);
        assert_eq!(log.get(777).map(|event| event.at), Some(Instant(777)));
        assert!(log.get(1_200).is_none());
        assert_eq!(log.since(1_198).count(), 2);
    }

    #[test]
    fn a_log_that_is_not_kept_only_numbers() {
        let mut log = Log::new(false);
        log.add(Instant(1), None, || unreachable!("nobody looks"));
        assert_eq!((log.next_id(), log.newest().count()), (1, 0));
    }
}
