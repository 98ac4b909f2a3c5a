/** The client desk: a client's put, get and delete, and what it was told. */

import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { App } from '../app/app';
import type { OpView } from '../engine/types';
import { sign } from '../parts/sign';
import { count, duration, merged } from '../parts/text';
import { tallyWords } from '../stage/extras';
import { inlineGlyph } from '../stage/glyph-svg';
import { GLYPHS } from '../stage/glyphs';

const PUT = 0;
const GET = 3;
const WORDS = { put: 'Put', get: 'Get', delete: 'Delete' };

export class Desk {
  #app: App;
  #op: OpView['kind'] = 'put';
  #key = 'cart:ann';
  #value = 'milk';
  #via = '';
  /** A context that people chose; null while the desk offers one. */
  #chosen: string | null = null;

  constructor(app: App) {
    this.#app = app;
  }

  reset(): void {
    this.#chosen = null;
  }

  /** Fills in the put that merges a get's siblings; people may change it before they send. */
  merge(op: OpView): void {
    this.#op = 'put';
    this.#key = op.key;
    this.#value = merged(op.versions);
    this.#chosen = op.id;
    this.#app.changed();
  }

  template(): TemplateResult {
    return html`<form class="desk" aria-label="Client desk" @submit=${this.#submit}>
      <div class="compose">
        <span class="seg" role="group" aria-label="Operation"
          >${this.#choice('put')}${this.#choice('get')}${this.#choice('delete')}</span>
        ${this.#text('key', this.#key, (v) => {
          this.#key = v;
          this.#chosen = null;
        })}
        ${this.#op === 'put' ? this.#text('value', this.#value, (v) => (this.#value = v)) : nothing}
        ${this.#app.link ? nothing : this.#viaField()}
        ${this.#op === 'get' ? nothing : this.#contextField()}
        <button class="go">Send</button>
      </div>
      ${this.#answers()}
    </form>`;
  }

  #choice(op: OpView['kind']): TemplateResult {
    const choose = () => {
      this.#op = op;
      this.#app.changed();
    };
    return html`<button type="button" aria-pressed=${this.#op === op} @click=${choose}
      >${WORDS[op]}</button>`;
  }

  #text(name: 'key' | 'value', value: string, set: (value: string) => void): TemplateResult {
    const input = (e: Event) => {
      set((e.target as HTMLInputElement).value);
      this.#app.changed();
    };
    return html`<label class="f ${name}"><span>${name}</span>
      <input .value=${value} autocomplete="off" spellcheck="false" ?required=${name === 'key'}
        @input=${input} /></label>`;
  }

  #viaField(): TemplateResult {
    const nodes = this.#app.snap?.ring.nodes ?? [];
    if (!nodes.some((n) => n.name === this.#via)) this.#via = nodes[0]?.name ?? '';
    const choose = (e: Event) => {
      this.#via = (e.target as HTMLSelectElement).value;
      this.#chosen = null;
      this.#app.changed();
    };
    return html`<label class="f via"><span>via</span>
      <select title="The node that the client talks to" @change=${choose}>
      ${guard([nodes, this.#via], () =>
        nodes.map(
          ({ name }) =>
            html`<option value=${name} .selected=${name === this.#via}>${name}</option>`,
        ),
      )}
      </select></label>`;
  }

  #contextField(): TemplateResult {
    const known = this.#known();
    const context = this.#context();
    return html`<label class="f ctx"><span>context</span>
      <select title="What the client has seen of this key: what is sent replaces just that"
        @change=${(e: Event) => {
          this.#chosen = (e.target as HTMLSelectElement).value;
          this.#app.changed();
        }}>
      <option value="" .selected=${!context}>none</option>
      ${known.map(({ id }) => html`<option value=${id} .selected=${id === context}>${id}</option>`)}
      </select></label>`;
  }

  /** Answered operations on this key, newest first: their answers carried a context. */
  #known(): OpView[] {
    const ops = this.#app.snap?.ops ?? [];
    return ops.filter((op) => op.key === this.#key && op.outcome === 'ok');
  }

  /** The chosen context, or the newest that a client at this node can have been told. */
  #context(): string {
    const known = this.#known();
    if (this.#chosen !== null && (!this.#chosen || known.some((op) => op.id === this.#chosen))) {
      return this.#chosen;
    }
    return known.find((op) => !this.#beyondCut(op))?.id ?? '';
  }

  /** Was it told to a client on the other side, after the network was cut? */
  #beyondCut(op: OpView): boolean {
    const app = this.#app;
    const here = app.nodeIndex(this.#via);
    const there = app.nodeIndex(op.via ?? '');
    const apart = (app.snap?.ring.cuts ?? []).some(
      (cut) =>
        (cut.from.includes(here) && cut.to.includes(there)) ||
        (cut.to.includes(here) && cut.from.includes(there)),
    );
    return apart && op.started_ms >= app.cutSince();
  }

  #submit = (event: Event): void => {
    event.preventDefault();
    if (!this.#key) return;
    const app = this.#app;
    // In a real ring the client talks to its own tab's node.
    const via = app.link ? '' : this.#via;
    if (this.#op === 'get') void app.get(this.#key, via);
    else if (this.#op === 'delete') void app.delete(this.#key, via, this.#context());
    else void app.put(this.#key, this.#value, via, this.#context());
    this.#chosen = null;
  };

  #answers(): TemplateResult {
    const ops = this.#app.snap?.ops.slice(0, 2) ?? [];
    if (!ops.length) {
      return html`<ol class="answers" aria-label="Answers">
        <li class="none">No answers yet</li></ol>`;
    }
    return html`<ol class="answers" aria-label="Answers">
      ${ops.map((op) => this.#answer(op))}</ol>`;
  }

  #answer(op: OpView): TemplateResult {
    const glyph = GLYPHS[op.kind === 'get' ? GET : PUT];
    const show = () => this.#app.select({ tab: 'op', op: op.id, key: op.key });
    const siblings = op.kind === 'get' && op.outcome === 'ok' && op.versions.length > 1;
    const why = op.error ? `: ${op.error}` : '';
    return html`<li class=${op.outcome === 'pending' ? 'now' : ''}>
      ${glyph ? inlineGlyph(glyph) : nothing}
      <button type="button" class="id link" @click=${show}><span class="unseen">Operation </span
        >${op.id}</button>
      <span title=${op.error ?? ''}>${op.kind} via ${op.via ?? 'nobody'}${why}</span>
      <em>${outcome(op)}</em>
      ${siblings ? this.#mergeButton(op) : nothing}
    </li>`;
  }

  #mergeButton(op: OpView): TemplateResult {
    return html`<button type="button" class="btn" @click=${() => this.merge(op)}>Merge</button>`;
  }
}

export function outcome(op: OpView): TemplateResult {
  const living = op.versions.filter((version) => !version.deleted).length;
  const time = op.latency_ms === undefined ? '' : `, ${duration(op.latency_ms)}`;
  switch (op.outcome) {
    case 'pending':
      return html`${tallyWords(op)}`;
    case 'ok':
      if (op.kind !== 'get') return html`${sign('ok')}accepted${time}`;
      return html`${sign('ok')}${count(living, 'version')}${living > 1 ? '' : time}`;
    case 'refused':
      return html`${sign('bad')}refused${time}`;
    case 'timeout':
      return html`${sign('bad')}no answer${time}`;
  }
}
