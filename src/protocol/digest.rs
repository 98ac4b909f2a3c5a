//! How inputs and outputs take part in the digest: field by field, fixed width, no notices.

use crate::base::digest::{Digest, Digestible};
use crate::base::id::NodeId;
use crate::data::version::Context;
use crate::protocol::message::{
    Admin, Beat, Beats, Branch, BranchHash, Chunk, ClientReply, Failure, Identity, Input, Message,
    Newcomer, Op, Outbox, Put, Reply, Write,
};

fn node(id: Option<NodeId>) -> u64 {
    id.map_or(0, |id| u64::from(id.0) + 1)
}

fn optional(number: Option<u32>) -> u64 {
    number.map_or(0, |n| u64::from(n) + 1)
}

impl Digestible for Outbox {
    /// Writes, sends and replies; notices are for eyes only.
    fn digest(&self, into: &mut Digest) {
        let Outbox { writes, sends, replies, .. } = self;
        into.words([writes.len() as u64, sends.len() as u64, replies.len() as u64]);
        writes.iter().for_each(|write| write.digest(into));
        for (to, message) in sends {
            into.word(u64::from(to.0));
            message.digest(into);
        }
        replies.iter().for_each(|reply| reply.digest(into));
    }
}

impl Digestible for Input {
    fn digest(&self, into: &mut Digest) {
        match self {
            Input::Wakeup => into.word(1),
            Input::Receive { from, message } => {
                into.word(2 | u64::from(from.0) << 8);
                message.digest(into);
            }
            Input::Request { client, request, op } => {
                two(into, 3 | u64::from(client.0) << 8, *request);
                op.digest(into);
            }
            Input::Admin(admin) => {
                into.word(4);
                admin.digest(into);
            }
            Input::Disk { is_full } => into.word(5 | u64::from(*is_full) << 8),
        }
    }
}

impl Digestible for Admin {
    fn digest(&self, into: &mut Digest) {
        match self {
            Admin::Join(newcomer) => {
                into.word(1);
                newcomer.digest(into);
            }
            Admin::JoinThrough { via, newcomer } => {
                into.word(2 | u64::from(via.0) << 8);
                newcomer.digest(into);
            }
            Admin::Leave { node } => into.word(3 | u64::from(node.0) << 8),
        }
    }
}

impl Digestible for Newcomer {
    fn digest(&self, into: &mut Digest) {
        into.word(u64::from(self.node.0) << 32 | u64::from(self.weight));
        into.bytes(self.name.as_bytes());
        into.bytes(self.address.as_bytes());
    }
}

impl Digestible for Op {
    fn digest(&self, into: &mut Digest) {
        match self {
            Op::Put(put) => {
                into.word(1);
                put.digest(into);
            }
            Op::Get { key, r } => {
                into.word(2);
                key.digest(into);
                into.word(optional(*r));
            }
            Op::View => into.word(3),
        }
    }
}

impl Digestible for Put {
    fn digest(&self, into: &mut Digest) {
        self.key.digest(into);
        self.content.digest(into);
        self.context.digest(into);
        two(into, node(self.reader), optional(self.w));
    }
}

impl Digestible for Beat {
    #[inline(always)]
    fn digest(&self, into: &mut Digest) {
        two(into, u64::from(self.node.0), self.age());
    }
}

