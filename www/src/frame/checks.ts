/**
 * Checks in three honest classes: always (red when broken), waiting for a heal, and counted. A
 * check that was never armed says so; a green tick that was never armed would be a lie.
 */

import { html, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { Invariant } from '../engine/types';
import { type SignKind, sign } from '../parts/sign';

interface Row {
  sign: SignKind;
  name: string;
  detail: string;
}

const words = (name: string): string => {
  const text = name.replaceAll(/[-_]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const COUNTED: readonly [string, string][] = [
  ['siblings_seen', 'Siblings seen'],
  ['stale_reads', 'Stale reads'],
  ['false_suspicions', 'False suspicions'],
  ['false_dominance', 'Versions lost unseen'],
  ['false_siblings', 'False siblings'],
];

/** An unarmed check of the second class waits for a heal, once there is something to heal. */
function rowOf(one: Invariant, wounded: boolean): Row {
  const since = one.armed_since_ms;
  const name = words(one.name);
  if (one.class === 'always' && !one.ok) return { sign: 'bad', name, detail: 'broken' };
  if (since === undefined && wounded && one.class === 'eventually') {
    return { sign: 'wait', name, detail: 'after heal' };
  }
  if (since === undefined) return { sign: 'off', name, detail: 'not yet' };
  const detail = `${(since / 1000).toFixed(1)} s`;
  if (one.ok) return { sign: 'ok', name, detail };
  return { sign: one.class === 'always' ? 'bad' : 'wait', name, detail };
}

function rows(app: App): Row[] {
  const promised = (app.snap?.state.invariants ?? []).filter((i) => i.class !== 'not promised');
  const wounded = (app.snap?.faults.length ?? 0) > 0;
  return promised.map((one) => rowOf(one, wounded));
}

export interface CheckTally {
  ok: number;
  wait: number;
  bad: number;
  counted: number;
}

export function tallyOf(app: App): CheckTally {
  const all = rows(app);
  const of = (kind: SignKind) => all.filter((row) => row.sign === kind).length;
  const counters = app.snap?.state.counters ?? {};
  const counted = COUNTED.reduce((sum, [name]) => sum + (counters[name] ?? 0), 0);
  return { ok: of('ok'), wait: of('wait'), bad: of('bad'), counted };
}

/** What the sign says, for whoever does not see it; a count and an unarmed check say it all. */
const HEARD: Partial<Record<SignKind, string>> = {
  ok: 'holds, armed since ',
  wait: 'waits, armed ',
};

export function checksBox(app: App): TemplateResult {
  const counters = app.snap?.state.counters ?? {};
  const counted = COUNTED.filter(([name]) => name in counters);
  const row = (r: Row) =>
    html`<div class="chk" role="listitem">${sign(r.sign)}<span>${r.name}</span>
      <span class="d"><span class="unseen">${HEARD[r.sign] ?? ''}</span>${r.detail}</span></div>`;
  return html`<section class="checksbox" aria-label="Checks">
    <h3>Checks<span>armed since</span></h3>
    <div role="list" aria-label="Checks">${rows(app).map(row)}
    ${counted.map(([name, text]) =>
      row({ sign: 'count', name: text, detail: String(counters[name]) }),
    )}</div>
  </section>`;
}
