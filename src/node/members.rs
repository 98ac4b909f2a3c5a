//! Who belongs to the ring: what administrators say, and what gossip brings (§4.8.1, §4.8.2).

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::time::Instant;
use crate::data::view::{BadView, Status, View};
use crate::node::Node;
use crate::protocol::membership::{Told, with_join, with_leave, with_orphans_adopted, with_share};
use crate::protocol::message::{Admin, Asks, Message, Newcomer, Notice, Outbox, Write};

impl Node {
    pub(super) fn on_admin(&mut self, now: Instant, admin: Admin, out: &mut Outbox) {
        match admin {
            Admin::Join(newcomer) => self.admit(now, &newcomer, out),
            Admin::JoinThrough { via, newcomer } => {
                if newcomer.node == self.id {
                    self.joining = Some((via, newcomer));
                    self.ask_to_join(out);
                }
            }
            Admin::Leave { node } => {
                let view = self.membership.view().clone();
                let has_others = view.joined().any(|other| other.node != node);
                if view.has_joined(node) && has_others {
                    let after = with_leave(&view, node, self.now_told());
                    self.decide(now, after, out);
                }
            }
        }
    }

    /// Says again that this node wants to belong to the ring, while it does not.
    pub(super) fn ask_to_join(&mut self, out: &mut Outbox) {
        let view = self.membership.view();
        if view.has_joined(self.id) {
            self.joining = None;
        }
        let Some((via, newcomer)) = &self.joining else { return };
        // Where `via` has left meanwhile, any other member will do.
        let members: Vec<NodeId> = view.joined().map(|member| member.node).gather();
        let via = match members.is_empty() || members.contains(via) {
            true => *via,
            false => members[self.rng.index(members.len())],
        };
        let after = view.member(self.id).map_or(0, |member| member.version);
        let request = self.request_id(self.next_probe);
        self.next_probe = self.next_probe.wrapping_add(1);
        out.send(via, Message::Join { request, after, newcomer: newcomer.clone() });
    }

    /// A stranger asks to be taken in. A repeat is answered, not executed again: what it knows of
    /// itself is older than what is known here.
    pub(super) fn on_join(
        &mut self,
        now: Instant,
        from: NodeId,
        after: u32,
        newcomer: &Newcomer,
        out: &mut Outbox,
    ) {
        let view = self.membership.view();
        let is_new = view.member(from).map_or(0, |member| member.version) == after;
        if is_new && newcomer.node == from && view.has_joined(self.id) {
            self.admit(now, newcomer, out);
        }
        out.send(from, Message::View { view: self.membership.view().clone(), asks: Asks::Nothing });
    }

    /// Takes a node into the ring: at once, durably, and told to the others by gossip.
    fn admit(&mut self, now: Instant, newcomer: &Newcomer, out: &mut Outbox) {
        let view = self.membership.view().clone();
        let is_known = view.member(newcomer.node).is_some();
        let is_full = view.entries().members.len() >= self.config.limits.members_max;
        if view.has_joined(newcomer.node) || is_full && !is_known {
            return;
        }
        let knows_nobody = view.joined().next().is_none()
            && self.seeds.iter().all(|&seed| seed == self.id)
            && newcomer.node == self.id;
        let founds = knows_nobody && !view.ring().is_known();
        let after = with_join(&view, newcomer, founds, self.now_told());
        self.decide(now, after, out);
    }

    /// Whoever speaks as a member without being known as one has joined, and word of it is still
    /// on its way: it is answered like any other, and asked what it knows. Strangers who ask to
    /// join or compare views say by themselves what they know: so a ring that fell in two heals
    /// through its seeds (§4.8.2).
    pub(super) fn greet_stranger(&self, from: NodeId, message: &Message, out: &mut Outbox) {
        let says_all =
            matches!(message, Message::Join { .. } | Message::Digest { .. } | Message::View { .. });
        if !says_all && self.membership.view().member(from).is_none() {
            let view = self.membership.view().clone();
            out.send(from, Message::View { view, asks: Asks::News });
        }
    }

