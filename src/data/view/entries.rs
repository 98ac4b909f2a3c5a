//! The entries of a view: what is stored, sent and merged.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::base::blob::Position;
use crate::base::digest::{Digest, Digestible};
use crate::base::id::{NodeId, PartitionId};
use crate::base::order::sort;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::WallTime;
use crate::data::partitioning::{Ends, Partitioning};
use crate::data::plan::Move;
use crate::data::ring::{Ring, Tokens, Zones};

/// Whether a node belongs to the ring. Only explicit commands change it (§4.8.1): a failure is no
/// departure. Left is the greater, so that it wins a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Status {
    Joined,
    Left,
}

/// The last word on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub node: NodeId,
    /// From 1; one more for each join and leave of this node.
    pub version: u32,
    pub status: Status,
    /// When the command was given, by the clock of the node that it was given to. For people.
    pub changed_at: WallTime,
    /// Its share of tokens against the others', in thousandths.
    pub weight: u32,
    /// Its data centre; empty where nobody said.
    pub zone: Rc<str>,
    pub name: Rc<str>,
    /// Where it listens; empty when it cannot be dialled.
    pub address: Rc<str>,
    /// Its last changes, newest first, the present one included.
    pub changes: Vec<Change>,
}

/// One entry of the history of membership changes (§4.8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    pub version: u32,
    pub status: Status,
    /// By the clock of the node that was told.
    pub at: WallTime,
    /// The node that was told.
    pub by: NodeId,
}

/// Who owns a partition. Version 0: nobody is known to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Token {
    pub version: u32,
    pub owner: NodeId,
}

/// Who keeps one of the N copies of a partition. Version 0: nobody ever did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Home {
    pub version: u32,
    pub node: Option<NodeId>,
}

/// The entries of a view, as they are stored and sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    pub partitioning: Partitioning,
    /// In the order of nodes, each once.
    pub members: Vec<Member>,
    /// Under strategy 1 where each partition ends, rising: the top 64 bits of positions. None
    /// makes the whole ring one partition.
    pub ends: Vec<u64>,
    /// Under strategy 3 one for each partition.
    pub tokens: Vec<Token>,
    /// N for each partition, side by side.
    pub homes: Vec<Home>,
}

/// Entries that no view can have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BadView(pub &'static str);

impl fmt::Display for BadView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The same: what is derived would bring in how texts are quoted.
impl fmt::Debug for BadView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BadView {}

/// The most tokens that a view may have.
pub const TOKENS_MAX: usize = 65_536;
/// The most changes that are kept of a member.
pub const CHANGES_MAX: usize = 8;
/// The most copies of a partition.
pub const HOMES_MAX: usize = 16;
/// The longest name and the longest address, in bytes.
pub const TEXT_BYTES_MAX: usize = 512;
/// The weight of an ordinary node.
pub const WEIGHT_ONE: u32 = 1_000;
pub const WEIGHT_MAX: u32 = 10_000_000;

impl Token {
    pub(super) fn known(&self) -> Option<NodeId> {
        (self.version > 0).then_some(self.owner)
    }
}

impl Member {
    /// A member of ordinary weight without a name, from the first moment on.
    pub fn ordinary(node: NodeId) -> Member {
        let at = WallTime(0);
        Member {
            node,
            version: 1,
            status: Status::Joined,
            changed_at: at,
            weight: WEIGHT_ONE,
            zone: "".into(),
            name: "".into(),
            address: "".into(),
            changes: vec![Change { version: 1, status: Status::Joined, at, by: node }],
        }
    }

    /// What the greater of two words on one node is judged by.
    fn rank(&self) -> (u32, Status, u32, WallTime, [&str; 3]) {
        let texts: [&str; 3] = [&self.zone, &self.name, &self.address];
        (self.version, self.status, self.weight, self.changed_at, texts)
    }

    fn is_in_order(&self) -> bool {
        let is_short = |text: &str| text.len() <= TEXT_BYTES_MAX;
        let is_weighed = (1..=WEIGHT_MAX).contains(&self.weight);
        let is_short = is_short(&self.zone) && is_short(&self.name) && is_short(&self.address);
        let is_history = self.changes.len() <= CHANGES_MAX
            && self.changes.is_sorted_by(|newer, older| newer > older);
        self.version > 0 && is_weighed && is_short && is_history
    }

