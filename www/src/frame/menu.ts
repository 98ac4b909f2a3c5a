/**
 * The menu of scenarios: all of them in groups, each with the sentence of what to watch for, and
 * a search. What it offers is loaded when it first opens.
 */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { Group } from '../app/catalogue';
import type { Offer } from '../app/scenarios';
import { sign } from '../parts/sign';
import { notLoaded } from '../parts/text';
import type { RingLink } from '../peer/link';
import { knownRings } from '../peer/rings';
import { EXPERIMENTS, type ExperimentName } from './experiments';

type Catalogue = typeof import('../app/catalogue');

/** A script begins so long before its first act: time to see the ring at rest. */
const BEFORE_MS = 300;

/** Where else the menu leads. */
interface Ways {
  /** Makes this tab a node of the ring; without one, of a ring of its own. */
  enter(link: RingLink | null): void;
  experiment(name: ExperimentName): void;
}

export class ScenarioMenu {
  #app: App;
  #changed: () => void;
  #ways: Ways;
  #catalogue: Catalogue | null = null;
  #trouble = '';
  #search = '';
  isOpen = false;

  /** `changed` is told when the menu opened, closed, or has something else to show. */
  constructor(app: App, changed: () => void, ways: Ways) {
    this.#app = app;
    this.#changed = changed;
    this.#ways = ways;
  }

  toggle = (): void => {
    if (this.isOpen) this.close();
    else void this.#open();
  };

  close = (): void => {
    this.isOpen = false;
    this.#changed();
  };

  async #open(): Promise<void> {
    this.isOpen = true;
    this.#search = '';
    this.#trouble = '';
    this.#changed();
    if (this.#catalogue) return;
    try {
      this.#catalogue = await import('../app/catalogue');
    } catch {
      this.#trouble = notLoaded('The scenarios');
    }
    this.#changed();
  }

  /** What is open now, by its short name where the menu has it. */
  name(): string {
    const title = this.#app.source.title ?? '';
    return this.#catalogue?.called(title) ?? title;
  }

  button(): TemplateResult {
    return html`<button class="scenario" aria-haspopup="dialog" aria-expanded=${this.isOpen}
      title="All scenarios" @click=${this.toggle}><span class="unseen">Scenario: </span
      ><b>${this.name() || 'a scenario'}</b><i class="caret"></i></button>`;
  }

  template(): TemplateResult | typeof nothing {
    if (!this.isOpen) return nothing;
    return html`<section class="allkeys menu" role="dialog" aria-labelledby="menu-title"
        tabindex="-1" @keydown=${this.#keys}>
      <div class="menuhead"><h2 id="menu-title">Scenarios</h2>
        <input type="search" aria-label="Search scenarios" placeholder="Search"
          autocomplete="off" .value=${this.#search} @input=${this.#look} />
        <button class="btn" @click=${this.close}>Close</button></div>
      <div class="menulist">${this.#list()}</div></section>`;
  }

  #list(): TemplateResult {
    const all = this.#catalogue;
    if (this.#trouble) return html`<p class="why" role="alert">${sign('bad')}${this.#trouble}</p>`;
    if (!all) return html`<p class="note" role="status">Loading…</p>`;
    const found = (groups: readonly Group[]) =>
      groups.flatMap((group) => all.found(group, this.#search) ?? []);
    const [begin, behaviours, traces] = [[all.OPENING], all.BEHAVIOURS, all.TRACES].map(found);
    const many = [begin, behaviours, traces].flat().length + this.#fitting().length;
    return html`${this.#part('To begin with', begin ?? [])}
      ${this.#part('The nineteen behaviours of the paper', behaviours ?? [])}
      ${this.#part('Infamous traces', traces ?? [])}
      ${this.#experiments()} ${this.#search ? nothing : this.#rings()}
      <p class=${many ? 'unseen' : 'note'} role="status">${
        this.#search && !many ? 'No scenario has all these words.' : ''
      }</p>`;
  }

  #part(title: string, groups: readonly Group[]): TemplateResult | typeof nothing {
    if (!groups.length) return nothing;
    return html`<h3>${title}</h3>${groups.map((group) => this.#group(group))}`;
  }

  #group({ number, what, paper, offers }: Group): TemplateResult {
    const head = html`<h4>${number ? html`<b>${number}</b>` : nothing}<span>${what}</span>${
      paper ? html`<i>${paper}</i>` : nothing
    }</h4>`;
    return html`<section class="offers">${what ? head : nothing}
      <ul>${offers.map((offer) => html`<li>${this.#offer(offer)}</li>`)}</ul></section>`;
  }

  #offer(offer: Offer): TemplateResult {
    const isHere = this.#app.source.title === offer.title;
    return html`<button class="offer" aria-current=${isHere ? 'true' : nothing}
      @click=${() => this.#choose(offer)}><b>${offer.name}</b>${
        offer.name === offer.title ? nothing : html`<span>${offer.title}</span>`
      }</button>`;
  }

  #fitting() {
    const words = this.#search.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (text: string) => words.every((word) => text.toLowerCase().includes(word));
    return EXPERIMENTS.filter(({ title, about }) => fits(`${title} ${about}`));
  }

  #experiments(): TemplateResult | typeof nothing {
    const fitting = this.#fitting();
    if (!fitting.length) return nothing;
    return html`<h3>Experiments</h3><section class="offers"><ul>${fitting.map(
      ({ name, title, about }) => html`<li><button class="offer"
        @click=${() => this.#ways.experiment(name)}><b>${title}</b><span>${about}</span></button>
      </li>`,
    )}</ul></section>`;
  }

  #rings(): TemplateResult {
    const row = (text: string, link: RingLink | null) => {
      const enter = () => this.#ways.enter(link);
      return html`<li><button class="offer" @click=${enter}><b>${text}</b></button></li>`;
    };
    const known = knownRings().map((link) => row(`Ring ${link.ring}`, link));
    return html`<h3>Join as a node</h3>
      <section class="offers"><ul>${row('A new ring of tabs', null)} ${known}</ul></section>`;
  }

  #choose(offer: Offer): void {
    const open = async () => {
      await this.#app.load(offer.scenario);
      const acts = (offer.scenario.script ?? []).map((entry) => entry.at_ms);
      if (acts.length) await this.#app.seek(Math.min(...acts) - BEFORE_MS);
    };
    open().catch((error: unknown) => this.#app.say(error));
    this.close();
  }

  #look = (event: Event): void => {
    this.#search = (event.target as HTMLInputElement).value;
    this.#changed();
  };

  /** Up and down go through the search and what it found. */
  #keys = (event: KeyboardEvent): void => {
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Escape') this.close();
    else if (move) {
      const panel = event.currentTarget as HTMLElement;
      const stops = [...panel.querySelectorAll<HTMLElement>('input, .offer')];
      const root = panel.getRootNode() as ShadowRoot;
      stops[stops.indexOf(root.activeElement as HTMLElement) + move]?.focus();
    } else return;
    event.preventDefault();
  };
}
