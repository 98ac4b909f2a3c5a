/**
 * When messages are drawn as flows and no longer as a sign each: once half of the signs would touch
 * another. That is expected, not measured: from what room the ring leaves, how large signs are and
 * how many there are, so that it changes only as these do.
 */

import type { FrameView } from '../engine/frame';
import { isSame } from '../parts/same';
import { type Geometry, innermost } from './geometry';

/** All three are drawn as signs: named requests, others, the background. */
export const RANKS: number = 3;
/** As large as each rank's signs are at scale 1. */
const RADII = [12.5, 12.5, 7.6] as const;
/** Of signs strewn at random, half meet another where each is to meet so many. */
const BEGINS = Math.LN2;
/** And here a quarter. Between the two nothing changes, or the picture would flicker. */
const ENDS = Math.log(4 / 3);
/** On the largest of screens there is room for more, but nobody follows one, and each costs. */
const SIGNS_MAX = 1500;

/** Gossip and probes. */
export const isGossip = (kind: number): boolean => kind >= 10 && kind <= 14;

/** Gossip, probes and anti-entropy, which go on at all times. */
export const isBackground = (kind: number): boolean => isGossip(kind) || kind >= 25;

/** What a message's rank is told from. */
type Ranked = Pick<FrameView, 'messages' | 'kind' | 'op'>;

/** The first to be drawn as flows are the background's, the last those of a named request. */
export const rankOf = (frame: Ranked, i: number): number =>
  isBackground(frame.kind(i)) ? 2 : frame.op(i) < 0 ? 1 : 0;

/** How many messages of each rank are to be seen. */
export function ranked(frame: Ranked, hidden: ReadonlySet<number>): number[] {
  const counts = [0, 0, 0];
  for (let i = 0; i < frame.messages; i++) {
    if (hidden.has(frame.kind(i))) continue;
    const rank = rankOf(frame, i);
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts;
}

/**
 * From which rank on messages are drawn as flows, when it was `before` a frame ago. Without motion
 * a few signs stand for all.
 */
export function flowsFrom(
  g: Geometry,
  counts: readonly number[],
  before: number,
  reduced: boolean,
): number {
  let [signs, sum, squares] = [0, 0, 0];
  for (const [rank, radius] of RADII.entries()) {
    const count = counts[rank];
    if (!count) continue;
    const r = (radius * g.k) / innermost(g);
    signs += count;
    sum += count * r;
    squares += count * r * r;
    const meets = reduced ? 0 : 2 * (squares + (sum * sum) / signs);
    if (signs > SIGNS_MAX || meets > (rank < before ? BEGINS : ENDS)) return rank;
  }
  return RANKS;
}

/** A load's requests come and go in bursts: calm has to last before they are signs again. */
const CALM_MS = 1000;

/** What besides the messages decides it. */
export interface Sight {
  geometry: Geometry;
  hidden: ReadonlySet<number>;
  playing: boolean;
  reduced: boolean;
  real: number;
}

/** What of the messages is flows now. */
export class Crowd {
  /** From this rank on. */
  from = RANKS;
  /** So many messages, out of those on their way. */
  merged = 0;
  inFlight = 0;
  #until = 0;

  /** At each frame once. True where time stands still and there is something new to tell. */
  look(frame: FrameView, { geometry, hidden, playing, reduced, real }: Sight): boolean {
    const before = [this.from, this.merged, this.inFlight];
    const counts = ranked(frame, hidden);
    this.see(flowsFrom(geometry, counts, this.from, reduced), playing, real);
    this.merged = counts.slice(this.from).reduce((sum, count) => sum + count, 0);
    this.inFlight = frame.inFlight;
    return !playing && !isSame(before, [this.from, this.merged, this.inFlight]);
  }

  /** While nothing moves, what is seen decides at once. */
  see(from: number, playing: boolean, real: number): void {
    if (playing && from > this.from && real < this.#until) return;
    this.from = from;
    this.#until = real + CALM_MS;
  }
}
