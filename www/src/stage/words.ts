/** Where a message's words stand: clear of the bezel first, then of discs and its own way. */

import { type Curve, type Geometry, nodeAt, type Point, split } from './geometry';

export interface Spot {
  /** The anchor of both lines: their left end, right end or middle, as `align` says. */
  x: number;
  /** The first line's middle; the second stands one line below. */
  y: number;
  align: 'left' | 'right' | 'center';
}

const BESIDE = 32;
const BELOW = 36;
const ABOVE = -46;
/** What two lines take, from the anchor's height. */
const TOP = -11;
const BOTTOM = 25;
/** Between words and what they must not touch. */
const AIR = 4;

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function boxOf({ x, y, align }: Spot, width: number): Box {
  const left = x - { left: 0, center: 0.5, right: 1 }[align] * width;
  return { left, right: left + width, top: y + TOP, bottom: y + BOTTOM };
}

/** By how much the corner that lies furthest out stands over the bezel's inner edge. */
export function overBezel(g: Geometry, box: Box): number {
  const x = Math.max(Math.abs(box.left), Math.abs(box.right));
  const y = Math.max(Math.abs(box.top), Math.abs(box.bottom));
  return Math.max(0, Math.hypot(x, y) + AIR - (g.out - g.band));
}

function overDiscs(g: Geometry, box: Box): number {
  let most = 0;
  for (let i = 0; i < g.nodes; i++) {
    const node = nodeAt(g, i);
    const aside = Math.max(0, box.left - node.x, node.x - box.right);
    const above = Math.max(0, box.top - node.y, node.y - box.bottom);
    most = Math.max(most, g.disc + 2 * AIR - Math.hypot(aside, above));
  }
  return most;
}

/** How far the two reach into each other, at the narrower side; 0 when they do not touch. */
export function overlap(one: Box, other: Box): number {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left) + AIR;
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) + AIR;
  return Math.max(0, Math.min(across, down));
}

/** The first spot that is clear, also of what is `taken`; where none is, the one that is least in
 * the way. */
export function spotOf(
  g: Geometry,
  at: Point,
  angle: number,
  width: number,
  taken: readonly Box[] = [],
): Spot {
  const right: Spot = { x: at.x + BESIDE, y: at.y, align: 'left' };
  const left: Spot = { x: at.x - BESIDE, y: at.y, align: 'right' };
  const below: Spot = { x: at.x, y: at.y + BELOW, align: 'center' };
  const above: Spot = { x: at.x, y: at.y + ABOVE, align: 'center' };
  const beside = at.x > g.s * 0.3 ? [left, right] : [right, left];
  // Beside a message that flies level stands its own way.
  const level = Math.abs(Math.cos(angle)) > 0.75;
  const first = level ? [below, ...beside, above] : [...beside, below, above];
  const corners = [below, above].flatMap(({ y }): Spot[] => [
    { x: at.x + BESIDE / 2, y, align: 'left' },
    { x: at.x - BESIDE / 2, y, align: 'right' },
  ]);
  let best = right;
  let least = Number.POSITIVE_INFINITY;
  for (const spot of [...first, ...corners]) {
    const box = boxOf(spot, width);
    // Letters of the bezel and chips are drawn above the words; a disc's edge under them can be
    // borne.
    const over = taken.reduce((most, one) => Math.max(most, overlap(box, one)), overBezel(g, box));
    const wrong = 100 * over + overDiscs(g, box);
    if (wrong < least) {
      best = spot;
      least = wrong;
    }
    if (wrong === 0) break;
  }
  return best;
}

/** Half of what a flow's label is high. */
export const TAG = 13;

/** Where on a flow its label stands: in the middle, or as near to it as others leave room. */
export function tagSpot(flow: Curve, width: number, taken: Box[]): Point {
  let best: Point | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const part of [0.5, 0.38, 0.62, 0.26, 0.74]) {
    const { at } = split(flow, part);
    const box = tagBox(at, width);
    const over = taken.reduce((most, one) => Math.max(most, overlap(box, one)), 0);
    if (over < least) {
      best = at;
      least = over;
    }
    if (over === 0) break;
  }
  const at = best ?? flow.c;
  taken.push(tagBox(at, width));
  return at;
}

const tagBox = ({ x, y }: Point, width: number): Box => ({
  left: x - width / 2,
  right: x + width / 2,
  top: y - TAG,
  bottom: y + TAG,
});
