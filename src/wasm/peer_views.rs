//! What a real node shows of its ring: what it is, holds and believes, in the shapes that the page
//! has for simulated ones. Of the others it shows belief, and says so; nobody here knows the truth.
//!
//! Nodes are listed by name, and a node's index is its place in that list.

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::order::sort_by;
use crate::base::time::Instant;
use crate::data::version::{Actor, Record, Version};
use crate::data::view::Member;
use crate::host::Host;
use crate::protocol::config::Config;
use crate::protocol::message::{Notice, Suspicion};
use crate::sim::json::{Json, by_key, object};
use crate::sim::report::{bytes, ends, versions};
use crate::sim::words::{Names, of_notice};
use crate::wasm::frame;

impl Names for PeerView<'_> {
    fn name(&self, node: NodeId) -> String {
        match self.host.view().membership().member(node) {
            Some(member) => member.name.to_string(),
            None => format!("{:08x}", node.0),
        }
    }

    fn actor_name(&self, actor: Actor) -> String {
        match self.host.nth_actor(actor) {
            1 => self.name(actor.node),
            nth => format!("{}~{nth}", self.name(actor.node)),
        }
    }

    fn config(&self) -> &Config {
        &self.host.start().config
    }
}

/// A look at one host.
pub struct PeerView<'h> {
    host: &'h Host,
    /// By name.
    members: Vec<&'h Member>,
}

