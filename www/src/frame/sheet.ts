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
  #render: () => void;

  constructor(render: () => void) {
    this.#render = render;
  }

  choose(pane: Pane): void {
    this.#chosen = pane;
    this.#render();
  }

  template(panes: Record<Pane, () => TemplateResult>): TemplateResult {
    return html`<div class="sheet" role="region" aria-label="Details">
      <div class="stabs" role="tablist" aria-label="Details" @keydown=${this.#keys}>
        ${PANES.map(
          ([id, text]) => html`<button role="tab" id="sheet-${id}" aria-controls="sheet-pane"
            aria-selected=${this.#chosen === id} tabindex=${this.#chosen === id ? 0 : -1}
            @click=${() => this.choose(id)}>${text}</button>`,
        )}</div>
      <div class="pane" role="tabpanel" id="sheet-pane" aria-labelledby="sheet-${this.#chosen}"
        >${panes[this.#chosen]()}</div></div>`;
  }

  #keys = (event: KeyboardEvent): void => {
    const move = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!move) return;
    const here = PANES.findIndex(([id]) => id === this.#chosen);
    const next = PANES[(here + move + PANES.length) % PANES.length];
    if (!next) return;
    this.choose(next[0]);
    const list = event.currentTarget as HTMLElement;
    queueMicrotask(() => list.querySelector<HTMLElement>(`#sheet-${next[0]}`)?.focus());
    event.preventDefault();
  };
}
