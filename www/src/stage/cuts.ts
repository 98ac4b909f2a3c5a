/** Cuts drawn as lines across the dial; a one-way cut is a gate with one arrowhead. Clogs are drawn
 * alike in broken lines: what is sent there comes, but late. */

import { nothing, type SVGTemplateResult, svg } from 'lit';
import type { Cut, Fault } from '../engine/types';
import { type Geometry, nodeAt, nodeTurn, type Point, polar, pt } from './geometry';

type Clog = NonNullable<Fault['clog']>;

/** Runs of neighbours on the circle: [first, last], last may exceed the number of nodes. */
function runs(members: ReadonlySet<number>, n: number): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < n; i++) {
    if (!members.has(i) || members.has((i + n - 1) % n)) continue;
    let end = i;
    while (members.has((end + 1) % n) && end - i < n) end++;
    found.push([i, end]);
  }
  return found;
}

function ticks(at: Point, angle: number): SVGTemplateResult[] {
  const along = { x: Math.cos(angle), y: Math.sin(angle) };
  return [-26, 0, 26].map((d) => {
    const x = at.x + along.x * d;
    const y = at.y + along.y * d;
    const slant = { x: along.x * 3 - along.y * 9, y: along.y * 3 + along.x * 9 };
    const tick = `M${x - slant.x} ${y - slant.y}L${x + slant.x} ${y + slant.y}`;
    return svg`<path class="cutt" d=${tick} />`;
  });
}

/** Passes along the arrow; the gate stands across the way that is shut. */
function gate(at: Point, angle: number): SVGTemplateResult {
  const degrees = (angle * 180) / Math.PI;
  return svg`<g transform="translate(${pt(at)}) rotate(${degrees})">
    <path class="cutl" d="M-30 0H24" /><path class="cuta" d="M34 0L20 -7V7Z" />
    <path class="cutt" d="M-8 -12H8M-8 12H8" /></g>`;
}

function severed(g: Geometry, run: [number, number], cut: Cut, fromSide: boolean) {
  const a = nodeTurn(g, run[0] - 0.5);
  const b = nodeTurn(g, run[1] + 0.5);
  const r = g.out - g.band - 4;
  const p = polar(a, r);
  const q = polar(b, r);
  const middle = { x: (p.x + q.x) / 4, y: (p.y + q.y) / 4 };
  const outwards = ((a + b) / 2 - 0.25) * Math.PI * 2;
  const along = Math.atan2(q.y - p.y, q.x - p.x);
  // What still passes goes from the `to` side to the `from` side.
  const passes = fromSide ? outwards : outwards + Math.PI;
  return svg`<path class="cutl" d="M${pt(p)}Q0 0 ${pt(q)}" />
    ${cut.one_way ? gate(middle, passes) : ticks(middle, along)}`;
}

/** A cut of a few links only: a bar across each of them. */
function links(g: Geometry, cut: Cut): SVGTemplateResult[] {
  const drawn: SVGTemplateResult[] = [];
  for (const from of cut.from) {
    for (const to of cut.to) {
      if (drawn.length >= 24) return drawn;
      const a = nodeAt(g, from);
      const b = nodeAt(g, to);
      const at = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
      const angle = Math.atan2(b.y - a.y, b.x - a.x);
      const across = { x: -Math.sin(angle) * 16, y: Math.cos(angle) * 16 };
      const p = { x: at.x - across.x, y: at.y - across.y };
      const q = { x: at.x + across.x, y: at.y + across.y };
      drawn.push(
        cut.one_way ? gate(at, angle + Math.PI) : svg`<path class="cutl" d="M${pt(p)}L${pt(q)}" />`,
      );
    }
  }
  return drawn;
}

/** The clogs that hold what is sent now: each has its end, unless all is healed before. */
export function clogsOf(faults: readonly Fault[], now: number): Clog[] {
  const since = faults.findLastIndex((fault) => fault.heal) + 1;
  const lasting = ({ at_ms, clog }: Fault) => (clog && now < at_ms + clog.for_ms ? [clog] : []);
  return faults.slice(since).flatMap(lasting);
}

export function drawClogs(
  g: Geometry,
  clogs: readonly Clog[],
  indexOf: (name: string) => number,
): SVGTemplateResult | typeof nothing {
  const side = (names: readonly string[]) => names.map(indexOf).filter((i) => i >= 0);
  const asCut = ({ from, to, one_way = false }: Clog): Cut => ({
    from: side(from),
    to: side(to),
    one_way,
  });
  return drawCuts(g, clogs.map(asCut), 'clog');
}

export function drawCuts(
  g: Geometry,
  cuts: readonly Cut[],
  look: 'cut' | 'clog' = 'cut',
): SVGTemplateResult | typeof nothing {
  if (!cuts.length) return nothing;
  return svg`<g class=${look} aria-hidden="true">${cuts.map((cut) => {
    if (cut.from.length + cut.to.length < g.nodes) return links(g, cut);
    const from = runs(new Set(cut.from), g.nodes);
    const to = runs(new Set(cut.to), g.nodes);
    const fromSide = from.length <= to.length;
    return (fromSide ? from : to).map((run) => severed(g, run, cut, fromSide));
  })}</g>`;
}

/** The two sides of a line drawn across the dial. */
export function sides(g: Geometry, a: Point, b: Point): [number[], number[]] {
  const left: number[] = [];
  const right: number[] = [];
  for (let i = 0; i < g.nodes; i++) {
    const at = nodeAt(g, i);
    const cross = (b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x);
    (cross < 0 ? left : right).push(i);
  }
  return [left, right];
}
