/** The page's end of the worker: each call a promise, refused with the engine's own sentence. */

import type { CallName, Calls, Fatal, Reply } from './protocol';
import type { Deed } from './report';
import { missing } from './trap';

interface Waiting {
  deed: Deed;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class Engine {
  #worker: Worker | null = null;
  #next = 1;
  #waiting = new Map<number, Waiting>();
  #dead: Error | null = null;
  /** The module has ended by itself. */
  trapped = false;
  #onFatal: (fatal: Fatal, deed: Deed) => void;

  constructor(onFatal: (fatal: Fatal, deed: Deed) => void, make: () => Worker = simWorker) {
    this.#onFatal = onFatal;
    try {
      const why = missing();
      if (why) throw new Error(why);
      this.#worker = make();
    } catch (thrown) {
      // A page may forbid workers by its content policy: that throws here as well.
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      this.#dead = new Error(message);
      // Not before whoever asked for this engine holds it.
      queueMicrotask(() => this.#fail({ started: false, message }));
      return;
    }
    this.#worker.onmessage = (message: MessageEvent<Reply>) => this.#heard(message.data);
    this.#worker.onerror = (event) => {
      const message = event.message || 'The worker’s own script could not be loaded.';
      this.#fail({ started: this.#next > 2, message });
    };
  }

  call<K extends CallName>(call: K, args: Calls[K]['in']): Promise<Calls[K]['out']> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const deed = deedOf(call, args);
      this.#waiting.set(id, { deed, resolve: resolve as (value: unknown) => void, reject });
      this.#worker?.postMessage({ id, call, args });
    });
  }

  stop(): void {
    this.#worker?.terminate();
    this.#end(new Error('the engine was stopped'));
  }

  #heard(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if ('fatal' in reply) {
      this.#fail(reply.fatal, waiting?.deed ?? null);
      return;
    }
    this.#waiting.delete(reply.id);
    if (!waiting) return;
    if (reply.ok) waiting.resolve(reply.value);
    else waiting.reject(new Error(reply.error));
  }

  #fail(fatal: Fatal, deed: Deed = null): void {
    this.trapped = fatal.started;
    this.#worker?.terminate();
    this.#end(new Error(fatal.message));
    this.#onFatal(fatal, deed);
  }

  #end(error: Error): void {
    this.#dead = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

const simWorker = (): Worker =>
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

/** One with a real node in it. */
export const peerWorker = (): Worker =>
  new Worker(new URL('../peer/worker.ts', import.meta.url), { type: 'module' });

function deedOf<K extends CallName>(call: K, args: Calls[K]['in']): Deed {
  if (call === 'load') return { load: (args as Calls['load']['in']).scenario };
  if (call === 'command') return { command: (args as Calls['command']['in']).json };
  return null;
}