impl<'h> PeerView<'h> {
    pub fn new(host: &'h Host) -> PeerView<'h> {
        let mut members: Vec<&Member> = host.view().membership().joined().collect();
        sort_by(&mut members, |a, b| a.name.cmp(&b.name));
        PeerView { host, members }
    }

    fn index(&self, node: NodeId) -> Option<usize> {
        self.members.iter().position(|member| member.node == node)
    }

    pub fn ring(&self) -> Json {
        let start = self.host.start();
        let ring = self.host.view().ring();
        let shown = |(index, member): (usize, &&Member)| {
            object(vec![
                ("name", (&*member.name).into()),
                ("index", index.into()),
                ("zone", (&*member.zone).into()),
                ("weight", (f64::from(member.weight) / 1e3).into()),
                ("address", (&*member.address).into()),
                ("id", member.node.0.into()),
            ])
        };
        let owner = |partition| ring.owner(partition).and_then(|node| self.index(node));
        object(vec![
            ("title", start.ring.as_str().into()),
            ("seed", "".into()),
            ("n", start.config.n.into()),
            ("r", start.config.r.into()),
            ("w", start.config.w.into()),
            ("quorum", "sloppy".into()),
            ("partitions", ring.partition_count().into()),
            ("ends", ends(ring)),
            ("owners", ring.partitions().map(|partition| Json::from(owner(partition))).collect()),
            ("nodes", self.members.iter().enumerate().map(shown).collect()),
            ("cuts", Json::List(Vec::new())),
            ("until_ms", 0u32.into()),
            ("scenario_end_ms", 0u32.into()),
            // Which of them this is; none while it belongs to no ring.
            ("self", self.index(self.host.id()).into()),
            ("name", start.name.as_str().into()),
        ])
    }

    /// Of another node what is believed: `up` or `suspected`, and no more.
    pub fn node(&self, index: usize) -> Option<Json> {
        let member = self.members.get(index)?;
        let view = self.host.view();
        let is_own = member.node == self.host.id();
        let state = if !is_own && view.is_suspected(member.node) { "suspected" } else { "up" };
        let mut fields = vec![
            ("name", (&*member.name).into()),
            ("index", index.into()),
            ("state", state.into()),
            ("own", is_own.into()),
            ("disk_lost", false.into()),
            ("incarnation", is_own.then_some(view.identity().incarnation).into()),
            ("partitions", view.ring().tokens_of(member.node).into()),
        ];
        if is_own {
            fields.push(("keys", self.keys()));
            fields.push(("hints", self.hints()));
            fields.push(("suspects", self.suspects()));
        }
        Some(object(fields))
    }

    fn keys(&self) -> Json {
        let shown = |(key, record): (&Key, &Record)| {
            let versions = self.versions(record.versions());
            object(vec![("key", bytes(key.bytes())), ("versions", versions)])
        };
        self.host.view().store().records().map(shown).collect()
    }

    fn hints(&self) -> Json {
        let mut hints = Vec::new();
        for (target, records) in self.host.view().hints().targets() {
            for (key, record) in records.iter() {
                let versions = self.versions(record.versions());
                let target = self.name(target).into();
                let key = bytes(key.bytes());
                hints.push(object(vec![("for", target), ("key", key), ("versions", versions)]));
            }
        }
        Json::List(hints)
    }

    fn suspects(&self) -> Json {
        let shown = |(node, why, since): (NodeId, Suspicion, Instant)| {
            let why = match why {
                Suspicion::Silent => "silent",
                Suspicion::Stale => "stale heartbeat",
            };
            let since = since.as_ms_f64().into();
            object(vec![("node", self.name(node).into()), ("why", why.into()), ("since_ms", since)])
        };
        self.host.view().suspects().map(shown).collect()
    }

    /// Where a key belongs, and the copies that this very node has of it.
    pub fn key(&self, name: &str) -> Json {
        let (key, view) = (Key::new(name.as_bytes()), self.host.view());
        let ring = view.ring();
        let partition = ring.partition_of(key.position());
        let homes = ring.homes(partition);
        let mut walk = Vec::new();
        for (place, &node) in (1u32..).zip(homes) {
            let of = |name, value: Json| (name, value);
            let node = self.index(node).into();
            walk.push(object(vec![
                of("partition", partition.0.into()),
                of("node", node),
                of("place", Json::from(place)),
            ]));
        }
        let own: Json = self.index(self.host.id()).into();
        let mut holders = Vec::new();
        let mut hold = |kind: &str, hint_for: Option<NodeId>, record: &Record| {
            let mut fields = vec![("node", own.clone()), ("kind", kind.into())];
            if let Some(target) = hint_for {
                fields.push(("hint_for", self.index(target).into()));
            }
            fields.push(("state", "up".into()));
            fields.push(("versions", self.versions(record.versions())));
            holders.push(object(fields));
        };
        if let Some(record) = view.store().get(partition, &key) {
            hold("replica", None, record);
        }
        for (target, records) in view.hints().targets() {
            if let Some(record) = records.get(&key) {
                hold("hint", Some(target), record);
            }
        }
        object(vec![
            ("key", name.into()),
            ("position", format!("{:032x}", key.position().0).into()),
            ("angle", key.position().turn().into()),
            ("partition", partition.0.into()),
            ("walk", Json::List(walk)),
            ("holders", Json::List(holders)),
        ])
    }

    /// Notices from this number on, as sentences, oldest first.
    pub fn events(&self, from: u64, max: usize) -> Json {
        let shown = |(number, at, notice): &(u64, Instant, Notice)| {
            let told = of_notice(self, self.host.id(), notice);
            let mut fields = vec![
                ("id", (*number).into()),
                ("at_ms", at.as_ms_f64().into()),
                ("cause", Json::Null),
                ("kind", told.kind.into()),
                ("node", self.index(self.host.id()).into()),
            ];
            if let Some(peer) = told.peer {
                fields.push(("peer", self.index(peer).into()));
            }
            if let Some(key) = &told.key {
                fields.push(("key", bytes(key.bytes())));
            }
            fields.push(("notable", told.is_notable.into()));
            fields.push(("text", told.text.into()));
            object(fields)
        };
        self.host.notices(from).take(max).map(shown).collect()
    }

    /// The numbers of an animation frame; nothing is in flight that this node could know of.
    pub fn frame(&self, now: Instant, out: &mut Vec<f64>) {
        out.clear();
        out.resize(frame::HEADER, 0.0);
        out[0] = frame::LAYOUT;
        out[1] = now.as_ms_f64();
        out[2] = self.host.counts().taken as f64;
        out[3] = self.host.next_notice() as f64;
        out[4] = self.members.len() as f64;
        out[9] = self.host.next_notice() as f64;
        let view = self.host.view();
        for member in &self.members {
            let is_own = member.node == self.host.id();
            let is_suspected = !is_own && view.is_suspected(member.node);
            let own = |count: usize| if is_own { count as f64 } else { 0.0 };
            out.extend([
                if is_suspected { frame::SUSPECTED } else { 0.0 },
                1.0,
                own(view.store().len()),
                own(view.hints().len()),
                0.0,
                0.0,
                0.0,
                0.0,
            ]);
        }
    }

    fn versions(&self, of: &[Version]) -> Json {
        versions(self, of)
    }

    /// What this node is, holds and believes, in one object, as `--json` has it of each node.
    pub fn state(&self, now: Instant) -> Json {
        let view = self.host.view();
        let records = view.store().records();
        let keys = records.map(|(key, held)| (key.bytes(), self.versions(held.versions())));
        let names =
            |nodes: Vec<NodeId>| -> Json { nodes.into_iter().map(|n| self.name(n)).collect() };
        let ring = view.ring();
        let is_home = |&partition: &_| ring.is_home(partition, self.host.id());
        let homes = ring.partitions().filter(is_home).count();
        object(vec![
            ("now_ms", now.as_ms_f64().into()),
            ("name", self.host.start().name.as_str().into()),
            ("is_member", self.host.is_member().into()),
            ("keys", by_key(keys)),
            ("hints", self.hints()),
            ("members", self.members.iter().map(|member| &*member.name).collect()),
            ("suspects", names(view.suspects().map(|(node, ..)| node).collect())),
            ("partitions", view.ring().tokens_of(self.host.id()).into()),
            // Partitions whose records it is to have; none once it has left and passed all on.
            ("homes", homes.into()),
        ])
    }
}
