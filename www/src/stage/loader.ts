/** A load: clients that keep asking, at a rate or each after its answer. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';

/** As typed. */
const DEFAULTS = {
  clients: '10',
  keys: '20',
  reads: '50',
  rate: '50',
  think: '0',
  seconds: '20',
  zipf: '0',
};
type Field = keyof typeof DEFAULTS;

/** A text that is no number goes to the engine as it is, which says what it wants instead. */
const given = (text: string, factor = 1): unknown =>
  text.trim() && Number.isFinite(Number(text)) ? Number(text) * factor : text;

export class Loader {
  isOpen = false;
  #app: App;
  #typed = { ...DEFAULTS };
  /** At a rate, whoever still waits; or each client after its answer. */
  #isOpenLoad = true;
  #isCart = false;

  constructor(app: App) {
    this.#app = app;
  }

  panel(): TemplateResult | typeof nothing {
    return this.isOpen ? this.#form() : nothing;
  }

  #form(): TemplateResult {
    return html`<form class="cutter" aria-label="Start a load" @submit=${this.#submit}>
      <h2>Clients that keep asking</h2>
      <div class="row">${this.#field('clients', 'clients')} ${this.#field('keys', 'keys')}</div>
      <div class="row">${this.#field('reads', 'reads, in %')}
        ${this.#field('zipf', 'Zipf exponent', '0 asks for all keys alike')}</div>
      ${this.#pace()}
      <div class="row">${
        this.#isOpenLoad
          ? this.#field('rate', 'requests per s', 'of all clients together')
          : this.#field('think', 'thinks, in ms', 'between an answer and the next request')
      } ${this.#field('seconds', 'for, in s')}</div>
      <label class="check"><input type="checkbox" .checked=${this.#isCart}
        @change=${(event: Event) => {
          this.#isCart = (event.target as HTMLInputElement).checked;
        }} />shopping carts: read, merge, add or delete an item</label>
      <p class="note">Whoever found siblings merges them with its next put. What the load measured
        stands under This ring.</p>
      <div class="acts2"><button class="go">Start</button></div>
    </form>`;
  }

  #pace(): TemplateResult {
    const choose = (event: Event) => {
      this.#isOpenLoad = (event.target as HTMLSelectElement).value === 'open';
      this.#app.changed();
    };
    return html`<label class="f"><span>how</span><select @change=${choose}>
      <option value="open" .selected=${this.#isOpenLoad}>at a rate, whoever waits</option>
      <option value="closed" .selected=${!this.#isOpenLoad}>each after its answer</option>
    </select></label>`;
  }

  #field(field: Field, name: string, help = ''): TemplateResult {
    return html`<label class="f" title=${help || nothing}><span>${name}</span>
      <input .value=${this.#typed[field]} inputmode="decimal" autocomplete="off" required
        @input=${(event: Event) => {
          this.#typed[field] = (event.target as HTMLInputElement).value;
        }} /></label>`;
  }

  #command(): object {
    const typed = this.#typed;
    const think = given(typed.think);
    return {
      workload: {
        clients: given(typed.clients),
        keys: given(typed.keys),
        read_fraction: given(typed.reads, 0.01),
        ...(this.#isOpenLoad
          ? { ops_per_second: given(typed.rate) }
          : { think_ms: [think, think] }),
        for_ms: given(typed.seconds, 1000),
        zipf: given(typed.zipf),
        ...(this.#isCart && { cart: true }),
      },
    };
  }

  #submit = (event: Event): void => {
    event.preventDefault();
    void this.#start();
  };

  async #start(): Promise<void> {
    const app = this.#app;
    await app.act(this.#command());
    // A refusal leaves what was typed.
    if (app.notice) return;
    this.isOpen = false;
    app.select({ tab: 'ring' });
  }
}
