/** The bottom sheet of a phone: everything beside the ring, a tab each. */

import { html, type TemplateResult } from 'lit';

export type Pane = 'guide' | 'desk' | 'insp' | 'checks' | 'tables';

const PANES: readonly [Pane, string][] = [
  ['guide', 'Guide'],
  ['desk', 'Desk'],
  ['insp', 'Inspect'],
  ['checks', 'Checks'],
  ['tables', 'Tables'],
];

export class Sheet {
  #chosen: Pane = 'desk';
  #panes = PANES;
  #render: () => void;

  constructor(render: () => void) {
    this.#render = render;
  }

  choose(pane: Pane): void {
    this.#chosen = pane;
    this.#render();
  }

  /** A pane that is not given has no tab. */
  template(panes: Partial<Record<Pane, () => TemplateResult>>): TemplateResult {
    this.#panes = PANES.filter(([id]) => panes[id]);
    const chosen = panes[this.#chosen] ? this.#chosen : 'desk';
    return html`<div class="sheet" role="region" aria-label="Details">
      <div class="stabs" role="tablist" aria-label="Details" @keydown=${this.#keys}>
        ${this.#panes.map(
          ([id, text]) => html`<button role="tab" id="sheet-${id}" aria-controls="sheet-pane"
            aria-selected=${chosen === id} tabindex=${chosen === id ? 0 : -1}
            @click=${() => this.choose(id)}>${text}</button>`,
        )}</div>
      <div class="pane" role="tabpanel" id="sheet-pane" aria-labelledby="sheet-${chosen}"
        >${panes[chosen]?.()}</div></div>`;
  }

  #keys = (event: KeyboardEvent): void => {
    const move = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!move) return;
    const panes = this.#panes;
    const here = panes.findIndex(([id]) => id === this.#chosen);
    const next = panes[(here + move + panes.length) % panes.length];
    if (!next) return;
    this.choose(next[0]);
    const list = event.currentTarget as HTMLElement;
    queueMicrotask(() => list.querySelector<HTMLElement>(`#sheet-${next[0]}`)?.focus());
    event.preventDefault();
  };
}
