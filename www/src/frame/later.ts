/** A panel whose inside is loaded when somebody opens it. */

import { html, nothing, type TemplateResult } from 'lit';
import { sign } from '../parts/sign';
import { notLoaded } from '../parts/text';

/** What a panel has inside, made anew each time it opens. */
export interface Inside {
  template(): TemplateResult;
}

export interface Later {
  title: string;
  /** What could not be loaded, when it does not come. */
  what: string;
  /** The panel's class. */
  look: string;
  load(close: () => void): Promise<Inside>;
}

export class LaterPanel {
  isOpen = false;
  #later: Later;
  #changed: () => void;
  #inside: Inside | null = null;
  #trouble = '';

  /** `changed` is told when the panel opened, closed, or has something else to show. */
  constructor(later: Later, changed: () => void) {
    this.#later = later;
    this.#changed = changed;
  }

  toggle = (): void => {
    if (this.isOpen) this.close();
    else void this.#open();
  };

  close = (): void => {
    this.isOpen = false;
    this.#inside = null;
    this.#changed();
  };

  async #open(): Promise<void> {
    this.isOpen = true;
    this.#trouble = '';
    this.#changed();
    try {
      const inside = await this.#later.load(this.close);
      if (this.isOpen) this.#inside = inside;
    } catch {
      this.#trouble = notLoaded(this.#later.what);
    }
    this.#changed();
  }

  template(): TemplateResult | typeof nothing {
    if (!this.isOpen) return nothing;
    const { title, look } = this.#later;
    return html`<section class="allkeys ${look}" role="dialog" aria-labelledby="later-title"
        tabindex="-1" @keydown=${this.#keys}>
      <h2 id="later-title">${title}</h2>${this.#inside?.template() ?? this.#without()}
      </section>`;
  }

  /** While the inside has not come, or if it does not. */
  #without(): TemplateResult {
    const close = html`<div class="acts2"><button class="btn" @click=${this.close}>Close</button>
      </div>`;
    if (!this.#trouble) return html`<p class="note" role="status">Loading…</p>${close}`;
    return html`<p class="why" role="alert">${sign('bad')}${this.#trouble}</p>${close}`;
  }

  #keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    this.close();
  };
}
