/**
 * Turns real time into virtual time, one tick per animation frame, never two under way. How fast
 * it does so, and whether the tab is seen, decides when things are drawn and never what happens.
 */

export interface World {
  now(): number;
  until(): number;
  /** Asks the engine to come to this moment; it may stop earlier when its budget is used up. */
  tick(to: number): Promise<void>;
  /** Draws; called once per animation frame. */
  draw(realMs: number): void;
}

/** Virtual milliseconds per second on screen: five decades, 0.1 ms to 10 s. */
export const RATE_MIN = 0.1;
export const RATE_MAX = 10_000;
const LONGEST_FRAME_MS = 100;

export class Player {
  playing = false;
  rate = 100;
  #world: World;
  #request = 0;
  #before = 0;
  #due = 0;
  #busy: Promise<void> | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  start(): void {
    const loop = (real: number) => {
      this.#request = requestAnimationFrame(loop);
      this.#frame(real);
    };
    this.#request = requestAnimationFrame(loop);
  }

  stop(): void {
    cancelAnimationFrame(this.#request);
  }

  play(): void {
    this.#due = this.#world.now();
    this.playing = true;
  }

  /** Resolves when nothing moves any more. */
  async pause(): Promise<void> {
    this.playing = false;
    await this.#busy;
  }

  #frame(real: number): void {
    const passed = Math.min(real - this.#before, LONGEST_FRAME_MS);
    this.#before = real;
    if (this.playing) this.#advance(passed);
    this.#world.draw(real);
  }

  #advance(passed: number): void {
    const now = this.#world.now();
    const step = (passed * this.rate) / 1000;
    // Where the engine cannot keep up the picture runs late; it does not pile up a debt.
    this.#due = Math.min(Math.max(this.#due, now) + step, now + Math.max(step * 4, 1));
    if (this.#busy) return;
    const to = Math.min(this.#due, this.#world.until());
    if (to <= now) return;
    this.#busy = this.#world
      .tick(to)
      .catch(() => {
        this.playing = false;
      })
      .finally(() => {
        this.#busy = null;
      });
  }
}

/** The slider's place for a rate, 0 to 1, and back: logarithmic. */
export const rateToSlider = (rate: number): number =>
  Math.log10(rate / RATE_MIN) / Math.log10(RATE_MAX / RATE_MIN);

export function sliderToRate(place: number): number {
  const exact = RATE_MIN * (RATE_MAX / RATE_MIN) ** Math.max(0, Math.min(1, place));
  // The printed scale has two figures at most, and it is the scale: no hidden digits.
  return Number(exact.toPrecision(2));
}
