/**
 * What this node sent and heard since the last look, for the eye alone. When a message that was
 * sent arrives, only its receiver knows: so what is sent is drawn as it leaves, and what is heard
 * as it arrives, each as a flash of its path.
 */

import { trafficOf } from '../../pkg/dynamo_peer.js';

/** A picture has no room for more, and nobody who looks for so long is not looking. */
const KEPT_MAX = 48;
const WATCHED_MS = 500;
/** Under what the stage follows with a moving sign, so that it draws a flash. */
const FLASH_MS = 100;

interface Passed {
  id: number;
  from: number;
  to: number;
  kind: number;
  at: number;
  isSent: boolean;
}

export class Traffic {
  #passed: Passed[] = [];
  #next = 0;
  #watchedAt = Number.NEGATIVE_INFINITY;

  sent(packet: Uint8Array): void {
    this.#note(packet, true);
  }

  /** Of a channel that all hear, only what is for this node. */
  heard(packet: Uint8Array, me: number): void {
    this.#note(packet, false);
    this.#passed = this.#passed.filter((one) => one.isSent || one.to === me);
  }

  get isQuiet(): boolean {
    return this.#passed.length === 0;
  }

  #note(packet: Uint8Array, isSent: boolean): void {
    const at = performance.now();
    if (at - this.#watchedAt > WATCHED_MS) return;
    const numbers = trafficOf(packet, KEPT_MAX - this.#passed.length);
    for (let i = 0; i + 2 < numbers.length; i += 3) {
      const [from = 0, to = 0, kind = 0] = numbers.subarray(i, i + 3);
      this.#passed.push({ id: this.#next++, from, to, kind, at, isSent });
    }
  }

  /** As messages of a frame, each told once: `indexOf` gives a node's place in the picture. */
  take(indexOf: (node: number) => number): number[][] {
    this.#watchedAt = performance.now();
    const passed = this.#passed;
    this.#passed = [];
    const rows: number[][] = [];
    for (const { id, from, to, kind, at, isSent } of passed) {
      const [a, b] = [indexOf(from), indexOf(to)];
      if (a < 0 || b < 0) continue;
      const [left, arrives] = isSent ? [at, at + FLASH_MS] : [at - FLASH_MS, at];
      rows.push([id, a, b, kind, left, arrives, -1, -1]);
    }
    return rows;
  }
}
