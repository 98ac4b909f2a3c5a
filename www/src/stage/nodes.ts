/** Nodes on the orbit: the drawing is the truth. */

import { nothing, type SVGTemplateResult, svg } from 'lit';
import { arc, type Geometry, nodeAt, nodeTurn, polar, pt } from './geometry';
import type { NodeLook } from './names';
import { ownersTexture } from './rim';

export interface NodeDrawing {
  index: number;
  name: string;
  label: string;
  look: NodeLook;
  diskLost: boolean;
  away: boolean;
  selected: boolean;
  /** The one Tab stop of the ring rests here. */
  stop: boolean;
  /** Beside its name: that it is this very tab. */
  note: string;
  place: number;
  stand: boolean;
  /** What waits for it. */
  queue: number;
  /** How far what can be hit reaches. */
  hit: number;
}

function hatch(d: number): SVGTemplateResult[] {
  const lines = [];
  for (let i = 0; i < 17; i++) {
    const x = -d * 3 + (i * d) / 4.2;
    const up = (x + 2 * d).toFixed(1);
    lines.push(svg`<path d="M${x.toFixed(1)} ${d.toFixed(1)}L${up} ${(-d).toFixed(1)}" />`);
  }
  return lines;
}

function crashedBody(index: number, d: number): SVGTemplateResult {
  const id = `hatch-${index}`;
  return svg`<clipPath id=${id}><circle r=${d - 1} /></clipPath>
    <g class="hatch" clip-path="url(#${id})">${hatch(d)}</g>
    <circle class="disc-edge" r=${d} /><circle class="xback" r=${d * 0.5} />`;
}

function badge(look: NodeLook, d: number) {
  const at = `translate(${d * 0.74} ${-d * 0.74})`;
  const r = d * 0.33;
  const m = d * 0.13;
  if (look === 'crashed') {
    return svg`<g class="xbadge" transform=${at}><circle r=${r} />
      <path d="M${-m} ${-m}L${m} ${m}M${-m} ${m}L${m} ${-m}" /></g>`;
  }
  if (look === 'paused') {
    const bars = `M${-m * 0.8} ${-m * 1.1}V${m * 1.1}M${m * 0.8} ${-m * 1.1}V${m * 1.1}`;
    return svg`<g class="sbadge" transform=${at}><circle r=${r} /><path d=${bars} /></g>`;
  }
  if (look === 'slow') {
    const snail =
      `M${-r * 0.62} ${r * 0.42}H${r * 0.3}Q${r * 0.72} ${r * 0.42} ${r * 0.66} ${-r * 0.28}` +
      `M${r * 0.1} ${r * 0.4}A${r * 0.4} ${r * 0.4} 0 1 1 ${r * 0.22} ${-r * 0.12}` +
      `A${r * 0.2} ${r * 0.2} 0 1 0 ${-r * 0.1} ${r * 0.12}`;
    return svg`<g class="sbadge" transform=${at}><circle r=${r} />
      <path class="thin" d=${snail} /></g>`;
  }
  return nothing;
}

function placeBadge(g: Geometry, node: NodeDrawing) {
  if (!node.place) return nothing;
  // Beside a dot the number stands inwards, on the empty dial.
  const inwards = polar(nodeTurn(g, node.index) + 0.5, g.disc + 12 + (node.index % 3) * 2);
  const at = g.dots ? inwards : { x: -g.disc * 0.74, y: -g.disc * 0.74 };
  const type = Math.max(10, 12 * g.k).toFixed(1);
  return svg`<g class="bd ${node.stand ? 'stand' : ''}" transform="translate(${pt(at)})">
    <circle class="knock" r=${11 * g.k} /><circle r=${9 * g.k} />
    <text y=${4.1 * g.k} style="font-size:${type}px">${node.place}</text></g>`;
}

const QUEUE_SHOWN = 8;

/** What waits for the node stands in line below it; a longer line is counted. */
function queueLine(g: Geometry, { queue }: NodeDrawing) {
  if (!queue || g.dots) return nothing;
  const size = Math.max(3.5, 5 * g.k);
  const step = size * 1.5;
  const shown = Math.min(QUEUE_SHOWN, queue);
  const left = -(shown * step - size * 0.5) / 2;
  const y = g.disc + 9 * g.k;
  const squares = Array.from({ length: shown }, (_, i) => left + i * step);
  return svg`<g class="queue" aria-hidden="true">
    ${squares.map((x) => svg`<rect x=${x} y=${y} width=${size} height=${size} />`)}
    ${
      queue > QUEUE_SHOWN
        ? svg`<text class="msub l" x=${-left + 4} y=${y + size}>${queue}</text>`
        : nothing
    }</g>`;
}

export function nodeBody(g: Geometry, node: NodeDrawing): SVGTemplateResult {
  const d = g.disc;
  const band = d * 0.42;
  // A tab's name may be a word: it is set as wide as the disc.
  const type = Math.max(11, d * Math.min(0.76, 1.8 / node.name.length));
  const [from, to] = node.diskLost ? [35 / 360, 325 / 360] : [0, 0.99999];
  return svg`<circle class="knock" r=${d + 5} />
    ${
      node.diskLost
        ? svg`<circle class="disc-fill" r=${d} /><path class="disc-open" d=${arc(from, to, d)} />`
        : svg`<circle class="disc" r=${d} />`
    }
    <g class="ntex">${ownersTexture(node.index, from, to, d - band * 0.46, band * 0.82)}</g>
    ${node.look === 'crashed' ? crashedBody(node.index, d) : nothing}
    <text class="nl" y=${(type * 0.35).toFixed(1)}
      style="font-size:${type.toFixed(1)}px">${node.name}</text>
    ${badge(node.look, d)}`;
}

/** A dot, and its state as a sign of its own: shape first, then hue. */
function dotBody(g: Geometry, node: NodeDrawing): SVGTemplateResult {
  const d = g.disc;
  const m = d * 0.55;
  if (node.look === 'crashed') {
    return svg`<circle class="dot" r=${d + 1.5} />
      <path class="dotx" d="M${-m} ${-m}L${m} ${m}M${-m} ${m}L${m} ${-m}" />`;
  }
  if (node.look === 'paused') {
    return svg`<circle class="dot" r=${d + 1.5} />
      <path class="dotx" d="M${-m * 0.7} ${-m}V${m}M${m * 0.7} ${-m}V${m}" />`;
  }
  if (node.look === 'slow') return svg`<path class="dot" d="M0 ${-d}L${d} ${d}H${-d}Z" />`;
  return svg`<circle class="dot ${node.diskLost ? 'open' : ''}" r=${d} />`;
}

export function drawNode(g: Geometry, node: NodeDrawing): SVGTemplateResult {
  const at = nodeAt(g, node.index);
  const d = g.disc;
  return svg`<g class="node ${node.look} ${node.away ? 'away' : ''} ${node.selected ? 'sel' : ''}"
      role="button" tabindex=${node.stop ? 0 : -1} aria-label=${node.label}
      aria-pressed=${node.selected} data-node=${node.index}
      transform="translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})">
    <circle class="hit" r=${node.hit} />
    ${g.dots ? dotBody(g, node) : nodeBody(g, node)}
    <circle class="chosen" r=${d + 5} fill="none" />
    <circle class="focus1" r=${d + 5} /><circle class="focus2" r=${d + 8} />
    ${placeBadge(g, node)} ${queueLine(g, node)}
    ${
      node.note && !g.dots
        ? svg`<text class="msub" y=${(d + 19).toFixed(1)}>${node.note}</text>`
        : nothing
    }
  </g>`;
}
