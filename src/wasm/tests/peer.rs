//! Two peers in one module, wired together by the test: the whole class, as JavaScript meets it.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::wasm::peer::Peer;

const SECRET: &str = "00112233445566778899aabbccddeeff";

fn options(name: &str, found: bool) -> String {
    format!(
        r#"{{ "ring": "demo", "secret": "{SECRET}", "name": "{name}", "found": {found},
              "config": {{ "n": 2, "r": 1, "w": 2, "gossip_interval_ms": 50 }} }}"#
    )
}

fn peer(name: &str, found: bool, journal: &[u8]) -> Peer {
    Peer::new(&options(name, found), journal).expect("the options are good")
}

fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).expect("it is an object")
}

fn number(object: &JsValue, name: &str) -> f64 {
    field(object, name).as_f64().expect("it is a number")
}

fn bytes(object: &JsValue) -> Vec<u8> {
    Uint8Array::from(field(object, "bytes")).to_vec()
}

/// Pumps a peer empty. Its journal is memory, and durable at once.
fn pump(peer: &mut Peer, journal: &mut Vec<u8>) -> (Vec<Vec<u8>>, Vec<JsValue>) {
    let (mut packets, mut replies) = (Vec::new(), Vec::new());
    loop {
        let wanted: Object = peer.pump();
        let append = field(&wanted, "append");
        packets.extend(Array::from(&field(&wanted, "packets")).iter().map(|packet| bytes(&packet)));
        replies.extend(Array::from(&field(&wanted, "replies")).iter());
        if append.is_null() {
            return (packets, replies);
        }
        if field(&append, "replace").is_truthy() {
            journal.clear();
        }
        journal.extend_from_slice(&bytes(&append));
        peer.durable(number(&append, "batch") as u32);
    }
}

struct Pair {
    peers: [Peer; 2],
    journals: [Vec<u8>; 2],
}

impl Pair {
    fn joined() -> Pair {
        let mut pair = Pair {
            peers: [peer("A", true, &[]), peer("B", false, &[])],
            journals: [vec![], vec![]],
        };
        let a = pair.peers[0].node();
        let hello = pair.peers[0].hello();
        assert_eq!(pair.peers[1].greet(&hello).ok(), Some(a));
        pair.peers[1].join(a);
        pair.settle();
        pair
    }

    /// Carries packets until there are none, and gives every reply with its peer.
    fn settle(&mut self) -> Vec<(usize, JsValue)> {
        let mut all = Vec::new();
        loop {
            let mut is_quiet = true;
            for at in 0..2 {
                let (packets, replies) = pump(&mut self.peers[at], &mut self.journals[at]);
                all.extend(replies.into_iter().map(|reply| (at, reply)));
                is_quiet &= packets.is_empty();
                packets.iter().for_each(|packet| self.peers[1 - at].receive(packet));
            }
            if is_quiet {
                return all;
            }
        }
    }
}

#[test]
fn two_peers_make_a_ring_and_a_put_through_one_is_got_through_the_other() {
    let mut pair = Pair::joined();
    assert!(pair.peers.iter().all(Peer::is_member));
    let metadata = r#"{ "content-type": "text/plain" }"#;
    let put = pair.peers[0].put(b"k", b"milk", metadata, "", 0).expect("it is a put");
    let replies = pair.settle();
    let (_, reply) = replies.iter().find(|(at, _)| *at == 0).expect("the put is answered");
    assert_eq!(number(reply, "request"), put);
    assert_eq!(field(reply, "outcome"), "put");
    let context = field(reply, "context").as_string().expect("it is text");
    pair.peers[1].get(b"k", 0);
    let replies = pair.settle();
    let (_, reply) = replies.iter().find(|(at, _)| *at == 1).expect("the get is answered");
    let versions = Array::from(&field(reply, "versions"));
    assert_eq!(versions.length(), 1);
    let version = versions.get(0);
    assert_eq!(Uint8Array::from(field(&version, "value")).to_vec(), b"milk");
    assert_eq!(field(&field(&version, "metadata"), "content-type"), "text/plain");
    assert!(pair.peers[1].put(b"other", b"x", "", &context, 0).is_err(), "another key's context");
    assert!(pair.peers[1].delete(b"k", &context, 0).is_ok());
    pair.settle();
    pair.peers[0].get(b"k", 0);
    let replies = pair.settle();
    let (_, reply) = replies.iter().find(|(at, _)| *at == 0).expect("the get is answered");
    assert_eq!(Array::from(&field(reply, "versions")).length(), 0, "a tombstone is not found");
    assert!(!field(reply, "context").as_string().unwrap_or_default().is_empty());
}

#[test]
fn a_peer_comes_back_from_its_journal_with_what_it_had_acknowledged() {
    let mut pair = Pair::joined();
    pair.peers[1].put(b"k", b"milk", "", "", 0).expect("it is a put");
    pair.settle();
    let mut torn = pair.journals[1].clone();
    torn.extend_from_slice(&[1, 2, 3]);
    let back = peer("B", false, &torn);
    assert_eq!(back.journal_kept() as usize, torn.len() - 3);
    assert!(back.is_member());
    pair.peers[1] = back;
    pair.settle();
    pair.peers[1].get(b"k", 0);
    let replies = pair.settle();
    let (_, reply) = replies.iter().find(|(at, _)| *at == 1).expect("the get is answered");
    assert_eq!(Array::from(&field(reply, "versions")).length(), 1);
}

#[test]
fn bad_options_journals_metadata_and_secrets_are_refused() {
    assert!(Peer::new("{}", &[]).is_err());
    assert!(Peer::new(&options("A B", true), &[]).is_err());
    assert!(Peer::new(&options("A", true), b"GIF89a").is_err());
    let mut one = peer("A", true, &[]);
    assert!(one.put(b"k", b"v", "[1]", "", 0).is_err());
    assert!(one.put(b"k", b"v", "", "nonsense", 0).is_err());
    assert!(one.admits(SECRET) && !one.admits("") && !one.admits(&"0".repeat(32)));
    assert!(one.greet(&one.hello()).is_err(), "it is itself");
    one.receive(b"nonsense");
    assert_eq!(number(&one.counts(), "mangled"), 1.0);
    assert!(Peer::route(b"nonsense").is_empty());
}
