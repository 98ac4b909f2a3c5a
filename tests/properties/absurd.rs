//! No message, however absurd, makes a node panic, forget its identity or break an antichain.

use std::sync::Arc;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::{ClientId, NodeId, RequestId};
use dynamo_playground::base::time::{Instant, Now, Span, WallTime};
use dynamo_playground::data::ring::Ring;
use dynamo_playground::data::roster::Roster;
use dynamo_playground::data::version::{
    Actor, Causality, Clock, Content, Context, Record, Siblings, Version,
};
use dynamo_playground::node::Node;
use dynamo_playground::protocol::config::Config;
use dynamo_playground::protocol::message::{
    Beat, Input, Message, Op, Outbox, Put, Recovered, Reply,
};
use proptest::prelude::*;

/// Mostly small, sometimes at the end of its range.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0u32..6, 1 => Just(u32::MAX), 1 => any::<u32>()]
}

fn node() -> impl Strategy<Value = NodeId> {
    number().prop_map(NodeId)
}

fn request() -> impl Strategy<Value = RequestId> {
    (number(), number()).prop_map(|(life, sequence)| RequestId { life, sequence })
}

fn key() -> impl Strategy<Value = Key> {
    prop::collection::vec(0u8..4, 0..2).prop_map(|bytes| Key::new(&bytes))
}

fn clock() -> impl Strategy<Value = Clock> {
    let counter = prop_oneof![4 => 0u64..5, 1 => Just(u64::MAX)];
    prop::collection::vec((number(), number(), counter), 0..4).prop_map(|entries| {
        let entry = |(node, epoch, counter)| (Actor { node: NodeId(node), epoch }, counter);
        Clock::new(entries.into_iter().map(entry))
    })
}

fn content() -> impl Strategy<Value = Arc<Content>> {
    prop::collection::vec(any::<u8>(), 0..3)
        .prop_map(|value| Arc::new(Content { value: value.into(), metadata: vec![] }))
}

fn version() -> impl Strategy<Value = Version> {
    (clock(), content()).prop_map(|(clock, content)| Version { clock, content })
}

fn record() -> impl Strategy<Value = Record> {
    prop::collection::vec(version(), 1..4).prop_map(|versions| {
        let mut all = Siblings::one(versions[0].clone());
        versions[1..].iter().for_each(|version| _ = all.merge(&Siblings::one(version.clone())));
        all.into()
    })
}

fn beats() -> impl Strategy<Value = Vec<Beat>> {
    let beat = (node(), number(), number());
    let beat = beat.prop_map(|(node, incarnation, version)| Beat { node, incarnation, version });
    prop::collection::vec(beat, 0..7)
}

fn put() -> impl Strategy<Value = Arc<Put>> {
    let w = prop::option::of(number());
    (key(), content(), clock(), w)
        .prop_map(|(key, content, context, w)| Arc::new(Put { key, content, context, w }))
}

fn reply() -> impl Strategy<Value = Reply> {
    (version(), node(), key(), clock()).prop_map(|(version, coordinator, key, clock)| Reply::Put {
        version,
        coordinator,
        context: Context { key, clock },
    })
}

fn message() -> impl Strategy<Value = Message> {
    let kept = (request(), key(), record());
    prop_oneof![
        (request(), put(), any::<u8>()).prop_map(|(request, put, hops)| Message::Forward {
            request,
            put,
            hops
        }),
        request().prop_map(|request| Message::Taken { request }),
        (request(), reply())
            .prop_map(|(request, reply)| Message::Forwarded { request, reply: reply.into() }),
        (kept, prop::option::of(node())).prop_map(|((request, key, siblings), stands_in_for)| {
            Message::Store { request, key, siblings, stands_in_for }
        }),
        (request(), any::<bool>())
            .prop_map(|(request, accepted)| Message::Stored { request, accepted }),
        (request(), key()).prop_map(|(request, key)| Message::Fetch { request, key }),
        (request(), prop::option::of(record()))
            .prop_map(|(request, siblings)| Message::Fetched { request, siblings }),
        (request(), key(), record()).prop_map(|(request, key, siblings)| Message::Repair {
            request,
            key,
            siblings
        }),
        (request(), key(), record()).prop_map(|(request, key, siblings)| Message::Handoff {
            request,
            key,
            siblings
        }),
        (request(), any::<bool>())
            .prop_map(|(request, accepted)| Message::HandedOver { request, accepted }),
        beats().prop_map(|beats| Message::Digest { beats: beats.into() }),
        (beats(), prop::collection::vec(node(), 0..7)).prop_map(|(newer, wanted)| {
            Message::News { newer: newer.into(), wanted: wanted.into() }
        }),
        beats().prop_map(|newer| Message::Rest { newer: newer.into() }),
        request().prop_map(|request| Message::Probe { request }),
        (request(), beats()).prop_map(|(request, beats)| Message::Probed {
            request,
            beat: beats.first().copied().unwrap_or_default(),
        }),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        1 => Just(Input::Wakeup),
        6 => (node(), message()).prop_map(|(from, message)| Input::Receive { from, message }),
        1 => (any::<u64>(), put()).prop_map(|(request, put)| Input::Request {
            client: ClientId(0), request, op: Op::Put(put),
        }),
        1 => (any::<u64>(), key(), prop::option::of(number())).prop_map(|(request, key, r)| {
            Input::Request { client: ClientId(0), request, op: Op::Get { key, r } }
        }),
    ]
}

fn fresh_node() -> Node {
    let config = Arc::new(Config::default());
    let ring = Arc::new(Ring::new((0..5).map(NodeId).collect(), config.n));
    let recovered = Recovered::empty(Roster::new((0..5).map(NodeId)), ring);
    Node::new(NodeId(1), config, recovered, 11)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_node_survives_whatever_it_is_told(
        inputs in prop::collection::vec((input(), 0u64..400), 1..60),
    ) {
        let (mut node, mut out, mut now) = (fresh_node(), Outbox::default(), Instant::ZERO);
        for (input, ms) in inputs {
            now += Span::from_ms(ms);
            node.handle(Now { monotonic: now, wall: WallTime(0) }, input, &mut out);
            out.clear();
            prop_assert_eq!(node.view().identity().actor.node, NodeId(1));
            for (_, siblings) in node.view().store().records() {
                let versions = siblings.versions();
                let pairs = versions.iter().enumerate().flat_map(|(at, one)| {
                    versions[at + 1..].iter().map(move |other| one.clock.compare(&other.clock))
                });
                prop_assert!(pairs.into_iter().all(|relation| relation == Causality::Concurrent));
            }
        }
    }
}
