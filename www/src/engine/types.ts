/** JSON shapes that the engine hands out. Node indices are positions in `Ring.nodes`. */

export type NodeState = 'up' | 'crashed' | 'paused' | 'left';
export type Outcome = 'pending' | 'ok' | 'refused' | 'timeout';
export type StepKind = 'event' | 'message' | 'round';

export interface RingNode {
  name: string;
  index: number;
  zone: string;
  weight: number;
  /** Where a real node takes connections; empty when it takes none. */
  address?: string;
  /** A real node's number. */
  id?: number;
}

export interface Cut {
  from: number[];
  to: number[];
  one_way: boolean;
}

export interface Ring {
  title: string;
  seed: string | number;
  n: number;
  r: number;
  w: number;
  quorum: string;
  /** Of §6.2's three; a real ring does not say. */
  strategy?: number;
  partitions: number;
  /** Where each partition ends, as a fraction of the circle; null where they are of one size. */
  ends?: number[] | null;
  /** Partition i belongs to this node; of Q equal ones it covers (i/Q, (i+1)/Q] of the circle. */
  owners: number[];
  nodes: RingNode[];
  until_ms: number;
  scenario_end_ms: number;
  cuts?: Cut[];
  /** Who came and who left since the ring was founded, newest first. */
  changes?: Change[];
}

export type Value = string | { base64: string };
export type Clock = Record<string, number>;

export interface Version {
  value?: Value;
  clock: Clock;
  deleted?: boolean;
  metadata?: Record<string, string>;
}

export interface Walk {
  partition: number;
  node: number;
  place?: number;
  skipped?: string;
}

export interface Holder {
  node: number;
  place?: number;
  kind: 'replica' | 'hint';
  hint_for?: number;
  state: NodeState;
  versions: Version[];
}

export interface KeyView {
  key: string;
  position: string;
  /** Fraction of the circle, 0 at twelve o'clock, clockwise. */
  angle: number;
  partition: number;
  walk: Walk[];
  holders: Holder[];
  /** What is left of all that is held, under the versioning in force; a real node does not say. */
  alive?: Version[];
}

/** A member came or went, by the clock of the node that was told (§4.8.1). */
export interface Change {
  node: string;
  version: number;
  change: 'joined' | 'left';
  at_ms: number;
  by: string;
}

export interface Suspicion {
  node: string;
  why: string;
  since_ms: number;
}

export interface NodeView {
  name: string;
  index: number;
  state: NodeState;
  disk_lost: boolean;
  /** A real node does not say. */
  disk?: 'well' | 'full' | 'failing' | 'slow';
  /** Writes that were answered and are not durable yet (§6.1). */
  buffered?: number;
  /** Nobody runs while it is down. */
  incarnation: number | null;
  partitions: number;
  keys: { key: string; versions: Version[] }[];
  hints: { for: string; key: string; versions: Version[] }[];
  suspects: Suspicion[];
  /** Of each other, how late its heartbeat is, where the ring suspects by phi. */
  phi?: Record<string, number>;
  /** Newest first; a real node does not tell. */
  history?: Change[];
  /** How far background work yields to clients (§6.5), while it does. */
  yields?: { slices: number; of: number; requests: number; late: number };
  suspected_by: string[];
  coordinating: string[];
}

export interface Answer {
  node: string;
  stands_in_for?: string;
  at_ms: number;
}

export interface OpView {
  id: string;
  kind: 'put' | 'get' | 'delete';
  key: string;
  /** Nobody, when no node was up. */
  via: string | null;
  coordinator?: string;
  context?: string;
  value?: Value;
  started_ms: number;
  latency_ms?: number;
  outcome: Outcome;
  error?: string;
  definite?: boolean;
  need: number;
  got: number;
  answers: Answer[];
  versions: Version[];
}

export interface Belief {
  about: number;
  truth: NodeState;
  /** So many others know it, and so many of them are wrong about it. */
  others: number;
  wrong: number;
  /** All of them, or, where they are many, a few of the wrong ones. */
  by: { node: number; belief: 'up' | 'suspect'; wrong: boolean }[];
}

