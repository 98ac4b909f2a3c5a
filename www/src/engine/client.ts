/** The page's end of the worker: each call a promise, refused with the engine's own sentence. */

import type { CallName, Calls, Fatal, Reply } from './protocol';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class Engine {
  #worker: Worker;
  #next = 1;
  #waiting = new Map<number, Waiting>();
  #dead: Error | null = null;

  constructor(onFatal: (fatal: Fatal) => void) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = (message: MessageEvent<Reply>) => {
      const reply = message.data;
      if ('fatal' in reply) {
        this.#end(new Error(reply.fatal.message));
        onFatal(reply.fatal);
        return;
      }
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (!waiting) return;
      if (reply.ok) waiting.resolve(reply.value);
      else waiting.reject(new Error(reply.error));
    };
    this.#worker.onerror = (event) => {
      const message = event.message || 'The engine could not be loaded.';
      this.#end(new Error(message));
      onFatal({ message, seed: '', event: -1, at: 0, digest: '', scenario: '' });
    };
  }

  call<K extends CallName>(call: K, args: Calls[K]['in']): Promise<Calls[K]['out']> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ id, call, args });
    });
  }

  stop(): void {
    this.#worker.terminate();
    this.#end(new Error('the engine was stopped'));
  }

  #end(error: Error): void {
    this.#dead = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
