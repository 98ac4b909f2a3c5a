//! Paranoid mode: what nodes say, what their disks give back and what clients hand back goes
//! through bytes.
//!
//! A simulated message is a value that is handed over; a real one is bytes. In this mode each is
//! written as a frame and read again, so that whatever runs in a world also proves the wire. What
//! happens must not change.

use std::fmt;

use crate::base::id::NodeId;
use crate::base::rng::Rng;
use crate::data::version::Context;
use crate::protocol::message::{Message, Stored};
use crate::sim::log::MessageKind;
use crate::sim::schedule::Envelope;
use crate::sim::world::World;
use crate::wire::{self, Frame, RingId, journal};

/// The module that a page loads has no way to ask for this mode, and does not carry it.
const IS_BUILT: bool = cfg!(any(test, not(target_arch = "wasm32")));

impl World {
    /// From here on all messages, recovered disks and contexts go through the wire and back.
    pub fn paranoid(mut self) -> World {
        self.paranoid = Some(Vec::new());
        self
    }

    /// The message as its receiver would read it.
    ///
    /// # Panics
    /// When the wire refuses or changes it: that is what this mode is there to find.
    pub(super) fn through_wire(&mut self, from: NodeId, to: NodeId, message: Message) -> Message {
        let Some(packet) = &mut self.paranoid else { return message };
        if !IS_BUILT {
            return message;
        }
        packet.clear();
        let (ring, kind) = (RingId::default(), MessageKind::of(&message));
        let sent = Frame { ring, from, to, message };
        let read = wire::encode(&sent, packet)
            .map_err(|refusal| refusal.to_string())
            .and_then(|()| wire::decode(packet).map_err(|refusal| refusal.to_string()));
        match read {
            Ok((read, [])) if read == sent => read.message,
            Ok((read, rest)) => panic!(
                "the wire changes a {kind:?} from node {} to node {}: {} becomes {}, then {} bytes",
                from.0,
                to.0,
                shown(&sent),
                shown(&read),
                rest.len()
            ),
            Err(refusal) => panic!(
                "the wire refuses a {kind:?} from node {} to node {}: {refusal}: {}",
                from.0,
                to.0,
                shown(&sent)
            ),
        }
    }

    /// That its receiver refuses a message whose bytes are damaged: some bits turned, or the end
    /// missing.
    ///
    /// # Panics
    /// When the wire reads it all the same.
    pub(super) fn prove_damage(&mut self, envelope: &Envelope) {
        let Some(packet) = &mut self.paranoid else { return };
        if !IS_BUILT {
            return;
        }
        packet.clear();
        let Envelope { id, from, to, ref message, .. } = *envelope;
        let sent = Frame { ring: RingId::default(), from, to, message: message.clone() };
        wire::encode(&sent, packet).expect("it was encoded when it was sent");
        // A stream of its own: what happens must be the same without paranoia.
        let mut rng = Rng::stream(&self.setup.seed, &format!("damaged bytes {id}"));
        match rng.index(3) {
            0 => packet.truncate(rng.index(packet.len())),
            _ => {
                let (at, bit) = (rng.index(packet.len()), rng.index(8));
                packet[at] ^= 1 << bit;
            }
        }
        if let Ok((read, _)) = wire::decode(packet) {
            panic!("the wire reads damaged bytes of {} as {}", shown(&sent), shown(&read));
        }
    }

    /// What a disk holds, as a journal would give it back.
    ///
    /// # Panics
    /// As [`World::through_wire`].
    pub(super) fn through_journal(&self, stored: Stored) -> Stored {
        if !IS_BUILT || self.paranoid.is_none() {
            return stored;
        }
        let mut read = Stored::default();
        for write in stored.writes() {
            let mut bytes = Vec::new();
            wire::encode_write(&write, &mut bytes);
            match wire::decode_write(&bytes) {
                Ok(back) if back == write => read.apply(back),
                other => panic!("the journal changes {}: now {}", shown(&write), shown(&other)),
            }
        }
        read
    }

    /// A journal with what the disk holds and so many writes of the flush under way, cut somewhere
    /// in the next, as it is read back.
    ///
    /// # Panics
    /// When more or fewer writes than those are read.
    pub(super) fn torn_journal(&mut self, id: NodeId, whole: usize) -> Option<Stored> {
        if !IS_BUILT || self.paranoid.is_none() {
            return None;
        }
        let (disk, ring) = (&self.machines[id.index()].disk, RingId::default());
        let mut bytes = Vec::new();
        journal::begin(ring, id, &mut bytes);
        disk.stored.writes().for_each(|write| journal::append(&write, &mut bytes));
        let (first, rest) = disk.under_way().split_at(whole);
        first.iter().for_each(|write| journal::append(write, &mut bytes));
        let kept = bytes.len();
        rest.iter().take(1).for_each(|write| journal::append(write, &mut bytes));
        // A stream of its own: what happens must be the same without paranoia.
        let purpose = format!("torn bytes {} {}", id.0, self.events);
        let mut rng = Rng::stream(&self.setup.seed, &purpose);
        bytes.truncate(kept + rng.index((bytes.len() - kept).max(1)));
        match journal::read(&bytes, ring, id) {
            Ok(read) if read.kept == kept => Some(read.stored),
            other => panic!("a torn journal is misread: {}", shown(&other)),
        }
    }

    /// Holds a disk against what its journal says that it is.
    ///
    /// # Panics
    /// When they differ.
    pub(super) fn prove_journal(&self, id: NodeId, read: &Stored) {
        let stored = &self.machines[id.index()].disk.stored;
        assert!(stored.writes().eq(read.writes()), "node {}'s torn journal says else", id.0);
    }

    /// The context as its client would hand it back.
    ///
    /// # Panics
    /// As [`World::through_wire`].
    pub(super) fn through_text(&self, context: &Context) -> Context {
        if !IS_BUILT || self.paranoid.is_none() {
            return context.clone();
        }
        let text = wire::context_to_text(context);
        match wire::context_from_text(&text, &context.key) {
            Ok(back) if back == *context => back,
            other => panic!("a text changes {}: now {}", shown(context), shown(&other)),
        }
    }
}

/// In full where a person debugs; the module that travels does without.
fn shown(value: &impl fmt::Debug) -> String {
    if cfg!(target_arch = "wasm32") { "…".into() } else { format!("{value:?}") }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::base::blob::Key;
    use crate::base::id::RequestId;
    use crate::data::version::{Actor, Clock, Content, Siblings, Version};
    use crate::sim::scenario::Scenario;

    /// A message that no frame may hold: its counter is past what clocks count to.
    fn absurd() -> Message {
        let clock = Clock::new([(Actor::default(), u64::MAX)]);
        let siblings = Siblings::record(Version::new(clock, Content::default().into()));
        let (request, key) = (RequestId::default(), Key::new(b"k"));
        Message::Store { request, key, siblings, stands_in_for: None, is_durable: false }
    }

    fn world() -> World {
        let text = r#"{ "version": 1, "config": { "nodes": 3 }, "script": [], "until_ms": 1 }"#;
        World::new(Scenario::parse(text).expect("it is good").setup())
    }

    #[test]
    #[should_panic(expected = "the wire refuses a Put from node 0 to node 1")]
    fn a_message_that_the_wire_refuses_is_named() {
        world().paranoid().through_wire(NodeId(0), NodeId(1), absurd());
    }

    #[test]
    fn without_paranoia_a_message_is_handed_over_as_it_is() {
        assert_eq!(world().through_wire(NodeId(0), NodeId(1), absurd()), absurd());
    }
}
