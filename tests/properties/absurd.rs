//! No message, however absurd, makes a node panic, forget its identity, break an antichain, say
//! what others cannot read, or stop serving.

use dynamo_playground::base::id::NodeId;
use dynamo_playground::base::time::Span;
use dynamo_playground::protocol::message::{Input, Message};
use dynamo_playground::wire::{self, Frame, HEADER_BYTES, RingId};
use proptest::prelude::*;

use crate::draw::{Damage, damage, damaged, input, message, node};
use crate::told::{OWN, STATES, State, Told};

fn state() -> impl Strategy<Value = State> {
    prop::sample::select(STATES.to_vec())
}

/// A message as bytes that came in: mostly damaged, and often still a message.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let of = |message: &Message| {
        let mut packet = Vec::new();
        let (ring, from, to) = (RingId::default(), NodeId(0), OWN);
        let frame = Frame { ring, from, to, message: message.clone() };
        wire::encode(&frame, &mut packet).expect("what is drawn is short");
        packet.split_off(HEADER_BYTES)
    };
    prop_oneof![
        8 => (message(), damage()).prop_map(move |(message, damage): (Message, Vec<Damage>)| {
            damaged(of(&message), &damage)
        }),
        1 => prop::collection::vec(any::<u8>(), 0..60),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_node_survives_whatever_it_is_told_and_still_serves(
        state in state(),
        inputs in prop::collection::vec((input(), 0u64..400), 1..60),
    ) {
        let mut told = Told::new(state);
        for (input, ms) in inputs {
            told.pass(Span::from_ms(ms));
            told.tell(match input {
                Input::Receive { from, message } => {
                    Input::Receive { from, message: told.aimed(message) }
                }
                other => other,
            });
        }
        told.check_that_it_serves();
    }

    #[test]
    fn a_node_survives_whatever_damaged_bytes_decode_to_and_still_serves(
        state in state(),
        bodies in prop::collection::vec((node(), body(), 0u64..100), 1..60),
    ) {
        let mut told = Told::new(state);
        for (from, body, ms) in bodies {
            told.pass(Span::from_ms(ms));
            if let Ok(message) = wire::decode_body(&body) {
                let message = told.aimed(message);
                told.tell(Input::Receive { from, message });
            }
        }
        told.check_that_it_serves();
    }
}
