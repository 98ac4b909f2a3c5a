/** What the others believe of a node that somebody is wrong about, drawn outwards of it. */

import { nothing, type SVGTemplateResult, svg } from 'lit';
import type { Belief } from '../engine/types';
import { envelopeAt } from './extras';
import {
  type Geometry,
  hasWords,
  hitRadius,
  innermost,
  nodeAt,
  nodeTurn,
  type Point,
  polar,
} from './geometry';

export function beliefSign(belief: string, r = 5.2, x = 0, y = 0): SVGTemplateResult {
  if (belief === 'up') return svg`<circle class="b-up" cx=${x} cy=${y} r=${r} />`;
  return svg`<circle class="b-ring" cx=${x} cy=${y} r=${r} />
    <path class="b-half" d="M${x} ${y - r}A${r} ${r} 0 0 0 ${x} ${y + r}Z" />`;
}

/** Where not all are told, there are too many to be lettered. */
export const isCrowd = ({ others, by }: Belief): boolean => others > by.length;

/** As wide as the ring's own line. */
const CROWD_PX = 1.25;

/** How far around a node stands the ring that says that somebody is wrong about it: among dots so
 * near that each keeps its own. */
export function crowdRadius(g: Geometry): number {
  const wished = g.disc + 4;
  return g.dots ? Math.min(wished, hitRadius(g, false) - CROWD_PX / 2) : wished;
}

