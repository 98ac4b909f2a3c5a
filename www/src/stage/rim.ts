/** The bezel: the hash space as cells in their owners' textures, 0 at twelve, clockwise. */

import { nothing, type SVGTemplateResult, svg } from 'lit';
import type { Ring, Walk } from '../engine/types';
import {
  arc,
  cellOf,
  type Geometry,
  hasLetter,
  hasTexture,
  middleOf,
  polar,
  pt,
  texture,
  textureOf,
} from './geometry';

export interface RimFocus {
  walk: readonly Walk[];
  /** A focused node lifts all its cells. */
  node: number;
  /** Of a plan that stands open: what would move is lifted, and nothing else. */
  planned: ReadonlySet<number>;
  /** The zero keeps its mark, and gives up its figure when signs stand there. */
  zeroTaken: boolean;
}

/** Past this many cells a bezel is a band: single cells would be hairlines. */
const CELLS_MAX = 512;

const strokes = (list: ReturnType<typeof texture>) =>
  list.map(
    (s) => svg`<path class="tex" d=${s.d} stroke-width=${s.width.toFixed(2)}
      stroke-dasharray=${s.dash ?? nothing} stroke-dashoffset=${s.offset ?? nothing}
      stroke-linecap=${s.round ? 'round' : nothing} />`,
  );

export const ownersTexture = (node: number, from: number, to: number, r: number, t: number) =>
  strokes(texture(textureOf(node), from, to, r, t));

/** One after another clockwise, so that the walk is seen; past these they rise together. */
const STAGGER_MS = 12;
const STAGGERED_MAX = 30;

interface CellLook {
  /** Its number among the lifted ones, −1 at rest. */
  lifted: number;
  skip: boolean;
}

function cell(g: Geometry, ring: Ring, i: number, { lifted, skip }: CellLook) {
  const lift = lifted >= 0;
  const whole = cellOf(g, i);
  const middle = middleOf(whole);
  // A wide cell of an uneven ring keeps no wider gap than its neighbours.
  const gap = Math.min((whole.to - whole.from) * 0.08, 0.0013);
  const from = whole.from + gap;
  const to = whole.to - gap;
  // In a ring that this node does not know yet, nobody's.
  const owner = ring.owners[i] ?? -1;
  const isPlain = owner < 0 || !hasTexture(g, whole);
  const r = g.out - g.band / 2;
  const at = polar(middle, g.letters);
  const name = ring.nodes[owner]?.name ?? '';
  // Raised by a transform and not by its path: a transform can be eased.
  const raised = polar(middle, lift ? g.band * 0.28 : 0);
  const lag = Math.min(lifted, STAGGERED_MAX) * STAGGER_MS;
  const style = lift
    ? `transform:translate(${raised.x.toFixed(2)}px,${raised.y.toFixed(2)}px);--lag:${lag}ms`
    : '';
  return svg`<g class="cell ${lift ? 'lift' : ''} ${skip ? 'skip' : ''}" style=${style}>
    <path class="base" d=${arc(from, to, r)} stroke-width=${g.band} />
    ${isPlain ? nothing : ownersTexture(owner, from + gap, to - gap * 0.7, r, g.band)}
    ${
      hasLetter(g, whole) && !(g.phone && !lift)
        ? svg`<text class="own" x=${at.x.toFixed(1)} y=${(at.y + 3.9).toFixed(1)}>${name}</text>`
        : nothing
    }
  </g>`;
}

function zero(g: Geometry, taken: boolean): SVGTemplateResult {
  const inner = g.out - g.band;
  // More rows of dots reach as far out as the figure would.
  const hasFigure = !g.phone && !taken && g.rows <= 3;
  return svg`<path class="zero" d="M${pt(polar(0, g.out + 1))}L${pt(polar(0, inner - 7))}" />
    ${hasFigure ? svg`<text x="0" y=${-inner + 21}>0</text>` : nothing}`;
}

export function rim(g: Geometry, ring: Ring, focus: RimFocus): SVGTemplateResult {
  const walked = new Map(focus.walk.map((step) => [step.partition, step]));
  const r = g.out - g.band / 2;
  const order = [...walked.keys()];
  let owned = 0;
  const cells = [];
  for (let i = 0; i < g.partitions; i++) {
    const step = walked.get(i);
    const lift = focus.planned.size
      ? focus.planned.has(i)
      : step !== undefined || ring.owners[i] === focus.node;
    if (g.partitions <= CELLS_MAX || lift) {
      const lifted = !lift ? -1 : step ? order.indexOf(i) : owned++;
      cells.push(cell(g, ring, i, { lifted, skip: step?.skipped !== undefined }));
    }
  }
  // Sixty-four single letters are no news to an ear; the table of the ring tells who owns what.
  return svg`<g aria-hidden="true"><circle class="guide-c" r=${g.orbit} />
    ${
      g.partitions > CELLS_MAX
        ? svg`<g class="cell"><path class="base" d=${arc(0, 1, r)} stroke-width=${g.band} /></g>`
        : nothing
    }
    ${cells}${zero(g, focus.zeroTaken)}</g>`;
}
