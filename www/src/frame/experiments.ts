/**
 * Experiments: what no single run shows, played aside while the ring goes on. Each is loaded when
 * somebody asks for it.
 */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { Experiment } from '../experiments/experiment';
import { sign } from '../parts/sign';
import { notLoaded } from '../parts/text';

export type ExperimentName = 'growth' | 'seeds';

/** What the menu says of each. */
export const EXPERIMENTS: readonly { name: ExperimentName; title: string; about: string }[] = [
  {
    name: 'growth',
    title: 'Throughput against machines',
    about: 'How many requests rings of 3 to 30 machines serve, and where the line bends.',
  },
  {
    name: 'seeds',
    title: 'Try 100 seeds',
    about: 'Hostile runs of this ring’s settings: what broke a promise, and what was refused.',
  },
];

export class ExperimentPanel {
  #app: App;
  #changed: () => void;
  #open: Experiment | null = null;
  #trouble = '';
  isOpen = false;

  /** `changed` is told when the panel opened, closed, or has something else to show. */
  constructor(app: App, changed: () => void) {
    this.#app = app;
    this.#changed = changed;
  }

  open = async (name: ExperimentName): Promise<void> => {
    this.#open?.stop();
    this.#open = null;
    this.#trouble = '';
    this.isOpen = true;
    this.#changed();
    try {
      const experiment = await this.#load(name);
      if (this.isOpen) this.#open = experiment;
      else experiment.stop();
    } catch {
      this.#trouble = notLoaded('The experiment');
    }
    this.#changed();
  };

  close = (): void => {
    this.#open?.stop();
    this.#open = null;
    this.isOpen = false;
    this.#changed();
  };

  template(): TemplateResult | typeof nothing {
    if (!this.isOpen) return nothing;
    return html`<section class="allkeys experiment" role="dialog" tabindex="-1"
        aria-labelledby="exp-title" @keydown=${this.#keys}>
      <div class="menuhead"><h2 id="exp-title">${this.#open?.title ?? 'Experiment'}</h2>
        <button class="btn" @click=${this.close}>Close</button></div>
      <div class="expbody" tabindex="0" role="region" aria-labelledby="exp-title">
        ${this.#open?.body() ?? this.#loading()}</div></section>`;
  }

  async #load(name: ExperimentName): Promise<Experiment> {
    if (name === 'growth') {
      return new (await import('../experiments/growth')).GrowthExperiment(this.#changed);
    }
    const { SeedsExperiment } = await import('../experiments/seeds');
    return new SeedsExperiment(this.#app, this.#changed, this.close);
  }

  #loading(): TemplateResult {
    return this.#trouble
      ? html`<p class="why" role="alert">${sign('bad')}${this.#trouble}</p>`
      : html`<p class="note" role="status">Loading…</p>`;
  }

  #keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    this.close();
  };
}
