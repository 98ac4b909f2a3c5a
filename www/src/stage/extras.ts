/** What stands beside a node: hints at rest, and the coordinator's tally. */

import { nothing, type SVGTemplateResult, svg } from 'lit';
import type { OpView } from '../engine/types';
import { type Geometry, innermost, nodeAt, nodeTurn, type Point, polar, pt } from './geometry';
import { drawGlyph } from './glyph-svg';
import { GLYPHS, type Glyph, HINT } from './glyphs';
import type { Box } from './words';

export interface Stack {
  holder: number;
  /** Whose hints they are; nobody's name where they are several nodes'. */
  owner: string;
  count: number;
  /** How many nodes' hints they are. */
  owners: number;
}

/** More nodes than this that one holds hints for share a stack: there is no room for a fourth. */
const STACKS_MAX = 3;

/** A stack for each node whose hints a holder has, or one for all of them. */
export function stacksOf(holder: number, hintsFor: readonly string[]): Stack[] {
  const counts = new Map<string, number>();
  for (const owner of hintsFor) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  if (counts.size > STACKS_MAX) {
    return [{ holder, owner: '', count: hintsFor.length, owners: counts.size }];
  }
  return [...counts].map(([owner, count]) => ({ holder, owner, count, owners: 1 }));
}

const stackWords = ({ owner, owners, count }: Stack, isShort: boolean): string =>
  `${isShort ? '' : `for ${owner || `${owners} nodes`} `}×${count}`;

interface Beside {
  at: Point;
  /** Which way its words run. */
  side: 'l' | 'r';
}

/** Beside the disc, where the circle leaves room: right of the upper and lower nodes, towards the
 * horizontal axis of those at the sides. */
function beside(g: Geometry, node: number, row: number): Beside {
  const at = nodeAt(g, node);
  const k = Math.max(0.8, g.k);
  if (Math.abs(at.x) < g.s * 0.25) {
    return { at: { x: at.x + g.disc + 24 * k, y: at.y + 2 + row * 30 * k }, side: 'l' };
  }
  const right = at.x > 0;
  const inwards = at.y > 0 ? -1 : 1;
  return {
    at: { x: at.x + (right ? 16 : -16) * k, y: at.y + inwards * (g.disc + (22 + row * 28) * k) },
    side: right ? 'l' : 'r',
  };
}

/** How many rows stand beside each node already: stacks first, then the versions' chips. */
export type Rows = Map<number, number>;

/** Away from the horizontal axis, so that neighbours' chips do not run into each other. */
function outside(g: Geometry, node: number, row: number): Beside {
  const at = nodeAt(g, node);
  const k = Math.max(0.8, g.k);
  if (Math.abs(at.x) < g.s * 0.25) return beside(g, node, row);
  const down = at.y > 0 ? 1 : -1;
  const y = at.y + down * (g.disc + (20 + row * 24) * k);
  // Drawn towards the axis by a little: the bezel bends inwards there.
  return { at: { x: at.x * 0.9, y }, side: at.x > 0 ? 'l' : 'r' };
}

/** Nodes stand too near to each other for stacks, or so many stacks would; on a phone they have no
 * words. */
export const isNarrow = (g: Geometry, stacks: number): boolean =>
  g.dots ||
  (2 * Math.PI * g.orbit) / Math.max(g.nodes, stacks) < (g.phone ? 72 : 110) * Math.max(0.8, g.k);

/** The thinnest and the broadest line of a frame. */
const FRAME_PX = [0.75, 1.75] as const;
/** So much of its dot a frame leaves to be seen, or it would be taken for a square. */
const OWN_SHOWN = 0.75;
/** Between two frames. */
const FRAMES_APART = 0.75;

/** The frame about a dot, as large as it can be without touching another or another's dot; null
 * where it would hide its own. Frames stand square to the ring, as its rows do. */
export function frameOf(g: Geometry): { r: number; line: number } | null {
  const [thin, broad] = FRAME_PX;
  // The next node stands in another row, the next one of the same row so many nodes on.
  const step = (2 * Math.PI * innermost(g)) / g.nodes;
  const apart = Math.min(Math.max(g.rowApart, step), step * g.rows);
  const reach = Math.min(g.disc + 3 + broad / 2, (apart - FRAMES_APART) / 2);
  const line = Math.max(thin, Math.min(broad, reach - g.disc));
  return reach - line < OWN_SHOWN * g.disc ? null : { r: reach - line / 2, line };
}

/** Where a holder's envelope stands, outwards of its disc. */
export const envelopeAt = (g: Geometry, holder: number): Point =>
  polar(nodeTurn(g, holder), g.orbit + g.disc + 13 * g.k);

/** Whose envelopes stand outwards of their discs. */
export const holdersOutside = (g: Geometry, stacks: readonly Stack[]): ReadonlySet<number> =>
  new Set(isNarrow(g, stacks.length) && !g.dots ? stacks.map(({ holder }) => holder) : []);

/** One mark for each holder: among dots a frame, and else an envelope outwards of its disc and,
 * where there is room, how many hints it is for. Its name and the tables tell all of it. */