    /// Takes in what another knows of the same node: the greater word, and all changes.
    fn merge(&mut self, other: &Member) {
        let mut changes = std::mem::take(&mut self.changes);
        if (self.rank() < other.rank()) != is_planted(Fault::ViewMergeTakesOlder) {
            *self = Member { changes: Vec::new(), ..other.clone() };
        }
        for change in &other.changes {
            remember(&mut changes, *change);
        }
        self.changes = changes;
    }
}

/// Enters one change, newest first. The oldest make room.
fn remember(changes: &mut Vec<Change>, change: Change) {
    let at = changes.partition_point(|other| *other > change);
    if changes.get(at) != Some(&change) {
        changes.insert(at, change);
        changes.truncate(CHANGES_MAX);
    }
}

impl Entries {
    /// How many partitions there are.
    pub fn partitions(&self) -> usize {
        match self.partitioning {
            Partitioning::ByToken { .. } => self.ends.len().max(1),
            Partitioning::EqualByToken { partitions, .. } | Partitioning::Equal { partitions } => {
                partitions as usize
            }
        }
    }

    /// N.
    pub fn n(&self) -> usize {
        self.homes.len() / self.partitions()
    }

    fn cut(&self) -> Ends {
        match self.partitioning {
            Partitioning::ByToken { .. } => Ends::At(self.ends.as_slice().into()),
            _ => Ends::Equal(self.partitions() as u32),
        }
    }

    /// The ring of these entries. Random tokens count only where a ring `is_known`: a node that
    /// knows itself alone has nothing to do for partitions that others keep.
    pub(super) fn ring(&self, is_known: bool) -> Ring {
        let n = self.n();
        let slots: Vec<Option<NodeId>> = self.homes.iter().map(|home| home.node).collect();
        let settled = |p: PartitionId| Some(&slots[p.index() * n..][..n]);
        let ends = self.cut();
        let tokens = self.tokens_round(&ends, is_known);
        Ring::laid_out(ends, tokens, self.zones(), n, &settled)
    }

    /// The tokens of the members, in order round the ring.
    fn tokens_round(&self, ends: &Ends, is_known: bool) -> Tokens {
        if let Partitioning::Equal { .. } = self.partitioning {
            return Tokens::at_ends(self.tokens.iter().map(Token::known).collect());
        }
        let mut tokens = Vec::new();
        for member in self.joined().filter(|_| is_known) {
            let positions = self.partitioning.positions(member.node, member.weight);
            tokens.extend(positions.map(|position| (position, member.node)));
        }
        Tokens::anywhere(tokens, ends)
    }

