/**
 * The ring's measures: everything follows from S, half of the stage's shorter side.
 * A turn is a fraction of the circle, 0 at twelve o'clock, clockwise: the engine's own measure.
 */

export interface Point {
  x: number;
  y: number;
}

export interface Geometry {
  width: number;
  height: number;
  s: number;
  /** What 1 px of the drawing becomes at this size. */
  k: number;
  out: number;
  band: number;
  letters: number;
  badge: number;
  orbit: number;
  disc: number;
  /** So many nodes that each is a dot, in rows without letters. */
  dots: boolean;
  rows: number;
  /** From one row to the next. */
  rowApart: number;
  phone: boolean;
  nodes: number;
  partitions: number;
  /** Where each partition ends, in turns; null where they are of one size. */
  ends: readonly number[] | null;
}

const TAU = Math.PI * 2;
const WIDE = { out: 0.905, band: 0.047, letters: 0.947, badge: 1.012, orbit: 0.6, disc: 0.09 };
const PHONE = { out: 0.9, band: 0.05, letters: 0.945, badge: 0.975, orbit: 0.585, disc: 0.115 };

/** A smaller disc has no room for a letter that can be read. */
const DISC_MIN = 9;
/** Further out than discs: the dial is for what is in flight. The more nodes, the more rows, so
 * that each is still a dot by itself. */
const DOTS = [
  { rows: 3, orbit: 0.735, depth: 0.1 },
  { rows: 5, orbit: 0.72, depth: 0.145 },
  { rows: 7, orbit: 0.72, depth: 0.145 },
] as const;
/** From one dot to the next of its row. */
const DOT_APART = 6.5;

function dotsOf(nodes: number, s: number) {
  const inRow = (one: { rows: number; orbit: number }) => (one.orbit * TAU * one.rows * s) / nodes;
  const { rows, orbit, depth } = DOTS.find((one) => inRow(one) >= DOT_APART) ?? DOTS[2];
  const disc = Math.max(1.6, Math.min(8, inRow({ rows, orbit }) * 0.36, s * 0.021));
  return { disc, rows, orbit: orbit * s, rowApart: (depth / (rows - 1)) * s };
}

export interface Box {
  width: number;
  height: number;
  phone: boolean;
  /** Room that rows above and below the ring take. */
  inset: number;
}

export function measure(
  box: Box,
  nodes: number,
  partitions: number,
  ends: readonly number[] | null = null,
): Geometry {
  const { width, height, phone } = box;
  // Past S stand the numbers of the walk: half of them must find room at twelve as well.
  const s = Math.max(60, Math.min(width, height - box.inset) / 2 - (phone ? 2 : 17));
  const g = phone ? PHONE : WIDE;
  const crowd = ((g.orbit * TAU) / Math.max(1, nodes)) * 0.36;
  const dots = nodes > 8 && crowd * s < DISC_MIN;
  const disc = Math.max(phone && nodes <= 8 ? 20 : 6, Math.min(g.disc, crowd) * s);
  const placed = dots ? dotsOf(nodes, s) : { disc, rows: 1, orbit: g.orbit * s, rowApart: 0 };
  return {
    width,
    height,
    s,
    k: Math.max(0.72, Math.min(1.25, s / 320)),
    out: g.out * s,
    band: g.band * s,
    letters: g.letters * s,
    badge: g.badge * s + (phone ? 0 : 2),
    ...placed,
    dots,
    phone,
    nodes,
    partitions,
    ends,
  };
}

/** Half of the smallest stage on whose dial there is room for words and counts. */
const WORDS_FROM_PX = 120;
export const hasWords = (g: Geometry): boolean => g.s >= WORDS_FROM_PX;

export interface Cell {
  from: number;
  to: number;
}

/** Where a partition lies, in turns; of uneven ones the first begins before twelve o'clock. */
export function cellOf({ ends, partitions }: Geometry, i: number): Cell {
  if (!ends) return { from: i / partitions, to: (i + 1) / partitions };
  return { from: i ? (ends[i - 1] ?? 0) : (ends.at(-1) ?? 1) - 1, to: ends[i] ?? 1 };
}

export const middleOf = ({ from, to }: Cell): number => (from + to) / 2;

export function polar(turn: number, radius: number): Point {
  const angle = turn * TAU - Math.PI / 2;
  return { x: Math.cos(angle) * radius, y: Math.sin(angle) * radius };
}

export const nodeTurn = (g: Geometry, index: number): number => index / Math.max(1, g.nodes);

export function nodeAt(g: Geometry, index: number): Point {
  const row = (index % g.rows) - (g.rows - 1) / 2;
  return polar(nodeTurn(g, index), g.orbit + row * g.rowApart);
}

/** How far from the middle nodes begin. */
export const innermost = (g: Geometry): number => g.orbit - ((g.rows - 1) / 2) * g.rowApart;

const apart = (p: Point, q: Point): number => Math.hypot(p.x - q.x, p.y - q.y);

