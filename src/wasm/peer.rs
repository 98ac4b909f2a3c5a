//! The class that makes a tab's worker, a Durable Object, Deno or Node a member of a real ring.
//!
//! JavaScript feeds it and pulls: after every call it fetches what is to be made durable, sent and
//! answered with [`Peer::pump`]. Rust calls nothing but the clocks.

use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::data::version::{Clock, Content, Version};
use crate::host::{Founding, Host, Start, packed};
use crate::protocol::message::{ClientReply, Failure, FailureReason, Op, Put, Reply};
use crate::sim::scenario::peer::PeerOptions;
use crate::sim::words::{Names, of_failure};
use crate::wasm::clock;
use crate::wasm::peer_views::PeerView;
use crate::wasm::{said, to_js};
use crate::wire::{self, Secret};

/// One node of a real ring. Times are the platform's; nothing happens between calls.
#[wasm_bindgen]
pub struct Peer {
    host: Host,
}

#[wasm_bindgen]
impl Peer {
    /// A node with what its journal holds; an empty journal is a node without a past.
    ///
    /// Throws when an option, or the journal, is not what it must be. Nothing was changed then.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, journal: &[u8]) -> Result<Peer, JsError> {
        let options = PeerOptions::parse(options).map_err(said)?;
        let start = Start {
            ring: options.ring,
            secret: Secret::from_hex(&options.secret).ok_or_else(|| {
                let found = options.secret.len();
                JsError::new(&format!("secret: found {found} bytes, allowed 32 hex digits"))
            })?,
            name: options.name,
            address: options.address,
            config: Rc::new(options.config),
            partitioning: options.partitioning,
            founding: if options.found { Founding::Found } else { Founding::Wait },
        };
        let seed = getrandom::u64().map_err(said)?;
        let host = Host::open(start, journal, clock::now(), seed).map_err(said)?;
        Ok(Peer { host })
    }

    /// This node's number.
    pub fn node(&self) -> u32 {
        self.host.id().0
    }

    /// The number of the node with this name, in this ring.
    #[wasm_bindgen(js_name = nodeNamed)]
    pub fn node_named(&self, name: &str) -> u32 {
        wire::node_id(&self.host.start().ring, name).0
    }

    /// Bytes of the journal that were good: cut it there before anything is appended.
    #[wasm_bindgen(js_name = journalKept)]
    pub fn journal_kept(&self) -> f64 {
        self.host.kept() as f64
    }

    #[wasm_bindgen(js_name = isMember)]
    pub fn is_member(&self) -> bool {
        self.host.is_member()
    }

    /// The first message over every new socket.
    pub fn hello(&self) -> Vec<u8> {
        self.host.hello().encode()
    }

    /// The other side's first message: its number. Throws when it may not come in; until it has
    /// been greeted, nothing else that it sends may be handed on.
    pub fn greet(&mut self, hello: &[u8]) -> Result<u32, JsError> {
        self.host.greet(hello).map(|hello| hello.node.0).map_err(said)
    }

    /// Whether this is the ring's secret. Takes the same time wherever it differs.
    pub fn admits(&self, secret: &str) -> bool {
        Secret::from_hex(secret).is_some_and(|secret| self.host.admits(&secret))
    }

    /// A packet from somebody who was greeted. Whatever is wrong with it is dropped and counted.
    pub fn receive(&mut self, packet: &[u8]) {
        self.host.receive(clock::now(), packet);
    }

    /// The destinations of a packet's frames, in order, without a look inside: for a relay. Empty
    /// when it is no packet.
    pub fn route(packet: &[u8]) -> Vec<u32> {
        let (mut rest, mut destinations) = (packet, Vec::new());
        while !rest.is_empty() {
            let Ok((header, _, after)) = wire::split(rest) else { return Vec::new() };
            destinations.push(header.to.0);
            rest = after;
        }
        destinations
    }

    /// Puts `value`; answers the request's number. An empty `context` is a blind put; `w` 0 is the
    /// ring's W. `metadata` is an object of texts, as JSON, or empty. Throws on a context that is
    /// none, or another key's.
    pub fn put(
        &mut self,
        key: &[u8],
        value: &[u8],
        metadata: &str,
        context: &str,
        w: u32,
    ) -> Result<f64, JsError> {
        let content =
            Content { value: value.into(), metadata: texts(metadata)?, ..Content::default() };
        self.write(key, content, context, w)
    }

    /// Puts a tombstone.
    pub fn delete(&mut self, key: &[u8], context: &str, w: u32) -> Result<f64, JsError> {
        self.write(key, Content { is_tombstone: true, ..Content::default() }, context, w)
    }

    /// Asks for a key; `r` 0 is the ring's R.
    pub fn get(&mut self, key: &[u8], r: u32) -> f64 {
        let op = Op::Get { key: Key::new(key), r: (r > 0).then_some(r) };
        self.host.request(clock::now(), op) as f64
    }

    /// Asks the greeted node `via` to take this one into its ring, until it is a member.
    pub fn join(&mut self, via: u32) {
        self.host.join(clock::now(), NodeId(via));
    }

    /// This node, or another, leaves the ring for good (§4.8.1).
    pub fn leave(&mut self, node: u32) {
        self.host.leave(clock::now(), NodeId(node));
    }

    /// The moment of `wakeInMs` has come.
    pub fn wake(&mut self) {
        self.host.wake(clock::now());
    }

    /// The batch of this number is durable.
    pub fn durable(&mut self, batch: u32) {
        self.host.durable(batch);
    }

    /// What is wanted now: `{ append, packets, replies, wakeInMs, dials }`.
    pub fn pump(&mut self) -> Object {
        let append = self.host.next_append().map(|append| {
            object(&[
                ("batch", append.batch.into()),
                ("bytes", Uint8Array::from(append.bytes.as_slice()).into()),
                ("replace", append.replace.into()),
            ])
        });
        let leaving = self.host.take_ready();
        let replies: Array = leaving.replies.iter().map(|reply| self.reply(reply)).collect();
        let wake_in = self
            .host
            .next_wakeup()
            .map_or(JsValue::NULL, |at| (at - clock::now().monotonic).as_ms_f64().into());
        object(&[
            ("append", append.map_or(JsValue::NULL, JsValue::from)),
            ("packets", packets(packed(leaving.frames)).into()),
            ("replies", replies.into()),
            ("wakeInMs", wake_in),
            ("dials", self.dials().into()),
        ])
    }

    /// The ring as this node knows it, in the shape of `Sim.ring`; an index is a place in its list.
    pub fn ring(&self) -> Result<JsValue, JsError> {
        to_js(&PeerView::new(&self.host).ring())
    }

    /// What this node is, holds and believes; of another, what this one believes.
    #[wasm_bindgen(js_name = nodeView)]
    pub fn node_view(&self, index: u32) -> Result<JsValue, JsError> {
        let view = PeerView::new(&self.host).node(index as usize);
        to_js(&view.ok_or_else(|| JsError::new(&format!("node: found {index}, which is nobody")))?)
    }

    #[wasm_bindgen(js_name = keyView)]
    pub fn key_view(&self, key: &str) -> Result<JsValue, JsError> {
        to_js(&PeerView::new(&self.host).key(key))
    }

    pub fn state(&self) -> Result<JsValue, JsError> {
        to_js(&PeerView::new(&self.host).state(clock::now().monotonic))
    }

    /// What happened here, in sentences: from this id on, oldest first.
    pub fn events(&self, from_id: f64, max: u32) -> Result<JsValue, JsError> {
        to_js(&PeerView::new(&self.host).events(from_id.max(0.0) as u64, max as usize))
    }

    /// The present as numbers; the layout is that of the module `frame`.
    pub fn frame(&self) -> Vec<f64> {
        let mut numbers = Vec::new();
        PeerView::new(&self.host).frame(clock::now().monotonic, &mut numbers);
        numbers
    }

    /// What was taken and what was not, by reason.
    pub fn counts(&self) -> Object {
        let counts = self.host.counts();
        let number = |count: u64| JsValue::from(count as f64);
        object(&[
            ("taken", number(counts.taken)),
            ("mangled", number(counts.mangled)),
            ("alien", number(counts.alien)),
            ("for_others", number(counts.for_others)),
            ("overflowed", number(counts.overflowed)),
            ("sent", number(counts.sent)),
            ("too_long", number(counts.too_long)),
            ("unwelcome", number(counts.unwelcome)),
        ])
    }
}