    fn joined(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.status == Status::Joined)
    }

    fn zones(&self) -> Zones {
        let mut names: Vec<&str> = Vec::new();
        let mut zones = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let known = names.iter().position(|&other| other == &*member.zone);
            let zone = known.unwrap_or_else(|| {
                names.push(&member.zone);
                names.len() - 1
            });
            zones.push((member.node, zone as u32));
        }
        Zones::new(zones)
    }

    pub(super) fn check(&self) -> Result<(), BadView> {
        let (partitions, homes) = (self.partitions(), self.homes.len());
        if !(1..=TOKENS_MAX).contains(&partitions) {
            return Err(BadView("a view has 1 to 65536 partitions"));
        }
        let is_dealt = matches!(self.partitioning, Partitioning::Equal { .. });
        if self.tokens.len() != if is_dealt { partitions } else { 0 } {
            return Err(BadView("a view lists tokens under strategy 3, one for each partition"));
        }
        let is_cut = matches!(self.partitioning, Partitioning::ByToken { .. });
        if !is_cut && !self.ends.is_empty() || !self.ends.is_sorted_by(|a, b| a < b) {
            return Err(BadView("a view lists where partitions end under strategy 1, rising"));
        }
        if !homes.is_multiple_of(partitions) || !(1..=HOMES_MAX).contains(&(homes / partitions)) {
            return Err(BadView("each partition of a view has the same number of homes, 1 to 16"));
        }
        if !self.members.is_sorted_by(|a, b| a.node < b.node) {
            return Err(BadView("the members of a view are in order, each once"));
        }
        if !self.members.iter().all(Member::is_in_order) {
            return Err(BadView("a member has a version, a weight, short texts and a history"));
        }
        let tokens: u64 = self.joined().map(|member| self.partitioning.tokens(member.weight)).sum();
        if tokens > TOKENS_MAX as u64 {
            return Err(BadView("a view has up to 65536 tokens"));
        }
        let is_blank = |token: &Token| token.version > 0 || token.owner == NodeId::default();
        let is_empty = |home: &Home| home.version > 0 || home.node.is_none();
        if !self.tokens.iter().all(is_blank) || !self.homes.iter().all(is_empty) {
            return Err(BadView("what has no version yet says nothing"));
        }
        Ok(())
    }

    /// Under strategy 1, the tokens of a node end partitions from here on.
    fn add_ends(&mut self, node: NodeId, weight: u32) {
        if let Partitioning::ByToken { .. } = self.partitioning {
            let mut more: Vec<u64> = self.partitioning.positions(node, weight).collect();
            sort(&mut more);
            self.cut_at(&more);
        }
    }

    /// The same for every member, at once.
    pub(super) fn add_all_ends(&mut self) {
        if let Partitioning::ByToken { .. } = self.partitioning {
            let of = |member: &Member| self.partitioning.positions(member.node, member.weight);
            let mut ends: Vec<u64> = self.members.iter().flat_map(of).collect();
            sort(&mut ends);
            self.cut_at(&ends);
        }
    }

    /// Cuts partitions at these ends besides its own: each part inherits the homes of the whole.
    fn cut_at(&mut self, more: &[u64]) {
        let mut ends = Vec::with_capacity(self.ends.len() + more.len());
        let (mut mine, mut theirs) = (self.ends.iter().peekable(), more.iter().peekable());
        loop {
            let next = match (mine.peek(), theirs.peek()) {
                (Some(&&a), Some(&&b)) => a.min(b),
                (Some(&&end), None) | (None, Some(&&end)) => end,
                (None, None) => break,
            };
            mine.next_if(|&&end| end == next);
            while theirs.next_if(|&&end| end == next).is_some() {}
            ends.push(next);
        }
        if ends.len() == self.ends.len() {
            return;
        }
        let (n, old) = (self.n(), self.cut());
        let mut homes = Vec::with_capacity(ends.len() * n);
        for &end in &ends {
            let whole = old.partition_of(Position(u128::from(end) << 64));
            homes.extend_from_slice(&self.homes[whole * n..][..n]);
        }
        (self.ends, self.homes) = (ends, homes);
    }

    /// Takes over what the other knows better. Commutative, associative, idempotent.
    pub fn merge(&mut self, other: &Entries) {
        for theirs in &other.members {
            if theirs.status == Status::Left && is_planted(Fault::LeaveForgotten) {
                continue;
            }
            match self.members.binary_search_by_key(&theirs.node, |member| member.node) {
                Ok(at) => self.members[at].merge(theirs),
                Err(at) => self.members.insert(at, theirs.clone()),
            }
        }
        let tokens = self.tokens.iter_mut().zip(&other.tokens);
        tokens.for_each(|(mine, theirs)| *mine = (*mine).max(*theirs));
        self.cut_at(&other.ends);
        let (n, ends) = (self.n(), self.cut());
        let their_ends = other.cut();
        for (partition, homes) in self.homes.chunks_exact_mut(n).enumerate() {
            let end = Position(u128::from(ends.end(partition)) << 64);
            let whole = their_ends.partition_of(end);
            let theirs = &other.homes[whole * n..][..n];
            homes.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine = (*mine).max(*theirs));
        }
    }

    /// Enters a new word on a node, past all that was said of it; `by` is the node that was told.
    /// Who joins has its tokens in the ring.
    pub fn set_member(&mut self, mut member: Member, by: NodeId) {
        let known = self.members.binary_search_by_key(&member.node, |other| other.node);
        let (version, changes) = match known {
            Ok(at) => {
                let old = &mut self.members[at];
                (old.version.saturating_add(1), std::mem::take(&mut old.changes))
            }
            Err(_) => (1, Vec::new()),
        };
        (member.version, member.changes) = (version, changes);
        let change = Change { version, status: member.status, at: member.changed_at, by };
        remember(&mut member.changes, change);
        if member.status == Status::Joined {
            self.add_ends(member.node, member.weight);
        }
        match known {
            Ok(at) => self.members[at] = member,
            Err(at) => self.members.insert(at, member),
        }
    }

    /// Hands tokens over, as planned.
    pub fn move_tokens(&mut self, moves: &[Move]) {
        for &Move { partition, to } in moves {
            let token = &mut self.tokens[partition.index()];
            *token = Token { version: token.version.saturating_add(1), owner: to };
        }
    }

    /// All tokens, and one copy of each partition, belong to this node.
    pub fn found(&mut self, node: NodeId) {
        let n = self.n();
        for token in &mut self.tokens {
            *token = Token { version: token.version.saturating_add(1), owner: node };
        }
        for places in self.homes.chunks_exact_mut(n) {
            let home = &mut places[0];
            *home = Home { version: home.version.saturating_add(1), node: Some(node) };
        }
    }

    /// One of a partition's places passes from `from` to `to`; `None` on either side is a place
    /// that nobody keeps. Two places of one node, which come about when views that were apart
    /// merge, are one that nobody keeps. Answers whether there was such a place.
    pub fn pass_home(
        &mut self,
        partition: PartitionId,
        from: Option<NodeId>,
        to: Option<NodeId>,
    ) -> bool {
        let n = self.n();
        let places = &mut self.homes[partition.index() * n..][..n];
        let is_second =
            |&at: &usize| places[..at].iter().any(|other| other.node == places[at].node);
        let at = places.iter().position(|home| home.node == from);
        let at = at.or_else(|| (0..n).rfind(|at| from.is_none() && is_second(at)));
        let Some(at) = at else { return false };
        places[at] = Home { version: places[at].version.saturating_add(1), node: to };
        true
    }

    pub(super) fn fingerprint(&self) -> u64 {
        let mut digest = Digest::default();
        self.digest(&mut digest);
        digest.value()
    }
}

