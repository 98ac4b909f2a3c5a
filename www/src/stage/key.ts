/** A key at its hash, and its preference list: places, skipped positions, stand-ins. */

import { nothing, type SVGTemplateResult, svg } from 'lit';
import type { KeyView } from '../engine/types';
import { arc, cellOf, type Geometry, middleOf, polar, pt } from './geometry';
import { diamond } from './glyph-svg';

export interface KeyDrawing {
  key: string;
  angle: number;
  /** How far what can be hit reaches. */
  hit: number;
  selected: boolean;
  stop: boolean;
}

export function drawKey(g: Geometry, key: KeyDrawing): SVGTemplateResult {
  const at = polar(key.angle, g.out - g.band - 15 * g.k);
  const scale = key.selected ? g.k : g.k * 0.62;
  const r = 15 * g.k;
  return svg`<g class="key ${key.selected ? '' : 'quietly'}" role="button"
      tabindex=${key.stop ? 0 : -1} aria-label="Key ${key.key}" aria-pressed=${key.selected}
      data-key=${key.key} transform="translate(${pt(at)})">
    <circle class="hit" r=${key.hit} />
    ${diamond(scale)}
    <circle class="focus1" r=${r} /><circle class="focus2" r=${r + 3} />
  </g>`;
}

/** How far round each stop of the walk has its number: growing, past one beyond twelve. */
export function walkTurns(g: Geometry, view: KeyView): number[] {
  // Where partitions are hairlines the numbers keep apart, each at or after its own.
  const apart = (21 * g.k) / (Math.PI * 2 * g.badge);
  let before = Number.NEGATIVE_INFINITY;
  return view.walk.map((stop) => {
    let turn = middleOf(cellOf(g, stop.partition));
    // The key's own cell may have its middle before the key; the others all come after it.
    const isOwn = stop.partition === view.partition;
    if (isOwn ? turn < view.angle - 0.5 : turn < view.angle) turn += 1;
    before = Math.max(turn, before + apart);
    return before;
  });
}

/** Places on the bezel's outside, walked clockwise from the key; the spoke points inwards. */
export function drawWalk(g: Geometry, view: KeyView, n: number): SVGTemplateResult {
  const last = view.walk.at(-1);
  const inner = g.out - g.band;
  const type = Math.max(10, 12 * Math.min(1, g.k));
  const turns = walkTurns(g, view);
  const end = Math.max(turns.at(-1) ?? 0, view.angle + 0.005);
  const ray = (from: number, to: number) =>
    `M${pt(polar(view.angle, from))}L${pt(polar(view.angle, to))}`;
  return svg`<g aria-hidden="true">
    ${last ? svg`<path class="walk" d=${arc(view.angle + 0.004, end, g.badge)} />` : nothing}
    ${view.walk.map((stop, i) => {
      const at = polar(turns[i] ?? 0, g.badge);
      if (stop.skipped !== undefined || !stop.place) {
        return svg`<circle class="skipped" cx=${at.x.toFixed(1)} cy=${at.y.toFixed(1)}
          r=${6 * g.k} />`;
      }
      return svg`<g class="bd ${stop.place > n ? 'stand' : ''}" transform="translate(${pt(at)})">
        <circle r=${9.5 * g.k} />
        <text y=${4.2 * Math.min(1, g.k)} style="font-size:${type}px">${stop.place}</text></g>`;
    })}
    <path class="walk" d=${ray(g.out + g.band * 0.4, inner - 4)} />
    <path class="spoke" d=${ray(inner - 29 * g.k, g.orbit * 0.86)} />
  </g>`;
}