impl Digestible for Message {
    fn digest(&self, into: &mut Digest) {
        match self {
            Message::Forward { request, put, hops } => {
                into.word(1 | u64::from(*hops) << 8);
                into.word(request.as_u64());
                put.digest(into);
            }
            Message::Taken { request } => two(into, 2, request.as_u64()),
            Message::Forwarded { request, reply } => {
                two(into, 3, request.as_u64());
                reply.digest(into);
            }
            Message::Store { request, key, siblings, stands_in_for, is_durable } => {
                let durable = u64::from(*is_durable) << 63;
                two(into, 4 | node(*stands_in_for) << 8 | durable, request.as_u64());
                key.digest(into);
                siblings.digest(into);
            }
            Message::Stored { request, accepted } => {
                two(into, 5 | u64::from(*accepted) << 8, request.as_u64());
            }
            Message::Fetch { request, key, stands_in_for } => {
                two(into, 6 | node(*stands_in_for) << 8, request.as_u64());
                key.digest(into);
            }
            Message::Fetched { request, siblings } => {
                two(into, 7 | u64::from(siblings.is_some()) << 8, request.as_u64());
                siblings.iter().for_each(|held| held.digest(into));
            }
            Message::Repair { request, key, siblings } => {
                two(into, 8, request.as_u64());
                key.digest(into);
                siblings.digest(into);
            }
            Message::Repaired { request } => two(into, 9, request.as_u64()),
            Message::Handoff { request, key, siblings } => {
                two(into, 10, request.as_u64());
                key.digest(into);
                siblings.digest(into);
            }
            Message::HandedOver { request, accepted } => {
                two(into, 11 | u64::from(*accepted) << 8, request.as_u64());
            }
            Message::Digest { beats, view } => {
                two(into, 12, *view);
                sum(into, beats);
            }
            Message::News { newer, wanted } => {
                into.word(13);
                sum(into, newer);
                two(into, wanted.len() as u64, u64::from(wanted.sum()));
            }
            Message::Rest { newer } => {
                into.word(14);
                sum(into, newer);
            }
            Message::Probe { request } => two(into, 15, request.as_u64()),
            Message::Probed { request, beat } => {
                two(into, 16, request.as_u64());
                beat.digest(into);
            }
            Message::View { view, asks } => {
                two(into, 17 | (*asks as u64) << 8, view.digest());
            }
            Message::Join { request, after, newcomer } => {
                two(into, 18 | u64::from(*after) << 8, request.as_u64());
                newcomer.digest(into);
            }
            Message::NotHome { request, view } => {
                two(into, 19, request.as_u64());
                into.word(view.digest());
            }
            Message::Offer { request, range, records } => {
                two(into, 20, request.as_u64());
                two(into, range.after, range.end);
                into.word(u64::from(*records));
            }
            Message::Confirm { request, accepted } => {
                two(into, 21 | u64::from(*accepted) << 8, request.as_u64());
            }
            Message::Transfer { request, range, records } => {
                two(into, 22, request.as_u64());
                two(into, range.after, range.end);
                chunk(into, records);
            }
            Message::Transferred { request, accepted } => {
                two(into, 23 | u64::from(*accepted) << 8, request.as_u64());
            }
            Message::Compare { request, hashes, ranges } => {
                two(into, 24 | (hashes.len() as u64) << 8, request.as_u64());
                into.word(*ranges);
                for BranchHash { branch, hash } in hashes.iter() {
                    two(into, branch_word(branch), *hash);
                }
            }
            Message::Differing { request, branches, is_comparable } => {
                let count = branches.len() as u64;
                two(into, 25 | u64::from(*is_comparable) << 8 | count << 9, request.as_u64());
                branches.iter().for_each(|branch| into.word(branch_word(branch)));
            }
            Message::Keys { request, keys } => {
                two(into, 26, request.as_u64());
                two(into, keys.range.after, keys.range.end);
                keys.leaves.iter().for_each(|&word| into.word(word));
                two(into, keys.from, keys.to);
                into.word(keys.records.len() as u64);
                keys.records.iter().for_each(|&(place, hash)| two(into, place, hash));
            }
            Message::Different { request, different } => {
                two(into, 27 | (different.wanted.len() as u64) << 8, request.as_u64());
                into.word(different.to);
                chunk(into, &different.records);
                different.wanted.iter().for_each(|&number| into.word(u64::from(number)));
            }
            Message::Wanted { request, records } => {
                two(into, 28, request.as_u64());
                chunk(into, records);
            }
            Message::Mended { request, accepted } => {
                two(into, 29 | u64::from(*accepted) << 8, request.as_u64());
            }
            Message::Bury { request, key, tombstone, view, step } => {
                two(into, 30 | (*step as u64) << 8, request.as_u64());
                two(into, *view, 0);
                key.digest(into);
                tombstone.digest(into);
            }
            Message::Buried { request, accepted } => {
                two(into, 31 | u64::from(*accepted) << 8, request.as_u64());
            }
        }
    }
}

fn sum(into: &mut Digest, beats: &Beats) {
    two(into, beats.len() as u64, u64::from(beats.sum()));
}

fn branch_word(branch: &Branch) -> u64 {
    u64::from(branch.partition.0) << 16 | u64::from(branch.at)
}

fn chunk(into: &mut Digest, records: &Chunk) {
    into.word(records.len() as u64);
    for (key, siblings) in records {
        key.digest(into);
        siblings.digest(into);
    }
}

fn two(into: &mut Digest, first: u64, second: u64) {
    into.words([first, second]);
}

impl Digestible for Write {
    fn digest(&self, into: &mut Digest) {
        match self {
            Write::Identity(identity) => {
                into.word(1);
                identity.digest(into);
            }
            Write::Record { key, siblings } => {
                into.word(2);
                key.digest(into);
                siblings.digest(into);
            }
            Write::Hint { target, key, siblings } => {
                into.word(3 | u64::from(target.0) << 8);
                key.digest(into);
                siblings.digest(into);
            }
            Write::HintGone { target, key } => {
                into.word(4 | u64::from(target.0) << 8);
                key.digest(into);
            }
            Write::Floor { key, counter } => {
                two(into, 5, *counter);
                key.digest(into);
            }
            Write::Grave { key, tombstone } => {
                into.word(20);
                key.digest(into);
                tombstone.digest(into);
            }
            Write::GraveGone { key } => {
                into.word(21);
                key.digest(into);
            }
            Write::View(view) => two(into, 6, view.digest()),
            Write::RecordGone { key } => {
                into.word(7);
                key.digest(into);
            }
        }
    }
}

impl Digestible for Identity {
    fn digest(&self, into: &mut Digest) {
        into.word(u64::from(self.incarnation));
        self.actor.digest(into);
        into.word(self.counter_floor);
    }
}

impl Digestible for ClientReply {
    fn digest(&self, into: &mut Digest) {
        two(into, u64::from(self.client.0), self.request);
        self.reply.digest(into);
    }
}

impl Digestible for Reply {
    fn digest(&self, into: &mut Digest) {
        match self {
            Reply::Put { version, coordinator, context } => {
                into.word(1 | u64::from(coordinator.0) << 8);
                version.clock.digest(into);
                context.digest(into);
            }
            Reply::Got { siblings, context } => {
                into.word(2 | u64::from(siblings.is_some()) << 8);
                siblings.iter().for_each(|held| held.digest(into));
                context.digest(into);
            }
            Reply::Failed(failure) => {
                into.word(3);
                failure.digest(into);
            }
            Reply::View(view) => two(into, 4, view.digest()),
        }
    }
}

impl Digestible for Context {
    fn digest(&self, into: &mut Digest) {
        self.key.digest(into);
        self.clock.digest(into);
        into.word(node(self.reader));
    }
}

impl Digestible for Failure {
    fn digest(&self, into: &mut Digest) {
        into.words([self.reason as u64, u64::from(self.needed), u64::from(self.reached)]);
    }
}
