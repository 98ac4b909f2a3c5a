/** A plan that stands open: it is asked for anew while the ring goes on, and shown on the bezel. */

import type { Plan } from '../engine/types';
import type { App } from './app';

/** A ring that changes with every frame is planned for so often and no oftener. */
const PAUSE_MS = 400;

export class Planner {
  plan: Plan | null = null;
  /** The engine's words where it refuses to plan. */
  why = '';
  #app: App;
  #of = '';
  #at = -1;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer = 0;
  #isBusy = false;

  constructor(app: App) {
    this.#app = app;
  }

  /** Sees to it that the plan is of this command, and of the ring as it is now. */
  look(command: object): void {
    const of = JSON.stringify(command);
    const at = this.#app.frame.revision;
    if (this.#isBusy || (of === this.#of && at === this.#at)) return;
    const wait = this.#askedAt + PAUSE_MS - performance.now();
    if (of === this.#of && wait > 0) {
      this.#timer ||= window.setTimeout(() => this.#again(), wait);
      return;
    }
    this.#of = of;
    this.#at = at;
    void this.#ask(command);
  }

  close(): void {
    this.#of = '';
    this.#show(null, '');
  }

  #again(): void {
    this.#timer = 0;
    this.#app.changed();
  }

  async #ask(command: object): Promise<void> {
    this.#isBusy = true;
    this.#askedAt = performance.now();
    try {
      const plan = await this.#app.plan(command);
      if (this.#of) this.#show(plan, '');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (this.#of) this.#show(null, why);
    }
    this.#isBusy = false;
    this.#app.changed();
  }

  #show(plan: Plan | null, why: string): void {
    this.plan = plan;
    this.why = why;
    // Random tokens cut the ring anew: then the numbers are not those of the cells that are drawn.
    const isDrawn = !this.#app.snap?.ring.ends;
    this.#app.planned = new Set(isDrawn ? plan?.moves.map((move) => move.partition) : []);
  }
}
