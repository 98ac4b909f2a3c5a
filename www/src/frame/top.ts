/** The top bar: which world this is, and how its checks stand. */

import { html, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { changed, OFFERS } from '../app/scenarios';
import { sign } from '../parts/sign';
import { tallyOf } from './checks';

export interface TopActions {
  toggleKeys(): void;
}

const MARK = html`<svg class="mark" viewBox="0 0 22 22" aria-hidden="true"><circle cx="11" cy="11"
  r="8.5" fill="none" stroke="currentColor" stroke-width="3" stroke-dasharray="7.4 1.5" /></svg>`;

const RELOAD = html`<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M13 8a5 5 0 1 1-1.6-3.7M13 1.8v3h-3"
  fill="none" stroke="currentColor" stroke-width="1.5" /></svg>`;

function scenarioMenu(app: App): TemplateResult {
  const title = app.snap?.ring.title ?? '';
  const known = OFFERS.some((offer) => offer.title === title);
  const choose = (event: Event) => {
    const offer = OFFERS.find((o) => o.id === (event.target as HTMLSelectElement).value);
    if (offer) app.load(offer.scenario).catch((error: unknown) => app.say(error));
  };
  return html`<span class="scenario"><select aria-label="Scenario" @change=${choose}>
      ${known ? '' : html`<option .selected=${true} value="">${title || 'a scenario'}</option>`}
      ${OFFERS.map((o) => html`<option value=${o.id} .selected=${o.title === title}>${o.title}</option>`)}
    </select><i class="caret"></i></span>`;
}

function numbers(app: App): TemplateResult {
  const ring = app.snap?.ring;
  const most = Math.min(9, ring?.nodes.length ?? 3);
  const set = (name: 'n' | 'r' | 'w', value: number) => {
    const config = { n: ring?.n ?? 3, r: ring?.r ?? 2, w: ring?.w ?? 2, [name]: value };
    // R and W count replicas, so neither can exceed N.
    config.r = Math.min(config.r, config.n);
    config.w = Math.min(config.w, config.n);
    app.load(changed(app.source, { config })).catch((error: unknown) => app.say(error));
  };
  const one = (name: 'n' | 'r' | 'w', max: number) => {
    const value = ring?.[name] ?? 0;
    const choices = Array.from({ length: max }, (_, i) => i + 1);
    return html`<label>${name.toUpperCase()}<select aria-label=${name.toUpperCase()}
      title="Reloads the scenario with this number"
      @change=${(e: Event) => set(name, Number((e.target as HTMLSelectElement).value))}>
      ${choices.map((n) => html`<option value=${n} .selected=${n === value}>${n}</option>`)}
    </select></label>`;
  };
  return html`<span class="nrw" role="group" aria-label="Quorum">
    ${one('n', most)}${one('r', ring?.n ?? 3)}${one('w', ring?.n ?? 3)}<em>${ring?.quorum ?? ''}</em></span>`;
}

export function checksSummary(app: App): TemplateResult {
  const tally = tallyOf(app);
  if (tally.bad) return html`Checks ${sign('bad')}<span class="n">${tally.bad} broken</span>`;
  if (!tally.ok && !tally.wait) return html`Checks ${sign('off')}<span class="n">0 armed</span>`;
  return html`Checks ${sign('ok')}<span class="n" title="always">${tally.ok}</span>
    ${sign('wait')}<span class="n" title="waiting">${tally.wait}</span>
    ${sign('count')}<span class="n" title="counted">${tally.counted}</span>`;
}

export function top(app: App, actions: TopActions): TemplateResult {
  const reseed = async () => {
    try {
      const seed = await app.freshSeed();
      await app.load(changed(app.source, { seed }));
    } catch (error) {
      app.say(error);
    }
  };
  return html`<header class="top"><h1 class="unseen">Dynamo playground</h1><div class="bar" role="toolbar" aria-label="Scenario">
    <div class="brand">${MARK}${scenarioMenu(app)}</div>
    <div class="setup">
      <span class="seed"><span class="k">seed</span> <code>${app.snap?.ring.seed ?? ''}</code>
        <button class="icon" aria-label="New seed" title="New seed" @click=${reseed}>${RELOAD}</button></span>
      ${numbers(app)}
    </div>
    <div class="acts">
      <span class="quiet checks" role="group" aria-label="Checks">${checksSummary(app)}</span>
      <button class="icon" aria-label="All keys" title="All keys" @click=${actions.toggleKeys}>?</button>
    </div>
  </div></header>`;
}
