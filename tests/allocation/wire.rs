//! What reading and writing frames takes.

use std::rc::Rc;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::{NodeId, RequestId};
use dynamo_playground::base::pool::Pooled;
use dynamo_playground::data::partitioning::{Partitioning, Range};
use dynamo_playground::data::version::Siblings;
use dynamo_playground::data::view::View;
use dynamo_playground::protocol::message::{Asks, Beat, Beats, Message};
use dynamo_playground::wire::{
    FRAME_BYTES_MAX, Frame, HEADER_BYTES, RingId, decode, decode_write, encode, seal, split,
};

use super::{allocations, most_held};

const DEALT: Partitioning = Partitioning::Equal { partitions: 1 };
/// Bytes of memory for each byte of a frame. The densest things are empty names of metadata, maps
/// of partitions and empty records: a byte on the wire for a pointer and a length in memory.
const FACTOR: u64 = 40;
/// For what the smallest value takes.
const BASE: u64 = 1 << 10;
/// For each token that a view does not carry, because it is computed from the ring's salt
/// (strategies 1 and 2): at most 65,536 of them, whatever came in.
const COMPUTED: u64 = 64;

fn frame(message: Message) -> Frame {
    Frame { ring: RingId::default(), from: NodeId(0), to: NodeId(1), message }
}

fn packet(message: Message) -> Vec<u8> {
    let mut packet = Vec::new();
    encode(&frame(message), &mut packet).expect("it is short");
    packet
}

/// A frame with this for a body.
fn packet_around(body: &[u8]) -> Vec<u8> {
    let mut packet = packet(Message::Probe { request: Default::default() });
    packet.truncate(HEADER_BYTES);
    packet.extend_from_slice(body);
    seal(&mut packet);
    packet
}

/// The first byte of such a message's body.
fn kind(message: Message) -> u8 {
    packet(message)[HEADER_BYTES]
}

/// Messages of as much as a frame holds of the shortest things that can stand in it.
fn densest() -> Vec<(&'static str, Vec<u8>)> {
    let room = FRAME_BYTES_MAX - HEADER_BYTES - 16;
    let (request, view) = (RequestId::default(), Rc::new(View::blank(DEALT, 1)));
    let (key, siblings) = (Key::new(b""), Pooled::build(|_: &mut Siblings| {}));
    let rest = kind(Message::Rest { newer: Pooled::build(|_| {}) });
    let news = kind(Message::News { newer: Pooled::build(|_| {}), wanted: Pooled::build(|_| {}) });
    let repair = kind(Message::Repair { request, key, siblings });
    let records = Rc::new(vec![]);
    let transfer = kind(Message::Transfer { request, range: Range::default(), records });
    let view = kind(Message::View { view, asks: Asks::News });
    let of = |name, begin: &[u8], unit: &[u8], count: usize, end: &[u8]| {
        let count = count.min(room / unit.len());
        let body = [begin, &number(count), &unit.repeat(count), end].concat();
        (name, packet_around(&body))
    };
    let tokens = 65_536;
    let dealt = [[view, 2].as_slice(), &number(tokens), &[0, 0]].concat();
    let homes = |n: usize| [number(tokens * n), vec![0; tokens * n * 2], vec![0]].concat();
    let cut = [&[view, 0][..], &[1, 0, 0], &number(tokens)].concat();
    let cut = [cut, (1..=tokens).flat_map(number).collect(), vec![0]].concat();
    // Each record its own key: two bytes of length and number do not suffice for all of them.
    let record = [0, 1, 0, 0, 0, 0, 0, 0, 0];
    let records: Vec<u8> = (0..room / 13)
        .flat_map(|at| [&[3], &(at as u32).to_be_bytes()[1..], &record].concat())
        .collect();
    let transfer = [[transfer, 0, 0, 0, 0].as_slice(), &number(room / 13), &records].concat();
    vec![
        of("rest", &[rest], &[0, 0, 0], room, &[]),
        of("news", &[news, 0], &[0], room, &[]),
        of("view of one copy", &dealt, &[0, 0], tokens, &homes(1)),
        of("view of eight copies", &dealt, &[0, 0], tokens, &homes(8)),
        ("view of as many ends", packet_around(&[cut, homes(1)].concat())),
        of("metadata", &[repair, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], &[0, 0], room, &[]),
        ("transfer", packet_around(&transfer)),
    ]
}

