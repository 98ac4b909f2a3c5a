/** A cut chosen by keyboard; a line across the dial does the same. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';

export class Cutter {
  isOpen = false;
  #app: App;
  #side = new Set<number>();
  #oneWay = false;

  constructor(app: App) {
    this.#app = app;
  }

  /** The panel stands apart, as it opens over the stage. */
  panel(): TemplateResult | typeof nothing {
    return this.isOpen ? this.#form() : nothing;
  }

  /** A cut between two sides, by names, as the scenario format has it. */
  cut(from: readonly number[], to: readonly number[], oneWay: boolean): Promise<string> {
    const names = (side: readonly number[]) => side.map((i) => this.#app.nodeName(i));
    return this.#app.act({ cut: { from: names(from), to: names(to), one_way: oneWay } });
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
          this.isOpen = false;
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