impl Digestible for Entries {
    fn digest(&self, into: &mut Digest) {
        let (cut, salt) = match self.partitioning {
            Partitioning::ByToken { tokens_per_node, salt } => (tokens_per_node, salt),
            Partitioning::EqualByToken { tokens_per_node, salt, .. } => (tokens_per_node, salt),
            Partitioning::Equal { .. } => (0, 0),
        };
        into.word(u64::from(cut) << 8 | u64::from(self.partitioning.strategy()));
        into.word(salt);
        into.word(self.members.len() as u64);
        for member in &self.members {
            into.word(u64::from(member.node.0) << 32 | u64::from(member.version));
            into.word(u64::from(member.weight) << 8 | u64::from(member.status == Status::Left));
            into.word(member.changed_at.0 as u64);
            into.bytes(member.zone.as_bytes());
            into.bytes(member.name.as_bytes());
            into.bytes(member.address.as_bytes());
            into.word(member.changes.len() as u64);
            for change in &member.changes {
                into.word(u64::from(change.by.0) << 32 | u64::from(change.version));
                into.word(change.at.0 as u64);
                into.word(u64::from(change.status == Status::Left));
            }
        }
        into.word(self.ends.len() as u64);
        self.ends.iter().for_each(|&end| into.word(end));
        into.word(self.tokens.len() as u64);
        for token in &self.tokens {
            into.word(u64::from(token.owner.0) << 32 | u64::from(token.version));
        }
        for home in &self.homes {
            let node = home.node.map_or(0, |node| u64::from(node.0) + 1);
            into.word(node);
            into.word(u64::from(home.version));
        }
    }
}
