/** One polite voice: at most a sentence a second, always the newest. */

const PAUSE_MS = 1000;

export class LiveRegion {
  text = '';
  #next = '';
  #at = 0;
  #timer = 0;
  #spoken: () => void;

  constructor(spoken: () => void) {
    this.#spoken = spoken;
  }

  say(sentence: string): void {
    if (!sentence || sentence === this.#next) return;
    this.#next = sentence;
    if (this.#timer) return;
    const wait = Math.max(0, this.#at + PAUSE_MS - performance.now());
    this.#timer = window.setTimeout(() => this.#speak(), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  #speak(): void {
    this.#timer = 0;
    this.#at = performance.now();
    this.text = this.#next;
    this.#spoken();
  }
}
