/**
 * Very many messages at once: merged into flows between twelfths of the ring, or nodes where there
 * are no more than twelve. The broadest of each family are ribbons, and a width is a count; the
 * others are threads behind them, or traffic from everywhere to everywhere would fill the dial. The
 * largest flow of each family is labelled with its count, and hints lie above reads and writes.
 */

import type { FrameView } from '../engine/frame';
import { rankOf } from './crowd';
import { type Geometry, type Point, polar } from './geometry';
import { type Family, type Glyph, glyphOf, isQuiet } from './glyphs';

const PARTS_MAX = 12;
const WIDEST_PX = 14;
/** Fewer in the largest flow make none of the widest: one message alone is no broad ribbon. */
const WIDEST_FROM = 40;
/** Counts of a few come and go sooner than they are read. */
export const WRITTEN_FROM = 5;
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

/** Of so few nodes each is a part by itself. */
const partsOf = ({ nodes }: Geometry): number => Math.min(PARTS_MAX, nodes);

export const partOf = (g: Geometry, node: number): number =>
  Math.floor((node * partsOf(g)) / g.nodes);

/** From the frame alone, of the messages of this rank and after; drawn from the quietest family to
 * the one that tells most. */
export function flowsOf(
  frame: FrameView,
  g: Geometry,
  hidden: readonly number[],
  least: number,
): Flow[] {
  const flows = new Map<number, Flow>();
  for (let i = 0; i < frame.messages; i++) {
    const kind = frame.kind(i);
    if (hidden.includes(kind) || rankOf(frame, i) < least) continue;
    const glyph = glyphOf(kind);
    const from = partOf(g, frame.from(i));
    const to = partOf(g, frame.to(i));
    const id = (ORDER.indexOf(glyph.family) * PARTS_MAX + from) * PARTS_MAX + to;
    const flow = flows.get(id);
    if (flow) flow.count += 1;
    else flows.set(id, { family: glyph.family, glyph, from, to, count: 1 });
  }
  const rank = (flow: Flow) => ORDER.indexOf(flow.family);
  return [...flows.values()].sort((a, b) => rank(a) - rank(b) || a.count - b.count);
}

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
    const from = all.length - (isQuiet(family) ? 1 : RIBBONS);
    // Where there are more, what goes its way alone is no broad flow.
    for (const [i, flow] of all.entries()) {
      const isRibbon = i >= from && (from <= 0 || flow.count > 1);
      layers[isRibbon ? 'ribbons' : 'threads'].push(flow);
    }
    layers.told.push(...all.slice(-1).filter(({ count }) => count >= WRITTEN_FROM));
  }
  return layers;
}

export interface Ribbon {
  a: Point;
  c: Point;
  b: Point;
  width: number;
}

/** A curve through the dial; within one part a loop that turns back. */
export function ribbon(g: Geometry, flow: Flow, most: number): Ribbon {
  const inner = g.orbit * (g.dots ? 0.88 : 0.8);
  // In the midst of a part's nodes.
  const turn = (part: number, aside: number) => (part + 0.5 + aside) / partsOf(g) - 0.5 / g.nodes;
  const a = polar(turn(flow.from, flow.from === flow.to ? -0.3 : 0.08), inner);
  const b = polar(turn(flow.to, flow.from === flow.to ? 0.3 : -0.08), inner);
  const near = { x: (a.x + b.x) * 0.22, y: (a.y + b.y) * 0.22 };
  // In proportion to the dial, on a phone too: there the broadest would fill it.
  const widest = WIDEST_PX * Math.min(1.25, g.s / 320);
  const part = flow.count / Math.max(most, WIDEST_FROM);
  return { a, c: near, b, width: Math.max(1, Math.sqrt(part) * widest) };
}
