/**
 * The ring as tables, parallel to the picture: what is drawn is also written, for whoever reads
 * with ears, fingers, or a search. They are made from the same frame and JSON, at most once a
 * second, so that a reader is not read a moving page.
 */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { keyTable } from './keys';
import { membershipTable } from './membership';
import { messageTable } from './messages';
import { ringTable } from './ring';

const PAUSE_MS = 1000;

export class Tables {
  #app: App;
  #open = false;
  #made: TemplateResult | null = null;
  /** When the newest came to stand in the page; infinitely late while it is on its way there. */
  #writtenAt = Number.NEGATIVE_INFINITY;
  #madeOf = '';
  #timer = 0;

  constructor(app: App) {
    this.#app = app;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  /** The page has been drawn: a reader's second counts from here, however long drawing took. */
  written(): void {
    if (this.#writtenAt === Number.POSITIVE_INFINITY) this.#writtenAt = performance.now();
  }

  /** A disclosure: its name first, and what it discloses right after it. */
  details(): TemplateResult {
    const toggle = (event: Event) => {
      this.#open = (event.target as HTMLDetailsElement).open;
      this.#app.changed();
    };
    return html`<details class="tables" .open=${this.#open} @toggle=${toggle}>
      <summary>As tables</summary>
      ${this.#open ? this.region() : nothing}
    </details>`;
  }

  region(): TemplateResult {
    return html`<section class="tabled" aria-label="As tables" tabindex="0">
      ${this.#fresh()}</section>`;
  }

  #fresh(): TemplateResult {
    const { frame, snap } = this.#app;
    const of = `${frame.now} ${frame.nextEvent} ${snap?.revision} ${this.#app.places.size}`;
    const wait = this.#writtenAt + PAUSE_MS - performance.now();
    if (this.#made && (of === this.#madeOf || wait > 0)) {
      // What changed meanwhile is written when its second is over, also when time stands still.
      if (of !== this.#madeOf && Number.isFinite(wait)) this.#later(wait);
      return this.#made;
    }
    this.#writtenAt = Number.POSITIVE_INFINITY;
    this.#madeOf = of;
    // A real node knows of no message but its own, and of nobody's belief but its own.
    this.#made = this.#app.link
      ? html`${ringTable(this.#app)} ${keyTable(this.#app)}`
      : html`${ringTable(this.#app)} ${keyTable(this.#app)} ${messageTable(this.#app)}
          ${membershipTable(this.#app)}`;
    if (this.#app.wanted.length) void this.#app.pull();
    return this.#made;
  }

  #later(wait: number): void {
    if (this.#timer) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      this.#app.changed();
    }, wait);
  }
}
