/** Keeps a link to each of some addresses: dials, and dials again, later and later. */

export interface Target {
  address: string;
  name: string;
  /** Unknown until somebody there has been greeted. */
  node?: number;
}

const FIRST_MS = 200;
const LAST_MS = 10_000;
/** A ring that is larger needs no link between each two. */
const TARGETS_MAX = 64;

interface Entry {
  target: Target;
  tries: number;
  timer: ReturnType<typeof setTimeout> | null;
  isDialling: boolean;
}

export class Dialler {
  readonly #connect: (target: Target, failed: () => void) => void;
  readonly #isReached: (target: Target) => boolean;
  readonly #entries = new Map<string, Entry>();
  /** Who was found at an address that was given without a node. */
  readonly #found = new Map<string, number>();

  constructor(
    connect: (target: Target, failed: () => void) => void,
    isReached: (target: Target) => boolean,
  ) {
    this.#connect = connect;
    this.#isReached = isReached;
  }

  want(targets: readonly Target[]): void {
    const wanted = new Map(targets.slice(0, TARGETS_MAX).map((one) => [one.address, one]));
    for (const [address, entry] of this.#entries) {
      if (wanted.has(address)) continue;
      if (entry.timer) clearTimeout(entry.timer);
      this.#entries.delete(address);
    }
    for (const [address, target] of wanted) {
      const entry = this.#entries.get(address);
      const node = target.node ?? this.#found.get(address);
      if (entry) entry.target = { ...target, node };
      else {
        const fresh = { target: { ...target, node }, tries: 0, timer: null, isDialling: false };
        this.#entries.set(address, fresh);
      }
    }
    this.look();
  }

  /** Dials whoever is wanted, not reached, and not on the way. */
  look(): void {
    for (const entry of this.#entries.values()) {
      if (entry.timer || entry.isDialling || this.#isReached(entry.target)) continue;
      if (entry.tries === 0) this.#dial(entry);
      else entry.timer = setTimeout(() => this.#dial(entry), backoff(entry.tries));
    }
  }

  /** Somebody there was greeted. */
  reached(target: Target, node: number): void {
    if (this.#found.size < 4 * TARGETS_MAX) this.#found.set(target.address, node);
    const entry = this.#entries.get(target.address);
    if (!entry) return;
    entry.isDialling = false;
    entry.tries = 1;
    entry.target = { ...entry.target, node };
  }

  /** There was nobody, or the link that there was is gone. */
  failed(target: Target): void {
    const entry = this.#entries.get(target.address);
    if (!entry) return;
    entry.isDialling = false;
    entry.tries += 1;
    this.look();
  }

  stop(): void {
    this.want([]);
  }

  #dial(entry: Entry): void {
    entry.timer = null;
    if (this.#isReached(entry.target)) return;
    entry.isDialling = true;
    if (entry.tries === 0) entry.tries = 1;
    this.#connect(entry.target, () => this.failed(entry.target));
  }
}

/** Jittered, so that those who lost the same node do not come back at one moment. */
export function backoff(tries: number): number {
  const longest = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 10));
  return longest * (0.5 + Math.random() / 2);
}
