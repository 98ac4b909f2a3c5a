/** The guide: fixed teaching text, and the story's tasks, which tick themselves. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { TASKS } from '../app/tasks';
import { sign } from '../parts/sign';
import { checksBox } from './checks';

const END = 'That was the road once: every put was taken, and nothing was lost.';

export function guide(app: App, withChecks: boolean): TemplateResult {
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
    ${done === TASKS.length ? html`<p>${END}</p>` : nothing}
    ${withChecks ? checksBox(app) : nothing}`;
}

export const taskNow = (app: App): string => TASKS[app.progress.done]?.text ?? 'The story is told';

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
