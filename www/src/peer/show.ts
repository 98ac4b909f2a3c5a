/** What a node shows, in the shapes that the page reads. It is this node's belief throughout. */

import type { Peer as PeerBase } from '../../edge/peer';
import { type Ask, MARKS_MAX, type Place, type Snapshot } from '../engine/protocol';
import type { Belief, KeyView, LogEvent, NodeView, Ring, WorldState } from '../engine/types';
import type { RealView } from './real';
import type { Requests } from './requests';
import type { Traffic } from './traffic';

/** The class of the module, with what only the page reads. */
export interface ShownPeer extends Omit<PeerBase, 'ring'> {
  ring(): ShownRing;
  state(): OwnState;
  nodeView(index: number): NodeView;
  keyView(key: string): KeyView;
  events(from: number, max: number): LogEvent[];
  frame(): Float64Array;
  leave(node: number): void;
  nodeNamed(name: string): number;
}

interface ShownRing extends Ring {
  /** This node's index; none while it is no member. */
  self: number | null;
}

interface OwnState {
  keys: WorldState['nodes'][string]['keys'];
  hints: { for: string; key: string }[];
  members: string[];
  suspects: string[];
  partitions: number;
  /** Of how many partitions it has, or will have, the records. */
  homes: number;
}

const RECENT = 80;
const STRIDE = 8;
const MESSAGES = 5;
const IN_FLIGHT = 6;
const REVISION = 9;
const UNTIL = 11;

/** The numbers of an animation frame: `revision` changes when the JSON is worth reading again. */
export function frameOf(peer: ShownPeer, revision: number, traffic: Traffic): Float64Array {
  const quiet = peer.frame();
  // The ring's JSON is dear at sixty frames a second.
  const nodes = traffic.isQuiet ? [] : peer.ring().nodes;
  const rows = traffic.take((node) => nodes.findIndex((one) => one.id === node));
  const frame = new Float64Array(quiet.length + rows.length * STRIDE);
  frame.set(quiet);
  for (const [i, row] of rows.entries()) frame.set(row, quiet.length + i * STRIDE);
  frame[MESSAGES] = rows.length;
  frame[IN_FLIGHT] = rows.length;
  frame[REVISION] = revision;
  frame[UNTIL] = Number.POSITIVE_INFINITY;
  return frame;
}

export function snapshotOf(
  peer: ShownPeer,
  ask: Ask,
  requests: Requests,
  real: RealView,
): Snapshot {
  const frame = peer.frame();
  const next = frame[3] ?? 0;
  const ring = peer.ring();
  const state = stateOf(peer, ring, requests, real.name);
  const places: Record<string, Place> = {};
  for (const key of ask.places) places[key] = placeOf(peer.keyView(key), ring.n);
  const ops = requests.views();
  return {
    revision: 0,
    now: frame[1] ?? 0,
    state,
    ring,
    ops,
    beliefs: beliefsOf(ring, state.nodes[real.name]?.suspects ?? []),
    recent: peer.events(Math.max(0, next - RECENT), RECENT),
    marks: peer.events(ask.marksFrom, MARKS_MAX),
    marksTo: next,
    faults: [],
    loads: [],
    failed: [],
    key: ask.key ? peer.keyView(ask.key) : null,
    node: ask.node >= 0 && ask.node < ring.nodes.length ? nodeOf(peer, ask.node) : null,
    places,
    real,
  };
}

/** Of the others there are names alone: what they hold, they know. */
export function stateOf(
  peer: ShownPeer,
  ring: ShownRing,
  requests: Requests,
  me: string,
): WorldState {
  const own = peer.state();
  const nodes: WorldState['nodes'] = {};
  for (const { name, index } of ring.nodes) {
    const partitions = ring.owners.filter((owner) => owner === index).length;
    nodes[name] = { state: 'up', keys: {}, hints: [], members: [], suspects: [], partitions };
  }
  nodes[me] = { ...own, state: 'up' };
  const now_ms = peer.frame()[1] ?? 0;
  const ops: WorldState['ops'] = {};
  for (const { id, outcome, key, versions } of requests.views())
    ops[id] = { outcome, key, versions };
  const nothing = { digest: '', events: 0, counters: {}, invariants: [], expects: [] };
  return { ...nothing, now_ms, nodes, ops };
}

function nodeOf(peer: ShownPeer, index: number): NodeView {
  const none = { keys: [], hints: [], suspects: [], suspected_by: [], coordinating: [] };
  return { ...none, ...peer.nodeView(index) };
}

function placeOf(view: KeyView, n: number): Place {
  const listed = view.walk.filter((step) => step.place !== undefined && step.place <= n);
  const list = listed.map((step) => step.node);
  return { angle: view.angle, partition: view.partition, first: list[0] ?? -1, list };
}

/** Whom this node suspects. Nobody here knows the truth, so nobody is called wrong. */
function beliefsOf(ring: ShownRing, suspects: readonly string[]): Belief[] {
  const { self } = ring;
  if (self === null) return [];
  return ring.nodes
    .filter(({ name }) => suspects.includes(name))
    .map(({ index }) => ({
      about: index,
      truth: 'up',
      others: 1,
      wrong: 0,
      by: [{ node: self, belief: 'suspect', wrong: false }],
    }));
}