function drawHolders(
  g: Geometry,
  stacks: readonly Stack[],
  rows: Rows,
  hint: Glyph,
): SVGTemplateResult {
  const held = new Map<number, number>();
  for (const { holder, count } of stacks) held.set(holder, (held.get(holder) ?? 0) + count);
  const frame = frameOf(g);
  return svg`<g aria-hidden="true">${[...held].map(([holder, count]) => {
    const turn = nodeTurn(g, holder);
    if (g.dots) {
      if (!frame) return nothing;
      const { r, line } = frame;
      return svg`<path class="holder" d="M${-r} ${-r}H${r}V${r}H${-r}Z" stroke-width=${line}
        transform="translate(${pt(nodeAt(g, holder))}) rotate(${360 * turn})" />`;
    }
    rows.set(holder, 1);
    const way = polar(turn, 1);
    const { x, y } = envelopeAt(g, holder);
    return svg`<g class="stack" data-holder=${holder}>${drawGlyph(hint, { x, y, scale: 0.6 })}
      ${
        g.phone
          ? nothing
          : svg`<text class="msub" x=${x + 24 * way.x} y=${y + 17 * way.y + 4}>×${count}</text>`
      }</g>`;
  })}</g>`;
}

export function drawStacks(g: Geometry, stacks: readonly Stack[], rows: Rows): SVGTemplateResult {
  const hint = GLYPHS[HINT];
  if (!hint) return svg``;
  if (isNarrow(g, stacks.length)) return drawHolders(g, stacks, rows, hint);
  return svg`<g aria-hidden="true">${stacks.map((stack) => {
    const row = rows.get(stack.holder) ?? 0;
    rows.set(stack.holder, row + 1);
    const { at, side } = beside(g, stack.holder, row);
    const depth = Math.min(3, stack.count);
    const scale = 0.85 * Math.max(0.8, g.k);
    const layers = [];
    // Where there is no room for words, the count of all stands on the front.
    const isShort = g.phone || g.s < 260;
    const front = stack.owner || (isShort ? String(stack.count) : '');
    for (let j = depth - 1; j >= 0; j--) {
      const letter = j === 0 ? front : '';
      layers.push(
        drawGlyph(hint, { x: at.x + j * 4.5 * g.k, y: at.y - j * 4.5 * g.k, scale, letter }),
      );
    }
    const text = at.x + (side === 'l' ? 24 + (depth - 1) * 4 : -22) * Math.max(0.8, g.k);
    return svg`<g class="stack" data-holder=${stack.holder}>${layers}
      ${
        g.phone || front !== stack.owner
          ? nothing
          : svg`<text class="slabel ${side}" x=${text} y=${at.y + 5}>${stackWords(
              stack,
              isShort,
            )}</text>`
      }</g>`;
  })}</g>`;
}

const TICK = 'M2.8 6.4L5.2 8.8L9.4 3.4';

export interface Chips {
  node: number;
  clocks: string[];
}

const CHIP_MAX = 20;

/** One version beside a replica that has it. */
export interface Chip {
  text: string;
  box: Box;
}

/** While there are siblings: which versions each replica holds, beside it. Where beliefs orbit
 * outwards, the chips stand inwards. */
export function layChips(
  g: Geometry,
  chips: readonly Chips[],
  rows: Rows,
  hasBeliefs: (node: number) => boolean,
): Chip[] {
  const k = Math.max(0.8, g.k);
  return chips.flatMap(({ node, clocks }) =>
    clocks.map((clock) => {
      const row = rows.get(node) ?? 0;
      rows.set(node, row + 1);
      const { at, side } = (hasBeliefs(node) ? beside : outside)(g, node, row);
      const text = clock.length > CHIP_MAX ? `${clock.slice(0, CHIP_MAX - 1)}…` : clock;
      const width = text.length * 6.7 + 12;
      const left = side === 'l' ? at.x - 14 * k : at.x + 14 * k - width;
      return { text, box: { left, right: left + width, top: at.y - 10, bottom: at.y + 10 } };
    }),
  );
}

export function drawChips(chips: readonly Chip[]): SVGTemplateResult {
  return svg`<g aria-hidden="true">${chips.map(({ text, box }) => {
    const width = box.right - box.left;
    const y = box.top + 10;
    return svg`<g class="vchip" transform="translate(${box.left.toFixed(1)} ${y.toFixed(1)})">
        <rect y="-10" width=${width} height="20" rx="3" /><text x=${width / 2} y="4">${text}</text>
      </g>`;
  })}</g>`;
}

function boxes(op: OpView, x: number, y: number): SVGTemplateResult[] {
  return Array.from({ length: op.need }, (_, i) => {
    const got = i < op.got;
    const left = x + i * 15;
    return svg`<rect class=${got ? 'got' : ''} x=${left} y=${y} width="12" height="12" rx="2" />
      ${got ? svg`<path class="gotc" transform="translate(${left} ${y})" d=${TICK} />` : nothing}`;
  });
}

export const tallyWords = (op: OpView): string =>
  `${op.got} of ${op.kind === 'get' ? 'R' : 'W'} ${op.need}`;

/** One box for each answer that R or W wants, ticked as they come, and the count in words. */
export function drawTally(g: Geometry, op: OpView, node: number): SVGTemplateResult {
  if (g.phone) return svg``;
  const at = nodeAt(g, node);
  const head = `${op.coordinator} coordinates ${op.id}`;
  let x = at.x + g.disc + 11;
  let y = at.y - 8;
  if (Math.abs(at.x) >= g.s * 0.25) {
    x = at.x - (at.x > 0 ? 62 : 44);
    y = at.y > 0 ? at.y + g.disc + 22 : at.y - g.disc - 30;
  }
  return svg`<g class="tally" aria-hidden="true">
    <text class="slabel l" x=${x} y=${y}>${head}</text>
    ${boxes(op, x, y + 8)}
    <text class="msub l" x=${x + op.need * 15 + 5} y=${y + 18}>${tallyWords(op)}</text>
  </g>`;
}
