//! The scenario format, type by type as it stands in the JSON. Names are still text here;
//! the module `script` gives them meaning.

use super::bad_input::BadInput;
use super::form::{Form, list, must_be, name_of, object};
use super::scalar::{
    Between, Bytes, Factor, Fraction, INTERVAL_MS_MAX, Metadata, Millis, Phi, Seed, SignedMillis,
    Text, Whole, as_whole,
};
use super::word::{fixed, words};
use crate::sim::json::Json;
use crate::sim::load::{CLIENTS_MAX, KEYS_MAX};

/// What §6 of the paper runs with, where a scenario says nothing.
const NODES: u64 = 6;
pub const NODES_MAX: u64 = 10_000;
pub const PARTITIONS_MAX: u64 = 4_096;
pub const TOKENS_PER_NODE_MAX: u64 = 4_096;
pub const UNTIL_MS_MAX: u64 = 36_000_000;
pub const SCRIPT_MAX: usize = 100_000;
pub const KEY_BYTES_MAX: usize = 1_024;
const NAME_BYTES_MAX: usize = 64;
const SERVICE_MS_MAX: u64 = 10_000;
const CLOG_MS_MAX: u64 = 60_000;
const QUEUE_MAX: u64 = 1_000_000;
const LOAD_VALUE_BYTES_MAX: u64 = 65_536;
pub const WRITE_BUFFER_MAX: u64 = 100_000;
const COUNT_MAX: u64 = 9_007_199_254_740_991;

pub type Name = Text<1, NAME_BYTES_MAX>;
pub type KeyText = Text<1, KEY_BYTES_MAX>;
pub type Interval = Millis<1, INTERVAL_MS_MAX>;
/// A number that is no time; the same is read.
pub type Exponent = Millis<0, 4>;
pub type Moment = Millis<0, UNTIL_MS_MAX>;
pub type Quorum = Whole<1, 16>;
pub type Count = Whole<0, COUNT_MAX>;

object! {
    /// A whole scenario: a ring, what happens to it, and what is expected of it.
    ScenarioForm, "an object with version, title, note, seed, config, script, until_ms" {
        version: FormatVersion,
        /// One sentence: what the scenario shows.
        title: Option<Text<0, 1_024>> = default,
        /// More about it, for whoever has watched it; it changes nothing.
        note: Option<Text<0, 4_096>> = default,
        /// The same seed and the same script give the same run, event by event.
        seed: Option<Seed> = default,
        config: ConfigForm = default,
        /// In any order; what shares a moment happens in the order given.
        script: Script = default,
        /// The run ends after everything of this moment.
        until_ms: Moment,
    }
}

fixed!(FormatVersion, 1.0);

words!(CoordinationWord { Server = "server", Client = "client" });
words!(QuorumWord { Sloppy = "sloppy", Strict = "strict", Primaries = "primaries" });
words!(DetectionWord { Gossip = "gossip", Local = "local" });
words!(VersioningWord {
    VectorClock = "vector-clock",
    RecordClock = "record-clock",
    Dotted = "dotted",
    LastWriteWins = "last-write-wins",
});
words!(HealthWord { Well = "well", Full = "full", Failing = "failing", Slow = "slow" });
words!(DiskWord { Keep = "keep", Lose = "lose", Torn = "torn", Old = "old" });
words!(AskedWord { Reads = "reads", Writes = "writes" });
words!(FigureWord { Mean = "mean", P99 = "p99", P999 = "p999" });
words!(OutcomeWord { Ok = "ok", Refused = "refused", Timeout = "timeout" });

