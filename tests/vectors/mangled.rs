//! Packets that are none, each for one reason.

use dynamo_playground::base::id::NodeId;
use dynamo_playground::wire::{
    FORMAT_VERSION, FRAME_BYTES_MAX, HEADER_BYTES, Hello, RingId, Secret,
};

use crate::{frame_around, frame_of, good};

/// How a body begins that is a message of this kind.
fn kind(name: &str) -> u8 {
    let at = good::messages().iter().position(|(other, _)| *other == name);
    at.expect("there is a good one of this kind") as u8
}

/// The end of a number that postcard takes for 2^32 - 1.
const MOST: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];
/// A request by nobody.
const REQUEST: [u8; 2] = [0, 0];
const EMPTY: [u8; 3] = [0, 0, 0];

fn body(name: &str, rest: &[&[u8]]) -> Vec<u8> {
    frame_around(&[&[kind(name)], rest.concat().as_slice()].concat())
}

/// A replica of the key `k` with these for its versions, each with a vector clock.
fn store(versions: &[Vec<u8>]) -> Vec<u8> {
    store_under(0, versions)
}

fn store_under(versioning: u8, versions: &[Vec<u8>]) -> Vec<u8> {
    let count = number(versions.len());
    body("good-store", &[&REQUEST, b"\x01k", &[versioning], &count, &versions.concat(), &[0]])
}

/// A version with this clock, of (node, epoch, counter), and this content; the last entry made it.
fn version(clock: &[[u8; 3]], content: &[u8]) -> Vec<u8> {
    let entries: Vec<[u8; 5]> =
        clock.iter().map(|&[n, e, counter]| [n, e, 0, counter, 0]).collect();
    let dot = clock.last().copied().unwrap_or_default();
    [number(clock.len()), entries.concat(), dot.to_vec(), content.to_vec()].concat()
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

/// A version that is beside all others of other numbers: its actor's own first.
fn of_actor(at: usize) -> Vec<u8> {
    let at = number(at);
    [&[1], at.as_slice(), &[0, 0, 1, 0], &at, &[0, 1], &EMPTY].concat()
}

/// Two runs of one actor that touch, and so are one.
fn gapless() -> Vec<u8> {
    [[2].as_slice(), &[0, 0, 0, 1, 0], &[0, 0, 1, 2, 0], &[0, 0, 2], &EMPTY].concat()
}

pub fn packets() -> Vec<(&'static str, Vec<u8>)> {
    [headers(), bodies(), values(), records(), views()].concat()
}

fn headers() -> Vec<(&'static str, Vec<u8>)> {
    let good = || frame_of(good::smallest());
    let with = |at: usize, bytes: &[u8]| {
        let mut packet = good();
        packet[at..at + bytes.len()].copy_from_slice(bytes);
        packet
    };
    let (length, check) = (HEADER_BYTES - 8, HEADER_BYTES - 4);
    let sender = 4 + 2 + 16;
    let too_long = (FRAME_BYTES_MAX - HEADER_BYTES + 1) as u32;
    let hello = Hello {
        ring: RingId([7; 16]),
        node: NodeId(1),
        name: "A".into(),
        address: "".into(),
        settings: 1,
        secret: Secret::new([9; 16]),
    };
    vec![
        ("empty", vec![]),
        ("header-cut-in-its-magic", good()[..3].to_vec()),
        ("header-cut-before-its-length", good()[..length].to_vec()),
        ("header-cut-before-its-check", good()[..check].to_vec()),
        ("magic-of-something-else", with(0, b"HTTP")),
        ("magic-of-a-hello", hello.encode()),
        ("version-before", with(4, &(FORMAT_VERSION - 1).to_be_bytes())),
        ("version-to-come", with(4, &(FORMAT_VERSION + 1).to_be_bytes())),
        ("length-of-4-gib", with(length, &[0xff; 4])),
        ("length-one-too-long", with(length, &too_long.to_be_bytes())),
        ("length-past-the-end", with(length, &4u32.to_be_bytes())),
        ("check-of-another-frame", with(check, &[0; 4])),
        ("sender-with-a-bit-turned", with(sender, &[1])),
        ("body-with-a-bit-turned", with(HEADER_BYTES, &[good()[HEADER_BYTES] ^ 1])),
    ]
}

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("body-empty", frame_around(&[])),
        ("body-ends-in-a-number", body("good-taken", &[&[0, 0x80]])),
        ("body-goes-on", body("good-taken", &[&REQUEST, &[0]])),
        ("body-of-an-unknown-kind", frame_around(&[120, 0, 0, 0])),
        ("number-padded", body("good-taken", &[&[0, 0x80, 0]])),
        ("kind-padded", frame_around(&[kind("good-taken") | 0x80, 0, 0, 0])),
        ("number-of-33-bits", body("good-taken", &[&[0xff, 0xff, 0xff, 0xff, 0x1f, 0]])),
        ("bool-of-2", body("good-stored", &[&REQUEST, &[2]])),
        ("option-of-2", body("good-fetch", &[&REQUEST, b"\x01k", &[2]])),
        ("key-longer-than-the-body", body("good-fetch", &[&REQUEST, b"\x09k", &[0]])),
        ("key-of-4-gib", body("good-fetch", &[&REQUEST, &MOST, b"k\0"])),
        ("beats-of-4-gib", body("good-rest", &[&MOST, &[1, 1, 1]])),
        ("reply-of-an-unknown-kind", body("good-forwarded", &[&REQUEST, &[3, 0, 0, 0]])),
        ("failure-for-no-reason", body("good-forwarded", &[&REQUEST, &[2, 99, 0, 0]])),
    ]
}

