/** Works through a list in engines of its own, so that the page and its world go on meanwhile. */

import { Engine } from '../engine/client';
import type { Fatal } from '../engine/protocol';

/** As many as leave the page and its own world a core, and no more than help. */
export const poolSize = (cores: number): number => Math.max(1, Math.min(4, cores - 1));

export class Pool<Task> {
  #engines: Engine[] = [];
  #make: ((onFatal: (fatal: Fatal) => void) => Engine) | undefined;

  /** `make` where it is not the simulation's own engine that is wanted. */
  constructor(make?: (onFatal: (fatal: Fatal) => void) => Engine) {
    this.#make = make;
  }

  /** Gives each task to the next engine that is free. Refused with the first failure. */
  async run(tasks: readonly Task[], work: (engine: Engine, task: Task) => Promise<void>) {
    this.cancel();
    const left = [...tasks];
    const size = Math.min(left.length, poolSize(navigator.hardwareConcurrency || 2));
    // What has ended refuses what it still owes: that is heard below.
    const onFatal = () => {};
    const make = this.#make ?? ((fatal) => new Engine(fatal));
    const engines = Array.from({ length: size }, () => make(onFatal));
    this.#engines = engines;
    try {
      await Promise.all(
        engines.map(async (engine) => {
          for (let task = left.shift(); task !== undefined; task = left.shift()) {
            await work(engine, task);
          }
        }),
      );
    } finally {
      for (const engine of engines) engine.stop();
    }
  }

  /** What is under way is given up; its promise is refused. */
  cancel(): void {
    for (const engine of this.#engines) engine.stop();
    this.#engines = [];
  }
}