impl Peer {
    fn write(
        &mut self,
        key: &[u8],
        content: Content,
        context: &str,
        w: u32,
    ) -> Result<f64, JsError> {
        let key = Key::new(key);
        let (context, reader) = match context {
            "" => (Clock::default(), None),
            text => {
                let context = wire::context_from_text(text, &key).map_err(said)?;
                (context.clock, context.reader)
            }
        };
        let w = (w > 0).then_some(w);
        let put = Put { key, content: content.into(), context, reader, w };
        Ok(self.host.request(clock::now(), Op::Put(Rc::new(put))) as f64)
    }

    /// Members that can be dialled.
    fn dials(&self) -> Array {
        let view = self.host.view().membership();
        let others = view.joined().filter(|member| member.node != self.host.id());
        let dialled = others.filter(|member| !member.address.is_empty()).map(|member| {
            object(&[
                ("node", member.node.0.into()),
                ("name", (&*member.name).into()),
                ("address", (&*member.address).into()),
            ])
        });
        dialled.collect()
    }

    fn reply(&self, reply: &ClientReply) -> JsValue {
        let mut fields = vec![("request", JsValue::from(reply.request as f64))];
        match &*reply.reply {
            Reply::Put { version, coordinator, context } => {
                fields.push(("outcome", "put".into()));
                fields.push(("context", wire::context_to_text(context).into()));
                fields.push(("coordinator", PeerView::new(&self.host).name(*coordinator).into()));
                fields.push(("versions", self.versions(std::slice::from_ref(version)).into()));
            }
            Reply::Got { siblings, context } => {
                let versions = siblings.as_ref().map_or(&[][..], |held| held.versions());
                fields.push(("outcome", "got".into()));
                // A key that was never there has no past to speak of; a deleted one has.
                if !context.clock.entries().is_empty() {
                    fields.push(("context", wire::context_to_text(context).into()));
                }
                fields.push(("versions", self.versions(versions).into()));
            }
            Reply::Failed(failure) => {
                let Failure { reason, needed, reached } = *failure;
                fields.push(("outcome", "failed".into()));
                fields.push(("reason", word(reason).into()));
                let config = &self.host.start().config;
                fields.push(("error", of_failure(failure, config).into()));
                fields.push(("definite", failure.is_definite().into()));
                fields.push(("needed", needed.into()));
                fields.push(("reached", reached.into()));
            }
            Reply::View(_) => fields.push(("outcome", "view".into())),
        }
        object(&fields).into()
    }

