/** What the page and the worker say to each other: each call's arguments and its answer. */

import type { RingLink } from '../peer/link';
import type { RealView } from '../peer/real';
import type {
  About,
  Belief,
  Fault,
  Growth,
  KeyView,
  LoadAct,
  LogEvent,
  NodeView,
  OpView,
  Plan,
  Ring,
  StepKind,
  Tried,
  Why,
  WorldState,
} from './types';

/** What a call that moves the world answers: where it stands now. */
export interface Moved {
  frame: Float64Array;
  /** False when there was nothing left to do. */
  moved: boolean;
  /** The operation's name, when the call was a put or a get. */
  name: string;
  /** The scenario with every command so far, each time that it has changed. */
  scenario?: string;
}

/** What of the JSON the page wants to see now. */
export interface Ask {
  key: string;
  node: number;
  /** Keys whose place on the ring the page does not know yet. */
  places: string[];
  /** Marks are events with this id or a later one. */
  marksFrom: number;
}

/** What of a key never changes: where its hash lies, and whose list it is. */
export interface Place {
  angle: number;
  first: number;
  partition: number;
  /** The nodes of the first N places. */
  list: number[];
}

/** In a ring of more nodes it is not told whom each knows: nobody reads a larger matrix. */
export const MEMBERS_MAX = 12;

/** The page keeps no more marks: a cut through a ring of a thousand makes as many in a second. */
export const MARKS_MAX = 4000;

export interface Snapshot {
  revision: number;
  now: number;
  state: WorldState;
  ring: Ring;
  ops: OpView[];
  beliefs: Belief[];
  /** The newest events of every kind, oldest first. */
  recent: LogEvent[];
  /** Since `marksFrom`: those that a timeline shows, of very many the newest. */
  marks: LogEvent[];
  marksTo: number;
  /** The run's faults up to now, in the order of time. */
  faults: Fault[];
  /** The loads begun up to now, in the order of time. */
  loads: LoadAct[];
  /** The newest operations of loads that were refused or had no answer, newest first. */
  failed: OpView[];
  key: KeyView | null;
  node: NodeView | null;
  places: Record<string, Place>;
  /** Where the ring is a real one: what only its own node can tell. */
  real?: RealView;
}

/** What a worker with a simulated world answers. */
export interface SimCalls extends Shared {
  load: { in: { scenario: string }; out: Moved };
  step: { in: { by: StepKind }; out: Moved };
  back: { in: Record<never, never>; out: Moved };
  /** On, event by event, to the next one that is worth a sentence. */
  next: { in: { from: number }; out: Moved };
  seek: { in: { ms: number }; out: Moved };
  /** Of a join or a leave, as the script has it. */
  plan: { in: { json: string }; out: Plan };
  why: { in: { about: About }; out: Why };
  digest: { in: Record<never, never>; out: string };
  scenario: { in: Record<never, never>; out: string };
  seed: { in: Record<never, never>; out: string };
}

/** What a worker with one real node answers: it has no past to go to, and no world to load. */
export interface PeerCalls extends Shared {
  /** Becomes a node of the ring. `prefer` is whom this tab was before it was loaded again. */
  join: { in: { link: RingLink; prefer: string }; out: Moved };
  /** Leaves the ring for good, and drops the journal once the others know. */
  leave: { in: Record<never, never>; out: Moved };
  /** Takes another out of the ring, one that will not come back (§4.8.1). */
  remove: { in: { name: string }; out: Moved };
  /** Ends this node's life here; it stays a member. */
  close: { in: Record<never, never>; out: null };
}

/** What a worker with experiments answers; `scenario` is whose settings a hostile run has. */
export interface SwarmCalls {
  trySeed: { in: { scenario: string; seed: number }; out: Tried };
  /** The same run, to be opened. */
  hostileScenario: { in: { scenario: string; seed: number }; out: string };
  /** Plays a ring of so many machines; it takes seconds. */
  throughput: { in: { machines: number }; out: Growth };
}

interface Shared {
  tick: { in: { to: number }; out: Moved };
  command: { in: { json: string }; out: Moved };
  snapshot: { in: Ask; out: Snapshot };
  event: { in: { id: number }; out: LogEvent | null };
  state: { in: Record<never, never>; out: WorldState };
}

export type Calls = SimCalls & PeerCalls & SwarmCalls;
export type CallName = keyof Calls;

type RequestOf<C> = {
  [K in keyof C]: C[K] extends { in: infer In } ? { id: number; call: K; args: In } : never;
}[keyof C];
export type SimRequest = RequestOf<SimCalls>;
export type PeerRequest = RequestOf<PeerCalls>;
export type SwarmRequest = RequestOf<SwarmCalls>;

/** The worker has ended: the module trapped, or it never started. */
export interface Fatal {
  started: boolean;
  message: string;
}

export type Reply =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; error: string }
  | { id: number; fatal: Fatal };
