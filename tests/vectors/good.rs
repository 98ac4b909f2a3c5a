//! One message of each kind.

use std::rc::Rc;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::{NodeId, PartitionId, RequestId};
use dynamo_playground::base::pool::Pooled;
use dynamo_playground::data::partitioning::Range;
use dynamo_playground::data::ring::Ring;
use dynamo_playground::data::version::{Actor, Clock, Content, Context, Record, Siblings, Version};
use dynamo_playground::data::view::View;
use dynamo_playground::protocol::message::{
    Asks, Beat, Beats, Branch, BranchHash, BurialStep, Different, Keys, Message, Newcomer, Put,
    Reply, Wanted,
};

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const REQUEST: RequestId = RequestId { life: 7, sequence: 300 };

pub fn smallest() -> Message {
    Message::Taken { request: RequestId::default() }
}

fn actor(node: u32) -> Actor {
    Actor { node: NodeId(node), epoch: 0 }
}

fn content(value: &str) -> Pooled<Content> {
    let metadata = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
    Content { value: value.as_bytes().into(), metadata, is_tombstone: false }.into()
}

fn version(node: u32, counter: u64, content: Pooled<Content>) -> Version {
    Version::new(Clock::new([(actor(node), counter)]), content)
}

/// A value and a tombstone side by side.
fn record() -> Record {
    let mut siblings = Siblings::one(version(0, 2, content("milk")));
    siblings.merge(&Siblings::one(version(1, 1, Content::tombstone().into())));
    siblings.into()
}

fn beats() -> Beats {
    let beat = |node, version| Beat { node: NodeId(node), incarnation: 1, version };
    [beat(0, 12), beat(1, 200), beat(u32::MAX, 0)].into_iter().collect()
}

/// In the order in which they are declared.
pub fn messages() -> Vec<(&'static str, Message)> {
    let key = Key::new(b"cart:ann");
    let request = REQUEST;
    let siblings = record();
    let context = Clock::new([(actor(0), 1), (actor(1), Clock::COUNTER_MAX)]);
    let put = Rc::new(Put {
        key: key.clone(),
        content: content("eggs"),
        context,
        reader: Some(B),
        w: Some(2),
    });
    let of_key = Context { key: key.clone(), clock: siblings.clock(), reader: None };
    let reply =
        Reply::Put { version: version(1, 1, content("tea")), coordinator: B, context: of_key };
    let view = Rc::new(View::of_owners(&Ring::new(vec![A, B], 2), 2));
    let (name, address) = ("C".into(), "ws://127.0.0.1:7003/rings/tea/socket".into());
    let (node, weight, zone) = (NodeId(2), 1_000, "west".into());
    let newcomer = Rc::new(Newcomer { node, weight, zone, name, address });
    let (partition, range) = (PartitionId(1), Range { after: 1 << 63, end: 0 });
    let records = Rc::new(vec![(key.clone(), siblings.clone())]);
    let branch = Branch { partition, at: 17 };
    let hashes = vec![BranchHash { branch: Branch { partition, at: 0 }, hash: u64::MAX }];
    let keys = Rc::new(Keys {
        range,
        leaves: [1, 0, 0, 1 << 63],
        from: 0,
        to: u64::MAX,
        records: vec![(7, 300), (8, 0)],
    });
    let different = Different { to: 8, records: records.to_vec(), wanted: vec![1] };
    let tombstone = Siblings::record(version(0, 3, Content::tombstone().into()));
    let stored = |stands_in_for| Message::Store {
        request,
        key: key.clone(),
        siblings: siblings.clone(),
        stands_in_for,
        is_durable: true,
    };
    vec![
        ("good-forward", Message::Forward { request, put, hops: 1 }),
        ("good-taken", Message::Taken { request }),
        ("good-forwarded", Message::Forwarded { request, reply: reply.into() }),
        ("good-store", stored(Some(B))),
        ("good-stored", Message::Stored { request, accepted: true }),
        ("good-fetch", Message::Fetch { request, key: key.clone(), stands_in_for: None }),
        ("good-fetched", Message::Fetched { request, siblings: Some(siblings.clone()) }),
        ("good-repair", Message::Repair { request, key: key.clone(), siblings: siblings.clone() }),
        ("good-repaired", Message::Repaired { request }),
        (
            "good-handoff",
            Message::Handoff { request, key: key.clone(), siblings: siblings.clone() },
        ),
        ("good-handed-over", Message::HandedOver { request, accepted: false }),
        ("good-digest", Message::Digest { beats: beats().into(), view: view.digest() }),
        (
            "good-news",
            Message::News {
                newer: beats().into(),
                wanted: [A, B].into_iter().collect::<Wanted>().into(),
            },
        ),
        ("good-rest", Message::Rest { newer: beats().into() }),
        ("good-probe", Message::Probe { request }),
        ("good-probed", Message::Probed { request, beat: beats().get(1).unwrap_or_default() }),
        ("good-view", Message::View { view: view.clone(), asks: Asks::Nothing }),
        ("good-join", Message::Join { request, after: 0, newcomer }),
        ("good-not-home", Message::NotHome { request, view }),
        ("good-offer", Message::Offer { request, range, records: 1 }),
        ("good-confirm", Message::Confirm { request, accepted: true }),
        ("good-transfer", Message::Transfer { request, range, records: records.clone() }),
        ("good-transferred", Message::Transferred { request, accepted: true }),
        ("good-compare", Message::Compare { request, hashes: hashes.into(), ranges: 7 }),
        (
            "good-differing",
            Message::Differing { request, branches: vec![branch].into(), is_comparable: true },
        ),
        ("good-keys", Message::Keys { request, keys }),
        ("good-different", Message::Different { request, different: different.into() }),
        ("good-wanted", Message::Wanted { request, records }),
        ("good-mended", Message::Mended { request, accepted: true }),
        (
            "good-bury",
            Message::Bury { request, key, tombstone, view: 9, step: BurialStep::Nothing },
        ),
        ("good-buried", Message::Buried { request, accepted: true }),
    ]
}
