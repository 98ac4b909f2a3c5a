/** Works through a list in engines of its own, so that the page and its world go on meanwhile. */

import { Engine } from '../engine/client';
import type { Fatal } from '../engine/protocol';

/** As many as leave the page and its own world a core, and no more than help. */
export const poolSize = (cores: number): number => Math.max(1, Math.min(4, cores - 1));

/** An engine that plays experiments instead of the page's world. */
export const experimentsEngine = (onFatal: (fatal: Fatal) => void): Engine =>
  new Engine(
    onFatal,
    () => new Worker(new URL('./experiments-worker.ts', import.meta.url), { type: 'module' }),
  );

export class Pool<Task> {
  #engines = new Set<Engine>();
  /** Each run has its own number: one that was given up leaves the next alone. */
  #runs = 0;

  /**
   * Gives each task to the next engine that is free, and a new engine to who comes after a trap.
   * Answers what failed first, in words; nothing when all is done or somebody gave up.
   */
  async run(
    tasks: readonly Task[],
    work: (engine: Engine, task: Task) => Promise<void>,
  ): Promise<string> {
    this.cancel();
    const run = this.#runs;
    const left = [...tasks];
    const size = Math.min(left.length, poolSize(navigator.hardwareConcurrency || 2));
    const engine = () => {
      // What an engine dies of is heard where its answer is awaited.
      const one = experimentsEngine(() => {});
      this.#engines.add(one);
      return one;
    };
    const lane = async () => {
      let own = engine();
      for (let task = left.shift(); task !== undefined; task = left.shift()) {
        await work(own, task);
        if (run !== this.#runs) return;
        if (own.trapped) own = engine();
      }
    };
    try {
      await Promise.all(Array.from({ length: size }, lane));
      return '';
    } catch (error) {
      if (run !== this.#runs) return '';
      return error instanceof Error ? error.message : String(error);
    } finally {
      if (run === this.#runs) this.cancel();
    }
  }

  /** What is under way is given up; its promise is refused. */
  cancel(): void {
    this.#runs += 1;
    for (const engine of this.#engines) engine.stop();
    this.#engines.clear();
  }
}
