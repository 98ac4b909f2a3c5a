//! The log in words: one sentence an event, in the paper's terms.

mod command;

use crate::base::blob::Key;
use crate::base::id::{ClientId, NodeId};
use crate::base::time::Span;
use crate::data::version::Actor;
use crate::protocol::admission::SLICES;
use crate::protocol::config::Config;
use crate::protocol::message::{Failure, FailureReason, Notice, Suspicion};
use crate::sim::log::{Hop, LogEvent, MessageKind, Staleness, What};
use crate::sim::network::Loss;
use crate::sim::op::{OpKind, OpRecord, Outcome};
use crate::sim::world::World;

/// An event, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// A short name of what sort of event it is.
    pub kind: &'static str,
    pub node: Option<NodeId>,
    pub peer: Option<NodeId>,
    pub op: Option<usize>,
    pub key: Option<Key>,
    /// Whether it is worth a sentence of its own; messages and timers are not.
    pub is_notable: bool,
    pub text: String,
}

/// Who is meant, for people, and what else a sentence needs to know besides what happened.
pub trait Names {
    fn name(&self, node: NodeId) -> String;
    /// A node's first actor as `B`, later ones as `B~2`, `B~3`.
    fn actor_name(&self, actor: Actor) -> String;
    fn config(&self) -> &Config;
}

impl Names for World {
    fn name(&self, node: NodeId) -> String {
        self.setup().name(node).to_owned()
    }

    fn actor_name(&self, actor: Actor) -> String {
        World::actor_name(self, actor)
    }

    fn config(&self) -> &Config {
        &self.setup().config
    }
}

/// Why a request was not served, told.
pub fn of_failure(failure: &Failure, config: &Config) -> String {
    let Failure { reason, needed, reached } = *failure;
    match reason {
        FailureReason::TooFewHealthy => {
            let whose = if config.quorum.counts_stand_ins() { "" } else { " of the first N" };
            let (needed, of) = (counted(needed, "answer"), counted(reached, "node"));
            let verb = if reached == 1 { "is" } else { "are" };
            format!("it needs {needed}, and {of}{whose} {verb} believed up")
        }
        FailureReason::Timeout => format!("{reached} of {needed} answers came in time"),
        FailureReason::Overloaded => "the coordinator has no room for more".into(),
        FailureReason::BadQuorum => {
            format!("{needed} answers were asked for; allowed is 1 to {}", config.n)
        }
        FailureReason::NotAMember => "the node belongs to no ring".into(),
        FailureReason::TooLarge => "the key or the value is too large".into(),
    }
}

