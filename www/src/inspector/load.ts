/** What loads measured: not the mean alone, but what one request in a thousand waits (§2.2). */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { Latencies, LoadView } from '../engine/types';
import { sign } from '../parts/sign';
import { milliseconds, seconds } from '../parts/text';
import { why } from './why';

const COLUMNS: readonly [string, (of: Latencies) => string][] = [
  ['answers', (of) => String(of.count)],
  ['mean', (of) => milliseconds(of.mean_ms)],
  ['99th', (of) => milliseconds(of.p99_ms)],
  ['99.9th', (of) => milliseconds(of.p999_ms)],
];

const line = (name: string, of: Latencies): TemplateResult => html`<tr role="row">
  <th scope="row" role="rowheader">${name}</th>
  ${COLUMNS.map(([, cell]) => html`<td role="cell">${cell(of)}</td>`)}</tr>`;

/** Only what has happened: a row of noughts says nothing. */
function rest(load: LoadView): string {
  const parts = [
    `${load.ops_per_second.toFixed(1)} answers a second`,
    load.refused && `${load.refused} refused`,
    load.timed_out && `${load.timed_out} without an answer in time`,
    load.dropped && `${load.dropped} never asked, because too much was under way`,
    load.items_returned && `${load.items_returned} deleted items back in a cart`,
    load.items_lost && `${load.items_lost} items lost`,
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}

/** Reads by how many versions they found (§6.3). */
function versions(load: LoadView): string {
  const all = load.versions.reduce((sum, n) => sum + n, 0);
  const [one = 0, ...more] = load.versions;
  const found = more.reduce((sum, n) => sum + n, 0);
  if (!all || !found) return '';
  const share = ((one / all) * 100).toFixed(2);
  return ` ${share}% of the reads that found something saw one version.`;
}

/** The newest that were not served, each a way to its own page. */
function failures(app: App): TemplateResult | typeof nothing {
  const failed = app.snap?.failed ?? [];
  if (!failed.length) return nothing;
  return html`<ul class="failed" aria-label="Not served">${failed.map(
    (op) => html`<li><time>${seconds(op.started_ms)}</time> <span><button class="link"
      @click=${() => app.select({ tab: 'op', op: op.id })}>${op.id}</button> ${op.kind}
      ${sign('bad')} ${op.definite ? 'refused' : 'no answer'}
      ${why(app, { op: op.id }, `did ${op.id} end so`)}</span></li>`,
  )}</ul>`;
}

export function loadRows(app: App): TemplateResult | typeof nothing {
  const load = app.snap?.state.load;
  if (!load) return nothing;
  const heads = COLUMNS.map(([name]) => html`<th scope="col" role="columnheader">${name}</th>`);
  return html`<section><h3>Load so far</h3>
    <table class="moves loads" role="table" aria-label="Load so far">
    <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">ms</th>
      ${heads}</tr></thead>
    <tbody role="rowgroup">${line('reads', load.reads)} ${line('writes', load.writes)}</tbody>
    </table>
    <p class="note">${rest(load)}${versions(load)}</p> ${failures(app)}</section>`;
}
