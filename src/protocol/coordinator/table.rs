//! What is running, by number, with its deadlines.
//!
//! Requests are numbered in the order they begin and mostly end in that order.

use std::rc::Rc;

use hashbrown::HashTable;
use smallvec::SmallVec;

use crate::base::blob::Key;
use crate::base::digest::Digest;
use crate::base::id::{NodeId, PartitionId};
use crate::base::numbered::Numbered;
use crate::base::pool::Pooled;
use crate::base::queue::Queue;
use crate::base::time::Instant;
use crate::protocol::coordinator::get::GetOp;
use crate::protocol::coordinator::put::PutOp;
use crate::protocol::message::{Origin, Put, Reply};

/// One request that this node coordinates, or has passed on.
#[derive(Clone, Debug)]
pub struct Running {
    pub origin: Origin,
    pub key: Key,
    pub partition: PartitionId,
    /// Who kept each of the N places when the request began, or keeps it now by what one of these
    /// has said since: an answer counts for a place, and a place counts once.
    pub homes: Places,
    /// Whoever still waits then is answered, whatever has come.
    pub deadline: Instant,
    pub kind: Kind,
}

/// The N places of a partition.
pub type Places = SmallVec<[Option<NodeId>; 4]>;

#[derive(Clone, Debug)]
pub enum Kind {
    Put(PutOp),
    Get(GetOp),
    Forward(Forwarding),
}

/// A put on its way to a node that may coordinate it.
#[derive(Clone, Debug)]
pub struct Forwarding {
    pub put: Rc<Put>,
    pub hops: u8,
    /// Those it was sent to, the present one last.
    pub tried: SmallVec<[NodeId; 2]>,
    /// The present one has it in hand.
    pub is_taken: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Others are told the lower half of a number.
    running: Numbered<Running>,
    replica_deadlines: Queue<(Instant, u32, NodeId)>,
    request_deadlines: Queue<(Instant, u32)>,
    /// Puts by origin, so that a repeat is answered and not executed again. Kept for one request
    /// timeout after the put ended.
    puts: HashTable<(Origin, PutMemory)>,
    ended: Queue<(Instant, Origin)>,
}

/// What is known of a put that came before.
#[derive(Clone, Debug)]
pub enum PutMemory {
    Running,
    Answered(Pooled<Reply>),
}

impl Table {
    pub fn len(&self) -> usize {
        self.running.len()
    }

    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Begins a request and gives it its number.
    pub fn begin(&mut self, running: Running) -> u32 {
        let deadline = running.deadline;
        let sequence = self.running.next_number() as u32;
        if !matches!(running.kind, Kind::Get(_)) {
            self.memorize(running.origin, PutMemory::Running);
        }
        self.running.push(running);
        // One that was taken over has less time left than those that began after it.
        let mut place = self.request_deadlines.len();
        self.request_deadlines.push_back((deadline, sequence));
        while place > 0 && self.request_deadlines[place - 1].0 > deadline {
            self.request_deadlines.swap(place - 1, place);
            place -= 1;
        }
        sequence
    }

    pub fn get_mut(&mut self, sequence: u32) -> Option<&mut Running> {
        self.running.get_mut(self.running.number_of(sequence))
    }

    /// The partitions are others now: each request finds its own again. The N places stay as they
    /// are, because the part of a partition that was cut in two inherits them.
    pub fn lay_out(&mut self, partition_of: &dyn Fn(&Key) -> PartitionId) {
        for running in self.running.iter_mut() {
            running.partition = partition_of(&running.key);
        }
    }

    pub fn is_running(&self, sequence: u32) -> bool {
        self.running.has(self.running.number_of(sequence))
    }

    /// The request is over.
    pub fn end(&mut self, sequence: u32) {
        if self.running.end(self.running.number_of(sequence)) {
            self.drop_idle_deadlines();
        }
    }

    /// [`Table::end`], with what it was.
    pub fn take(&mut self, sequence: u32) -> Option<Running> {
        let ended = self.running.take(self.running.number_of(sequence))?;
        self.drop_idle_deadlines();
        Some(ended)
    }

