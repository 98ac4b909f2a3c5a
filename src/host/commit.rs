//! Group commit, and with it the durability rule: what a call sends and answers leaves only when
//! its writes, and those of all earlier calls, are durable.
//!
//! ```text
//!   calls ──▶ open batch ──▶ under way (one at a time) ──▶ durable: what it held may leave
//! ```
//!
//! While one batch is being made durable the next one gathers, so the slower the disk, the larger
//! the groups, and no call waits for more than two of them.

use crate::base::id::NodeId;
use crate::protocol::message::ClientReply;
use crate::wire::FRAME_BYTES_MAX;

/// What leaves a node: frames for one destination each, and answers to its clients.
#[derive(Debug, Default)]
pub struct Leaving {
    /// Encoded frames, in the order they were sent.
    pub frames: Vec<(NodeId, Vec<u8>)>,
    pub replies: Vec<ClientReply>,
    bytes: usize,
}

/// Bytes to append to the journal, all of them or, after a kill, a beginning of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    pub batch: u32,
    pub bytes: Vec<u8>,
    /// The journal shall be these bytes and nothing else, from one moment to the next.
    pub replace: bool,
}

/// The gathering and the batch under way.
#[derive(Debug, Default)]
pub struct Commit {
    /// The number of the open batch.
    number: u32,
    writes: Vec<u8>,
    held: Leaving,
    under_way: Option<(u32, Leaving)>,
    ready: Leaving,
}

/// Bytes that may gather in the open batch, writes and held frames together. Past it the host
/// takes nothing new until the disk has caught up.
pub const OPEN_BYTES_MAX: usize = 8 << 20;
/// Bytes that may wait for a driver that does not fetch them.
pub const READY_BYTES_MAX: usize = 8 << 20;

impl Leaving {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.replies.is_empty()
    }

    pub fn push_frame(&mut self, to: NodeId, frame: Vec<u8>) {
        self.bytes += frame.len();
        self.frames.push((to, frame));
    }

    fn append(&mut self, mut other: Leaving) {
        self.frames.append(&mut other.frames);
        self.replies.append(&mut other.replies);
        self.bytes += other.bytes;
    }
}

/// Frames as packets: one or more for each destination, with its frames in the order they were
/// sent. None is longer than the longest frame may be, so every transport that takes frames takes
/// packets.
pub fn packed(frames: Vec<(NodeId, Vec<u8>)>) -> Vec<(NodeId, Vec<u8>)> {
    let mut packets: Vec<(NodeId, Vec<u8>)> = Vec::new();
    for (to, mut frame) in frames {
        let last = packets.iter_mut().rfind(|(other, _)| *other == to);
        match last {
            Some((_, packet)) if packet.len() + frame.len() <= FRAME_BYTES_MAX => {
                packet.append(&mut frame);
            }
            _ => packets.push((to, frame)),
        }
    }
    packets
}

impl Commit {
    /// One call's encoded writes, and what it wants to let go.
    pub fn call(&mut self, writes: &[u8], leaving: Leaving) {
        let is_idle = self.held.is_empty() && self.writes.is_empty() && self.under_way.is_none();
        if writes.is_empty() && is_idle {
            return self.ready.append(leaving);
        }
        self.writes.extend_from_slice(writes);
        self.held.append(leaving);
    }

    /// What stands on nothing that is still to be written.
    pub fn answer(&mut self, leaving: Leaving) {
        self.ready.append(leaving);
    }

    /// The next batch, when there is something to make durable and none is under way.
    pub fn next_append(&mut self) -> Option<Append> {
        if self.under_way.is_some() {
            return None;
        }
        if self.writes.is_empty() {
            let held = std::mem::take(&mut self.held);
            self.ready.append(held);
            return None;
        }
        let bytes = std::mem::take(&mut self.writes);
        Some(self.set_off(bytes, false))
    }

    /// As [`Commit::next_append`], with a whole new journal that says all that gathered too.
    pub fn replace(&mut self, journal: Vec<u8>) -> Option<Append> {
        if self.under_way.is_some() {
            return None;
        }
        self.writes.clear();
        Some(self.set_off(journal, true))
    }

    fn set_off(&mut self, bytes: Vec<u8>, replace: bool) -> Append {
        let batch = self.number;
        self.number = self.number.wrapping_add(1);
        self.under_way = Some((batch, std::mem::take(&mut self.held)));
        Append { batch, bytes, replace }
    }

