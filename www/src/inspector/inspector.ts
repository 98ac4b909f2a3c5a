/** The inspector: this ring, a node, a key, an operation; and what happened. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App, Tab } from '../app/app';
import type { Desk } from '../desk/desk';
import type { LogEvent } from '../engine/types';
import { keyRows } from '../frame/keyhelp';
import { bytes, count } from '../parts/text';
import { realNode, realRing } from '../peer/inspect';
import { EventList } from './events';
import { keyTab } from './key-tab';
import { Leaver } from './leave';
import { loadRows } from './load';
import { changeWords, nodeTab, row } from './node-tab';
import { opTab } from './op-tab';
import { answer } from './why';

const TABS: readonly [Tab, string][] = [
  ['ring', 'This ring'],
  ['node', 'Node'],
  ['key', 'Key'],
  ['op', 'Op'],
];

/** Who counts toward R and W (§4.6). */
const STANDS: Record<string, string> = {
  sloppy: 'a node that does not answer is stood in for by the next one clockwise',
  strict: 'only the first N of a preference list count; others may still hold hints',
  primaries: 'only the first N of a preference list; nobody stands in for them',
};

const defined = (term: string, words: string): TemplateResult =>
  html`<div><dt>${term}</dt><dd>${words}</dd></div>`;

/** Who came and who left: a history that every member has (§4.8.1). */
function changes(app: App): TemplateResult | typeof nothing {
  const list = app.snap?.ring.changes ?? [];
  if (!list.length) return nothing;
  return html`<section><h3>Who came and went</h3>
    <ol aria-label="Who came and went">${list.map(
      (one) => html`<li>${row(one.node, changeWords(one))}</li>`,
    )}</ol></section>`;
}

/** What anti-entropy has cost and found, once it has compared something. */
function mended(app: App): TemplateResult | typeof nothing {
  const counters = app.snap?.state.counters ?? {};
  const of = (name: string) => counters[name] ?? 0;
  if (!of('merkle_hashes_exchanged')) return nothing;
  const sent = bytes(of('merkle_bytes_sent'));
  const against = of('merkle_full_copy_bytes');
  return html`<section><h3>Anti-entropy so far</h3>
    ${row('compared', count(of('merkle_hashes_exchanged'), 'hash', 'hashes'))}
    ${row('sent', count(of('merkle_keys_moved'), 'record'))}
    ${row('of these news', count(of('merkle_keys_mended'), 'record'))}
    ${row('on the way', against ? `${sent}, whole copies ${bytes(against)}` : sent)}</section>`;
}

export class Inspector {
  #app: App;
  #desk: Desk;
  #events: EventList;
  #leaver: Leaver;

  constructor(app: App, desk: Desk) {
    this.#app = app;
    this.#desk = desk;
    this.#events = new EventList(app);
    this.#leaver = new Leaver(app);
  }

  template(): TemplateResult {
    const { tab } = this.#app.selection;
    if (tab !== 'node') this.#leaver.close();
    return html`<div class="itabs" role="tablist" aria-label="Inspect" @keydown=${this.#keys}>
        ${TABS.map(
          ([id, text]) => html`<button role="tab" id="tab-${id}" aria-selected=${tab === id}
            aria-controls="inspected" tabindex=${tab === id ? 0 : -1}
            @click=${() => this.#app.select({ tab: id })}>${text}</button>`,
        )}
      </div>
 ${answer(this.#app)}
      <div role="tabpanel" id="inspected" aria-labelledby="tab-${tab}" class="inspected"
        >${this.#body()}</div>
      ${this.#log()}`;
  }

  #body(): TemplateResult {
    switch (this.#app.selection.tab) {
      case 'ring':
        return this.#ring();
      case 'node':
        return this.#app.link ? realNode(this.#app) : nodeTab(this.#app, this.#leaver);
      case 'key':
        return keyTab(this.#app, this.#desk);
      case 'op':
        return opTab(this.#app);
    }
  }

  #log(): TemplateResult {
    const { tab, node, key, op } = this.#app.selection;
    const filters: Record<Tab, [string, (event: LogEvent) => boolean]> = {
      ring: ['What happened', () => true],
      node: ['What befell it', (e) => e.node === node || e.peer === node],
      key: ['What happened to it', (e) => e.key === key],
      op: ['How it went', (e) => e.op === op],
    };
    return this.#events.template(...filters[tab]);
  }

  #ring(): TemplateResult {
    if (this.#app.link) return realRing(this.#app);
    const ring = this.#app.snap?.ring;
    return html`<div><h2>This ring</h2>
        <p class="isub">Click a node, a key or an operation to look into it.</p></div>
      <dl class="defs">
        ${defined(`N ${ring?.n}`, 'copies of every key, on the first nodes of its preference list')}
        ${defined(`R ${ring?.r}`, 'answers a get waits for')}
        ${defined(`W ${ring?.w}`, 'answers a put waits for; the coordinator’s own is one of them')}
        ${defined(ring?.quorum ?? '', STANDS[ring?.quorum ?? ''] ?? '')}
      </dl>
      ${loadRows(this.#app)} ${changes(this.#app)} ${mended(this.#app)}
      <section><h3>Keys</h3>${keyRows()}</section>`;
  }

  #keys = (event: KeyboardEvent): void => {
    const here = TABS.findIndex(([id]) => id === this.#app.selection.tab);
    const move = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!move) return;
    const next = TABS[(here + move + TABS.length) % TABS.length];
    if (!next) return;
    this.#app.select({ tab: next[0] });
    const list = event.currentTarget as HTMLElement;
    queueMicrotask(() => list.querySelector<HTMLElement>(`#tab-${next[0]}`)?.focus());
    event.preventDefault();
  };
}