/** The node that a point means, among so many that what can be hit is small; −1 for none. */
export function nearestNode(g: Geometry, p: Point, within: number): number {
  let nearest = -1;
  let least = within;
  for (let i = 0; i < g.nodes; i++) {
    const far = apart(nodeAt(g, i), p);
    if (far > least) continue;
    nearest = i;
    least = far;
  }
  return nearest;
}

/** How far a pointer may be from what it means: a target is 24 px across, 44 by touch. */
export const reach = (g: Geometry, coarse: boolean): number => (coarse || g.phone ? 22 : 12);

/** How far around a node a pointer hits it. Among dots it never hits a neighbour instead. */
export function hitRadius(g: Geometry, coarse: boolean): number {
  const wished = reach(g, coarse);
  if (!g.dots) return Math.max(g.disc + 5, wished);
  const first = nodeAt(g, 0);
  const next = Math.min(apart(first, nodeAt(g, 1)), apart(first, nodeAt(g, g.rows)));
  return Math.min(wished, Math.max(g.disc, next / 2));
}

/** Where on the circle a point lies: 0 at twelve o'clock. */
export const turnOf = (p: Point): number => (Math.atan2(p.y, p.x) / TAU + 1.25) % 1;

export const pt = (p: Point): string => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`;

export function arc(from: number, to: number, radius: number): string {
  const r = radius.toFixed(1);
  const start = pt(polar(from, radius));
  if (to - from > 0.997) {
    const half = pt(polar(from + 0.5, radius));
    return `M${start}A${r} ${r} 0 0 1 ${half}A${r} ${r} 0 0 1 ${start}Z`;
  }
  const large = to - from > 0.5 ? 1 : 0;
  return `M${start}A${r} ${r} 0 ${large} 1 ${pt(polar(to, radius))}`;
}

/** Whether a cell is wide enough for its owner's letter (11 px type keeps its air). */
export const hasLetter = (g: Geometry, { from, to }: Cell): boolean =>
  TAU * g.letters * (to - from) > 18.5;

/** A cell is wide enough for its owner's texture. */
export const hasTexture = (g: Geometry, { from, to }: Cell): boolean =>
  TAU * g.out * (to - from) > 3;

export interface Curve {
  a: Point;
  c: Point;
  b: Point;
}

function towards(p: Point, q: Point, distance: number): Point {
  const length = Math.hypot(q.x - p.x, q.y - p.y) || 1;
  return { x: p.x + ((q.x - p.x) / length) * distance, y: p.y + ((q.y - p.y) / length) * distance };
}

/** From edge to edge, bent to the right of its way, so that there and back are two lines. */
export function flight(g: Geometry, from: number, to: number, id: number): Curve {
  const a = nodeAt(g, from);
  const b = nodeAt(g, to);
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const bend = (0.04 + 0.03 * (id % 3)) * g.s;
  const c = {
    x: (a.x + b.x) / 2 - ((b.y - a.y) / length) * bend,
    y: (a.y + b.y) / 2 + ((b.x - a.x) / length) * bend,
  };
  return { a: towards(a, c, g.disc + 5), c, b: towards(b, c, g.disc + 7) };
}

const mix = (p: Point, q: Point, u: number): Point => ({
  x: p.x + (q.x - p.x) * u,
  y: p.y + (q.y - p.y) * u,
});

/** De Casteljau: the curve up to u, its point there, and the curve from there. */
export function split(curve: Curve, u: number): { l: Point; at: Point; r: Point; angle: number } {
  const l = mix(curve.a, curve.c, u);
  const r = mix(curve.c, curve.b, u);
  return { l, at: mix(l, r, u), r, angle: Math.atan2(r.y - l.y, r.x - l.x) };
}

export type Texture = 'solid' | 'dots' | 'along' | 'across';
const TEXTURES: readonly Texture[] = ['solid', 'dots', 'along', 'across'];
export const textureOf = (node: number): Texture => TEXTURES[node % 4] ?? 'solid';

export interface Stroke {
  d: string;
  width: number;
  dash?: string;
  offset?: string;
  round?: boolean;
}

/** An owner's texture along an arc; marks are spread evenly, so a ring closes. */
export function texture(kind: Texture, from: number, to: number, r: number, t: number): Stroke[] {
  const d = arc(from, to, r);
  const length = (to - from) * TAU * r;
  const even = (pitch: number, mark: number) => {
    const n = Math.max(2, Math.round(length / pitch));
    const gap = length / n - mark;
    return { dash: `${mark.toFixed(2)} ${gap.toFixed(2)}`, offset: (-gap / 2).toFixed(2) };
  };
  switch (kind) {
    case 'solid':
      return [{ d, width: t * 0.5 }];
    case 'dots':
      return [{ d, width: t * 0.34, round: true, ...even(t * 0.56, 0.01) }];
    case 'along':
      return [-0.22, 0.22].map((k) => ({ d: arc(from, to, r + k * t), width: t * 0.14 }));
    case 'across':
      return [{ d, width: t * 0.62, ...even(t * 0.42, t * 0.14) }];
  }
}