fn values() -> Vec<(&'static str, Vec<u8>)> {
    let one = |clock: &[[u8; 3]]| store(&[version(clock, &EMPTY)]);
    let counter =
        |bytes: &[u8]| store(&[[&[1, 0, 0, 0], bytes, &[0, 0, 0], bytes, &EMPTY].concat()]);
    let above = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
    let endless: Vec<u8> =
        (0..257).flat_map(|at| [number(at).as_slice(), &[0, 0, 1, 0]].concat()).collect();
    let of = |content: &[u8]| store(&[version(&[[0, 0, 1]], content)]);
    vec![
        ("clock-out-of-order", one(&[[1, 0, 1], [0, 0, 1]])),
        ("clock-with-an-actor-twice", one(&[[0, 0, 1], [0, 0, 2]])),
        ("clock-with-a-counter-of-0", one(&[[0, 0, 0]])),
        ("clock-with-a-counter-of-2-to-53", counter(&above)),
        (
            "clock-of-257-entries",
            store(&[[&number(257), endless.as_slice(), &[0, 0, 1], &EMPTY].concat()]),
        ),
        ("metadata-out-of-order", of(b"\x00\x02\x01b\x00\x01a\x00\x00")),
        ("metadata-with-a-name-twice", of(b"\x00\x02\x01a\x00\x01a\x01x\x00")),
        ("metadata-that-is-no-utf-8", of(b"\x00\x01\x01\xff\x00\x00")),
        ("tombstone-with-a-value", of(b"\x01v\x00\x01")),
    ]
}

fn records() -> Vec<(&'static str, Vec<u8>)> {
    let empty = |clock: &[[u8; 3]]| version(clock, &EMPTY);
    vec![
        ("record-of-nothing", store(&[])),
        ("siblings-that-cover-each-other", store(&[empty(&[[0, 0, 1]]), empty(&[[0, 0, 2]])])),
        (
            "siblings-of-one-clock",
            store(&[empty(&[[0, 0, 1]]), version(&[[0, 0, 1]], b"\x01v\0\0")]),
        ),
        ("record-of-an-unknown-versioning", store_under(4, &[empty(&[[0, 0, 1]])])),
        (
            "version-of-an-event-its-clock-misses",
            store(&[[&[1, 0, 0, 0, 1, 0], [1, 0, 1].as_slice(), &EMPTY].concat()]),
        ),
        ("clock-whose-gap-is-none", store_under(2, &[gapless()])),
        (
            "record-clock-that-differs",
            store_under(1, &[empty(&[[0, 0, 1]]), empty(&[[0, 0, 1], [1, 0, 1]])]),
        ),
        ("last-write-of-two", store_under(3, &[empty(&[[0, 0, 1]]), empty(&[[1, 0, 1]])])),
        ("siblings-out-of-order", store(&[empty(&[[1, 0, 1]]), empty(&[[0, 0, 1]])])),
        ("siblings-beyond-256", store(&(0..257).map(of_actor).collect::<Vec<_>>())),
    ]
}

fn views() -> Vec<(&'static str, Vec<u8>)> {
    // Strategy 3, and no ends of partitions.
    let view = |members: &[u8], tokens: &[u8], homes: &[u8]| {
        body("good-view", &[&[2, tokens[0]], members, &[0], tokens, homes, &[0]])
    };
    let member = |node: u8, weight: u8| [node, 1, 0, 0, weight, 0, 0, 0, 0];
    let two = [[2].as_slice(), &member(1, 1), &member(0, 1)].concat();
    let weightless = [[1].as_slice(), &member(1, 0)].concat();
    vec![
        ("view-without-partitions", view(&[0], &[0], &[0])),
        ("view-with-homes-for-half", view(&[0], &[2, 0, 0, 0, 0], &[1, 0, 0])),
        ("view-with-members-out-of-order", view(&two, &[1, 0, 0], &[1, 0, 0])),
        ("view-with-a-weightless-member", view(&weightless, &[1, 0, 0], &[1, 0, 0])),
        ("view-with-an-owner-unversioned", view(&[0], &[1, 0, 7], &[1, 0, 0])),
    ]
}
