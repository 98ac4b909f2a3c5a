//! The node as one of a partition's homes, comparing what it keeps with another (§4.7).

use crate::base::id::{NodeId, RequestId};
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::Instant;
use crate::node::Node;
use crate::protocol::antientropy::{Bounds, Here, Step, different, differing};
use crate::protocol::message::{Branches, Chunk, Different, Hashes, Keys, Message, Notice, Outbox};

impl Node {
    /// Begins to compare with the next of the other homes that is not suspected, unless an exchange
    /// is still under way. What is to be sent goes with all other background work of this call.
    pub(super) fn entropy_round(&mut self) {
        if !self.entropy.is_idle() {
            return;
        }
        let here = Here { own: self.id, ring: self.membership.view().ring(), store: &self.store };
        let others = here.others().filter(|&other| !self.is_suspected(other));
        let Some(with) = self.entropy.next_of(others) else { return };
        self.entropy.begin(with, here.shared(with));
    }

    /// Sends what is next of the exchange under way, unless an answer is waited for, or its turn.
    pub(super) fn compare_on(&mut self, now: Instant, out: &mut Outbox) {
        let Some(with) = self.entropy.with() else { return };
        if self.entropy.is_waiting() || self.admission.room() == 0 {
            return;
        }
        let (bounds, deadline) = (self.entropy_bounds(), now + self.config.request_timeout);
        let here = Here { own: self.id, ring: self.membership.view().ring(), store: &self.store };
        let step = self.entropy.next_step(here, &mut self.trees, bounds, deadline);
        let Some((sequence, step)) = step else { return };
        self.admission.on_begun(1);
        let request = self.request_id(sequence);
        let message = match step {
            Step::Compare(hashes, ranges) => {
                out.notice(|| Notice::HashesSent { to: with, hashes: hashes.len() as u32 });
                Message::Compare { request, hashes, ranges }
            }
            Step::Keys(keys) => {
                out.notice(|| Notice::HashesSent { to: with, hashes: keys.records.len() as u32 });
                Message::Keys { request, keys }
            }
            Step::Wanted(records) => {
                note_sent(with, &records, out);
                Message::Wanted { request, records }
            }
        };
        out.send(with, message);
    }

    fn entropy_bounds(&self) -> Bounds {
        let limits = &self.config.limits;
        Bounds {
            hashes_max: limits.hashes_max,
            records_max: limits.chunk_records_max,
            bytes_max: limits.chunk_bytes_max,
        }
    }

    pub(super) fn on_compare(
        &mut self,
        from: NodeId,
        request: RequestId,
        hashes: &Hashes,
        ranges: u64,
        out: &mut Outbox,
    ) {
        let here = Here { own: self.id, ring: self.membership.view().ring(), store: &self.store };
        let branches = differing(here, &mut self.trees, from, hashes, ranges);
        let is_comparable = branches.is_some();
        let branches = branches.unwrap_or_else(|| Branches::new().into());
        out.send(from, Message::Differing { request, branches, is_comparable });
    }

    pub(super) fn on_keys(
        &mut self,
        from: NodeId,
        request: RequestId,
        keys: &Keys,
        out: &mut Outbox,
    ) {
        let here = Here { own: self.id, ring: self.membership.view().ring(), store: &self.store };
        let different = different(here, from, keys, self.entropy_bounds());
        self.entropy.records_sent += different.records.len() as u64;
        note_sent(from, &different.records, out);
        out.send(from, Message::Different { request, different: different.into() });
    }

    pub(super) fn on_wanted(
        &mut self,
        from: NodeId,
        request: RequestId,
        records: &Chunk,
        out: &mut Outbox,
    ) {
        let accepted = self.mend(from, records, out);
        out.send(from, Message::Mended { request, accepted });
    }

    /// Merges what another home has; false when some of it found no room.
    fn mend(&mut self, from: NodeId, records: &Chunk, out: &mut Outbox) -> bool {
        let mut has_room = true;
        for (key, record) in records.iter().filter(|_| !is_planted(Fault::NothingMended)) {
            let partition = self.ring().partition_of(key.position());
            if !self.ring().is_home(partition, self.id) || !self.ring().is_home(partition, from) {
                continue;
            }
            let before = out.writes.len();
            has_room &= self.store_own(key, record, out);
            if out.writes.len() > before {
                out.notice(|| Notice::RecordMended { from, key: key.clone() });
            }
        }
        has_room
    }

    pub(super) fn on_differing(
        &mut self,
        from: NodeId,
        request: RequestId,
        branches: Option<&Branches>,
        out: &mut Outbox,
    ) {
        let Some(sequence) = self.own_sequence(request) else { return };
        let Some(branches) = branches else {
            // It knows other ranges: once gossip has brought the views together, another round.
            return self.entropy.on_incomparable(from, sequence);
        };
        let here = Here { own: self.id, ring: self.membership.view().ring(), store: &self.store };
        if let Some(roots) = self.entropy.on_differing(from, sequence, branches, here) {
            out.notice(|| Notice::Compared {
                with: from,
                partitions: roots.compared as u32,
                differing: roots.differing as u32,
                bytes: roots.bytes as u64,
            });
        }
    }

    pub(super) fn on_different(
        &mut self,
        from: NodeId,
        request: RequestId,
        different: &Different,
        out: &mut Outbox,
    ) {
        let Some(sequence) = self.own_sequence(request) else { return };
        if self.entropy.asked_about(from, sequence).is_none() {
            return;
        }
        let is_ignored = is_planted(Fault::AskerIgnoresRecords);
        let has_room = is_ignored || self.mend(from, &different.records, out);
        let here = Here { own: self.id, ring: self.membership.view().ring(), store: &self.store };
        self.entropy.on_different(from, sequence, different, here);
        if !has_room {
            self.entropy.end();
        }
    }

    pub(super) fn on_mended(&mut self, from: NodeId, request: RequestId, accepted: bool) {
        let Some(sequence) = self.own_sequence(request) else { return };
        self.entropy.on_mended(from, sequence, accepted);
    }
}

fn note_sent(to: NodeId, records: &Chunk, out: &mut Outbox) {
    for (key, record) in records {
        let bytes = (key.bytes().len() + record.bytes()) as u32;
        out.notice(|| Notice::RecordSent { to, key: key.clone(), bytes });
    }
}