    /// Everything running, in the order it began.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Running)> {
        self.running.iter().map(|(number, running)| (number as u32, running))
    }

    /// A node asked under this number is waited for until `deadline`. Deadlines of one kind must
    /// come in order, as they do when the timeout is the same for all.
    pub fn wait_for(&mut self, sequence: u32, node: NodeId, deadline: Instant) {
        self.replica_deadlines.push_back((deadline, sequence, node));
    }

    /// The next node whose time is over.
    pub fn on_replica_deadline(&mut self, now: Instant) -> Option<(u32, NodeId)> {
        let (_, sequence, node) =
            self.replica_deadlines.pop_front_if(|&mut (deadline, ..)| deadline <= now)?;
        self.drop_idle_deadlines();
        Some((sequence, node))
    }

    /// The next request whose time is over.
    pub fn on_request_deadline(&mut self, now: Instant) -> Option<u32> {
        let (_, sequence) = self.request_deadlines.pop_front_if(|&mut (at, _)| at <= now)?;
        self.drop_idle_deadlines();
        Some(sequence)
    }

    /// Forgets deadlines of what has ended, so that they wake nobody.
    fn drop_idle_deadlines(&mut self) {
        while let Some(&(_, sequence, _)) = self.replica_deadlines.front() {
            if self.is_running(sequence) {
                break;
            }
            self.replica_deadlines.pop_front();
        }
        while let Some(&(_, sequence)) = self.request_deadlines.front() {
            if self.is_running(sequence) {
                break;
            }
            self.request_deadlines.pop_front();
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let request = self.request_deadlines.front().map(|&(at, _)| at)?;
        let replica = self.replica_deadlines.front().map(|&(at, ..)| at);
        Some(replica.map_or(request, |at| at.min(request)))
    }

    pub fn memory_of(&self, origin: &Origin) -> Option<&PutMemory> {
        self.puts.find(hash(origin), |(known, _)| known == origin).map(|(_, memory)| memory)
    }

    /// Remembers what a put was answered, until `forget_at`.
    pub fn remember(&mut self, origin: Origin, reply: Pooled<Reply>, forget_at: Instant) {
        self.memorize(origin, PutMemory::Answered(reply));
        self.ended.push_back((forget_at, origin));
    }

    /// How much is kept: what runs, and the puts remembered.
    pub fn remembered(&self) -> usize {
        self.running.span() + self.ended.len()
    }

    /// The put did not happen here after all.
    pub fn forget(&mut self, origin: &Origin) {
        if let Ok(found) = self.puts.find_entry(hash(origin), |(known, _)| known == origin) {
            found.remove();
        }
    }

    pub fn forget_old_puts(&mut self, now: Instant) {
        while let Some((_, origin)) = self.ended.pop_front_if(|&mut (at, _)| at <= now) {
            self.forget(&origin);
        }
    }

    fn memorize(&mut self, origin: Origin, memory: PutMemory) {
        let is_same = |(known, _): &(Origin, PutMemory)| *known == origin;
        let place = self.puts.entry(hash(&origin), is_same, |(known, _)| hash(known));
        place.insert((origin, memory));
    }
}

/// Only for looking up: nothing ever walks the table, so its order cannot show.
fn hash(origin: &Origin) -> u64 {
    let mut digest = Digest::default();
    match origin {
        Origin::Client { client, request } => {
            digest.word(u64::from(client.0));
            digest.word(*request);
        }
        Origin::Node { node, request } => {
            digest.word(1 << 32 | u64::from(node.0));
            digest.word(request.as_u64());
        }
    }
    digest.value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::ClientId;
    use crate::protocol::config::QuorumRule;
    use crate::protocol::coordinator::tally::Tally;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn get(client: u32) -> Running {
        due(client, Instant(9))
    }

    fn due(client: u32, deadline: Instant) -> Running {
        Running {
            origin: Origin::Client { client: ClientId(client), request: 0 },
            key: Key::new(b"k"),
            partition: PartitionId(0),
            homes: Places::new(),
            deadline,
            kind: Kind::Get(GetOp::new(Tally::new(1, QuorumRule::Sloppy, &[]))),
        }
    }

    #[test]
    fn numbers_stay_valid_when_others_end_out_of_order() {
        let mut table = Table::default();
        let numbers: Vec<u32> = (0..4).map(|n| table.begin(get(n))).collect();
        table.end(numbers[1]);
        assert!(table.is_running(numbers[0]) && !table.is_running(numbers[1]));
        table.end(numbers[0]);
        assert_eq!((table.len(), table.is_running(numbers[3])), (2, true));
        assert!(table.take(numbers[0]).is_none(), "ended once");
        assert_eq!(table.begin(get(9)), numbers[3] + 1);
    }

    #[test]
    fn who_began_later_with_less_time_left_is_over_first() {
        let mut table = Table::default();
        let numbers = [80, 90, 50].map(|at| table.begin(due(at, Instant(u64::from(at)))));
        let over = [50, 79, 80, 90].map(|at| table.on_request_deadline(Instant(at)));
        assert_eq!(table.next_deadline(), None);
        assert_eq!(over, [Some(numbers[2]), None, Some(numbers[0]), Some(numbers[1])]);
    }

    #[test]
    fn requests_find_their_partitions_anew_when_these_are_others() {
        let mut table = Table::default();
        let numbers = [0, 1].map(|client| table.begin(get(client)));
        table.lay_out(&|key| PartitionId(key.bytes().len() as u32));
        let of = |number| table.get_mut(number).map(|running| running.partition);
        assert_eq!(numbers.map(of), [Some(PartitionId(1)); 2]);
    }

    #[test]
    fn deadlines_of_what_has_ended_wake_nobody() {
        let mut table = Table::default();
        let first = table.begin(due(0, Instant(50)));
        table.wait_for(first, NodeId(1), Instant(10));
        assert_eq!(table.next_deadline(), Some(Instant(10)));
        table.end(first);
        assert_eq!(table.next_deadline(), None);
    }

    #[test]
    fn requests_are_over_in_the_order_of_their_deadlines() {
        let mut table = Table::default();
        let deadlines = [20, 40, 30, 40];
        let begun = deadlines.map(|at| table.begin(due(0, Instant(at))));
        assert_eq!(table.on_request_deadline(Instant(35)), Some(begun[0]));
        assert_eq!(table.on_request_deadline(Instant(35)), Some(begun[2]));
        assert_eq!(table.on_request_deadline(Instant(35)), None);
        assert_eq!(table.on_request_deadline(Instant(40)), Some(begun[1]));
    }

    #[test]
    fn what_a_put_was_answered_is_remembered_for_a_while() {
        let mut table = Table::default();
        let origin = get(3).origin;
        let reply = Pooled::from(Reply::Failed(crate::protocol::message::Failure {
            reason: crate::protocol::message::FailureReason::Timeout,
            needed: 2,
            reached: 1,
        }));
        table.remember(origin, reply, Instant(100));
        table.forget_old_puts(Instant(99));
        assert!(table.memory_of(&origin).is_some());
        table.forget_old_puts(Instant(100));
        assert!(table.memory_of(&origin).is_none());
    }
}
