/**
 * Very many messages at once: merged into flows between twelfths of the ring. The broadest of each
 * family are ribbons, and a width is a count; the others are threads behind them, or traffic from
 * everywhere to everywhere would fill the dial. The largest flow of each family is labelled with
 * its count, and hints lie above reads and writes.
 */

import type { FrameView } from '../engine/frame';
import { type Geometry, nodeTurn, type Point, polar } from './geometry';
import { type Family, type Glyph, glyphOf } from './glyphs';

/** More than this is noise when each is drawn by itself. */
export const FLOWS_FROM = 1500;
const PARTS = 12;
const WIDEST_PX = 14;
/** So many of a family are ribbons. */
const RIBBONS = 5;

export interface Flow {
  family: Family;
  glyph: Glyph;
  from: number;
  to: number;
  count: number;
}

const ORDER: readonly Family[] = ['entropy', 'member', 'read', 'write', 'hint', 'bad'];

/** From the frame alone; drawn from the quietest family to the one that tells most. */
export function flowsOf(frame: FrameView, g: Geometry, hidden: readonly number[]): Flow[] {
  const flows = new Map<number, Flow>();
  const part = (node: number) => Math.floor(nodeTurn(g, node) * PARTS) % PARTS;
  for (let i = 0; i < frame.messages; i++) {
    const kind = frame.kind(i);
    if (hidden.includes(kind)) continue;
    const glyph = glyphOf(kind);
    const from = part(frame.from(i));
    const to = part(frame.to(i));
    const id = (ORDER.indexOf(glyph.family) * PARTS + from) * PARTS + to;
    const flow = flows.get(id);
    if (flow) flow.count += 1;
    else flows.set(id, { family: glyph.family, glyph, from, to, count: 1 });
  }
  const rank = (flow: Flow) => ORDER.indexOf(flow.family);
  return [...flows.values()].sort((a, b) => rank(a) - rank(b) || a.count - b.count);
}

/** Gossip and hashes are everywhere and always: they stay a texture behind what is told. */
const isQuiet = (family: Family): boolean => family === 'member' || family === 'entropy';

export interface Layers {
  threads: Flow[];
  ribbons: Flow[];
  /** Those that wear their family's label. */
  told: Flow[];
}

/** Of each family the last are the largest, as they are in order of their counts. */
export function layersOf(flows: readonly Flow[]): Layers {
  const layers: Layers = { threads: [], ribbons: [], told: [] };
  for (const family of ORDER) {
    const all = flows.filter((flow) => flow.family === family);
    const from = Math.max(0, all.length - (isQuiet(family) ? 1 : RIBBONS));
    layers.threads.push(...all.slice(0, from));
    layers.ribbons.push(...all.slice(from));
    layers.told.push(...all.slice(-1));
  }
  return layers;
}

export interface Ribbon {
  a: Point;
  c: Point;
  b: Point;
  width: number;
}

/** A curve through the dial; within one twelfth a loop that turns back. */
export function ribbon(g: Geometry, flow: Flow, most: number): Ribbon {
  const inner = g.orbit * (g.dots ? 0.88 : 0.8);
  const turn = (part: number, aside: number) => (part + 0.5 + aside) / PARTS;
  const a = polar(turn(flow.from, flow.from === flow.to ? -0.3 : 0.08), inner);
  const b = polar(turn(flow.to, flow.from === flow.to ? 0.3 : -0.08), inner);
  const near = { x: (a.x + b.x) * 0.22, y: (a.y + b.y) * 0.22 };
  // In proportion to the dial, on a phone too: there the broadest would fill it.
  const widest = WIDEST_PX * Math.min(1.25, g.s / 320);
  return { a, c: near, b, width: Math.max(1, Math.sqrt(flow.count / most) * widest) };
}
