/** What is done to the whole ring: a node more, a cut, the heal. One panel is open at a time. */

import { html, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { Cutter } from './cutter';
import { Joiner } from './joiner';

export class Tools {
  readonly cutter: Cutter;
  #app: App;
  #joiner: Joiner;

  constructor(app: App) {
    this.#app = app;
    this.cutter = new Cutter(app);
    this.#joiner = new Joiner(app);
  }

  buttons(): TemplateResult {
    const { cutter } = this;
    const joiner = this.#joiner;
    const toggle = (one: Cutter | Joiner, other: Cutter | Joiner) => () => {
      one.isOpen = !one.isOpen;
      other.isOpen = false;
      this.#app.changed();
    };
    return html`<div class="tools">
        <button class="quiet add" aria-expanded=${joiner.isOpen}
          @click=${toggle(joiner, cutter)}>Add a node…</button>
        <button class="quiet cut" aria-expanded=${cutter.isOpen}
          @click=${toggle(cutter, joiner)}>Cut…</button>
        <button class="quiet heal" ?disabled=${!this.#wounded()}
          @click=${() => void this.#app.act({ heal: {} })}>Heal all</button>
      </div>`;
  }

  /** The open panel; Escape leads back to the button that opened it. */
  panel(): TemplateResult {
    return html`<div @keydown=${this.#keys}>${this.cutter.panel()} ${this.#joiner.panel()}</div>`;
  }

  #keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    const button = this.cutter.isOpen ? '.tools .cut' : '.tools .add';
    const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot;
    this.cutter.isOpen = false;
    this.#joiner.isOpen = false;
    this.#app.changed();
    root.querySelector<HTMLElement>(button)?.focus();
  };

  #wounded(): boolean {
    const { frame } = this.#app;
    if (frame.cuts > 0) return true;
    for (let i = 0; i < frame.nodes; i++) {
      if (frame.nodeState(i) === 1 || frame.nodeState(i) === 2 || frame.nodeSlow(i) > 1)
        return true;
    }
    return false;
  }
}