export interface LogEvent {
  id: number;
  at_ms: number;
  cause: number | null;
  kind: string;
  node?: number;
  peer?: number;
  op?: string;
  key?: string;
  notable: boolean;
  text: string;
}

/** What "Why?" is asked about; nodes by their index. */
export type About =
  | { event: number }
  | { op: string }
  | { hint: { holder: number; target: number; key: string } }
  | { belief: { node: number; whom: number } }
  | { key: string };

export interface Sentence {
  event: number;
  at_ms: number;
  text: string;
}

/** How something came to be, oldest first. */
export interface Why {
  sentences: Sentence[];
  /** Something before the first has left the log's window. */
  cut_short: boolean;
}

/** A fault of the run so far, as the scenario format writes it. */
export interface Fault {
  at_ms: number;
  crash?: { node: string };
  restart?: { node: string };
  pause?: { node: string };
  resume?: { node: string };
  slow?: { node: string; factor: number };
  cut?: { from: string[]; to: string[]; one_way?: boolean };
  clog?: { from: string[]; to: string[]; one_way?: boolean; for_ms: number };
  heal?: object;
}

/** A load of the run so far, as the scenario format writes it. */
export interface LoadAct {
  at_ms: number;
  workload: { clients: number; ops_per_second?: number; for_ms: number };
}

/** One of a partition's N places, on its way to another node. */
export interface Move {
  /** By the numbers that partitions have after the change. */
  partition: number;
  from: string;
  to: string;
  keys: number;
  bytes: number;
}

/** What a join or a leave would move, before anybody is told. */
export interface Plan {
  digest: string;
  moves: Move[];
  keys: number;
  bytes: number;
}

export interface Invariant {
  name: string;
  class: string;
  paper?: string;
  ok: boolean;
  /** Absent while it was never put to the test. */
  armed_since_ms?: number;
  count?: number;
  broken?: { at_ms: number; event: number; what: string };
}

export interface WorldNode {
  state: NodeState;
  keys: Record<string, Version[]>;
  hints: { for: string; key: string }[];
  /** Neither is told in a large ring: what somebody is wrong about is among the beliefs. */
  members?: string[];
  suspects?: string[];
  partitions: number;
  /** Of all that its replica store holds. */
  merkle_root?: string;
}

/** Null where nothing was measured. */
export interface Latencies {
  count: number;
  mean_ms: number | null;
  p99_ms: number | null;
  p999_ms: number | null;
  max_ms: number | null;
}

export interface LoadView {
  reads: Latencies;
  writes: Latencies;
  refused: number;
  timed_out: number;
  /** Never asked: too much was under way. */
  dropped: number;
  ops_per_second: number;
  /** Reads that found one version, two, three, and more. */
  versions: number[];
  items_returned: number;
  items_lost: number;
}

/** What a ring of so many machines served, by clients in proportion. */
export interface Growth {
  machines: number;
  clients: number;
  ops_per_second: number;
  per_machine: number;
  mean_ms: number;
  p999_ms: number;
  /** Messages and requests that machines handled for one answer. */
  inputs_per_op: number;
  /** The part of their time that machines were at work. */
  busy: number;
}

/** What came of a hostile run. */
export interface Tried {
  seed: number;
  events: number;
  /** Requests of clients. */
  asked: number;
  refused: number;
  unanswered: number;
  /** The first of these. */
  first?: { op: string; at_ms: number };
  /** The first promise that was broken. */
  broken?: { check: string; why: string; at_ms: number };
}

export interface WorldState {
  digest: string;
  now_ms: number;
  events: number;
  ops: Record<string, { outcome: Outcome; key: string; versions?: Version[] }>;
  nodes: Record<string, WorldNode>;
  counters: Record<string, number>;
  invariants: Invariant[];
  /** Absent before the first load. */
  load?: LoadView | null;
  expects: { at_ms: number; ok: boolean; why: string }[];
}
