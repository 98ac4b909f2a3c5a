/** The guide of a real ring: who this tab is, how it lives here, and how others come. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { sign } from '../parts/sign';
import { count } from '../parts/text';
import type { RealView } from './real';
import { addressOf } from './rings';

export interface RealDeeds {
  /** Ends this node here; it stays a member, and is itself again when the ring is opened again. */
  close(): void;
  /** Leaves the ring for good, once the others have what this node has. */
  leave(): Promise<unknown>;
  /** To the simulated ring. */
  back(): void;
  /** The same ring, as whoever does not live yet. */
  asAnother(): void;
}

export class RealGuide {
  #app: App;
  #deeds: RealDeeds;
  #copied: 'yes' | 'no' | '' = '';
  #isLeaving = false;
  /** The others are taking over. */
  #isGoing = false;
  /** Why this tab is no node of the ring. */
  #refusal = '';

  constructor(app: App, deeds: RealDeeds) {
    this.#app = app;
    this.#deeds = deeds;
  }

  refuse(error: unknown): void {
    this.#refusal = error instanceof Error ? error.message : String(error);
    this.#app.changed();
  }

  template(): TemplateResult {
    const { real } = this.#app;
    if (this.#refusal) return this.#refused();
    if (!real) return html`<div><h2>A real ring</h2><p>The node is starting.</p></div>`;
    return html`<div><h2>This tab is node ${real.name}</h2>
        <p>It is a node of the ring <b>${real.ring}</b>, a real one: every member keeps its own
          journal and its own clock. What you see is what ${real.name} believes.</p>
        <p role="status" class="standing">${standingOf(this.#app, real)}</p></div>
      ${this.#invite()} ${lifeHere(real)} ${linksOf(this.#app, real)} ${this.#end(real)}`;
  }

  #refused(): TemplateResult {
    const { link } = this.#app;
    return html`<div><h2>This tab is no node</h2><p>${this.#refusal}</p></div>
      <div class="acts2">
        ${
          link?.as
            ? html`<button class="btn" @click=${this.#deeds.asAnother}>Join as another</button>`
            : html`<button class="btn" @click=${() => location.reload()}>Try again</button>`
        }
        <button class="btn" @click=${this.#deeds.back}>Back to the simulation</button></div>`;
  }

  #invite(): TemplateResult {
    const { link } = this.#app;
    if (!link) return html``;
    const address = addressOf(link);
    return html`<section><h3>Invite</h3>
      <label class="f"><span>link to this ring</span>
        <input readonly .value=${address} @focus=${(e: Event) => {
          (e.target as HTMLInputElement).select();
        }} /></label>
      <p class="note">It carries the ring’s secret after the #, which no browser sends to a
        server. Whoever has it can read and write.</p>
      <div class="acts2"><button class="btn" @click=${() => this.#copy(address)}>${
        this.#copied === 'yes' ? 'Copied' : 'Copy link'
      }</button>
        <button class="btn" @click=${() => window.open(address, '_blank', 'noopener')}
          >Open another tab</button></div>
      ${this.#copied === 'no' ? html`<p class="note">Copy it from the field.</p>` : nothing}
      <p class="unseen" role="status">${this.#copied === 'yes' ? 'Copied.' : ''}</p></section>`;
  }

  async #copy(address: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(address);
      this.#copied = 'yes';
    } catch {
      // No clipboard without a secure context, or not allowed: the field has it.
      this.#copied = 'no';
    }
    this.#app.changed();
  }

  async #leave(): Promise<void> {
    this.#isGoing = true;
    this.#app.changed();
    await this.#deeds.leave();
    this.#isGoing = false;
    this.#isLeaving = false;
    this.#app.changed();
  }

  #end(real: RealView): TemplateResult {
    const ask = (is: boolean) => () => {
      this.#isLeaving = is;
      this.#app.changed();
    };
    if (this.#isGoing) {
      return html`<section><h3>Leaving</h3><p class="note" role="status">The others take over what
        ${real.name} has. It stays until they have it.</p></section>`;
    }
    if (this.#isLeaving) {
      return html`<section><h3>Leave for good?</h3>
        <p class="note">The others take over what ${real.name} owns, and its journal here is
          dropped.</p>
        <div class="acts2"><button class="btn" @click=${() => this.#leave()}>Leave ${
          real.ring
        }</button><button class="btn" @click=${ask(false)}>Stay</button></div></section>`;
    }
    return html`<section><h3>End</h3><div class="acts2">
        <button class="btn" @click=${this.#deeds.close}>Close this node</button>
        <button class="btn" @click=${ask(true)}>Leave the ring…</button></div>
      <p class="note">A closed node stays a member. Opened again it has what it had, and is handed
        what it missed.</p></section>`;
  }
}

