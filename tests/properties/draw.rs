//! Whatever may come over a wire, drawn: mostly small and alike, so that it meets what is there,
//! sometimes at the end of its range.

use std::rc::Rc;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::{ClientId, NodeId, PartitionId, RequestId};
use dynamo_playground::base::pool::Pooled;
use dynamo_playground::data::partitioning::{Partitioning, Range};
use dynamo_playground::data::version::{Actor, Clock, Content, Context, Record, Siblings, Version};
use dynamo_playground::data::view::{Entries, Home, Member, Status, Token, View};
use dynamo_playground::protocol::message::{
    Admin, Asks, Beat, Beats, Branch, BranchHash, BurialStep, Different, Failure, FailureReason,
    Identity, Input, Keys, Message, Newcomer, Op, Put, Reply, Wanted, Write,
};
use dynamo_playground::wire::{Hello, RingId, Secret};
use proptest::prelude::*;

/// Mostly small, sometimes at the end of its range.
pub fn number() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0u32..6, 1 => Just(u32::MAX), 1 => any::<u32>()]
}

pub fn node() -> impl Strategy<Value = NodeId> {
    number().prop_map(NodeId)
}

fn request() -> impl Strategy<Value = RequestId> {
    (number(), number()).prop_map(|(life, sequence)| RequestId { life, sequence })
}

pub fn key() -> impl Strategy<Value = Key> {
    let bytes = prop_oneof![
        8 => prop::collection::vec(0u8..4, 0..2),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ];
    bytes.prop_map(|bytes| Key::new(&bytes))
}

pub fn clock() -> impl Strategy<Value = Clock> {
    let counter = prop_oneof![4 => 0u64..5, 1 => Just(Clock::COUNTER_MAX)];
    prop::collection::vec((number(), number(), counter), 0..4).prop_map(|entries| {
        let entry = |(node, epoch, counter)| (Actor { node: NodeId(node), epoch }, counter);
        Clock::new(entries.into_iter().map(entry))
    })
}

fn metadata() -> impl Strategy<Value = Vec<(String, String)>> {
    let pairs = prop::collection::btree_map("[a-z]{0,3}", ".{0,8}", 0..3);
    pairs.prop_map(|pairs| pairs.into_iter().collect())
}

fn content() -> impl Strategy<Value = Pooled<Content>> {
    let value = prop::collection::vec(any::<u8>(), 0..3);
    let held = (value, metadata()).prop_map(|(value, metadata)| {
        Content { value: value.into(), metadata, ..Content::default() }.into()
    });
    prop_oneof![5 => held, 1 => Just(Content::tombstone().into())]
}

fn version() -> impl Strategy<Value = Version> {
    (clock(), content()).prop_map(|(clock, content)| Version::new(clock, content))
}

pub fn record() -> impl Strategy<Value = Record> {
    prop::collection::vec(version(), 1..4).prop_map(|versions| {
        let mut all = Siblings::one(versions[0].clone());
        versions[1..].iter().for_each(|version| _ = all.merge(&Siblings::one(version.clone())));
        all.into()
    })
}

fn beats() -> impl Strategy<Value = Beats> {
    let beat = (node(), number(), number());
    let beat = beat.prop_map(|(node, incarnation, version)| Beat { node, incarnation, version });
    prop::collection::vec(beat, 0..7).prop_map(|beats| beats.into_iter().collect())
}

fn put() -> impl Strategy<Value = Rc<Put>> {
    let (reader, w) = (prop::option::of(node()), prop::option::of(number()));
    (key(), content(), clock(), reader, w).prop_map(|(key, content, context, reader, w)| {
        Rc::new(Put { key, content, context, reader, w })
    })
}

pub fn context() -> impl Strategy<Value = Context> {
    let reader = prop::option::of(node());
    (key(), clock(), reader).prop_map(|(key, clock, reader)| Context { key, clock, reader })
}