object! {
    /// The ring and its settings. What is left out has the default of the paper.
    ConfigForm, "an object with nodes, n, r, w and others" {
        nodes: Option<NodesForm> = default,
        n: Option<Quorum> = default,
        r: Option<Quorum> = default,
        w: Option<Quorum> = default,
        partitioning: Option<PartitioningForm> = default,
        /// Whose answers count toward R and W: the first N healthy nodes', or the first N nodes'
        /// alone; and with "primaries" nobody stands in for these.
        quorum: Option<QuorumWord> = default,
        versioning: Option<VersioningWord> = default,
        /// Entries that a plain clock may have; one more drops the oldest.
        clock_entries_max: Option<Whole<1, 256>> = default,
        /// Who chooses the node that a client asks: a load balancer, which picks any, or the
        /// client, by a view of the ring of its own. Where `via` names a node, that one is asked.
        coordination: Option<CoordinationWord> = default,
        /// How often such a client asks a node for its view; 10,000 where it is left out.
        client_poll_ms: Option<Interval> = default,
        failure_detection: Option<DetectionWord> = default,
        read_repair: Option<bool> = default,
        hinted_handoff: Option<bool> = default,
        anti_entropy: Option<bool> = default,
        gossip_interval_ms: Option<Interval> = default,
        handoff_interval_ms: Option<Interval> = default,
        anti_entropy_interval_ms: Option<Interval> = default,
        request_timeout_ms: Option<Interval> = default,
        replica_timeout_ms: Option<Interval> = default,
        suspect_after_ms: Option<Interval> = default,
        /// How long a tombstone is held at least; it must be longer than a message is on its way.
        reap_after_ms: Option<Interval> = default,
        /// In its place: the phi from which on the silence of a heartbeat is suspicious; 8 is
        /// about 18 mean intervals.
        suspect_phi: Option<Phi> = default,
        /// So many copies and hints wait at each node while their puts are answered; a crash loses
        /// them. 0 answers only what is durable.
        write_buffer: Option<Whole<0, WRITE_BUFFER_MAX>> = default,
        /// After so long the buffer is flushed, however little is in it.
        write_buffer_flush_ms: Option<Interval> = default,
        /// One of the N has to have a put on its disk before it answers, in spite of the buffer.
        durable_replica: Option<bool> = default,
        /// Handoff, anti-entropy and transfers yield while clients wait too long.
        admission_control: Option<bool> = default,
        /// Too long: above this is the 99th percentile of a minute's answers; 50 where it is left
        /// out.
        admission_p99_ms: Option<Interval> = default,
        disk_latency_ms: Option<Between> = default,
        /// How long a machine is at work on each message and request; they queue meanwhile.
        service_ms: Option<Millis<0, SERVICE_MS_MAX>> = default,
        /// Messages and requests that wait for one machine. One message more is lost, one request
        /// more is refused; 10,000 where it is left out.
        queue_max: Option<Whole<1, QUEUE_MAX>> = default,
        network: Option<NetworkForm> = default,
    }
}

/// How many nodes (named A to Z, then A1 to Z1, and so on), or each of them by name.
#[derive(Clone, Debug)]
pub enum NodesForm {
    Number(u64),
    List(Vec<NodeForm>),
}

object! {
    NodeForm, "an object with name, weight, zone, seed_node, member" {
        name: Name,
        /// Its share of the tokens against the others'.
        weight: Option<Factor> = default,
        zone: Option<Text<0, NAME_BYTES_MAX>> = default,
        /// Known to every node from outside. Where no node says so, the first is one.
        seed_node: Option<bool> = default,
        /// False starts a node that knows itself and the seeds, and is no member yet.
        member: Option<bool> = default,
    }
}

impl Default for NodesForm {
    fn default() -> NodesForm {
        NodesForm::Number(NODES)
    }
}

impl Form for NodesForm {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        if let Some(number) = as_whole(json, 1, NODES_MAX) {
            *self = NodesForm::Number(number);
            return Ok(());
        }
        let allowed =
            format!("a whole number from 1 to {NODES_MAX}, or a list of 1 to {NODES_MAX} nodes");
        match list(json, &allowed)? {
            nodes if (1..=NODES_MAX).contains(&(nodes.len() as u64)) => {
                *self = NodesForm::List(nodes);
                Ok(())
            }
            nodes => Err(BadInput::new("", format!("a list of {}", nodes.len()), allowed)),
        }
    }
}

object! {
    /// How the ring is cut (§6.2). 1: random tokens, partitions between them. 2: random tokens,
    /// equal partitions. 3: equal partitions, a token each.
    PartitioningForm, "an object with strategy, tokens_per_node and partitions" {
        strategy: Whole<1, 3>,
        /// Of a node of weight 1; strategies 1 and 2.
        tokens_per_node: Option<Whole<1, TOKENS_PER_NODE_MAX>> = default,
        /// Strategies 2 and 3.
        partitions: Option<Whole<1, PARTITIONS_MAX>> = default,
    }

    /// One-way latency, loss, duplication and damage; in a script what is left out stays as it is.
    NetworkForm, "an object with latency_ms, loss, duplicate, corrupt" {
        latency_ms: Option<Between> = default,
        loss: Option<Fraction> = default,
        duplicate: Option<Fraction> = default,
        /// Bytes of a message are damaged, or missing: its receiver refuses it.
        corrupt: Option<Fraction> = default,
    }
}

/// The entries, up to [`SCRIPT_MAX`] of them.
#[derive(Clone, Debug, Default)]
pub struct Script(pub Vec<EntryForm>);

impl Form for Script {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        let allowed = format!("a list of up to {SCRIPT_MAX} entries");
        self.0 = list(json, &allowed)?;
        match self.0.len() {
            0..=SCRIPT_MAX => Ok(()),
            many => Err(BadInput::new("", format!("a list of {many}"), allowed)),
        }
    }
}

