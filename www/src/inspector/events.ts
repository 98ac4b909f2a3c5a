/** The event log as a list, newest first; a cause is one click away. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { LogEvent } from '../engine/types';
import { seconds } from '../parts/text';
import { why } from './why';

const SHOWN = 40;

export class EventList {
  #app: App;
  #all = false;

  constructor(app: App) {
    this.#app = app;
  }

  template(title: string, filter: (event: LogEvent) => boolean): TemplateResult {
    const { snap, marks, selection } = this.#app;
    // A request or a key has its own traffic among the marks; a node's is in the log's newest part.
    const own = selection.tab === 'op' || selection.tab === 'key';
    const everything = own ? marks : (snap?.recent ?? []);
    const source = this.#all ? everything : marks.filter((e) => e.notable);
    const events: LogEvent[] = [];
    for (let i = source.length - 1; i >= 0 && events.length < SHOWN; i--) {
      const event = source[i];
      if (event && event.id !== selection.event?.id && filter(event)) events.push(event);
    }
    const toggle = (e: Event) => {
      this.#all = (e.target as HTMLInputElement).checked;
      this.#app.changed();
    };
    return html`<section class="log" aria-label="Events">
      <h3>${title}<label class="check"><input type="checkbox" .checked=${this.#all}
        @change=${toggle} />all</label></h3>
      ${selection.event ? this.#chain(selection.event) : nothing}
      ${events.length ? nothing : html`<p class="note">Nothing yet.</p>`}
      <ol>${events.map((event) => this.#row(event, false))}</ol>
    </section>`;
  }

  #chain(event: LogEvent): TemplateResult {
    return html`<ol aria-label="Chosen event">${this.#row(event, true)}</ol>`;
  }

  #row(event: LogEvent, chosen: boolean): TemplateResult {
    const { cause } = event;
    const show = (id: number) => void this.#app.showEvent(id);
    return html`<li class="ev ${event.notable ? 'told' : ''} ${chosen ? 'at' : ''}">
      <time>${seconds(event.at_ms)}</time>
      <span>${event.text}
        ${
          cause === null
            ? nothing
            : html` <button class="link" @click=${() => show(cause)}>cause<span class="unseen">
                of event ${event.id}</span></button>
              ${why(this.#app, { event: event.id }, `did event ${event.id} happen`)}`
        }</span></li>`;
  }
}
