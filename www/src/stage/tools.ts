/** What is done to all: a load, a node more, a cut, the heal. One panel is open at a time. */

import { html, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { clogsOf } from './cuts';
import { Cutter } from './cutter';
import { Joiner } from './joiner';
import { Loader } from './loader';

export class Tools {
  readonly cutter: Cutter;
  #app: App;
  #joiner: Joiner;
  #loader: Loader;

  constructor(app: App) {
    this.#app = app;
    this.cutter = new Cutter(app);
    this.#joiner = new Joiner(app);
    this.#loader = new Loader(app);
  }

  /** Each with the class of the button that opens it. */
  #panels(): [string, Loader | Joiner | Cutter][] {
    return [
      ['load', this.#loader],
      ['add', this.#joiner],
      ['cut', this.cutter],
    ];
  }

  buttons(): TemplateResult {
    const names: Record<string, string> = { load: 'Load…', add: 'Add a node…', cut: 'Cut…' };
    return html`<div class="tools">
        ${this.#panels().map(
          ([look, panel]) => html`<button class="quiet ${look}" aria-expanded=${panel.isOpen}
          @click=${() => this.#show(panel.isOpen ? '' : look)}>${names[look]}</button>`,
        )}
        <button class="quiet heal" ?disabled=${!this.#wounded()}
          @click=${() => void this.#app.act({ heal: {} })}>Heal all</button>
      </div>`;
  }

  #show(look: string): void {
    for (const [other, panel] of this.#panels()) panel.isOpen = other === look;
    this.#app.changed();
  }

  /** The open panel; Escape leads back to the button that opened it. */
  panel(): TemplateResult {
    return html`<div @keydown=${this.#keys}>${this.#panels().map(([, one]) => one.panel())}</div>`;
  }

  #keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    const open = this.#panels().find(([, panel]) => panel.isOpen)?.[0] ?? 'add';
    const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot;
    this.#show('');
    root.querySelector<HTMLElement>(`.tools .${open}`)?.focus();
  };

  #wounded(): boolean {
    const { frame, snap } = this.#app;
    if (frame.cuts > 0 || clogsOf(snap?.faults ?? [], frame.now).length > 0) return true;
    for (let i = 0; i < frame.nodes; i++) {
      if (
        frame.nodeState(i) === 1 ||
        frame.nodeState(i) === 2 ||
        frame.nodeSlow(i) > 1 ||
        frame.nodeDisk(i) > 1
      )
        return true;
    }
    return false;
  }
}
