/** Points against a straight line: what the throughput panel draws. No hue, as it is no message. */

import { nothing, type SVGTemplateResult, svg } from 'lit';

export interface Point {
  x: number;
  y: number;
}

export interface Line {
  slope: number;
  at0: number;
}

/** The line with the least squares from these points; none through fewer than two places. */
export function lineThrough(points: readonly Point[]): Line | null {
  const n = points.length;
  const mean = (of: (point: Point) => number) => points.reduce((sum, p) => sum + of(p), 0) / n;
  const [x, y] = [mean((p) => p.x), mean((p) => p.y)];
  const spread = points.reduce((sum, p) => sum + (p.x - x) ** 2, 0);
  if (n < 2 || spread === 0) return null;
  const slope = points.reduce((sum, p) => sum + (p.x - x) * (p.y - y), 0) / spread;
  return { slope, at0: y - slope * x };
}

/** Round figures from 0 to the first that is no less than `max`: four to eight of them. */
export function ticksTo(max: number): number[] {
  if (!(max > 0)) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(max));
  const step = [0.2, 0.5, 1, 2].map((part) => part * power).find((s) => max / s <= 7) ?? power;
  const count = Math.ceil(max / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

export interface Chart {
  label: string;
  points: readonly Point[];
  /** Drawn from `from` on, and carried on before it; what it says stands below it. */
  line: { of: Line; from: number; text: string } | null;
  /** From nothing, so much for each: what would be if it went on as it began. */
  pace: { slope: number; text: string } | null;
  xs: readonly number[];
  /** The greatest that `y` will be, so that the axis stands still while points come in. */
  yMax: number;
  xName: string;
  yName: string;
  /** Written beside a place on the x axis. */
  mark: { x: number; text: string };
  narrow: boolean;
}

const LEFT = 52;
const BOTTOM = 40;
const TOP = 22;

export function chart(of: Chart): SVGTemplateResult {
  const [width, height] = of.narrow ? [330, 250] : [640, 300];
  const ys = ticksTo(of.yMax);
  const [xEnd, yEnd] = [of.xs.at(-1) ?? 1, ys.at(-1) ?? 1];
  const x = (value: number) => LEFT + (value / xEnd) * (width - LEFT - 12);
  const y = (value: number) => height - BOTTOM - (value / yEnd) * (height - BOTTOM - TOP);
  const bottom = y(0);
  const every = of.narrow ? 2 : 1;
  return svg`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label=${of.label}>
    <g class="grid">${ys.map(
      (value) => svg`<path d="M${LEFT} ${y(value)}H${width - 12}" />
        <text class="r" x=${LEFT - 8} y=${y(value) + 4}>${value.toLocaleString('en')}</text>`,
    )}</g>
    <g class="mid">${of.xs.map((value, i) =>
      i % every
        ? nothing
        : svg`<text x=${x(value)} y=${bottom + 17}>${value.toLocaleString('en')}</text>`,
    )}<text class="axis-name" x=${(LEFT + width - 12) / 2} y=${height - 5}>${of.xName}</text></g>
    <text class="axis-name" x="2" y="11">${of.yName}</text>
    <path class="bend" d="M${x(of.mark.x)} ${bottom}V${TOP}" />
    <text class="r" x=${x(of.mark.x) - 6} y=${TOP + 14}>${of.mark.text}</text>
    ${of.pace ? pace(of.pace, yEnd, x, y) : nothing}
    ${of.line ? trend(of.line, xEnd, x, y) : nothing}
    ${of.points.map((p) => svg`<circle cx=${x(p.x)} cy=${y(p.y)} r="4.5" />`)}
  </svg>`;
}

type Scale = (value: number) => number;

/** To the upper edge, where its words are. */
function pace({ slope, text }: NonNullable<Chart['pace']>, end: number, x: Scale, y: Scale) {
  const last = end / slope;
  return svg`<path class="pace" d="M${x(0)} ${y(0)}L${x(last)} ${y(end)}" />
    <text x=${x(last) + 8} y=${y(end) + 14}>${text}</text>`;
}

/** Solid where points are behind it, dashed where it is only carried on. */
function trend(line: NonNullable<Chart['line']>, end: number, x: Scale, y: Scale) {
  const { of, from, text } = line;
  const at = (value: number) => `${x(value)} ${y(of.at0 + of.slope * value)}`;
  return svg`<path class="trend" d="M${at(from)}L${at(end)}" />
    <path class="trend on" d="M${at(Math.max(0, -of.at0 / of.slope))}L${at(from)}" />
    <text class="r" x=${x(end)} y=${y((of.at0 + of.slope * end) * 0.22)}>${text}</text>`;
}
