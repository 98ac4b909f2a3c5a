/** A token bucket for each address: so many requests at once, so many a second. */

export interface Rate {
  perSecond: number;
  burst: number;
}

/** Addresses remembered at a time. The one that was heard of longest ago makes room. */
const ADDRESSES_MAX = 1024;

interface Bucket {
  tokens: number;
  /** Milliseconds, of a clock that only goes on. */
  at: number;
}

export class Buckets {
  readonly #rate: Rate;
  readonly #now: () => number;
  /** In the order in which they were last heard of. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /** 0 when the request may go on, else after how many seconds it may be tried again. */
  take(address: string): number {
    const { perSecond, burst } = this.#rate;
    const now = this.#now();
    const { tokens, at } = this.#buckets.get(address) ?? { tokens: burst, at: now };
    const full = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
    const left = full >= 1 ? full - 1 : full;
    this.#buckets.delete(address);
    this.#buckets.set(address, { tokens: left, at: now });
    if (this.#buckets.size > ADDRESSES_MAX) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return full >= 1 ? 0 : Math.ceil((1 - full) / perSecond);
  }
}