fn reply() -> impl Strategy<Value = Reply> {
    use FailureReason::*;
    let reason = prop::sample::select(vec![
        TooFewHealthy,
        Overloaded,
        BadQuorum,
        TooLarge,
        Timeout,
        NotAMember,
    ]);
    prop_oneof![
        (version(), node(), context()).prop_map(|(version, coordinator, context)| Reply::Put {
            version,
            coordinator,
            context
        }),
        (prop::option::of(record()), context())
            .prop_map(|(siblings, context)| Reply::Got { siblings, context }),
        (reason, number(), number()).prop_map(|(reason, needed, reached)| Reply::Failed(Failure {
            reason,
            needed,
            reached
        })),
    ]
}

fn newcomer() -> impl Strategy<Value = Rc<Newcomer>> {
    let weight = prop_oneof![3 => Just(1_000u32), 1 => number()];
    let texts = (".{0,2}", ".{0,5}", ".{0,5}");
    (node(), weight, texts).prop_map(|(node, weight, (zone, name, address))| {
        let (zone, name, address) = (zone.into(), name.into(), address.into());
        Rc::new(Newcomer { node, weight, zone, name, address })
    })
}

/// Views of the ring's own shape and of others, with whatever entries decode.
pub fn view() -> impl Strategy<Value = Rc<View>> {
    let member = (node(), number(), any::<bool>(), 1u32..9_000);
    let token = (number(), number());
    let home = (number(), prop::option::of(node()));
    let (members, tokens) = (prop::collection::vec(member, 0..6), prop::collection::vec(token, 5));
    (members, tokens, prop::collection::vec(home, 15)).prop_filter_map(
        "it must be in order",
        |(mut members, tokens, mut homes)| {
            members.sort_by_key(|member| member.0);
            let member = |(node, version, has_left, weight)| Member {
                version,
                status: if has_left { Status::Left } else { Status::Joined },
                weight,
                ..Member::ordinary(node)
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
                partitioning: Partitioning::Equal { partitions: 5 },
                ends: Vec::new(),
                members: members.into_iter().map(member).collect(),
                tokens: tokens.into_iter().map(token).collect(),
                homes: homes.into_iter().map(home).collect(),
            })
            .ok()
            .map(Rc::new)
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

/// Boxed, because what draws them all is larger than a test's stack.
pub fn message() -> BoxedStrategy<Message> {
    let parts = prop_oneof![
        about_keys().boxed(),
        about_keys().boxed(),
        about_members().boxed(),
        about_transfers().boxed(),
        about_trees().boxed(),
        about_tombstones().boxed(),
    ];
    parts.boxed()
}

fn about_trees() -> impl Strategy<Value = Message> {
    let at = prop_oneof![4 => 0u16..40, 1 => any::<u16>()];
    let branch = || {
        (number(), at.clone())
            .prop_map(|(partition, at)| Branch { partition: PartitionId(partition), at })
    };
    let hash = || prop_oneof![1 => Just(0u64), 1 => any::<u64>()];
    let hashes = (branch(), hash()).prop_map(|(branch, hash)| BranchHash { branch, hash });
    let records = || prop::collection::vec((key(), record()), 0..3);
    let place = || prop_oneof![2 => Just(0u64), 2 => Just(u64::MAX), 1 => any::<u64>()];
    let leaves = prop_oneof![2 => Just([u64::MAX; 4]), 1 => any::<[u64; 4]>()];
    let listed = prop::collection::vec((any::<u64>(), hash()), 0..6);
    let listed = (listed, any::<bool>()).prop_map(|(mut listed, is_sorted)| {
        if is_sorted {
            listed.sort_unstable();
        }
        listed
    });
    let keys = (range(), leaves, place(), place(), listed).prop_map(
        |(range, leaves, from, to, records)| Rc::new(Keys { range, leaves, from, to, records }),
    );
    let different = (place(), records(), prop::collection::vec(number(), 0..4))
        .prop_map(|(to, records, wanted)| Rc::new(Different { to, records, wanted }));
    prop_oneof![
        (request(), prop::collection::vec(hashes, 0..6), hash()).prop_map(
            |(request, hashes, ranges)| Message::Compare { request, hashes: hashes.into(), ranges }
        ),
        (request(), prop::collection::vec(branch(), 0..6), 0u8..4).prop_map(
            |(request, branches, how)| Message::Differing {
                request,
                branches: branches.into(),
                is_comparable: how > 0
            }
        ),
        (request(), keys).prop_map(|(request, keys)| Message::Keys { request, keys }),
        (request(), different)
            .prop_map(|(request, different)| Message::Different { request, different }),
        (request(), records())
            .prop_map(|(request, records)| Message::Wanted { request, records: records.into() }),
        (request(), any::<bool>())
            .prop_map(|(request, accepted)| Message::Mended { request, accepted }),
    ]
}

fn about_tombstones() -> impl Strategy<Value = Message> {
    let steps = [BurialStep::Held, BurialStep::Nothing, BurialStep::Gone];
    let step = prop::sample::select(steps.to_vec());
    prop_oneof![
        (request(), key(), record(), any::<u64>(), step).prop_map(
            |(request, key, tombstone, view, step)| {
                Message::Bury { request, key, tombstone, view, step }
            }
        ),
        (request(), any::<bool>())
            .prop_map(|(request, accepted)| Message::Buried { request, accepted }),
    ]
}

fn about_keys() -> impl Strategy<Value = Message> {
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
        (kept, prop::option::of(node()), any::<bool>()).prop_map(
            |((request, key, siblings), stands_in_for, is_durable)| Message::Store {
                request,
                key,
                siblings,
                stands_in_for,
                is_durable
            }
        ),
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
        request().prop_map(|request| Message::Repaired { request }),
        (request(), key(), record()).prop_map(|(request, key, siblings)| Message::Handoff {
            request,
            key,
            siblings
        }),
        (request(), any::<bool>())
            .prop_map(|(request, accepted)| Message::HandedOver { request, accepted }),
    ]
}

fn asks() -> impl Strategy<Value = Asks> {
    prop_oneof![Just(Asks::News), Just(Asks::Nothing), Just(Asks::Receipt)]
}

fn about_members() -> impl Strategy<Value = Message> {
    prop_oneof![
        (beats(), any::<u64>())
            .prop_map(|(beats, view)| Message::Digest { beats: beats.into(), view }),
        (beats(), prop::collection::vec(node(), 0..7)).prop_map(|(newer, wanted)| {
            let wanted: Wanted = wanted.into_iter().collect();
            Message::News { newer: newer.into(), wanted: wanted.into() }
        }),
        beats().prop_map(|newer| Message::Rest { newer: newer.into() }),
        request().prop_map(|request| Message::Probe { request }),
        (request(), beats()).prop_map(|(request, beats)| Message::Probed {
            request,
            beat: beats.get(0).unwrap_or_default(),
        }),
        (view(), asks()).prop_map(|(view, asks)| Message::View { view, asks }),
        (request(), number(), newcomer())
            .prop_map(|(request, after, newcomer)| { Message::Join { request, after, newcomer } }),
        (request(), view()).prop_map(|(request, view)| Message::NotHome { request, view }),
    ]
}

fn range() -> impl Strategy<Value = Range> {
    let half = || prop_oneof![Just(0u64), Just(1 << 62), Just(1 << 63), any::<u64>()];
    // Those of a ring of five, of one, and of none.
    let fifth = || (0u64..6).prop_map(|at| at * (u64::MAX / 5));
    let end = move || prop_oneof![half(), fifth()];
    (end(), end()).prop_map(|(after, end)| Range { after, end })
}

fn about_transfers() -> impl Strategy<Value = Message> {
    prop_oneof![
        (request(), range(), number())
            .prop_map(|(request, range, records)| { Message::Offer { request, range, records } }),
        (request(), any::<bool>())
            .prop_map(|(request, accepted)| Message::Confirm { request, accepted }),
        (request(), range(), prop::collection::vec((key(), record()), 0..3)).prop_map(
            |(request, range, records)| {
                Message::Transfer { request, range, records: records.into() }
            }
        ),
        (request(), any::<bool>())
            .prop_map(|(request, accepted)| Message::Transferred { request, accepted }),
    ]
}

pub fn write() -> impl Strategy<Value = Write> {
    let identity =
        (number(), node(), number(), any::<u64>()).prop_map(|(incarnation, node, epoch, floor)| {
            Identity { incarnation, actor: Actor { node, epoch }, counter_floor: floor }
        });
    prop_oneof![
        identity.prop_map(Write::Identity),
        view().prop_map(Write::View),
        (key(), record()).prop_map(|(key, siblings)| Write::Record { key, siblings }),
        key().prop_map(|key| Write::RecordGone { key }),
        (node(), key(), record()).prop_map(|(target, key, siblings)| Write::Hint {
            target,
            key,
            siblings
        }),
        (node(), key()).prop_map(|(target, key)| Write::HintGone { target, key }),
        (key(), any::<u64>()).prop_map(|(key, counter)| Write::Floor { key, counter }),
        (key(), record()).prop_map(|(key, tombstone)| Write::Grave { key, tombstone }),
        key().prop_map(|key| Write::GraveGone { key }),
    ]
}

pub fn hello() -> impl Strategy<Value = Hello> {
    let who = (any::<[u8; 16]>(), node(), "[A-Za-z0-9_-]{1,16}", "(wss?://[!-~]{1,40})?");
    let what = (any::<u64>(), any::<[u8; 16]>());
    (who, what).prop_map(|((ring, node, name, address), (settings, secret))| Hello {
        ring: RingId(ring),
        node,
        name,
        address,
        settings,
        secret: Secret::new(secret),
    })
}

/// What a node may be told, by anybody.
pub fn input() -> impl Strategy<Value = Input> {
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

/// One damage to bytes, somewhere on their length.
#[derive(Clone, Debug)]
pub enum Damage {
    Flip { at: usize, bit: u32 },
    Set { at: usize, byte: u8 },
    Insert { at: usize, byte: u8 },
    Remove { at: usize },
    Truncate { at: usize },
    Repeat { at: usize, count: usize },
}

pub fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let at = any::<usize>;
    let byte = || prop_oneof![0u8..4, Just(0x80), Just(0xff), any::<u8>()];
    let one = prop_oneof![
        4 => (at(), 0u32..8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        4 => (at(), byte()).prop_map(|(at, byte)| Damage::Set { at, byte }),
        2 => (at(), byte()).prop_map(|(at, byte)| Damage::Insert { at, byte }),
        2 => at().prop_map(|at| Damage::Remove { at }),
        1 => at().prop_map(|at| Damage::Truncate { at }),
        1 => (at(), 1usize..9).prop_map(|(at, count)| Damage::Repeat { at, count }),
    ];
    prop::collection::vec(one, 1..4)
}

pub fn damaged(mut bytes: Vec<u8>, damage: &[Damage]) -> Vec<u8> {
    for one in damage {
        let length = bytes.len().max(1);
        match *one {
            _ if bytes.is_empty() => {}
            Damage::Flip { at, bit } => bytes[at % length] ^= 1 << bit,
            Damage::Set { at, byte } => bytes[at % length] = byte,
            Damage::Insert { at, byte } => bytes.insert(at % length, byte),
            Damage::Remove { at } => _ = bytes.remove(at % length),
            Damage::Truncate { at } => bytes.truncate(at % length),
            Damage::Repeat { at, count } => {
                let from = at % length;
                let part = bytes[from..length.min(from + count)].to_vec();
                bytes.splice(from..from, part);
            }
        }
    }
    bytes
}
