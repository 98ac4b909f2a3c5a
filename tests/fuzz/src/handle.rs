//! No packet that decodes makes a node panic, say what others cannot read, or stop serving.
//!
//! What a header has no use for here says how the node stands and how time passes: the first
//! frame's `to` picks its state, and each frame's ring the milliseconds before it.
#![no_main]

use dynamo_playground::base::id::NodeId;
use dynamo_playground::base::time::Span;
use dynamo_playground::protocol::message::Input;
use dynamo_playground::wire::{HEADER_BYTES, Header, decode_body, seal, split};
use libfuzzer_sys::fuzz_target;

#[path = "../../properties/told.rs"]
mod told;

use told::{STATES, Told};

/// More would only be slow.
const FRAMES_MAX: usize = 64;

/// The same frames with checks that are right, which no fuzzer finds.
fn sealed(mut packet: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while let Some(header) = packet.get(at..at + HEADER_BYTES) {
        let length = u32::from_be_bytes([header[30], header[31], header[32], header[33]]);
        let end = packet.len().min(at + HEADER_BYTES + length as usize);
        seal(&mut packet[at..end]);
        at = end;
    }
    packet
}

fuzz_target!(|packet: &[u8]| {
    let packet = &sealed(packet.to_vec())[..];
    let Ok((Header { to, .. }, ..)) = split(packet) else { return };
    let mut told = Told::new(STATES[to.index() % STATES.len()]);
    let mut left = packet;
    for _ in 0..FRAMES_MAX {
        let Ok((header, body, rest)) = split(left) else { break };
        left = rest;
        told.pass(Span::from_ms(u64::from(header.ring.0[0])));
        if let Ok(message) = decode_body(body) {
            let message = told.aimed(message);
            // Mostly somebody whom the node knows.
            let from = if header.from.0 < 1 << 16 { header.from.0 % 6 } else { header.from.0 };
            told.tell(Input::Receive { from: NodeId(from), message });
        }
    }
    told.check_that_it_serves();
});
