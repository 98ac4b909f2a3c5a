/**
 * "Try 100 seeds": hostile runs of the ring's own settings, from seeds that follow each other. What
 * broke a promise comes first, then what was refused; each opens at its moment.
 */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { Engine } from '../engine/client';
import type { Tried } from '../engine/types';
import { sign } from '../parts/sign';
import { count, seconds } from '../parts/text';
import { headsOf } from '../tables/parts';
import type { Experiment } from './experiment';
import { experimentsEngine, Pool } from './pool';

const RUNS = 100;
const SEED_MAX = 1_000_000;
/** More rows than this nobody goes through. */
const ROWS_MAX = 30;
const HEADS = ['Seed', 'What happened', 'At, in s', 'Look'];

export class SeedsExperiment implements Experiment {
  readonly title = `Try ${RUNS} seeds`;
  #app: App;
  #changed: () => void;
  #close: () => void;
  #pool = new Pool<number>();
  #first = '0';
  #isRunning = false;
  #trouble = '';
  #tried: Tried[] = [];
  /** What is tried, also when the page has opened something else meanwhile. */
  readonly #scenario: string;

  /** `close` is called when a run is opened in the page. */
  constructor(app: App, changed: () => void, close: () => void) {
    this.#app = app;
    this.#changed = changed;
    this.#close = close;
    this.#scenario = JSON.stringify(app.source);
  }

  stop(): void {
    this.#pool.cancel();
  }

  body(): TemplateResult {
    const alert = html`<p class="why" role="alert">${sign('bad')}${this.#trouble}</p>`;
    return html`<p class="note">Hostile runs of this ring’s own settings. Each seed draws clients
        and faults: crashes that keep, lose, tear or set back a disk, pauses, slow nodes, cuts, bad
        networks, joins and leaves. After 25 s all is healed, and what the ring promises is looked
        at.</p>
      <form class="progress" @submit=${this.#submit}>
        <label class="pick"><span>first seed</span><input inputmode="numeric" autocomplete="off"
          .value=${this.#first} ?disabled=${this.#isRunning} @input=${(event: Event) => {
            this.#first = (event.target as HTMLInputElement).value;
          }} /></label>
        ${
          this.#isRunning
            ? html`<button type="button" class="btn" @click=${() => this.stop()}>Cancel</button>`
            : html`<button class="go">${this.title}</button>`
        }
        <progress max=${RUNS} value=${this.#tried.length} aria-label="Runs played"></progress>
      </form>
      <p class="note" role="status">${this.#summary()}</p>
      ${this.#trouble ? alert : nothing}
      ${this.#tried.length ? this.#table() : nothing}`;
  }

  #summary(): string {
    const played = this.#tried.length;
    if (!played) return '';
    const broke = this.#tried.filter((run) => run.broken).length;
    const refused = this.#tried.filter((run) => failed(run) > 0).length;
    const stopped = this.#isRunning || played === RUNS ? '' : ', stopped';
    return `${played} of ${RUNS} runs played${stopped}: ${broke || 'none'} broke a promise, ${
      refused || 'none'
    } refused some requests or had no answer in time`;
  }

  #table(): TemplateResult {
    const worst = worstFirst(this.#tried);
    const more = worst.length - ROWS_MAX;
    return html`<div class="tabled"><table role="table">
      <caption>What did not go well${more > 0 ? `: the worst ${ROWS_MAX} of ${worst.length}` : ''}
      </caption>${headsOf(HEADS)}
      <tbody role="rowgroup">${worst.slice(0, ROWS_MAX).map((run) => this.#row(run))}
        ${
          worst.length
            ? nothing
            : html`<tr role="row"><td role="cell" colspan=${HEADS.length}>Nothing yet.</td></tr>`
        }</tbody></table></div>`;
  }

  #row(run: Tried): TemplateResult {
    const at = run.broken?.at_ms ?? run.first?.at_ms ?? 0;
    const told = run.broken
      ? html`${sign('bad')} <b>${run.broken.check}</b> ${run.broken.why}`
      : `${served(run)} of ${count(run.asked, 'request')}`;
    const [, what, when, look] = HEADS;
    const open = () => void this.#open(run, at);
    return html`<tr role="row"><th scope="row" role="rowheader">${run.seed}</th>
      <td role="cell" data-head=${what ?? ''}><span>${told}</span></td>
      <td role="cell" data-head=${when ?? ''}>${seconds(at)}</td>
      <td role="cell" data-head=${look ?? ''}><button class="link" @click=${open}>Open<span
        class="unseen"> seed ${run.seed}</span></button></td></tr>`;
  }

  /** In the page, at the moment: its own log and its Why? go on from there. */
  async #open(run: Tried, at: number): Promise<void> {
    const engine = experimentsEngine(() => {});
    try {
      const scenario = await engine.call('hostileScenario', {
        scenario: this.#scenario,
        seed: run.seed,
      });
      this.#close();
      await this.#app.pause();
      await this.#app.load(scenario);
      await this.#app.seek(at);
      if (!run.broken && run.first) this.#app.select({ tab: 'op', op: run.first.op });
    } catch (error) {
      this.#app.say(error);
    } finally {
      engine.stop();
    }
  }

  #submit = (event: Event): void => {
    event.preventDefault();
    const first = Number(this.#first);
    const isGood = /^\d+$/.test(this.#first.trim()) && first <= SEED_MAX;
    this.#trouble = isGood
      ? ''
      : `first seed: found “${this.#first}”, allowed a whole number from 0 to ${SEED_MAX}`;
    if (isGood) void this.#run(first);
    else this.#changed();
  };

  async #run(first: number): Promise<void> {
    this.#tried = [];
    this.#isRunning = true;
    this.#changed();
    const seeds = Array.from({ length: RUNS }, (_, i) => first + i);
    this.#trouble = await this.#pool.run(seeds, async (engine, seed) => {
      this.#tried.push(await this.#try(engine, seed));
      this.#changed();
    });
    this.#isRunning = false;
    this.#changed();
  }

  /** A run that panics is a run that broke. */
  async #try(engine: Engine, seed: number): Promise<Tried> {
    try {
      return await engine.call('trySeed', { scenario: this.#scenario, seed });
    } catch (error) {
      if (!engine.trapped) throw error;
      const why = error instanceof Error ? error.message : String(error);
      const broken = { check: 'panic', why, at_ms: 0 };
      return { seed, events: 0, asked: 0, refused: 0, unanswered: 0, broken };
    }
  }
}

/** What broke a promise, then what failed most; the rest is left out. */
export const worstFirst = (tried: readonly Tried[]): Tried[] =>
  tried
    .filter((run) => run.broken || failed(run) > 0)
    .sort(
      (a, b) => Number(!a.broken) - Number(!b.broken) || failed(b) - failed(a) || a.seed - b.seed,
    );

const failed = (run: Tried): number => run.refused + run.unanswered;

function served({ refused, unanswered }: Tried): string {
  const parts = [refused && `${refused} refused`, unanswered && `${unanswered} unanswered`];
  return parts.filter(Boolean).join(', ');
}
