//! The frames under `tests/vectors`, read in this engine: the very table that is asserted natively.
//! `tests/vectors.rs` writes them.

use std::collections::BTreeMap;

use super::decode;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A page has no folder to list, so the files are named; a test holds names and table together.
macro_rules! packets {
    ($($name:literal)*) => {
        [$((
            $name,
            include_bytes!(concat!("../../tests/vectors/frames/", $name, ".bin")).as_slice(),
        )),*]
    };
}

const PACKETS: &[(&str, &[u8])] = &packets! {
    "beats-of-4-gib" "body-empty" "body-ends-in-a-number" "body-goes-on" "body-of-an-unknown-kind"
    "body-with-a-bit-turned" "bool-of-2" "check-of-another-frame" "clock-of-257-entries"
    "clock-out-of-order" "clock-whose-gap-is-none" "clock-with-a-counter-of-0"
    "clock-with-a-counter-of-2-to-53" "clock-with-an-actor-twice" "empty" "failure-for-no-reason"
    "good-buried" "good-bury" "good-compare" "good-confirm" "good-different" "good-differing"
    "good-digest" "good-fetch" "good-fetched" "good-forward" "good-forwarded" "good-handed-over"
    "good-handoff" "good-join" "good-keys" "good-mended" "good-news" "good-not-home" "good-offer"
    "good-probe" "good-probed" "good-repair" "good-repaired" "good-rest" "good-store" "good-stored"
    "good-taken" "good-transfer" "good-transferred" "good-view" "good-wanted"
    "header-cut-before-its-check" "header-cut-before-its-length" "header-cut-in-its-magic"
    "key-longer-than-the-body" "key-of-4-gib" "kind-padded" "last-write-of-two" "length-of-4-gib"
    "length-one-too-long" "length-past-the-end" "magic-of-a-hello" "magic-of-something-else"
    "metadata-out-of-order" "metadata-that-is-no-utf-8" "metadata-with-a-name-twice"
    "number-of-33-bits" "number-padded" "option-of-2" "record-clock-that-differs"
    "record-of-an-unknown-versioning" "record-of-nothing" "reply-of-an-unknown-kind"
    "sender-with-a-bit-turned" "siblings-beyond-256" "siblings-of-one-clock" "siblings-out-of-order"
    "siblings-that-cover-each-other" "tombstone-with-a-value" "version-before"
    "version-of-an-event-its-clock-misses" "version-to-come" "view-with-a-weightless-member"
    "view-with-an-owner-unversioned" "view-with-homes-for-half" "view-with-members-out-of-order"
    "view-without-partitions"
};

fn table() -> BTreeMap<&'static str, String> {
    let table = include_str!("../../tests/vectors/frames.json");
    serde_json::from_str(table).expect("the table is JSON")
}

#[test]
fn every_packet_of_the_table_is_read_here() {
    let read: Vec<&str> = PACKETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(read, table().into_keys().collect::<Vec<_>>(), "name it above");
}

#[test]
fn every_packet_comes_to_what_the_table_says_in_this_engine() {
    for (name, packet) in PACKETS {
        let verdict = match decode(packet) {
            Ok((frame, rest)) => {
                let mut again = Vec::new();
                super::encode(&frame, &mut again).expect("it was short enough");
                assert!(again == *packet && rest.is_empty(), "{name} is written otherwise");
                "a frame".to_owned()
            }
            Err(refusal) => refusal.to_string(),
        };
        assert_eq!(verdict, table()[name], "{name}");
    }
}