/// `1 node`, `2 nodes`.
fn counted(number: u32, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

pub fn tell(world: &World, event: &LogEvent) -> Told {
    match &event.what {
        What::Sent(hop) => of_hop(world, "send", hop, "sends", ""),
        What::Delivered(hop) => of_hop(world, "deliver", hop, "to", " arrives"),
        What::Lost { hop, why } => {
            let ending = match why {
                Loss::Dropped => ": lost on the way",
                Loss::Cut => ": stopped by the cut",
                Loss::DestinationDown => ": nobody is there to receive it",
                Loss::QueueFull => ": the queue there is full",
                Loss::Damaged => ": its bytes were damaged, and it is refused",
            };
            of_hop(world, "lost", hop, "to", ending)
        }
        What::BufferLost { node, writes } => {
            let text = format!(
                "{} loses {writes} writes that were answered and still in its write buffer.",
                world.setup().name(*node)
            );
            Told { node: Some(*node), ..loud("buffer-lost", text) }
        }
        What::DiskFailed { node } => {
            let text = format!(
                "{}'s disk fails, so its process ends; it starts again from that disk once it is \
                 well. What it had not answered may have taken effect.",
                world.setup().name(*node)
            );
            Told { node: Some(*node), ..loud("disk-failed", text) }
        }
        What::Woke { node } => {
            let text = format!("{}'s timer is due.", world.setup().name(*node));
            Told { node: Some(*node), ..quiet("timer", text) }
        }
        What::Asked { op } => of_request(world, *op),
        What::Answered { op } => of_answer(world, *op),
        What::Polled { client, node, why } => of_poll(world, *client, *node, *why),
        What::Did(command) => {
            Told { node: command.node(), ..loud("fault", command::of_command(world, command)) }
        }
        What::Noticed { node, notice } => of_notice(world, *node, notice),
        What::Expected { index, ok } => {
            let verdict = if *ok { "holds" } else { "does not hold" };
            loud("expect", format!("Expectation {} {verdict}.", index + 1))
        }
    }
}

fn quiet(kind: &'static str, text: String) -> Told {
    Told { kind, node: None, peer: None, op: None, key: None, is_notable: false, text }
}

fn loud(kind: &'static str, text: String) -> Told {
    Told { is_notable: true, ..quiet(kind, text) }
}

fn of_hop(world: &World, kind: &'static str, hop: &Hop, verb: &str, ending: &str) -> Told {
    let name = |node| world.setup().name(node);
    let what = of_message(world, hop);
    let (from, to) = (name(hop.from), name(hop.to));
    let text = match verb {
        "sends" => format!("{from} sends {to} {what}."),
        _ => format!("{from} to {to}, {what}{ending}."),
    };
    Told {
        node: Some(hop.from),
        peer: Some(hop.to),
        op: hop.op,
        key: hop.key.clone(),
        ..quiet(kind, text)
    }
}

fn of_message(world: &World, hop: &Hop) -> String {
    let key = hop.key.as_ref().map_or_else(String::new, |key| format!("{key:?}"));
    let owner = hop.hint_for.map_or("", |node| world.setup().name(node));
    match hop.kind {
        MessageKind::Put => format!("a copy of {key}"),
        MessageKind::PutAccepted => "word that the copy is stored".into(),
        MessageKind::HandoffAnswer | MessageKind::TransferAnswer | MessageKind::MendAnswer
            if hop.is_refusal =>
        {
            "word that there is no room for that".into()
        }
        MessageKind::PutRefused => "word that there is no room for the copy".into(),
        MessageKind::Get => format!("a question for {key}"),
        MessageKind::GetFound => "what it holds".into(),
        MessageKind::GetNothing => "word that it holds nothing".into(),
        MessageKind::ReadRepair => format!("the newest {key}, a read repair"),
        MessageKind::ReadRepairAnswer => "word that it is repaired".into(),
        MessageKind::Hint => format!("a copy of {key} with a hint for {owner}"),
        MessageKind::Handoff => format!("{key}, a hint come home"),
        MessageKind::HandoffAnswer => "word that the hint is home".into(),
        MessageKind::GossipDigest => "a digest of all heartbeats it knows".into(),
        MessageKind::GossipNews => "the heartbeats it knows better".into(),
        MessageKind::Probe => "a probe: are you back?".into(),
        MessageKind::ProbeAnswer => "an answer to the probe".into(),
        MessageKind::View => "the members and tokens it knows".into(),
        MessageKind::Join => "a wish to join the ring".into(),
        MessageKind::NotHome => "word that the key has another home now".into(),
        MessageKind::Offer => "an offer of a partition".into(),
        MessageKind::OfferAnswer => "an answer to the offer".into(),
        MessageKind::Transfer => "records of a partition that moves".into(),
        MessageKind::TransferAnswer => "word that those records are stored".into(),
        MessageKind::Compare => "hashes of its Merkle trees".into(),
        MessageKind::CompareAnswer => "which of those hashes are others here".into(),
        MessageKind::Keys => "keys by their hashes, where the trees differ".into(),
        MessageKind::KeysAnswer => "the records that differ, and which it wants".into(),
        MessageKind::Mend => "the records that were wanted".into(),
        MessageKind::MendAnswer => "word that those records are stored".into(),
        MessageKind::Bury => format!("a question: may the tombstone of {key} go?"),
        MessageKind::BuryAnswer => "an answer about the tombstone".into(),
        MessageKind::Forward => format!("a put of {key} to coordinate"),
        MessageKind::ForwardAnswer => "word on the put it was passed".into(),
    }
}

fn of_request(world: &World, op: usize) -> Told {
    let Some(record) = world.record(op) else { return forgotten("client") };
    let via = record.via.map_or("nobody: no node is up", |node| world.setup().name(node));
    let verb = match record.kind {
        OpKind::Put => "puts",
        OpKind::Get => "gets",
        OpKind::Delete => "deletes",
    };
    let mut text = format!("{}: a client {verb} {:?} through {via}", record.name, record.key);
    match &record.context_of {
        Some(seen) => text.extend([", having seen what ", seen, " returned."]),
        None if record.kind == OpKind::Put => text.push_str(", having seen nothing of it."),
        None => text.push('.'),
    }
    of_op(record, op, "client", text)
}

fn of_answer(world: &World, op: usize) -> Told {
    let Some(record) = world.record(op) else { return forgotten("answer") };
    let text = match (&record.outcome, record.kind) {
        (Outcome::Pending, _) => format!("{} waits.", record.name),
        (Outcome::Refused(why), _) => format!("{} is refused: {why}.", record.name),
        (Outcome::Timeout(why), _) => format!("{} ran out of time: {why}.", record.name),
        (Outcome::Ok, OpKind::Put | OpKind::Delete) => of_accepted_put(world, record),
        (Outcome::Ok, OpKind::Get) => match record.versions.len() {
            0 => format!("{} finds nothing.", record.name),
            1 => format!("{} returns one version.", record.name),
            n => format!("{} returns {n} versions: neither covers the other.", record.name),
        },
    };
    of_op(record, op, "answer", text)
}

/// A client asks for a view. Those of loads are too many to be told.
fn of_poll(world: &World, client: ClientId, node: NodeId, why: Option<Staleness>) -> Told {
    let name = |node| world.setup().name(node);
    let asks = format!("asks {} for the members and tokens it knows", name(node));
    let text = match why {
        None => format!("A client {asks}."),
        Some(Staleness::Silent(asked)) => {
            format!("A client that {} does not answer {asks}.", name(asked))
        }
        Some(Staleness::NoMember(asked)) => {
            format!("A client hears that {} is no member, and {asks}.", name(asked))
        }
        Some(Staleness::NoHome(asked)) => {
            format!("A client hears that {} is no home of the key, and {asks}.", name(asked))
        }
    };
    let is_notable = why.is_some() && client == ClientId(0);
    Told { node: Some(node), is_notable, ..quiet("view", text) }
}

fn of_accepted_put(world: &World, record: &OpRecord) -> String {
    let absent =
        record.acknowledged.iter().find_map(|a| Some((a.replica.node, a.replica.stands_in_for?)));
    let name = |node| world.setup().name(node);
    match absent {
        Some((node, absent)) => format!(
            "{} is accepted all the same: {} stands in for {}.",
            record.name,
            name(node),
            name(absent)
        ),
        None => format!("{} is accepted: W {} answers are here.", record.name, record.need),
    }
}

fn of_op(record: &OpRecord, op: usize, kind: &'static str, text: String) -> Told {
    Told { node: record.via, op: Some(op), key: Some(record.key.clone()), ..loud(kind, text) }
}

/// Of the many operations of a load the newest are remembered.
fn forgotten(kind: &'static str) -> Told {
    quiet(kind, "An operation of a load.".into())
}

/// What a node notices, told. `names` is a world, or a real node that knows its ring.
pub fn of_notice(names: &dyn Names, id: NodeId, notice: &Notice) -> Told {
    let name = |node: NodeId| names.name(node);
    let me = name(id);
    let told = match notice {
        Notice::Started { incarnation, .. } => {
            quiet("start", format!("{me} begins its incarnation {incarnation}."))
        }
        Notice::Coordinates { key, need, .. } => {
            let text =
                format!("{me} coordinates a request for {key:?}: {need} answers are needed.");
            Told { key: Some(key.clone()), ..quiet("coordinates", text) }
        }
        Notice::Forwards { to, .. } => {
            let text =
                format!("{me} is not among the first N, so it passes the put to {}.", name(*to));
            Told { peer: Some(*to), ..loud("forward", text) }
        }
        Notice::AsksDurably { node, .. } => {
            let text = format!(
                "{} is to have it on its disk before it answers; others may buffer it.",
                name(*node)
            );
            Told { peer: Some(*node), ..quiet("durable", text) }
        }
        Notice::Acknowledged { replica, .. } => {
            let text = format!("{} has answered {me}.", name(replica.node));
            Told { peer: Some(replica.node), ..quiet("acknowledged", text) }
        }
        Notice::Replaced { silent, by, .. } => {
            let text = match by.stands_in_for {
                Some(absent) => format!(
                    "{} does not answer {me}, so {} stands in for {}.",
                    name(*silent),
                    name(by.node),
                    name(absent)
                ),
                None => {
                    format!("{} does not answer {me}, so it asks {}.", name(*silent), name(by.node))
                }
            };
            Told { peer: Some(by.node), ..loud("stand-in", text) }
        }
        Notice::ClockCut { key } => {
            let text = format!("{me} drops the oldest entry of a clock of {key:?} that is full.");
            Told { key: Some(key.clone()), ..loud("clock-cut", text) }
        }
        Notice::FalseDominance { key } => {
            let text =
                format!("{me}'s new clock covers a version of {key:?} its client never saw.");
            Told { key: Some(key.clone()), ..loud("false-dominance", text) }
        }
        Notice::HintStored { target, key } => {
            let text = format!("{me} keeps {key:?} apart, with a hint for {}.", name(*target));
            Told { peer: Some(*target), key: Some(key.clone()), ..loud("hint-stored", text) }
        }
        Notice::HintDelivered { target, key } => {
            let text =
                format!("{me} handed {key:?} over to {} and dropped the hint.", name(*target));
            Told { peer: Some(*target), key: Some(key.clone()), ..loud("hint-delivered", text) }
        }
        Notice::ReadRepair { key, node, .. } => {
            let text = match *node == id {
                true => format!("{me} was stale itself, and takes the newest {key:?}."),
                false => format!("{} was stale, so {me} sends it the newest {key:?}.", name(*node)),
            };
            Told { peer: Some(*node), key: Some(key.clone()), ..loud("read-repair", text) }
        }
        Notice::Suspects { node, why } => {
            let evidence = match why {
                Suspicion::Silent => "two of its requests in a row went unanswered".to_owned(),
                Suspicion::Stale => {
                    // A thousandth of milliseconds is seconds.
                    let config = names.config();
                    match config.suspect_phi.map(|phi| Span(u64::from(phi) * 1_000)) {
                        Some(phi) => format!("its heartbeat is late enough for a phi of {phi}"),
                        None => {
                            let seconds = Span(config.suspect_after.0 / 1_000);
                            format!("no newer heartbeat for {seconds} s")
                        }
                    }
                }
            };
            let text = format!("{me} suspects {}: {evidence}.", name(*node));
            Told { peer: Some(*node), ..loud("suspect", text) }
        }
        Notice::Trusts { node } => Told {
            peer: Some(*node),
            ..loud("trust", format!("{me} trusts {} again.", name(*node)))
        },
        Notice::GossipRound { with } => {
            let text = format!("{me} gossips with {}.", name(*with));
            Told { peer: Some(*with), ..quiet("gossip", text) }
        }
        Notice::MemberJoined { node } => Told {
            peer: Some(*node),
            ..loud("joined", format!("{me} knows {} as a member.", name(*node)))
        },
        Notice::MemberLeft { node } => Told {
            peer: Some(*node),
            ..loud("left", format!("{me} knows that {} has left.", name(*node)))
        },
        Notice::Moved { partition, from, to } => {
            let who = |node: &Option<NodeId>| node.map_or_else(|| "nobody".into(), name);
            let text =
                format!("Partition {} passes from {} to {}.", partition.0, who(from), who(to));
            Told { peer: *to, ..loud("moved", text) }
        }
        Notice::PartitionsChanged { partitions } => {
            let text = format!("{me} knows more tokens, which cut the ring in {partitions}.");
            loud("partitions", text)
        }
        Notice::Received { partition, records } => {
            let text = format!("{me} stores {records} records of partition {}.", partition.0);
            quiet("received", text)
        }
        Notice::Compared { with, partitions, differing: 0, .. } => {
            let text =
                format!("{me} and {} keep the same in {partitions} partitions.", name(*with));
            Told { peer: Some(*with), ..quiet("compared", text) }
        }
        Notice::Compared { with, partitions, differing, .. } => {
            let with_name = name(*with);
            let text = format!(
                "{me} and {with_name} differ in {differing} of {partitions} partitions: their \
                 Merkle roots say so."
            );
            Told { peer: Some(*with), ..loud("compared", text) }
        }
        Notice::HashesSent { to, hashes } => {
            let text = format!("{me} sends {} {hashes} hashes to compare.", name(*to));
            Told { peer: Some(*to), ..quiet("hashes", text) }
        }
        Notice::RecordSent { to, key, .. } => {
            let text = format!("{me} sends {} the {key:?} that differs.", name(*to));
            Told { peer: Some(*to), key: Some(key.clone()), ..quiet("record-sent", text) }
        }
        Notice::RecordMended { from, key } => {
            let text = format!("{me} takes {key:?} from {}: anti-entropy found it.", name(*from));
            Told { peer: Some(*from), key: Some(key.clone()), ..loud("mended", text) }
        }
        Notice::TreesRebuilt { trees } => {
            let text = format!(
                "The partitions are other ranges now, so {me} makes {trees} Merkle trees anew."
            );
            loud("trees-rebuilt", text)
        }
        Notice::Reaped { key, .. } => {
            let text =
                format!("The last tombstone of {key:?} is gone: no member has what is older.");
            Told { key: Some(key.clone()), ..loud("reaped", text) }
        }
        Notice::Overloaded { key } => {
            let text = format!("{me} has no room for {key:?} and refuses it.");
            Told { key: Some(key.clone()), ..loud("overloaded", text) }
        }
        Notice::Slices { slices, answers, late } => {
            let bound = names.config().admission_p99;
            let text = format!(
                "{me} leaves background work {slices} of {SLICES} slices: {late} of the last \
                 minute's {answers} requests, and of its own background steps, took longer than \
                 {bound} ms."
            );
            loud("slices", text)
        }
        Notice::Rests { until } => {
            quiet("rests", format!("{me} rests from background work until {until} ms."))
        }
    };
    Told { node: Some(id), ..told }
}