    /// The members and the token map as another knows them.
    pub(super) fn on_view(
        &mut self,
        now: Instant,
        from: NodeId,
        theirs: &Rc<View>,
        asks: Asks,
        out: &mut Outbox,
    ) {
        self.learn(now, theirs, out);
        let mine = self.membership.view();
        if mine.digest() == theirs.digest() {
            self.told = Some(theirs.digest());
        }
        let is_news = mine.digest() != theirs.digest() && mine.is_alike(theirs);
        if asks == Asks::Receipt || asks == Asks::News && is_news {
            out.send(from, Message::View { view: mine.clone(), asks: Asks::Nothing });
        }
        self.on_receipt(from, theirs, out);
    }

    /// Takes over what another's view says besides.
    pub(super) fn learn(&mut self, now: Instant, theirs: &Rc<View>, out: &mut Outbox) {
        if let Some(both) = self.membership.learn(theirs, self.config.limits.members_max) {
            self.adopt(now, both, out);
        }
        self.take_share(now, out);
    }

    /// A member that owns nothing, though its share is more, takes it: one that joined before it
    /// knew the token map, or that lost all its tokens when views merged.
    fn take_share(&mut self, now: Instant, out: &mut Outbox) {
        let view = self.membership.view().clone();
        if view.has_joined(self.id) && view.ring().is_known() && view.ring().tokens_of(self.id) == 0
        {
            let after = with_share(&view, self.id);
            self.decide(now, after, out);
        }
    }

    /// Tokens whose owner left while others did not know it are given away by the first member
    /// that is believed up; should two take themselves for the first, their views merge.
    pub(super) fn adopt_orphans(&mut self, now: Instant, out: &mut Outbox) {
        if !self.membership.view().has_orphans() {
            return;
        }
        let view = self.membership.view().clone();
        let is_up = |&node: &NodeId| node == self.id || !self.is_suspected(node);
        let mut members = view.joined().map(|member| member.node);
        if members.find(is_up) == Some(self.id) {
            let after = with_orphans_adopted(&view, self.id);
            self.decide(now, after, out);
        }
    }

    /// What this node has decided. A decision that is no view, such as a weight out of range,
    /// changes nothing.
    pub(super) fn decide(&mut self, now: Instant, after: Result<View, BadView>, out: &mut Outbox) {
        match after {
            Ok(view) if view != **self.membership.view() => self.adopt(now, Rc::new(view), out),
            _ => {}
        }
    }

    fn now_told(&self) -> Told {
        Told { at: self.wall, by: self.id }
    }

    /// The partitions are other ranges now: a token joined them under strategy 1. Whatever is laid
    /// out along them is laid out anew; strategies 2 and 3 never come here.
    fn on_other_partitions(&mut self, out: &mut Outbox) {
        let ring = self.membership.view().ring();
        let of_key = |key: &Key| ring.partition_of(key.position());
        self.store.lay_out(&of_key);
        self.requests.lay_out(&of_key);
        self.transfers.restart();
        self.entropy.end();
        let trees = self.trees.forget_all() as u32;
        if trees > 0 {
            out.notice(|| Notice::TreesRebuilt { trees });
        }
        self.duties.clear();
        out.notice(|| Notice::PartitionsChanged { partitions: ring.partition_count() as u32 });
    }

    /// From here on this is what the node knows: durable first, and every table follows.
    fn adopt(&mut self, now: Instant, view: Rc<View>, out: &mut Outbox) {
        out.writes.push(Write::View(view.clone()));
        self.is_replanning = true;
        let old = self.membership.adopt(view.clone());
        if old.ring().ends() != view.ring().ends() {
            self.on_other_partitions(out);
        }
        if old.roster() != view.roster() {
            let own_row = self.membership.own_row();
            self.detector.on_roster(old.roster(), view.roster(), own_row, now);
        }
        for member in &view.entries().members {
            let before = old.member(member.node).map(|member| member.status);
            let node = member.node;
            match (before, member.status) {
                (Some(Status::Joined), Status::Left) => out.notice(|| Notice::MemberLeft { node }),
                (None | Some(Status::Left), Status::Joined) => {
                    out.notice(|| Notice::MemberJoined { node });
                }
                _ => {}
            }
        }
    }
}