    fn versions(&self, versions: &[Version]) -> Array {
        let names = PeerView::new(&self.host);
        let shown = |version: &Version| {
            let Content { value, metadata, is_tombstone } = &*version.content;
            let metadata: Vec<_> =
                metadata.iter().map(|(name, text)| (name.as_str(), text.as_str().into())).collect();
            object(&[
                ("value", Uint8Array::from(&value[..]).into()),
                ("metadata", object(&metadata).into()),
                ("deleted", (*is_tombstone).into()),
                ("clock", clock_of(&version.clock, &names).into()),
            ])
        };
        versions.iter().map(shown).collect()
    }
}

fn packets(packets: Vec<(NodeId, Vec<u8>)>) -> Array {
    let packet = |(to, bytes): (NodeId, Vec<u8>)| {
        let bytes = Uint8Array::from(bytes.as_slice()).into();
        object(&[("to", to.0.into()), ("bytes", bytes)])
    };
    packets.into_iter().map(packet).collect()
}

/// Counters by the names of actors.
fn clock_of(clock: &Clock, names: &PeerView<'_>) -> Object {
    let shown = Object::new();
    for (actor, counter) in clock.counters() {
        put_field(&shown, &names.actor_name(actor).into(), &(counter as f64).into());
    }
    shown
}

/// An object of texts as metadata: sorted by name, as it is kept.
fn texts(metadata: &str) -> Result<Vec<(String, String)>, JsError> {
    let refused = || JsError::new("metadata: found something else, allowed an object of texts");
    let mut texts = Vec::new();
    if metadata.is_empty() {
        return Ok(texts);
    }
    let object =
        js_sys::JSON::parse(metadata).ok().and_then(|value| value.dyn_into::<Object>().ok());
    for entry in Object::entries(&object.ok_or_else(refused)?) {
        let pair = Array::from(&entry);
        let (name, text) = (pair.get(0).as_string(), pair.get(1).as_string());
        texts.push(name.zip(text).ok_or_else(refused)?);
    }
    crate::base::order::sort_by(&mut texts, |a, b| a.0.cmp(&b.0));
    Ok(texts)
}

fn word(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::TooFewHealthy => "too few healthy",
        FailureReason::Overloaded => "overloaded",
        FailureReason::BadQuorum => "bad quorum",
        FailureReason::TooLarge => "too large",
        FailureReason::NotAMember => "not a member",
        FailureReason::Timeout => "timeout",
    }
}

fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    fields.iter().for_each(|(name, value)| put_field(&object, &(*name).into(), value));
    object
}

fn put_field(object: &Object, name: &JsValue, value: &JsValue) {
    Reflect::set(object, name, value).expect("a new object takes any field");
}
