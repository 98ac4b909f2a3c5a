//! No message, however absurd, makes a node panic, forget its identity or break an antichain.

use std::sync::Arc;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::{ClientId, NodeId, PartitionId, RequestId};
use dynamo_playground::base::time::{Instant, Now, Span, WallTime};
use dynamo_playground::data::ring::Ring;
use dynamo_playground::data::version::{
    Actor, Causality, Clock, Content, Context, Record, Siblings, Version,
};
use dynamo_playground::data::view::{Entries, Home, Member, Status, Token, View};
use dynamo_playground::node::Node;
use dynamo_playground::protocol::config::Config;
use dynamo_playground::protocol::message::{
    Admin, Beat, Input, Message, Newcomer, Op, Outbox, Put, Recovered, Reply,
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
        .prop_map(|value| Arc::new(Content { value: value.into(), ..Content::default() }))
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

fn newcomer() -> impl Strategy<Value = Arc<Newcomer>> {
    (node(), number()).prop_map(|(node, weight)| {
        Arc::new(Newcomer { node, weight, name: "x".into(), address: "".into() })
    })
}

/// Views of the ring's own shape and of others, with whatever entries decode.
fn view() -> impl Strategy<Value = Arc<View>> {
    let member = (node(), number(), any::<bool>(), 1u32..9_000);
    let token = (number(), number());
    let home = (number(), prop::option::of(node()));
    let (members, tokens) = (prop::collection::vec(member, 0..6), prop::collection::vec(token, 5));
    (members, tokens, prop::collection::vec(home, 15)).prop_filter_map(
        "it must be in order",
        |(mut members, tokens, mut homes)| {
            members.sort_by_key(|member| member.0);
            let member = |(node, version, has_left, weight)| Member {
                node,
                version,
                status: if has_left { Status::Left } else { Status::Joined },
                changed_at: WallTime(0),
                weight,
                name: "".into(),
                address: "".into(),
            };
            let token = |(version, owner): (u32, u32)| match version {
                0 => Token::default(),
                _ => Token { version, owner: NodeId(owner) },
            };
            homes.truncate(if members.len() == 5 { 10 } else { 15 });
            let home = |(version, node): (u32, Option<NodeId>)| match version {
                0 => Home::default(),
                _ => Home { version, node },
            };
            View::of(Entries {
                members: members.into_iter().map(member).collect(),
                tokens: tokens.into_iter().map(token).collect(),
                homes: homes.into_iter().map(home).collect(),
            })
            .ok()
            .map(Arc::new)
        },
    )
}

fn admin() -> impl Strategy<Value = Admin> {
    prop_oneof![
        newcomer().prop_map(Admin::Join),
        (node(), newcomer()).prop_map(|(via, newcomer)| Admin::JoinThrough { via, newcomer }),
        node().prop_map(|node| Admin::Leave { node }),
    ]
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
        (request(), key(), prop::option::of(node())).prop_map(|(request, key, stands_in_for)| {
            Message::Fetch { request, key, stands_in_for }
        }),
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
        (beats(), any::<u64>())
            .prop_map(|(beats, view)| Message::Digest { beats: beats.into(), view }),
        (beats(), prop::collection::vec(node(), 0..7)).prop_map(|(newer, wanted)| {
            Message::News { newer: newer.into(), wanted: wanted.into() }
        }),
        beats().prop_map(|newer| Message::Rest { newer: newer.into() }),
        request().prop_map(|request| Message::Probe { request }),
        (request(), beats()).prop_map(|(request, beats)| Message::Probed {
            request,
            beat: beats.first().copied().unwrap_or_default(),
        }),
        (view(), any::<bool>()).prop_map(|(view, is_answer)| Message::View { view, is_answer }),
        (request(), number(), newcomer())
            .prop_map(|(request, after, newcomer)| { Message::Join { request, after, newcomer } }),
        (request(), view()).prop_map(|(request, view)| Message::NotHome { request, view }),
        (request(), number(), number()).prop_map(|(request, partition, records)| {
            Message::Offer { request, partition: PartitionId(partition), records }
        }),
        (request(), any::<bool>())
            .prop_map(|(request, accepted)| Message::Confirm { request, accepted }),
        (request(), number(), prop::collection::vec((key(), record()), 0..3)).prop_map(
            |(request, partition, records)| {
                let (partition, records) = (PartitionId(partition), records.into());
                Message::Transfer { request, partition, records }
            }
        ),
        (request(), any::<bool>())
            .prop_map(|(request, accepted)| Message::Transferred { request, accepted }),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        1 => Just(Input::Wakeup),
        6 => (node(), message()).prop_map(|(from, message)| Input::Receive { from, message }),
        1 => (any::<u64>(), put()).prop_map(|(request, put)| Input::Request {
            client: ClientId(0), request, op: Op::Put(put),
        }),
        1 => admin().prop_map(Input::Admin),
        1 => (any::<u64>(), key(), prop::option::of(number())).prop_map(|(request, key, r)| {
            Input::Request { client: ClientId(0), request, op: Op::Get { key, r } }
        }),
    ]
}

fn fresh_node() -> Node {
    let config = Arc::new(Config::default());
    let ring = Ring::new((0..5).map(NodeId).collect(), config.n);
    let recovered = Recovered::empty(View::of_owners(&ring, config.n).into());
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
