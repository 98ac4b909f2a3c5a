/** Faults of the whole ring: a cut chosen by keyboard, and the heal. A line does the same. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';

export class Cutter {
  #app: App;
  #open = false;
  #side = new Set<number>();
  #oneWay = false;

  constructor(app: App) {
    this.#app = app;
  }

  /** The panel stands apart, as it opens over the stage. */
  panel(): TemplateResult | typeof nothing {
    return this.#open ? this.#form() : nothing;
  }

  buttons(): TemplateResult {
    const toggle = () => {
      this.#open = !this.#open;
      this.#app.changed();
    };
    return html`<div class="tools">
        <button class="quiet" aria-expanded=${this.#open} @click=${toggle}>Cut…</button>
        <button class="quiet" ?disabled=${!this.#wounded()}
          @click=${() => this.#heal()}>Heal all</button>
      </div>`;
  }

  /** A cut between two sides, by names, as the scenario format has it. */
  cut(from: readonly number[], to: readonly number[], oneWay: boolean): Promise<string> {
    const names = (side: readonly number[]) => side.map((i) => this.#app.nodeName(i));
    return this.#app.act({ cut: { from: names(from), to: names(to), one_way: oneWay } });
  }

  #wounded(): boolean {
    const { frame } = this.#app;
    if (frame.cuts > 0) return true;
    for (let i = 0; i < frame.nodes; i++) {
      if (frame.nodeState(i) === 1 || frame.nodeState(i) === 2 || frame.nodeSlow(i) > 1)
        return true;
    }
    return false;
  }

  #heal(): void {
    void this.#app.act({ heal: {} });
  }

  #form(): TemplateResult {
    const nodes = this.#app.snap?.ring.nodes ?? [];
    const toggle = (i: number) => {
      if (!this.#side.delete(i)) this.#side.add(i);
      this.#app.changed();
    };
    const ready = this.#side.size > 0 && this.#side.size < nodes.length;
    return html`<form class="cutter" aria-label="Cut the network"
        @submit=${(e: Event) => {
          e.preventDefault();
          const to = nodes.map((n) => n.index).filter((i) => !this.#side.has(i));
          void this.cut([...this.#side], to, this.#oneWay);
          this.#open = false;
          this.#side.clear();
          this.#app.changed();
        }}>
      <h2>Cut these from the rest</h2>
      <div class="sides" role="group" aria-label="One side">
        ${nodes.map(
          (node, i) => html`<button type="button" aria-pressed=${this.#side.has(i)}
            aria-label="Side of node ${node.name}" @click=${() => toggle(i)}>${node.name}</button>`,
        )}
      </div>
      <label class="check"><input type="checkbox" .checked=${this.#oneWay}
        @change=${(e: Event) => {
          this.#oneWay = (e.target as HTMLInputElement).checked;
        }} />One way: only what they send is lost</label>
      <p class="note">Or drag a line across the empty dial.</p>
      <div class="acts2"><button class="go" ?disabled=${!ready}>Cut</button></div>
    </form>`;
  }
}