const circle = ({ x, y }: Point, r: number): string =>
  `M${(x - r).toFixed(1)} ${y.toFixed(1)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

/** One path for all, as they may be a thousand, and how many are wrong beside it, where it fits. */
function drawCrowds(
  g: Geometry,
  beliefs: readonly Belief[],
  holders: ReadonlySet<number>,
): SVGTemplateResult {
  const words = worded(g, beliefs, holders);
  const r = Number(crowdRadius(g).toFixed(1));
  const rings = beliefs.map(({ about }) => circle(nodeAt(g, about), r)).join('');
  return svg`<g class="pips" aria-hidden="true">
    <path class="wrong ${g.dots ? 'thin' : ''}" d=${rings} />
    ${[...words].map(
      ([{ wrong }, { x, y }]) => svg`<text class="crowd" x=${x} y=${y}>${wrong} wrong</text>`,
    )}</g>`;
}

/** No more than so many have words, each with so much room. */
const CROWD_WORDS = { most: 8, width: 72, height: 24 };

/** Above a disc, or below where an envelope is above; of dots outwards of all rows, as what is lost
 * on its way to one dies inwards. */
function wordsAt(g: Geometry, node: number, isHolder: boolean): Point {
  const { x, y } = nodeAt(g, node);
  const above = y - g.disc - 9;
  if (!g.dots) return { x, y: isHolder && y < 0 ? y + g.disc + 17 : above };
  const out = polar(nodeTurn(g, node), 2 * g.orbit - innermost(g) + g.disc + 8);
  return { x: out.x, y: y < 0 ? Math.min(above, out.y + 4) : Math.max(y + g.disc + 17, out.y + 4) };
}

/** About whom most are wrong has words first; the others have a ring, and a row in the table. */
export function worded(
  g: Geometry,
  beliefs: readonly Belief[],
  holders: ReadonlySet<number>,
): Map<Belief, Point> {
  const told = new Map<Belief, Point>();
  if (g.phone || !hasWords(g)) return told;
  for (const belief of [...beliefs].sort((a, b) => b.wrong - a.wrong)) {
    const at = wordsAt(g, belief.about, holders.has(belief.about));
    const isNear = (other: Point) =>
      Math.abs(at.x - other.x) < CROWD_WORDS.width && Math.abs(at.y - other.y) < CROWD_WORDS.height;
    if (![...told.values()].some(isNear)) told.set(belief, at);
    if (told.size === CROWD_WORDS.most) break;
  }
  return told;
}

/** A believer's sign, and its letter outwards of that. */
interface Pip {
  sign: Point;
  letter: Point;
  told: Belief['by'][number];
}

/** Signs stand 28° apart, or nearer where there are many, over no more than this. */
const APART = 28;
const SPREAD = 260;

/** An envelope has the middle: the signs stand to both of its sides. */
function pipsOf(g: Geometry, belief: Belief, isHolder: boolean): Pip[] {
  const centre = nodeAt(g, belief.about);
  const turn = nodeTurn(g, belief.about);
  const by = [...belief.by].sort((a, b) => Number(b.wrong) - Number(a.wrong));
  const slots = by.length + (isHolder ? 1 : 0);
  const apart = Math.min(APART, SPREAD / Math.max(1, slots)) / 360;
  const left = Math.floor(by.length / 2);
  const slotOf = (i: number) =>
    isHolder ? i - left + (i < left ? 0 : 1) : i - (by.length - 1) / 2;
  // Upper nodes wear their badges outwards: the signs stand clear of them.
  const clear = g.disc + (turn < 0.2 || turn > 0.8 ? 22 : 16) * g.k;
  return by.map((told, i) => {
    const direction = turn + slotOf(i) * apart;
    const [sign, letter] = [clear, clear + 17 * g.k].map((radius) => {
      const { x, y } = polar(direction, radius);
      return { x: centre.x + x, y: centre.y + y };
    }) as [Point, Point];
    return { sign, letter, told };
  });
}

interface Round extends Point {
  r: number;
}

const meet = (a: Round, b: Round): boolean => Math.hypot(a.x - b.x, a.y - b.y) < a.r + b.r - 1;

/** What a sign and its letter take. */
const roundsOf = (g: Geometry, { sign, letter, told }: Pip): Round[] => [
  { ...sign, r: (told.wrong ? 8.6 : 5.2) * g.k },
  { ...letter, r: 4.5 },
];

/** Where there is no room for the signs of a node they are a crowd: those that most are wrong about
 * come first. */
export function layBeliefs(
  g: Geometry,
  beliefs: readonly Belief[],
  holders: ReadonlySet<number>,
): { pips: Pip[][]; crowds: Belief[] } {
  const laid = { pips: [] as Pip[][], crowds: beliefs.filter(isCrowd) };
  const few = beliefs.filter((belief) => !isCrowd(belief)).sort((a, b) => b.wrong - a.wrong);
  if (!few.length) return laid;
  const envelopes = [...holders].map((holder) => ({ ...envelopeAt(g, holder), r: 9 * g.k }));
  const disc = (_: unknown, node: number) => ({ ...nodeAt(g, node), r: g.disc + 1 });
  const taken = [...Array.from({ length: g.nodes }, disc), ...envelopes];
  for (const belief of few) {
    const pips = pipsOf(g, belief, holders.has(belief.about));
    const own = pips.map((pip) => roundsOf(g, pip));
    const isCrossed = own.some((rounds, i) => {
      const others = [...taken, ...own.slice(0, i).flat()];
      return rounds.some((one) => others.some((other) => meet(one, other)));
    });
    if (isCrossed) laid.crowds.push(belief);
    else {
      laid.pips.push(pips);
      taken.push(...own.flat());
    }
  }
  return laid;
}

/** Lettered signs outwards of the node they are about; a wrong one is ringed. Of crowds only the
 * wrong ones are counted; the tables have them all. `holders` have an envelope there. */
export function drawBeliefs(
  g: Geometry,
  beliefs: readonly Belief[],
  holders: ReadonlySet<number>,
  name: (node: number) => string,
): SVGTemplateResult[] {
  const { pips, crowds } = layBeliefs(g, beliefs, holders);
  const drawn = pips.map((one) => drawPips(g, one, name));
  return crowds.length ? [...drawn, drawCrowds(g, crowds, holders)] : drawn;
}

function drawPips(g: Geometry, pips: readonly Pip[], name: (node: number) => string) {
  return svg`<g class="pips" aria-hidden="true">${pips.map(
    ({ sign: { x, y }, letter, told }) => svg`<g class="pip">
      ${told.wrong ? svg`<circle class="wrong" cx=${x} cy=${y} r=${8.6 * g.k} />` : nothing}
      ${beliefSign(told.belief, 5.2 * g.k, x, y)}
      <text x=${letter.x} y=${letter.y + 3.9}>${name(told.node)}</text></g>`,
  )}</g>`;
}