/// Views whose members take 65,536 tokens between them: under strategy 1 beside as many ends, or
/// with hardly any, and under strategy 2.
fn of_computed_tokens() -> Vec<(&'static str, Vec<u8>)> {
    let view = Rc::new(View::blank(DEALT, 1));
    let kind = kind(Message::View { view, asks: Asks::News });
    let (tokens, salt, tokens_max) = (number(65_536), [0], 65_536);
    let members = [&[1, 0, 1, 0, 0][..], &number(1_000), &[0, 0, 0, 0]].concat();
    let ends: Vec<u8> = (1..=tokens_max).flat_map(number).collect();
    let ends = [number(tokens_max), ends].concat();
    let home = [1, 1, 0];
    let homes = [number(tokens_max), home.repeat(tokens_max)].concat();
    let one = [[1].as_slice(), &home].concat();
    let by_token = [&[kind, 0][..], &tokens, &salt, &members].concat();
    let equal = [&[kind, 1][..], &tokens, &[1], &salt, &members, &[0]].concat();
    let of = |parts: [&[u8]; 3]| packet_around(&[&parts.concat()[..], &[0]].concat());
    vec![
        ("strategy 1", of([&[&by_token[..], &ends].concat(), &[0], &homes])),
        ("strategy 1 without ends", of([&[&by_token[..], &[0]].concat(), &[0], &one])),
        ("strategy 2", of([&equal, &[0], &one])),
    ]
}

/// As postcard writes it.
fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = vec![];
    while number >= 128 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

#[test]
fn no_packet_takes_more_memory_than_its_bytes_allow() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/frames");
    let files = std::fs::read_dir(folder).expect("the vectors are there").map(|entry| {
        let path = entry.expect("an entry can be read").path();
        (path.display().to_string(), std::fs::read(path).expect("a vector can be read"))
    });
    let densest = densest().into_iter().map(|(name, packet)| (name.to_owned(), packet));
    for (name, packet) in files.chain(densest) {
        let allowed = FACTOR * packet.len() as u64 + BASE;
        let held = most_held(|| _ = decode(&packet));
        assert!(held <= allowed, "{name}: {held} bytes held for {}", packet.len());
        if let Some(body) = packet.get(HEADER_BYTES..) {
            assert!(most_held(|| _ = decode_write(body)) <= allowed, "{name} as a write");
        }
    }
}

#[test]
fn tokens_that_are_computed_take_a_memory_of_their_own_and_it_has_a_limit() {
    for (name, packet) in of_computed_tokens() {
        decode(&packet).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        let held = most_held(|| _ = decode(&packet));
        let allowed = FACTOR * packet.len() as u64 + BASE + COMPUTED * 65_536;
        assert!(held <= allowed, "{name}: {held} bytes held for {}", packet.len());
    }
}

#[test]
fn the_densest_messages_are_messages() {
    for (name, packet) in densest().into_iter().filter(|(name, _)| *name != "metadata") {
        decode(&packet).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    }
}

#[test]
fn a_header_is_read_and_a_frame_appended_without_allocating() {
    let beats: Beats = [Beat::default(); 100].into_iter().collect();
    let frame = frame(Message::Rest { newer: beats.into() });
    let mut packet = Vec::with_capacity(FRAME_BYTES_MAX);
    let taken = allocations(|| {
        for _ in 0..100 {
            packet.clear();
            encode(&frame, &mut packet).expect("it is short");
            split(&packet).expect("it is whole");
        }
    });
    assert_eq!(taken, 0);
}
