//! The frames under `tests/vectors/frames`, and what reading each must come to.
//!
//! They are written out here, compared with the files, and read in every engine by
//! `src/wire/vectors.rs`. Files that change are a change of the format: once a release has spoken
//! it, `FORMAT_VERSION` rises. `VECTORS=write cargo test --test vectors` writes them anew.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dynamo_playground::base::id::NodeId;
use dynamo_playground::protocol::message::Message;
use dynamo_playground::wire::{
    FRAME_BYTES_MAX, Frame, HEADER_BYTES, RingId, decode, decode_body, encode, seal,
};

#[path = "vectors/good.rs"]
mod good;
#[path = "vectors/mangled.rs"]
mod mangled;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn frame_of(message: Message) -> Vec<u8> {
    let mut packet = Vec::new();
    let (ring, from, to) = (RingId(*b"a ring's own id."), NodeId(1), NodeId(0xA1B2_C3D4));
    encode(&Frame { ring, from, to, message }, &mut packet).expect("it is short");
    packet
}

/// A frame with this for a body, whatever it is.
fn frame_around(body: &[u8]) -> Vec<u8> {
    let mut packet = frame_of(good::smallest());
    packet.truncate(HEADER_BYTES);
    packet.extend_from_slice(body);
    seal(&mut packet);
    packet
}

/// Every vector by its name.
fn vectors() -> BTreeMap<String, Vec<u8>> {
    let good = good::messages().into_iter().map(|(name, message)| (name, frame_of(message)));
    let all: Vec<(&str, Vec<u8>)> = good.chain(mangled::packets()).collect();
    let count = all.len();
    let all: BTreeMap<String, Vec<u8>> =
        all.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    assert_eq!(all.len(), count, "each name once");
    all
}

fn verdict(packet: &[u8]) -> String {
    decode(packet).map_or_else(|refusal| refusal.to_string(), |_| "a frame".to_owned())
}

#[test]
fn the_vectors_in_the_folder_are_these_and_the_table_says_what_each_comes_to() {
    let vectors = vectors();
    let table: BTreeMap<&String, String> =
        vectors.iter().map(|(name, packet)| (name, verdict(packet))).collect();
    let text = serde_json::to_string_pretty(&table).expect("sentences are text") + "\n";
    let (files, table) = (folder().join("frames"), folder().join("frames.json"));
    if std::env::var("VECTORS").is_ok_and(|wish| wish == "write") {
        fs::write(&table, &text).expect("the table can be written");
        for entry in fs::read_dir(&files).expect("the folder is there") {
            fs::remove_file(entry.expect("an entry").path()).expect("an old file can go");
        }
        for (name, packet) in &vectors {
            fs::write(files.join(format!("{name}.bin")), packet).expect("a file can be written");
        }
    }
    let read = |path: PathBuf| fs::read(path).expect("a file can be read");
    let there: BTreeMap<String, Vec<u8>> = fs::read_dir(&files)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry can be read").path())
        .map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), read(path)))
        .collect();
    assert!(there == vectors, "the format has changed: see the top of this file");
    assert_eq!(String::from_utf8(read(table)).expect("it is text"), text);
}

#[test]
fn there_is_a_good_frame_of_every_kind_of_message() {
    let mut kinds: Vec<u8> =
        good::messages().into_iter().map(|(_, message)| frame_of(message)[HEADER_BYTES]).collect();
    kinds.sort_unstable();
    assert!(kinds.iter().copied().eq(0..kinds.len() as u8), "each kind once: {kinds:?}");
    let next = decode_body(&[kinds.len() as u8]);
    assert_eq!(next.map_err(|refusal| refusal.to_string()), Err(verdict(&frame_around(&[99]))));
}

#[test]
fn good_frames_are_read_and_mangled_ones_are_not() {
    for (name, message) in good::messages() {
        assert_eq!(verdict(&frame_of(message)), "a frame", "{name}");
    }
    for (name, packet) in mangled::packets() {
        assert!(packet.len() <= FRAME_BYTES_MAX);
        assert_ne!(verdict(&packet), "a frame", "{name}");
    }
}
