//! Real hosts over a loopback transport, with journals that a kill may tear.
#![cfg(not(target_arch = "wasm32"))]

mod loopback;

use dynamo_playground::host::{BadStart, Founding, Host, Refused, Start, journal};
use dynamo_playground::protocol::message::Reply;
use dynamo_playground::wire::Secret;

use loopback::{Loopback, start};

fn is_accepted(reply: Option<&Reply>) -> bool {
    matches!(reply, Some(Reply::Put { .. }))
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
    let differing = hello(&|start| start.partitions = 128);
    assert_eq!(ring.host(0).greet(&differing).unwrap_err(), Refused::OtherSettings);
    assert_eq!(ring.host(0).greet(&good[..7]).unwrap_err(), Refused::NotAHello);
    let own = hello(&|stranger| *stranger = start("A", Founding::Wait));
    assert_eq!(ring.host(0).greet(&own).unwrap_err(), Refused::Oneself);
    assert_eq!(ring.host(0).counts().unwelcome, 4);
}

#[test]
fn a_journal_of_another_ring_is_refused_and_left_alone() {
    let mut ring = Loopback::ring(&["A"], 7);
    let bytes = ring.journal(0).clone();
    let refused = Host::open(start("B", Founding::Wait), &bytes, ring.clock(), 1).unwrap_err();
    assert_eq!(refused, BadStart::Journal(journal::BadJournal::Alien));
}
