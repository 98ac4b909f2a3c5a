//! What is written is read back as it was, and nothing else is read at all.

use std::collections::BTreeSet;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::NodeId;
use dynamo_playground::protocol::message::Message;
use dynamo_playground::wire::{
    ContextError, DecodeError, Frame, HEADER_BYTES, Hello, RingId, context_from_text,
    context_to_text, decode, decode_body, decode_write, encode, encode_write, seal, split,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::draw::{context, damage, damaged, hello, key, message, node, write};

fn frame() -> impl Strategy<Value = Frame> {
    (any::<[u8; 16]>(), node(), node(), message()).prop_map(|(ring, from, to, message)| Frame {
        ring: RingId(ring),
        from,
        to,
        message,
    })
}

fn bytes_of(frame: &Frame) -> Vec<u8> {
    let mut packet = Vec::new();
    encode(frame, &mut packet).expect("what is drawn is short");
    packet
}

/// How many kinds `read` knows: those of which one byte is the beginning of something.
fn kinds<T>(read: impl Fn(&[u8]) -> Result<T, DecodeError>) -> BTreeSet<u8> {
    let is_unknown = |kind: u8| matches!(read(&[kind]), Err(DecodeError::Mangled { at: 1 }));
    (0..128).filter(|&kind| !is_unknown(kind)).collect()
}

/// The first bytes of many encodings.
fn drawn_kinds<T: std::fmt::Debug>(
    values: impl Strategy<Value = T>,
    encode: impl Fn(&T) -> u8,
) -> BTreeSet<u8> {
    let mut runner = TestRunner::deterministic();
    let mut draw = || values.new_tree(&mut runner).expect("a value can be drawn").current();
    (0..2_000).map(|_| encode(&draw())).collect()
}

#[test]
fn every_kind_of_message_and_of_write_is_drawn() {
    let of = |message: &Message| {
        let (ring, from, to) = (RingId::default(), NodeId(0), NodeId(0));
        let packet = bytes_of(&Frame { ring, from, to, message: message.clone() });
        split(&packet).expect("it is whole").1[0]
    };
    assert_eq!(drawn_kinds(message(), of), kinds(decode_body));
    let drawn = drawn_kinds(write(), |write| {
        let mut bytes = Vec::new();
        encode_write(write, &mut bytes);
        bytes[0]
    });
    assert_eq!(drawn, kinds(decode_write));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn frames_come_back_as_they_were_and_are_written_one_way(
        frames in prop::collection::vec(frame(), 1..4),
    ) {
        let packet: Vec<u8> = frames.iter().flat_map(bytes_of).collect();
        let mut left = packet.as_slice();
        for sent in &frames {
            let (header, body, _) = split(left).expect("it is whole");
            prop_assert_eq!((header.ring, header.from, header.to), (sent.ring, sent.from, sent.to));
            prop_assert_eq!(header.body_bytes, body.len());
            let (heard, rest) = decode(left).expect("it is whole");
            prop_assert_eq!(&heard, sent);
            prop_assert_eq!(bytes_of(&heard), &left[..left.len() - rest.len()]);
            left = rest;
        }
        prop_assert!(left.is_empty());
    }

    #[test]
    fn a_write_comes_back_as_it_was(write in write()) {
        let mut bytes = Vec::new();
        encode_write(&write, &mut bytes);
        prop_assert_eq!(decode_write(&bytes), Ok(write));
    }

    #[test]
    fn a_hello_comes_back_as_it_was(hello in hello()) {
        let bytes = hello.encode();
        let heard = Hello::decode(&bytes).expect("it is whole");
        prop_assert_eq!(heard.encode(), bytes);
        prop_assert_eq!((heard.ring, heard.node), (hello.ring, hello.node));
        prop_assert_eq!(heard.settings, hello.settings);
        prop_assert_eq!((heard.name, heard.address), (hello.name, hello.address));
        prop_assert!(heard.secret.admits(&hello.secret));
    }

    #[test]
    fn a_context_comes_back_for_its_own_key_alone(context in context(), other in key()) {
        let text = context_to_text(&context);
        prop_assert_eq!(context_from_text(&text, &context.key), Ok(context.clone()));
        if other != context.key {
            prop_assert_eq!(context_from_text(&text, &other), Err(ContextError::OtherKey));
        }
    }

    #[test]
    fn damaged_bytes_are_refused_or_are_just_what_would_be_written(
        frame in frame(), write in write(), hello in hello(), damage in damage(),
    ) {
        let packet = damaged(bytes_of(&frame), &damage);
        if let Ok((heard, rest)) = decode(&packet) {
            prop_assert_eq!(bytes_of(&heard), &packet[..packet.len() - rest.len()]);
        }
        // The same below a check that is right.
        let mut packet = bytes_of(&frame);
        let body = damaged(packet.split_off(HEADER_BYTES), &damage);
        packet.extend_from_slice(&body);
        seal(&mut packet);
        if let Ok((heard, rest)) = decode(&packet) {
            prop_assert!(rest.is_empty());
            prop_assert_eq!(bytes_of(&heard), packet);
        }
        let mut bytes = Vec::new();
        encode_write(&write, &mut bytes);
        let bytes = damaged(bytes, &damage);
        if let Ok(write) = decode_write(&bytes) {
            let mut again = Vec::new();
            encode_write(&write, &mut again);
            prop_assert_eq!(again, bytes);
        }
        let bytes = damaged(hello.encode(), &damage);
        if let Ok(hello) = Hello::decode(&bytes) {
            prop_assert_eq!(hello.encode(), bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_are_just_what_would_be_written(
        bytes in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        prop_assert!(decode(&bytes).is_err(), "they do not begin as a frame does");
        prop_assert!(Hello::decode(&bytes).is_err());
        if let Ok(message) = decode_body(&bytes) {
            let (ring, from, to) = (RingId::default(), NodeId(0), NodeId(0));
            let packet = bytes_of(&Frame { ring, from, to, message });
            prop_assert_eq!(split(&packet).expect("it is whole").1, &bytes);
        }
        if let Ok(write) = decode_write(&bytes) {
            let mut again = Vec::new();
            encode_write(&write, &mut again);
            prop_assert_eq!(again, bytes);
        }
    }

    #[test]
    fn a_damaged_text_is_no_context_or_another_one_written_the_one_way(
        context in context(), damage in damage(), text in ".{0,40}",
    ) {
        let damaged = damaged(context_to_text(&context).into_bytes(), &damage);
        for text in [String::from_utf8_lossy(&damaged).into_owned(), text] {
            if let Ok(read) = context_from_text(&text, &context.key) {
                prop_assert_eq!(context_to_text(&read), text);
            }
        }
    }
}

#[test]
fn a_key_is_hashed_again_where_it_is_read() {
    let (ring, from, to) = (RingId::default(), NodeId(0), NodeId(0));
    let key = Key::new(b"cart:ann");
    let message =
        Message::Fetch { request: Default::default(), key: key.clone(), stands_in_for: None };
    let packet = bytes_of(&Frame { ring, from, to, message });
    let Ok((Frame { message: Message::Fetch { key: read, .. }, .. }, _)) = decode(&packet) else {
        panic!("a fetch was written")
    };
    assert_eq!(read.position(), key.position());
}
