//! Why something happened: from an event back to the act that began it, in a few sentences.
//!
//! Each event of the log names its cause. Where that is a silence, which is no event, this looks
//! for what became of the message that got no answer, and for the fault behind it. It tells what
//! the log has and nothing else; onlookers may know what no node knows.

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::order::sort_by_key;
use crate::base::time::Instant;
use crate::data::version::{Siblings, Version};
use crate::protocol::message::{Notice, Suspicion};
use crate::sim::command::Command;
use crate::sim::log::{Hop, LogEvent, What};
use crate::sim::network::Loss;
use crate::sim::op::{OpKind, OpRecord, Outcome};
use crate::sim::words::{self, Told};
use crate::sim::world::World;

/// The most sentences of an answer.
pub const SENTENCES_MAX: usize = 5;
/// The most events that are followed back.
const FOLLOWED_MAX: usize = 200;

/// What is asked about.
#[derive(Clone, Debug)]
pub enum About {
    Event(u64),
    /// The end of an operation, or that it has none yet.
    Op(usize),
    /// That `holder` keeps a hint for `target`.
    Hint {
        holder: NodeId,
        target: NodeId,
        key: Key,
    },
    /// What `node` believes of `whom`.
    Belief {
        node: NodeId,
        whom: NodeId,
    },
    /// The versions that there are of a key.
    Key(Key),
}

/// The answer: what happened, oldest first, the event in question last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    pub sentences: Vec<Sentence>,
    /// Something before the first has left the log's window.
    pub is_cut_short: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub event: u64,
    pub at: Instant,
    pub text: String,
}

/// No sentences when the log's window has nothing of it any more.
pub fn why(world: &World, about: &About) -> Why {
    let mut chain = Chain { world, found: Vec::new(), is_cut_short: false };
    let subject = match about {
        About::Key(key) => {
            chain.follow_versions(key, &alive(world, key));
            if !chain.found.is_empty() {
                return chain.told(None);
            }
            chain.newest(&|event| tells_of(world, event, key))
        }
        About::Event(id) => world.log().get(*id),
        About::Op(op) => chain.newest(&|event| match event.what {
            What::Asked { op: other } | What::Answered { op: other } => other == *op,
            _ => false,
        }),
        About::Hint { holder, target, key } => chain.newest(&|event| match &event.what {
            What::Noticed { node, notice: Notice::HintStored { target: of, key: what } } => {
                node == holder && of == target && what == key
            }
            _ => false,
        }),
        About::Belief { node, whom } => chain.newest(&|event| match &event.what {
            What::Noticed { node: by, notice } => by == node && is_belief_about(notice, *whom),
            _ => false,
        }),
    };
    match subject {
        Some(event) => {
            chain.follow(event);
            chain.told(Some(event))
        }
        None => Why { sentences: Vec::new(), is_cut_short: true },
    }
}

/// The events that led to one.
struct Chain<'w> {
    world: &'w World,
    found: Vec<&'w LogEvent>,
    is_cut_short: bool,
}

