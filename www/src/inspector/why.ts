/** "Why?" beside a thing, and the answer above all: it stays while people go through it. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { sameAbout } from '../app/why';
import type { About, Sentence } from '../engine/types';
import { seconds } from '../parts/text';

/** `short` is what is seen of the question. A real node keeps no log of causes. */
export function why(
  app: App,
  about: About,
  what: string,
  short = 'Why?',
): TemplateResult | typeof nothing {
  if (app.link) return nothing;
  const isOpen = app.why !== null && sameAbout(app.why.about, about);
  const toggle = () => (isOpen ? app.closeWhy() : void app.askWhy(about, what));
  return html`<button class="link" aria-expanded=${isOpen} @click=${toggle}>${short}<span
      class="unseen"> ${what}</span></button>`;
}

export function answer(app: App): TemplateResult | typeof nothing {
  const { why } = app;
  if (!why) return nothing;
  const { sentences, cut_short, what } = why;
  const nothingLeft = html`<p class="note">The log’s window has nothing of it any more: go back in
    time to see it.</p>`;
  return html`<section class="because" aria-label="Why">
    <h3>Why ${what}?<button class="link" @click=${() => app.closeWhy()}>Close</button></h3>
    ${cut_short ? html`<p class="note">What was before has left the log’s window.</p>` : nothing}
    ${
      sentences.length
        ? html`<ol aria-label="Why">${sentences.map((sentence) => row(app, sentence))}</ol>`
        : nothingLeft
    }</section>`;
}

function row(app: App, { event, at_ms, text }: Sentence): TemplateResult {
  const isHere = app.selection.event?.id === event;
  const go = () => void goTo(app, event, at_ms);
  return html`<li><button aria-current=${isHere ? 'true' : nothing} title="To this moment"
    @click=${go}><time>${seconds(at_ms)}</time> <span>${text}</span></button></li>`;
}

/** To the moment of an event, with the event chosen. */
async function goTo(app: App, event: number, ms: number): Promise<void> {
  try {
    await app.player.pause();
    await app.seek(ms);
    await app.showEvent(event);
  } catch (error) {
    app.say(error);
  }
}
