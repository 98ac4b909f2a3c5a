//! Real hosts over a loopback transport, with journals that a kill may tear.
#![cfg(not(target_arch = "wasm32"))]

mod loopback;

use dynamo_playground::data::partitioning::Partitioning;
use dynamo_playground::host::{BadStart, Founding, Host, Refused, Start, journal};
use dynamo_playground::protocol::message::Reply;
use dynamo_playground::wire::Secret;

use loopback::{Loopback, start};

fn is_accepted(reply: Option<&Reply>) -> bool {
    matches!(reply, Some(Reply::Put { .. }))
}

#[test]
fn three_hosts_become_one_ring_and_a_put_through_one_is_got_through_another() {
    let mut ring = Loopback::ring(&["A", "B", "C"], 1);
    for at in 0..3 {
        assert!(ring.host(at).is_member(), "{at}");
        assert_eq!(ring.host(at).view().members().len(), 3);
    }
    let put = ring.put(0, "cart:ann", "milk");
    ring.run(200);
    assert!(is_accepted(ring.reply(0, put)));
    for at in 0..3 {
        assert_eq!(ring.values(at, "cart:ann"), Some(vec!["milk".into()]), "through {at}");
    }
}

#[test]
fn what_was_acknowledged_survives_twenty_kills_with_torn_journals() {
    let mut ring = Loopback::ring(&["A", "B", "C"], 2);
    let mut acknowledged = Vec::new();
    for round in 0..20 {
        let victim = round % 3;
        let through = (victim + 1) % 3;
        let mut puts = Vec::new();
        for n in 0..4 {
            let key = format!("key-{round}-{n}");
            puts.push((through, ring.put(through, &key, &key), key.clone()));
            puts.push((victim, ring.put(victim, &format!("{key}-v"), &key), format!("{key}-v")));
            ring.run(2);
        }
        // What the victim has acknowledged by now counts; the rest it never did.
        let heard = |ring: &Loopback, at, request| is_accepted(ring.reply(at, request));
        let (victims, others): (Vec<_>, Vec<_>) =
            puts.into_iter().partition(|&(at, ..)| at == victim);
        let done = victims.into_iter().filter(|&(at, request, _)| heard(&ring, at, request));
        acknowledged.extend(done.map(|(_, _, key)| key));
        ring.kill(victim);
        ring.run(1_500);
        let done = others.into_iter().filter(|&(at, request, _)| heard(&ring, at, request));
        acknowledged.extend(done.map(|(_, _, key)| key));
        ring.open(victim);
        ring.run(3_000);
    }
    assert!(acknowledged.len() > 60, "most were taken: {}", acknowledged.len());
    ring.run(15_000);
    for (n, key) in acknowledged.iter().enumerate() {
        let values = ring.values(n % 3, key).expect("a get is answered");
        assert_eq!(values.len(), 1, "{key}");
    }
    for at in 0..3 {
        assert_eq!(ring.host(at).view().hints().len(), 0, "hints of {at} have gone home");
        for key in &acknowledged {
            let held =
                ring.host(at).view().store().records().any(|(k, _)| k.bytes() == key.as_bytes());
            assert!(held, "{key} is back at {at}: after handoff every copy is there");
        }
    }
}

#[test]
fn nothing_leaves_before_its_writes_are_durable() {
    let mut ring = Loopback::ring(&["A", "B", "C"], 3);
    let now = ring.clock();
    let key = dynamo_playground::base::blob::Key::new(b"k");
    ring.put(0, "k", "v");
    let host = ring.host(0);
    let is_own = host.view().store().records().any(|(held, _)| *held == key);
    assert!(is_own, "with three nodes and N 3 it coordinates by itself");
    assert!(host.take_ready().frames.is_empty(), "no copy is sent before the own one is durable");
    let append = host.next_append().expect("the write goes to the journal");
    assert!(host.take_ready().frames.is_empty());
    host.receive(now, &[]);
    host.durable(append.batch);
    assert_eq!(host.take_ready().frames.len(), 2);
}

#[test]
fn a_journal_that_has_grown_is_written_anew_and_says_the_same() {
    let mut ring = Loopback::ring(&["A", "B"], 4);
    let value = "x".repeat(40_000);
    let mut context = Default::default();
    for n in 0..120 {
        let request = ring.put_on(0, "k", &format!("{n}{value}"), context);
        ring.run(30);
        context = match ring.reply(0, request) {
            Some(Reply::Put { context, .. }) => context.clock.clone(),
            other => panic!("put {n} was answered {other:?}"),
        };
    }
    let size = ring.journal(0).len();
    assert!(size < 3 << 20, "120 puts of 40 kB to one key stay small: {size}");
    ring.kill(0);
    ring.open(0);
    let values = ring.values(0, "k").expect("a get is answered");
    assert_eq!(values, [format!("119{value}")]);
}

#[test]
fn who_has_another_secret_or_other_settings_is_not_let_in_and_learns_nothing() {
    let mut ring = Loopback::ring(&["A"], 5);
    let now = ring.clock();
    let hello = |change: &dyn Fn(&mut Start)| {
        let mut stranger = start("Z", Founding::Wait);
        change(&mut stranger);
        let host = Host::open(stranger, &[], now, 9).expect("it opens");
        host.hello().encode()
    };
    let other = Secret::new([0xff; 16]);
    let good = hello(&|_| {});
    assert!(ring.host(0).greet(&good).is_ok());
    let stranger = hello(&|start| start.secret = other);
    assert_eq!(ring.host(0).greet(&stranger).unwrap_err(), Refused::Unwelcome);
    let differing = hello(&|start| start.partitioning = Partitioning::Equal { partitions: 128 });
    assert_eq!(ring.host(0).greet(&differing).unwrap_err(), Refused::OtherSettings);
    assert_eq!(ring.host(0).greet(&good[..7]).unwrap_err(), Refused::NotAHello);
    let own = hello(&|stranger| *stranger = start("A", Founding::Wait));
    assert_eq!(ring.host(0).greet(&own).unwrap_err(), Refused::Oneself);
    assert_eq!(ring.host(0).counts().unwelcome, 4);
}

#[test]
fn mangled_alien_and_strangers_frames_are_dropped_and_counted_and_the_node_lives() {
    let mut ring = Loopback::ring(&["A", "B"], 6);
    let now = ring.clock();
    let before = ring.host(0).counts();
    ring.host(0).receive(now, b"GET / HTTP/1.1");
    ring.host(0).receive(now, &[0xff; 4_000]);
    assert_eq!(ring.host(0).counts().mangled, before.mangled + 2);
    let put = ring.put(1, "k", "v");
    ring.run(300);
    assert!(is_accepted(ring.reply(1, put)));
}

#[test]
fn a_journal_of_another_ring_is_refused_and_left_alone() {
    let mut ring = Loopback::ring(&["A"], 7);
    let bytes = ring.journal(0).clone();
    let refused = Host::open(start("B", Founding::Wait), &bytes, ring.clock(), 1).unwrap_err();
    assert_eq!(refused, BadStart::Journal(journal::BadJournal::Alien));
}
