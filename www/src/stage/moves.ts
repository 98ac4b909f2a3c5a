/** A plan in a short table: who gives whom how much. A cell that moves is lifted on the bezel. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Planner } from '../app/planner';
import type { Move, Plan } from '../engine/types';
import { sign } from '../parts/sign';
import { bytes, count } from '../parts/text';

export interface Way {
  from: string;
  to: string;
  places: number;
  keys: number;
  bytes: number;
}

/** The moves from one node to another are one line. */
export function waysOf(moves: readonly Move[]): Way[] {
  const ways = new Map<string, Way>();
  for (const move of moves) {
    const { from } = move;
    const way = ways.get(`${from} ${move.to}`) ?? {
      from,
      to: move.to,
      places: 0,
      keys: 0,
      bytes: 0,
    };
    way.places += 1;
    way.keys += move.keys;
    way.bytes += move.bytes;
    ways.set(`${from} ${move.to}`, way);
  }
  return [...ways.values()].sort((a, b) => b.places - a.places);
}

/** As many lines as fit beside a ring; the others are counted. */
const WAYS_MAX = 8;

const line = (way: Way): TemplateResult => html`<tr role="row">
  <th scope="row" role="rowheader">${way.from} gives ${way.to}</th>
  <td role="cell">${way.places}</td><td role="cell">${way.keys}</td>
  <td role="cell">${bytes(way.bytes)}</td></tr>`;

function rest(ways: readonly Way[]): TemplateResult | typeof nothing {
  if (!ways.length) return nothing;
  const sum = (of: (way: Way) => number) => ways.reduce((all, way) => all + of(way), 0);
  return html`<tr role="row"><th scope="row" role="rowheader">${ways.length} more</th>
    <td role="cell">${sum((way) => way.places)}</td><td role="cell">${sum((way) => way.keys)}</td>
    <td role="cell">${bytes(sum((way) => way.bytes))}</td></tr>`;
}

function table(plan: Plan): TemplateResult {
  const ways = waysOf(plan.moves);
  return html`<table class="moves" role="table"><caption>What would move</caption>
    <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">who</th>
      <th scope="col" role="columnheader">partitions</th>
      <th scope="col" role="columnheader">keys</th>
      <th scope="col" role="columnheader">bytes</th></tr></thead>
    <tbody role="rowgroup">${ways.slice(0, WAYS_MAX).map(line)}${rest(ways.slice(WAYS_MAX))}</tbody>
    <tfoot role="rowgroup"><tr role="row"><th scope="row" role="rowheader">In all</th>
      <td role="cell">${plan.moves.length}</td><td role="cell">${plan.keys}</td>
      <td role="cell">${bytes(plan.bytes)}</td></tr></tfoot></table>`;
}

/** What is about to be done, and for whoever hears it in one sentence, as the button's own. */
export function planned(planner: Planner, id: string): TemplateResult {
  const { plan, why } = planner;
  if (why) return html`<p class="why" id=${id}>${sign('bad')}<span>${why}</span></p>`;
  if (!plan) return html`<p class="note" id=${id}>…</p>`;
  if (!plan.moves.length) return html`<p class="note" id=${id}>Nothing would move.</p>`;
  const told = `${count(plan.moves.length, 'copy', 'copies')} of partitions would move`;
  return html`${table(plan)}<p class="unseen" id=${id}>${told}, with ${count(plan.keys, 'key')},
    ${bytes(plan.bytes)}.</p>`;
}
