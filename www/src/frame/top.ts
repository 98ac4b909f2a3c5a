/** The top bar: which world this is, and how its checks stand. */

import { html, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { reseeded } from '../app/scenarios';
import { sign } from '../parts/sign';
import type { RingLink } from '../peer/link';
import { tallyOf } from './checks';

/** Opens all scenarios. */
interface Menu {
  button(): TemplateResult;
}

/** What opens under a button. */
interface Panel {
  isOpen: boolean;
  toggle(): void;
}

export interface TopActions {
  toggleKeys(): void;
  settings: Panel;
  /** Null where it has no room here. */
  share: Panel | null;
  menu: Menu;
  /** Makes this tab a node of the ring; without one, of a ring of its own. */
  enter(link: RingLink | null): void;
}

const MARK = html`<svg class="mark" viewBox="0 0 22 22" aria-hidden="true">
  <circle cx="11" cy="11" r="8.5" fill="none" stroke="currentColor" stroke-width="3"
    stroke-dasharray="7.4 1.5" /></svg>`;

const RELOAD = html`<svg viewBox="0 0 16 16" aria-hidden="true">
  <path d="M13 8a5 5 0 1 1-1.6-3.7M13 1.8v3h-3" fill="none" stroke="currentColor"
    stroke-width="1.5" /></svg>`;

/** A ring of tabs has its own name, and nothing else to choose. */
const scenario = (app: App, menu: Menu): TemplateResult =>
  app.link ? html`<span class="scenario"><b>Ring ${app.link.ring}</b></span>` : menu.button();

/** N, R and W as they are; what opens is all that a ring can be made with. */
function numbers(app: App, settings: Panel): TemplateResult {
  const ring = app.snap?.ring;
  const one = (name: 'n' | 'r' | 'w') =>
    html`<span class="k">${name.toUpperCase()}</span> <b>${ring?.[name] ?? ''}</b> `;
  return html`<button class="nrw" aria-haspopup="dialog" aria-expanded=${settings.isOpen}
    title="Settings of the ring" @click=${settings.toggle}><span class="unseen">Settings: </span
    >${one('n')}${one('r')}${one('w')}<em>${ring?.quorum ?? ''}</em><i class="caret"></i></button>`;
}

/** Seed and quorum: on a phone they stand in the guide, elsewhere at the top. */
export function setup(app: App, settings: Panel): TemplateResult {
  const reseed = async () => {
    try {
      const seed = await app.freshSeed();
      await app.load(reseeded(app.source, seed));
    } catch (error) {
      app.say(error);
    }
  };
  return html`<div class="setup">
    <span class="seed"><span class="k">seed</span> <code>${app.snap?.ring.seed || 'none'}</code>
      <button class="icon" aria-label="New seed" title="New seed" @click=${reseed}>${RELOAD}
      </button></span>
    ${numbers(app, settings)}
  </div>`;
}

/** On a phone the scenario menu alone has it. */
const joinButton = (actions: TopActions): TemplateResult =>
  html`<button class="quiet" title="This tab becomes a node of a real ring"
    @click=${() => actions.enter(null)}>Join as a node</button>`;

export const shareButton = (share: Panel, look: 'quiet' | 'btn'): TemplateResult =>
  html`<button class="${look} share" aria-haspopup="dialog" aria-expanded=${share.isOpen}
    title="A link to this moment" @click=${share.toggle}>Share</button>`;

/** A real ring's numbers are those that it was made with: nobody changes them from here. */
function realSetup(app: App): TemplateResult {
  const ring = app.snap?.ring;
  if (!ring) return html``;
  const one = (name: string, value: number) => html`<span class="k">${name}</span> <b>${value}</b>`;
  return html`<div class="setup"><span class="nrw">${one('N', ring.n)} ${one('R', ring.r)}
    ${one('W', ring.w)} <em>${ring.quorum}</em></span></div>`;
}

/** A figure whose sign says what it counts; whoever does not see the sign hears the word. */
const figure = (kind: 'ok' | 'wait' | 'count', n: number, word: string): TemplateResult =>
  html`${sign(kind)}<span class="n">${n}<span class="unseen"> ${word}</span></span>`;

export function checksSummary(app: App): TemplateResult {
  if (app.fatal) return html`Checks ${sign('bad')}<span class="n">stopped</span>`;
  const tally = tallyOf(app);
  if (tally.bad) return html`Checks ${sign('bad')}<span class="n">${tally.bad} broken</span>`;
  if (!tally.ok && !tally.wait) return html`Checks ${sign('off')}<span class="n">0 armed</span>`;
  return html`Checks ${figure('ok', tally.ok, 'hold')} ${figure('wait', tally.wait, 'waiting')}
    ${figure('count', tally.counted, 'counted')}`;
}

export function top(app: App, phone: boolean, actions: TopActions): TemplateResult {
  return html`<header class="top"><h1 class="unseen">Dynamo playground</h1>
    <div class="bar" role="toolbar" aria-label="Scenario">
      <div class="brand">${MARK}${scenario(app, actions.menu)}
        ${app.link || phone ? '' : joinButton(actions)}</div>
      ${app.link ? realSetup(app) : phone ? '' : setup(app, actions.settings)}
      <div class="acts">
        ${
          app.link
            ? ''
            : html`<span class="quiet checks" role="group" aria-label="Checks"
                >${checksSummary(app)}</span>${
                  actions.share ? shareButton(actions.share, 'quiet') : ''
                }`
        }
        <button class="icon" aria-label="All keys" title="All keys"
          @click=${actions.toggleKeys}>?</button>
      </div>
    </div></header>`;
}
