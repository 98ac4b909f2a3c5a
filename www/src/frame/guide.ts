/** The guide: fixed teaching text, and the story's tasks, which tick themselves. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { TASKS } from '../app/tasks';
import { sign } from '../parts/sign';
import { seconds } from '../parts/text';
import { checksBox } from './checks';

const END = 'That was the road once: every put was taken, and nothing was lost.';

export function guide(app: App, name: string, withChecks: boolean): TemplateResult {
  return html`${app.isScripted ? watched(app, name) : begun(app)}
    ${withChecks ? checksBox(app) : nothing}`;
}

/** A run that goes by itself: what to watch for, more about it, and what is expected of it. */
function watched(app: App, name: string): TemplateResult {
  const { title = '', note } = app.source;
  const expects = app.snap?.state.expects ?? [];
  // Without the menu's short name the sentence is all there is.
  const head = title && name !== title ? name : 'What to watch for';
  return html`<div><h2>${head}</h2><p>${title || 'It has no title.'}</p></div>
    ${note ? html`<p>${note}</p>` : nothing}
    ${
      expects.length
        ? html`<section><h3>Expected so far</h3><ul class="expects" aria-label="Expected so far">
          ${expects.map(
            ({ at_ms, ok, why }) => html`<li>${sign(ok ? 'ok' : 'bad')}<span
              >${seconds(at_ms)} s<span class="unseen">, ${ok ? 'holds' : 'does not hold'}</span>
              <small>${why}</small></span></li>`,
          )}</ul></section>`
        : nothing
    }`;
}

/** The page's own ring, and the story that people make of it. */
function begun(app: App): TemplateResult {
  const ring = app.snap?.ring;
  const done = app.progress.done;
  return html`<div>
      <h2>${ring ? numberWord(ring.nodes.length) : 'Some'} nodes, no master</h2>
      <p>Each cart is kept ${ring ? times(ring.n) : 'more than once'}. Any node takes a put or a
        get, and finds the cart’s own nodes clockwise from its hash.</p>
    </div>
    <ol class="tasks" aria-label="Tasks">
      ${TASKS.map((task, i) => {
        const state = i < done ? 'done' : i === done ? 'cur' : '';
        return html`<li class=${state} aria-current=${i === done ? 'step' : nothing}>
          ${i < done ? sign('ok') : html`<i class="box"></i>`}
          <span>${task.text}${i < done ? html`<span class="unseen">, done</span>` : nothing}
            ${i === done ? html`<small>${task.how}</small>` : nothing}</span></li>`;
      })}
    </ol>
    ${done === TASKS.length ? html`<p>${END}</p>` : nothing}`;
}

/** The one line of a folded guide. */
export const lineNow = (app: App): string =>
  app.isScripted
    ? (app.source.title ?? 'A scenario')
    : (TASKS[app.progress.done]?.text ?? 'The story is told');

/** The guide folded to one line; the rest is a drawer. */
export function strip(
  told: string,
  open: boolean,
  toggle: () => void,
  whole: () => TemplateResult,
): TemplateResult {
  return html`<aside class="strip" aria-label="Guide">
    <button class="btn" aria-expanded=${open} @click=${toggle}>Guide</button>
    <b>${told}</b>
    ${open ? html`<div class="guide drawer" tabindex="0">${whole()}</div>` : nothing}
  </aside>`;
}

const WORDS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];
const numberWord = (n: number): string => WORDS[n] ?? String(n);
const times = (n: number): string =>
  n === 1 ? 'once' : n === 2 ? 'twice' : `${numberWord(n).toLowerCase()} times`;