object! {
    /// A moment and exactly one of the others. Boxed, because a script may be long.
    #[cfg_attr(
        all(test, not(target_arch = "wasm32")),
        schemars(extend("required" = ["at_ms"], "minProperties" = 2, "maxProperties" = 2))
    )]
    EntryForm, "an object with at_ms and one action" {
        at_ms: Option<Moment> = default,
        put: Option<Box<PutForm>> = default,
        get: Option<Box<GetForm>> = default,
        delete: Option<Box<DeleteForm>> = default,
        join: Option<Box<JoinForm>> = default,
        leave: Option<Box<NodeOnly>> = default,
        crash: Option<Box<CrashForm>> = default,
        restart: Option<Box<NodeOnly>> = default,
        backup: Option<Box<NodeOnly>> = default,
        disk: Option<Box<DiskForm>> = default,
        pause: Option<Box<NodeOnly>> = default,
        resume: Option<Box<NodeOnly>> = default,
        slow: Option<Box<SlowForm>> = default,
        skew: Option<Box<SkewForm>> = default,
        cut: Option<Box<CutForm>> = default,
        clog: Option<Box<ClogForm>> = default,
        heal: Option<Nothing> = default,
        network: Option<Box<NetworkForm>> = default,
        workload: Option<Box<WorkloadForm>> = default,
        expect: Option<Box<PredicateForm>> = default,
    }

    /// `put(key, context, object)` by a client.
    PutForm, "an object with key and value" {
        /// What the operation is called; p1, p2 … where it is left out.
        name as "as": Option<Name> = default,
        key: Option<KeyText> = default,
        /// Instead of `key`: nodes that are all among the first N of the key's preference list.
        key_for: Option<Vec<Name>> = default,
        value: Bytes,
        metadata: Option<Metadata> = default,
        /// The node the client talks to; drawn where it is left out.
        via: Option<Name> = default,
        /// An earlier operation on the same key, whose context is handed back.
        context: Option<Name> = default,
        /// Accepted for symmetry; a put waits for W alone.
        r: Option<Quorum> = default,
        /// W for this one operation.
        w: Option<Quorum> = default,
        /// The client asks the same again so long after, as if no answer had come.
        again_ms: Option<Interval> = default,
    }

    /// `get(key)` by a client.
    GetForm, "an object with key" {
        /// What the operation is called; g1, g2 … where it is left out.
        name as "as": Option<Name> = default,
        key: Option<KeyText> = default,
        key_for: Option<Vec<Name>> = default,
        via: Option<Name> = default,
        /// R for this one operation.
        r: Option<Quorum> = default,
    }

    /// A put of a tombstone by a client.
    DeleteForm, "an object with key" {
        /// What the operation is called; d1, d2 … where it is left out.
        name as "as": Option<Name> = default,
        key: Option<KeyText> = default,
        key_for: Option<Vec<Name>> = default,
        via: Option<Name> = default,
        /// An earlier operation on the same key, whose context is handed back.
        context: Option<Name> = default,
        /// W for this one operation.
        w: Option<Quorum> = default,
        /// As of a put.
        again_ms: Option<Interval> = default,
    }

    /// A node joins the ring: a new one, or one that is outside it.
    JoinForm, "an object with name, via, weight, zone, seed_node" {
        name: Name,
        /// The member that an administrator tells; where it is left out, the node itself, which
        /// knows the seeds alone.
        via: Option<Name> = default,
        /// Its share of the tokens against the others'.
        weight: Option<Factor> = default,
        /// The data centre of a new node.
        zone: Option<Text<0, NAME_BYTES_MAX>> = default,
        /// Whether a new node is a seed to all that start after it.
        seed_node: Option<bool> = default,
    }

    CrashForm, "an object with node and disk" {
        node: Name,
        /// What becomes of the disk. It is kept where nothing is said: what was durable is there.
        /// Torn: of what was just being written a beginning is there too. Old: it is as it was at
        /// the last backup; lost, where there was none.
        disk: Option<DiskWord> = default,
    }

    DiskForm, "an object with node and is" {
        node: Name,
        /// Full: it is read on and takes no more copies. Failing: every flush fails, and with the
        /// first the process ends; it starts again once the disk is well.
        is: HealthWord,
    }

    NodeOnly, "an object with node" {
        node: Name,
    }

    SlowForm, "an object with node and factor" {
        node: Name,
        /// How many times as long everything takes; 1 is normal.
        factor: Factor,
    }

    SkewForm, "an object with node and ms" {
        node: Name,
        /// How far the clock on the wall is moved, either way.
        ms: SignedMillis,
    }

    CutForm, "an object with from, to and one_way" {
        from: Vec<Name>,
        to: Vec<Name>,
        one_way: Option<bool> = default,
    }

    /// Messages are held, and come in another order than they were sent.
    ClogForm, "an object with from, to, for_ms and one_way" {
        from: Vec<Name>,
        to: Vec<Name>,
        /// What is sent meanwhile sets out only at the end of it.
        for_ms: Millis<1, CLOG_MS_MAX>,
        one_way: Option<bool> = default,
    }

    /// Clients that keep asking. Clients times keys are at most 1,000,000, of all loads together.
    WorkloadForm, "an object with clients, keys, read_fraction, ops_per_second, for_ms and others" {
        clients: Whole<1, CLIENTS_MAX>,
        /// They are called key-0, key-1 and so on, and alike in all loads; cart-0 … of carts.
        keys: Whole<1, KEYS_MAX>,
        /// The part of the requests that only read; half of them where it is left out.
        read_fraction: Option<Fraction> = default,
        /// The part of the other requests that are deletes; none where it is left out.
        delete_fraction: Option<Fraction> = default,
        /// Requests come at this rate from all clients together, whoever still waits. Where it is
        /// left out, each client waits for its answer before it asks again.
        ops_per_second: Option<Factor> = default,
        /// How long a client that waits for its answers thinks between two requests.
        think_ms: Option<Between> = default,
        /// Nothing new is asked after so long.
        for_ms: Interval,
        /// The exponent of Zipf's law, by which some keys are asked for more; 0 asks for all alike.
        zipf: Option<Exponent> = default,
        value_bytes: Option<Whole<1, LOAD_VALUE_BYTES_MAX>> = default,
        /// The node that all clients talk to; drawn for each request where it is left out.
        via: Option<Name> = default,
        /// Values are lists of items. Whoever writes reads first, merges siblings, and adds or
        /// deletes one item.
        cart: Option<bool> = default,
        /// Whoever wrote reads the same key at once; what such a read misses is counted.
        read_back: Option<bool> = default,
    }

    /// `{}`.
    #[derive(Copy)]
    Nothing, "{}" {}

    /// A question to the world: exactly one of these.
    #[cfg_attr(
        all(test, not(target_arch = "wasm32")),
        schemars(extend("minProperties" = 1, "maxProperties" = 1))
    )]
    PredicateForm, "an object with one predicate" {
        all: Option<Vec<PredicateForm>> = default,
        any: Option<Vec<PredicateForm>> = default,
        not: Option<Box<PredicateForm>> = default,
        outcome: Option<OutcomeForm> = default,
        value: Option<ValueForm> = default,
        siblings: Option<SiblingsForm> = default,
        hints: Option<HintsForm> = default,
        replicas: Option<ReplicasForm> = default,
        converged: Option<Nothing> = default,
        members: Option<MembersForm> = default,
        suspects: Option<SuspectsForm> = default,
        counter: Option<CounterForm> = default,
        latency: Option<LatencyForm> = default,
        invariants: Option<InvariantsForm> = default,
    }

    OutcomeForm, "an object with op and is" {
        op: Name,
        is: OutcomeWord,
    }

    /// A get returned exactly this; a put carried it.
    ValueForm, "an object with op and equals" {
        op: Name,
        equals: Bytes,
    }

    /// How many versions live nodes hold of a key, or an operation brought back.
    SiblingsForm, "an object with key or op, and count" {
        key: Option<KeyText> = default,
        op: Option<Name> = default,
        count: Count,
    }

    HintsForm, "an object with holder, for and count" {
        holder: Option<Name> = default,
        target as "for": Option<Name> = default,
        count: Count,
    }

    /// Exactly these live nodes hold the key in their replica stores.
    ReplicasForm, "an object with key and on" {
        key: KeyText,
        on: Vec<Name>,
    }

    /// The members by one node's belief, or by that of every live node.
    MembersForm, "an object with node and equals" {
        node: Option<Name> = default,
        equals: Vec<Name>,
    }

    SuspectsForm, "an object with node, whom and is" {
        node: Name,
        whom: Name,
        is: Option<bool> = default,
    }

    /// How long loads waited for their answers so far: the mean, the 99th or 99.9th percentile.
    LatencyForm, "an object with of, is and at_least_ms or at_most_ms" {
        of: AskedWord,
        is: FigureWord,
        at_least_ms: Option<Moment> = default,
        at_most_ms: Option<Moment> = default,
    }

    CounterForm, "an object with name and at_least, at_most or equals" {
        name: String,
        at_least: Option<Count> = default,
        at_most: Option<Count> = default,
        equals: Option<Count> = default,
    }

    InvariantsForm, "an object with ok" {
        ok: bool,
    }
}