    /// The batch is durable: what it held may leave. Any other number means nothing.
    pub fn on_durable(&mut self, batch: u32) {
        if let Some((_, held)) = self.under_way.take_if(|(number, _)| *number == batch) {
            self.ready.append(held);
        }
    }

    /// What may leave now.
    pub fn take_ready(&mut self) -> Leaving {
        std::mem::take(&mut self.ready)
    }

    /// Neither the disk nor the driver keeps up.
    pub fn is_full(&self) -> bool {
        let open = self.writes.len() + self.held.bytes;
        open > OPEN_BYTES_MAX || self.ready.bytes > READY_BYTES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn leaving(mark: u8) -> Leaving {
        let mut leaving = Leaving::default();
        leaving.push_frame(NodeId(1), vec![mark]);
        leaving
    }

    fn ready(commit: &mut Commit) -> Vec<u8> {
        commit.take_ready().frames.into_iter().map(|(_, frame)| frame[0]).collect()
    }

    #[test]
    fn what_writes_nothing_leaves_at_once_unless_something_before_it_waits() {
        let mut commit = Commit::default();
        commit.call(&[], leaving(1));
        assert_eq!(ready(&mut commit), [1]);
        commit.call(b"w", leaving(2));
        commit.call(&[], leaving(3));
        assert_eq!(ready(&mut commit), [0; 0]);
        let append = commit.next_append().expect("there is something to write");
        assert_eq!(append, Append { batch: 0, bytes: b"w".to_vec(), replace: false });
        commit.call(&[], leaving(4));
        commit.on_durable(append.batch);
        assert_eq!(ready(&mut commit), [2, 3], "4 came while the batch was under way");
        assert!(commit.next_append().is_none(), "nothing is left to write");
        assert_eq!(ready(&mut commit), [4]);
    }

    #[test]
    fn calls_that_come_while_a_batch_is_under_way_make_the_next_group() {
        let mut commit = Commit::default();
        commit.call(b"a", leaving(1));
        let first = commit.next_append().expect("a batch");
        commit.call(b"b", leaving(2));
        commit.call(b"c", leaving(3));
        assert!(commit.next_append().is_none(), "one at a time");
        commit.on_durable(first.batch.wrapping_add(7));
        assert_eq!(ready(&mut commit), [0; 0], "the number of no batch means nothing");
        commit.on_durable(first.batch);
        assert_eq!(ready(&mut commit), [1]);
        let second = commit.next_append().expect("a batch");
        assert_eq!(second.bytes, b"bc");
        commit.on_durable(second.batch);
        assert_eq!(ready(&mut commit), [2, 3]);
    }

    #[test]
    fn frames_for_one_node_share_packets_that_every_transport_takes() {
        let frame = |to, mark: u8, length| (NodeId(to), vec![mark; length]);
        let large = FRAME_BYTES_MAX - 10;
        let frames = vec![
            frame(1, 1, 6),
            frame(2, 2, large),
            frame(1, 3, 4),
            frame(2, 4, 10),
            frame(2, 5, 1),
            frame(1, 6, FRAME_BYTES_MAX),
        ];
        let packets: Vec<(u32, u8, usize)> =
            packed(frames).iter().map(|(to, bytes)| (to.0, bytes[0], bytes.len())).collect();
        let whole = FRAME_BYTES_MAX;
        assert_eq!(packets, [(1, 1, 10), (2, 2, whole), (2, 5, 1), (1, 6, whole)]);
    }

    #[test]
    fn a_replaced_journal_stands_for_what_had_gathered() {
        let mut commit = Commit::default();
        commit.call(b"a", leaving(1));
        let replaced = commit.replace(b"whole".to_vec()).expect("nothing is under way");
        assert!(replaced.replace && replaced.bytes == b"whole");
        assert!(commit.replace(Vec::new()).is_none(), "one at a time");
        commit.on_durable(replaced.batch);
        assert_eq!(ready(&mut commit), [1]);
        assert!(commit.next_append().is_none(), "what had gathered is in it");
    }

    #[test]
    fn a_disk_that_does_not_keep_up_is_told_as_full() {
        let mut commit = Commit::default();
        assert!(!commit.is_full());
        commit.call(&vec![0; OPEN_BYTES_MAX + 1], Leaving::default());
        assert!(commit.is_full());
        let append = commit.next_append().expect("a batch");
        commit.on_durable(append.batch);
        assert!(!commit.is_full());
    }
}
