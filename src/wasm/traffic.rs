//! What a packet's frames are to the eye, so that a page can draw what came and went.

use wasm_bindgen::prelude::*;

use crate::sim::log::MessageKind;
use crate::wire;

/// `from, to, kind` of each frame, one after another, of at most so many; what cannot be read ends
/// the list. The kinds are the page's numbers.
#[wasm_bindgen(js_name = trafficOf)]
pub fn traffic_of(packet: &[u8], most: u32) -> Vec<u32> {
    let (mut rest, mut traffic) = (packet, Vec::new());
    for _ in 0..most {
        let Ok((frame, after)) = wire::decode(rest) else { break };
        let kind = MessageKind::of(&frame.message) as u32;
        traffic.extend([frame.from.0, frame.to.0, kind]);
        rest = after;
    }
    traffic
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::{NodeId, RequestId};
    use crate::protocol::message::Message;
    use crate::wire::{Frame, RingId};
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_packet_is_told_frame_by_frame_up_to_a_limit_and_to_what_is_mangled() {
        let mut packet = Vec::new();
        let request = RequestId { life: 1, sequence: 7 };
        for to in [2, 3] {
            let frame = Frame {
                ring: RingId::default(),
                from: NodeId(1),
                to: NodeId(to),
                message: Message::Probe { request },
            };
            wire::encode(&frame, &mut packet).expect("a probe is short");
        }
        let probe = MessageKind::Probe as u32;
        assert_eq!(traffic_of(&packet, 9), [1, 2, probe, 1, 3, probe]);
        assert_eq!(traffic_of(&packet, 1), [1, 2, probe]);
        packet.truncate(packet.len() - 1);
        assert_eq!(traffic_of(&packet, 9), [1, 2, probe]);
        assert!(traffic_of(&[], 9).is_empty());
    }
}