/** Where it stands: no member yet, alone, or one of several. */
export function standingOf(app: App, real: RealView): string {
  const { snap, link } = app;
  switch (real.standing) {
    case 'asking':
      return link?.via
        ? 'It dials the node that the link names.'
        : 'It asks whether anybody is there.';
    case 'joining':
      return 'A member has answered and takes it into the ring.';
    case 'waiting':
      return 'Nobody answers, and other nodes of this ring have journals here: open one of them.';
    case 'left':
      return 'It has left the ring.';
    case 'member': {
      const others = Math.max(0, (snap?.ring.nodes.length ?? 1) - 1);
      const suspected = snap?.state.nodes[real.name]?.suspects?.length ?? 0;
      const there = others - suspected + 1;
      const { r = 1, w = 1 } = snap?.ring ?? {};
      const who = others ? `It is a member, with ${count(others, 'other')}` : 'It is alone';
      const doubt = suspected ? `, and suspects ${suspected} of them` : '';
      if (there >= Math.max(r, w)) return `${who}${doubt}.`;
      return `${who}${doubt}. R is ${r} and W is ${w}: that needs another tab.`;
    }
  }
}

const row = (term: string, what: unknown): TemplateResult =>
  html`<div><dt>${term}</dt><dd>${what}</dd></div>`;

const REDUCED = 'this page has no secure context: no Web Locks, no file, no clipboard';

/** How its promises are kept in this browser, and what of them is reduced. */
function lifeHere(real: RealView): TemplateResult {
  const storage =
    real.storage === 'opfs'
      ? 'a file of this browser (OPFS), flushed before an answer leaves'
      : 'IndexedDB, as this browser gives no file; each write is a strict transaction';
  const identity =
    real.held === 'lock'
      ? `a Web Lock: ${real.name} lives in one tab`
      : `a lease of a few seconds: ${real.name} lives in one tab, and one that dies is waited for`;
  return html`<section><h3>How it lives here</h3><dl class="defs narrow">
    ${row('journal', `${storage}; ${kib(real.journalBytes)} now`)} ${row('identity', identity)}
    ${real.isSecure ? nothing : row('reduced', REDUCED)}
    ${
      real.isPersisted
        ? nothing
        : row(
            'storage',
            'the browser may clear it when space is short; the other members have copies',
          )
    }</dl></section>`;
}

const kib = (bytes: number): string =>
  bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024).toLocaleString('en')} KiB`;

const nameOf = (app: App, id: number): string =>
  app.snap?.ring.nodes.find((node) => node.id === id)?.name ?? 'a node';

const STATES = { open: 'ok', dialling: 'wait', 'no answer': 'bad' } as const;

function linksOf(app: App, real: RealView): TemplateResult | typeof nothing {
  const refused = real.refused > 0 || real.dropped > 0;
  if (real.links.length === 0 && !refused) return nothing;
  return html`<section><h3>Ways</h3>
    <ul aria-label="Ways">${real.links.map(
      ({ address, state, node, why }) => html`<li class="way">${sign(STATES[state])}
        <span>${node === null ? state : nameOf(app, node)}
          <code>${address}</code> ${why}</span></li>`,
    )}</ul>
    ${
      refused
        ? html`<p class="note">Not taken: ${count(real.refused, 'greeting')}${
            real.refusal ? ` (${real.refusal})` : ''
          }, ${count(real.dropped, 'packet')}.</p>`
        : nothing
    }</section>`;
}
