/** The panel of the ring's settings, under the numbers of the top bar. Its form is loaded then. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { sign } from '../parts/sign';
import { notLoaded } from '../parts/text';
import type { SettingsForm } from './settings-form';

export class SettingsPanel {
  isOpen = false;
  #app: App;
  #changed: () => void;
  /** Made for the ring as it is when the panel opens. */
  #form: SettingsForm | null = null;
  #trouble = '';

  /** `changed` is told when the panel opened, closed, or has something else to show. */
  constructor(app: App, changed: () => void) {
    this.#app = app;
    this.#changed = changed;
  }

  toggle = (): void => {
    if (this.isOpen) this.close();
    else if (this.#app.snap) void this.#open();
  };

  close = (): void => {
    this.isOpen = false;
    this.#form = null;
    this.#changed();
  };

  async #open(): Promise<void> {
    this.isOpen = true;
    this.#trouble = '';
    this.#changed();
    try {
      const { SettingsForm } = await import('./settings-form');
      if (this.isOpen) this.#form = new SettingsForm(this.#app, this.#changed, this.close);
    } catch {
      this.#trouble = notLoaded('The settings');
    }
    this.#changed();
  }

  template(): TemplateResult | typeof nothing {
    if (!this.isOpen) return nothing;
    return html`<section class="allkeys setpanel" role="dialog" aria-labelledby="set-title"
        tabindex="-1" @keydown=${this.#keys}>
      <h2 id="set-title">Settings of the ring</h2>${this.#form?.template() ?? this.#without()}
      </section>`;
  }

  /** While the form has not come, or if it does not. */
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
