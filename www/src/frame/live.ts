/**
 * One polite voice: at most a sentence a second. What happened since the last one is gathered, and
 * the event that explains most is told; how many more there were is said, not recited.
 */

import { foremost } from '../app/telling';
import type { LogEvent } from '../engine/types';

const PAUSE_MS = 1000;

export class LiveRegion {
  text = '';
  #waiting: LogEvent[] = [];
  #said = '';
  /** Events before this id were heard, or belong to a run that is no longer shown. */
  #from = 0;
  /** When the last sentence came to stand in the page. */
  #at = Number.NEGATIVE_INFINITY;
  #isWritten = true;
  #timer = 0;
  #spoken: () => void;

  constructor(spoken: () => void) {
    this.#spoken = spoken;
  }

  /** Marks come oldest first; those heard already are passed over. `next` is the log's end. */
  hear(marks: readonly LogEvent[], next: number): void {
    // Time went back: what is to come may happen again, and is news again.
    if (next < this.#from) {
      this.#from = next;
      this.#waiting = this.#waiting.filter((event) => event.id < next);
    }
    let fresh = marks.length;
    while (fresh > 0 && (marks[fresh - 1]?.id ?? 0) >= this.#from) fresh--;
    for (const event of marks.slice(fresh)) {
      this.#from = event.id + 1;
      if (event.notable) this.#waiting.push(event);
    }
    if (this.#waiting.length) this.#soon();
  }

  /** A sentence of the page's own, such as the name of what was opened. */
  say(sentence: string): void {
    this.#said = sentence;
    this.#soon();
  }

  /** The page has been drawn: the second counts from here, however long drawing took. */
  written(): void {
    if (!this.#isWritten) this.#at = performance.now();
    this.#isWritten = true;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  #soon(): void {
    if (this.#timer) return;
    const wait = Math.max(0, this.#at + PAUSE_MS - performance.now());
    this.#timer = window.setTimeout(() => this.#speak(), wait);
  }

  #speak(): void {
    this.#timer = 0;
    const event = foremost(this.#waiting);
    const more = this.#waiting.length - 1;
    const told = event && more > 0 ? `${stripped(event.text)} (and ${more} more).` : event?.text;
    const sentence = this.#said || told || '';
    if (!this.#said) this.#waiting = [];
    this.#said = '';
    this.#at = performance.now();
    if (this.#waiting.length) this.#soon();
    // The same words twice would not be read twice, and say nothing new.
    if (!sentence || sentence === this.text) return;
    this.text = sentence;
    this.#isWritten = false;
    this.#spoken();
  }
}

const stripped = (text: string): string => text.replace(/\.$/, '');
