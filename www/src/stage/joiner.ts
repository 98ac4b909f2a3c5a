/** A node more: its name and weight, and the member that is told (§4.8.1). */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { Planner } from '../app/planner';
import { planned } from './moves';
import { freeName } from './names';

export class Joiner {
  #app: App;
  #isOpen = false;
  #planner: Planner;
  /** As typed; null where the panel offers one. */
  #name: string | null = null;
  #weight = '1';
  #zone = '';
  /** Empty: the newcomer itself, which knows the seeds alone. */
  #via: string | null = null;

  constructor(app: App) {
    this.#app = app;
    this.#planner = new Planner(app);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  set isOpen(open: boolean) {
    if (this.#isOpen && !open) this.#planner.close();
    this.#isOpen = open;
  }

  panel(): TemplateResult | typeof nothing {
    return this.isOpen ? this.#form() : nothing;
  }

  #form(): TemplateResult {
    this.#planner.look(this.#command());
    return html`<form class="cutter" aria-label="Add a node" @submit=${this.#submit}>
      <h2>A node joins the ring</h2>
      <div class="row">
        <label class="f"><span>name</span><input .value=${this.#named()} required maxlength="64"
          autocomplete="off" spellcheck="false" @input=${this.#take((v) => (this.#name = v))} />
          </label>
        <label class="f"><span>weight</span><input .value=${this.#weight} inputmode="decimal"
          title="Its share of the tokens against the others’" autocomplete="off"
          @input=${this.#take((v) => (this.#weight = v))} /></label>
      </div>
      ${this.#zones().length ? this.#zoneField() : nothing}
      ${this.#viaField()}
      <p class="note">Who is told takes it in; from there gossip tells everybody.</p>
      ${planned(this.#planner, 'join-plan')}
      <div class="acts2"><button class="go" aria-describedby="join-plan">Join</button></div>
    </form>`;
  }

  #viaField(): TemplateResult {
    const chosen = this.#told();
    const option = (value: string, words: string) =>
      html`<option value=${value} .selected=${value === chosen}>${words}</option>`;
    return html`<label class="f"><span>who is told</span>
      <select @change=${this.#take((v) => (this.#via = v))}>
        ${this.#members().map((name) => option(name, name))}
        ${option('', `${this.#named() || 'it'} itself, which knows the seeds`)}
      </select></label>`;
  }

  /** In a ring that names its zones a newcomer is in one of them. */
  #zones(): string[] {
    const zones = this.#app.snap?.ring.nodes.map((node) => node.zone) ?? [];
    return [...new Set(zones.filter(Boolean))];
  }

  #zoned(): string {
    const zones = this.#zones();
    return zones.includes(this.#zone) ? this.#zone : (zones[0] ?? '');
  }

  #zoneField(): TemplateResult {
    return html`<label class="f"><span>zone</span>
      <select @change=${this.#take((v) => (this.#zone = v))}>${this.#zones().map(
        (zone) => html`<option value=${zone} .selected=${zone === this.#zoned()}>${zone}</option>`,
      )}</select></label>`;
  }

  #members(): string[] {
    const nodes = Object.entries(this.#app.snap?.state.nodes ?? {});
    return nodes.filter(([, node]) => node.state === 'up').map(([name]) => name);
  }

  #named(): string {
    return this.#name ?? freeName(this.#app.snap?.ring.nodes.map((node) => node.name) ?? []);
  }

  #told(): string {
    const members = this.#members();
    if (this.#via !== null && (!this.#via || members.includes(this.#via))) return this.#via;
    return members[0] ?? '';
  }

  #take(set: (value: string) => void) {
    return (event: Event) => {
      set((event.target as HTMLInputElement | HTMLSelectElement).value);
      this.#app.changed();
    };
  }

  #command() {
    const via = this.#told();
    const zone = this.#zoned();
    const weight = Number(this.#weight);
    return {
      join: {
        name: this.#named(),
        ...(via && { via }),
        ...(zone && { zone }),
        ...(weight !== 1 && { weight: Number.isNaN(weight) ? this.#weight : weight }),
      },
    };
  }

  #submit = (event: Event): void => {
    event.preventDefault();
    void this.#join();
  };

  async #join(): Promise<void> {
    const app = this.#app;
    const command = this.#command();
    await app.act(command);
    if (app.notice) return;
    this.isOpen = false;
    this.#name = null;
    this.#weight = '1';
    app.select({ tab: 'node', node: app.nodeIndex(command.join.name) });
  }
}
