/** A node leaves: what it would give away first, then the word. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { Planner } from '../app/planner';
import { planned } from '../stage/moves';
import { stateWord } from '../stage/names';

export class Leaver {
  #app: App;
  #planner: Planner;
  /** Whose plan is open. */
  #node = '';

  constructor(app: App) {
    this.#app = app;
    this.#planner = new Planner(app);
  }

  button(name: string): TemplateResult {
    const toggle = () => {
      const isOpen = this.#node === name;
      this.close();
      if (!isOpen) this.#node = name;
      this.#app.changed();
    };
    return html`<button class="btn" aria-expanded=${this.#node === name} @click=${toggle}
      >Leave the ring…</button>`;
  }

  /** Below the buttons, while it is open. */
  plan(name: string): TemplateResult | typeof nothing {
    if (!this.#node) return nothing;
    if (this.#node !== name) {
      // Another node's card is up: its plan was not asked for.
      this.close();
      return nothing;
    }
    const { ring } = this.#app.snap ?? {};
    const isLeft = (index: number) => stateWord(this.#app.frame.nodeState(index)) === 'left';
    if (ring && ring.nodes.filter((_, index) => !isLeft(index)).length < 2) {
      return html`<p class="note">${name} is alone and stays: nobody would have what it holds.</p>`;
    }
    const leave = { leave: { node: name } };
    this.#planner.look(leave);
    const go = () => {
      this.close();
      void this.#app.act(leave);
    };
    return html`<section aria-label="Leave">${planned(this.#planner, 'leave-plan')}
      <div class="acts2"><button class="go" aria-describedby="leave-plan" @click=${go}
        >Let ${name} leave</button></div></section>`;
  }

  close(): void {
    if (!this.#node) return;
    this.#node = '';
    this.#planner.close();
  }
}
