/**
 * All that a picture of the messages is made of, the engine's frame apart: plain data, so that it
 * can cross to the worker that draws.
 */

import type { App } from '../app/app';
import type { Snapshot } from '../engine/protocol';
import type { Geometry } from './geometry';
import type { Box } from './words';

export interface Scene {
  geometry: Geometry;
  /** Pixels of the canvas to one of the page. */
  ratio: number;
  /** Virtual milliseconds per second on screen. */
  rate: number;
  playing: boolean;
  /** No motion is wanted. */
  reduced: boolean;
  /** Somebody has acted: from then on one message is the hero. */
  acted: boolean;
  /** Kinds that people chose not to see. */
  hidden: readonly number[];
  /** From this rank on messages are drawn as flows. */
  flowsFrom: number;
  /** What words must not stand under: the stage's chips. */
  taken: readonly Box[];
  /** The nodes' names. */
  names: readonly string[];
  /** Newest first, out of `opsTotal`. */
  ops: readonly string[];
  opsTotal: number;
}

/** What of a scene the stage knows. */
type Told = Pick<Scene, 'geometry' | 'ratio' | 'reduced' | 'flowsFrom' | 'taken'>;

type Ops = Pick<Scene, 'ops' | 'opsTotal'>;
type Words = Ops & Pick<Scene, 'names'>;

const WORDS = new WeakMap<Snapshot, Words>();

/** Names change with the engine's JSON, and not with each frame. */
export function wordsOf(snap: Snapshot): Words {
  const known = WORDS.get(snap);
  if (known) return known;
  const words = {
    names: snap.ring.nodes.map((node) => node.name),
    ops: snap.ops.map((op) => op.id),
    opsTotal: Object.keys(snap.state.ops).length,
  };
  WORDS.set(snap, words);
  return words;
}

export function sceneOf(app: App, snap: Snapshot, told: Told): Scene {
  const { rate, playing } = app.player;
  return { ...told, ...wordsOf(snap), rate, playing, acted: app.acted, hidden: [...app.hidden] };
}

/** The frame counts operations from the first; the list has the newest first. */
export const opName = ({ ops, opsTotal }: Ops, number: number): string =>
  number < 0 ? '' : (ops[opsTotal - 1 - number] ?? '');