impl<'w> Chain<'w> {
    fn newest(&self, is_it: &dyn Fn(&LogEvent) -> bool) -> Option<&'w LogEvent> {
        self.world.log().newest().find(|event| is_it(event))
    }

    fn newest_before(&self, id: u64, is_it: &dyn Fn(&What) -> bool) -> Option<&'w LogEvent> {
        self.newest(&|event| event.id < id && is_it(&event.what))
    }

    fn newest_act(&self, before: u64, is_it: &dyn Fn(&Command) -> bool) -> Option<&'w LogEvent> {
        self.newest_before(before, &|what| did(what).is_some_and(is_it))
    }

    /// The event, what its silence or its belief rests on, and so on back to what has no cause.
    fn follow(&mut self, event: &'w LogEvent) {
        let mut next = Some(event);
        while let Some(event) = next {
            if self.found.iter().any(|it| it.id == event.id) || self.found.len() >= FOLLOWED_MAX {
                return;
            }
            self.found.push(event);
            self.follow_grounds(event);
            let cause = event.cause.filter(|_| !rests_on_others(&event.what));
            next = cause.and_then(|cause| self.world.log().get(cause));
            self.is_cut_short |= cause.is_some() && next.is_none();
            // What a timer was set after began nothing, unless a person has just started the node.
            let is_timer = matches!(event.what, What::Woke { .. });
            next = next.filter(|next| !is_timer || did(&next.what).is_some());
        }
    }

    /// What an event rests on besides its cause.
    fn follow_grounds(&mut self, event: &'w LogEvent) {
        match &event.what {
            What::Noticed { node, notice: Notice::Replaced { silent, .. } } => {
                self.follow_silence(*node, *silent, event.id);
            }
            What::Noticed { node, notice: Notice::Suspects { node: whom, why } } => match why {
                Suspicion::Silent => self.follow_silence(*node, *whom, event.id),
                Suspicion::Stale => self.follow_fault(*whom, None, event.id),
            },
            What::Noticed { notice: Notice::Trusts { node: whom }, .. } => {
                self.follow_return(*whom, event.id);
            }
            What::Noticed { notice: Notice::ReadRepair { node, key, .. }, .. } => {
                self.follow_missed(*node, key, event.id);
            }
            What::Noticed { node, notice: Notice::RecordMended { key, .. } } => {
                self.follow_missed(*node, key, event.id);
            }
            What::Noticed { node: by, notice: Notice::HintDelivered { target, key } } => {
                let stored = self.newest_before(event.id, &|what| match what {
                    What::Noticed {
                        node,
                        notice: Notice::HintStored { target: of, key: what },
                    } => node == by && of == target && what == key,
                    _ => false,
                });
                if let Some(stored) = stored {
                    self.follow(stored);
                }
                self.follow_return(*target, event.id);
            }
            What::Sent(Hop { from, hint_for: Some(absent), .. }) => {
                self.follow_suspicion(*from, *absent, event.id);
            }
            What::Lost { hop, why } => match why {
                Loss::DestinationDown | Loss::QueueFull => {
                    self.follow_fault(hop.to, None, event.id);
                }
                Loss::Cut => self.follow_fault(hop.to, Some(hop.from), event.id),
                Loss::Dropped | Loss::Damaged => {
                    let is_change = |command: &Command| matches!(command, Command::Network(_));
                    let found = self.newest_act(event.id, &is_change);
                    self.found.extend(found);
                }
            },
            What::Answered { op } => self.follow_answer(*op, event.id),
            _ => {}
        }
    }

    fn follow_answer(&mut self, op: usize, before: u64) {
        let Some(record) = self.world.record(op) else { return self.is_cut_short = true };
        match &record.outcome {
            Outcome::Ok if record.kind == OpKind::Get => {
                self.follow_versions(&record.key, &record.versions);
            }
            Outcome::Ok | Outcome::Pending => {}
            Outcome::Refused(_) | Outcome::Timeout(_) => {
                let ring = self.world.ring();
                let homes = ring.homes(ring.partition_of(record.key.position()));
                for &home in homes {
                    let lost = self.newest_before(before, &|what| match what {
                        What::Lost { hop, .. } => hop.op == Some(op) && hop.to == home,
                        _ => false,
                    });
                    match (lost, record.coordinator.or(record.via)) {
                        (Some(lost), _) => self.follow(lost),
                        (None, Some(by)) => self.follow_suspicion(by, home, before),
                        (None, None) => {}
                    }
                }
            }
        }
    }

    /// Of several versions, the puts that made them: none had seen the others.
    fn follow_versions(&mut self, key: &Key, versions: &[Version]) {
        for version in versions.iter().filter(|_| versions.len() > 1) {
            let made = |op: &&OpRecord| {
                let is_put = op.kind != OpKind::Get && op.key == *key;
                is_put && op.versions.iter().any(|made| made.dot == version.dot)
            };
            let put = self.world.newest_records().find(made);
            let asked = put.and_then(|put| self.world.log().get(put.asked));
            self.is_cut_short |= asked.is_none();
            self.found.extend(asked);
        }
    }

    /// `by` takes `whom` for failed: since when, and on what evidence.
    fn follow_suspicion(&mut self, by: NodeId, whom: NodeId, before: u64) {
        let found = self.newest_before(before, &|what| match what {
            What::Noticed { node, notice } => *node == by && is_belief_about(notice, whom),
            _ => false,
        });
        let suspects = |event: &&LogEvent| rests_on_others(&event.what);
        if let Some(event) = found.filter(suspects) {
            self.follow(event);
        }
    }

    /// `silent` did not answer `from`: what became of the message.
    fn follow_silence(&mut self, from: NodeId, silent: NodeId, before: u64) {
        let between = |hop: &Hop| hop.from == from && hop.to == silent;
        let back = |hop: &Hop| hop.from == silent && hop.to == from;
        let lost = self.newest_before(before, &|what| match what {
            What::Lost { hop, .. } => between(hop) || back(hop),
            _ => false,
        });
        let sent =
            self.newest_before(before, &|what| matches!(what, What::Sent(hop) if between(hop)));
        match (lost, sent) {
            (Some(lost), Some(sent)) if lost.cause >= Some(sent.id) || lost.id > sent.id => {
                self.found.push(lost);
                self.follow_grounds(lost);
            }
            _ => self.follow_fault(silent, Some(from), before),
        }
    }

    /// The act that brought a node back.
    fn follow_return(&mut self, whom: NodeId, before: u64) {
        let returns = |command: &Command| match command {
            Command::Restart { node } | Command::Resume { node } => *node == whom,
            Command::Heal => true,
            _ => false,
        };
        let found = self.newest_act(before, &returns);
        self.found.extend(found);
    }

    /// `node` has not what others have: a copy that was lost on its way to it, or else a fault.
    fn follow_missed(&mut self, node: NodeId, key: &Key, before: u64) {
        let lost = self.newest_before(before, &|what| match what {
            What::Lost { hop, .. } => hop.to == node && hop.key.as_ref() == Some(key),
            _ => false,
        });
        match lost {
            Some(lost) => {
                self.found.push(lost);
                self.follow_grounds(lost);
            }
            None => self.follow_fault(node, None, before),
        }
    }

    /// The last act that could keep `node` from being heard, by `other` where one is named.
    fn follow_fault(&mut self, node: NodeId, other: Option<NodeId>, before: u64) {
        let concerns = |command: &Command| match command {
            Command::Heal => true,
            Command::Cut { from, to, .. } => {
                let apart = |one: NodeId, two: NodeId| from.contains(&one) && to.contains(&two);
                match other {
                    Some(other) => apart(node, other) || apart(other, node),
                    None => from.contains(&node) || to.contains(&node),
                }
            }
            Command::Skew { .. } => false,
            other => other.node() == Some(node),
        };
        let found = self.newest_act(before, &concerns);
        let is_over = |event: &&LogEvent| {
            use Command::{Heal, Join, Restart, Resume};
            matches!(did(&event.what), Some(Heal | Join(_) | Restart { .. } | Resume { .. }))
        };
        self.found.extend(found.filter(|event| !is_over(event)));
    }

    /// In sentences: what is worth one, the event itself and what directly led to it.
    fn told(mut self, subject: Option<&LogEvent>) -> Why {
        sort_by_key(&mut self.found, |event| event.id);
        self.found.dedup_by_key(|event| event.id);
        let told: Vec<(&LogEvent, Told)> =
            self.found.iter().map(|&event| (event, words::tell(self.world, event))).gather();
        let is_subject = |event: &LogEvent| subject.is_some_and(|it| it.id == event.id);
        let is_told = |event: &LogEvent, told: &Told| told.is_notable || is_subject(event);
        let notable = told.iter().filter(|(event, it)| is_told(event, it)).count();
        let mut sentences = Vec::new();
        for (place, (event, it)) in told.into_iter().enumerate() {
            // A message or a timer is worth a sentence where it is the beginning, or what directly
            // led to the event, and there is room.
            let is_near = subject.is_some_and(|subject| subject.cause == Some(event.id));
            let is_root = place == 0 && event.cause.is_none();
            let has_room = notable + usize::from(is_near) + usize::from(is_root) <= SENTENCES_MAX;
            if is_told(event, &it) || (is_near || is_root) && has_room {
                sentences.push(Sentence { event: event.id, at: event.at, text: it.text });
            }
        }
        // The beginning, and the end.
        let many = sentences.len().saturating_sub(SENTENCES_MAX);
        sentences.drain(2.min(sentences.len())..(2 + many).min(sentences.len()));
        Why { sentences, is_cut_short: self.is_cut_short }
    }
}

fn did(what: &What) -> Option<&Command> {
    match what {
        What::Did(command) => Some(command),
        _ => None,
    }
}

/// A suspicion is found by a timer, and rests on what did not come.
fn rests_on_others(what: &What) -> bool {
    let What::Noticed { notice, .. } = what else { return false };
    matches!(notice, Notice::Suspects { .. } | Notice::Slices { .. })
}

fn is_belief_about(notice: &Notice, whom: NodeId) -> bool {
    match notice {
        Notice::Suspects { node, .. } | Notice::Trusts { node } => *node == whom,
        _ => false,
    }
}

fn tells_of(world: &World, event: &LogEvent, key: &Key) -> bool {
    let told = words::tell(world, event);
    told.is_notable && told.key.as_ref() == Some(key)
}

/// What is left of a key when all that nodes hold of it is put together.
fn alive(world: &World, key: &Key) -> Vec<Version> {
    let mut all: Option<Siblings> = None;
    for node in world.nodes() {
        for (held, siblings) in world.replicas(node) {
            match &mut all {
                _ if held != key => {}
                None => all = Some((**siblings).clone()),
                Some(all) => _ = all.merge(siblings),
            }
        }
    }
    all.map_or_else(Vec::new, |all| all.versions().to_vec())
}
