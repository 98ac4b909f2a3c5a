/** Time: transport, speed with its scale printed, and the scrubber. */

import { html, nothing, type TemplateResult } from 'lit';
import { createRef, type Ref, ref } from 'lit/directives/ref.js';
import type { App } from '../app/app';
import { rateToSlider, sliderToRate } from '../app/player';
import type { OpView, StepKind } from '../engine/types';
import { icon, sign } from '../parts/sign';
import { duration, seconds } from '../parts/text';
import { inlineGlyph } from '../stage/glyph-svg';
import { GLYPHS } from '../stage/glyphs';
import { clientMarks, faultBars, gossipTicks, loadBars, named, spanOf, ticksOf } from './lanes';

export const THEMES = ['dark', 'light', 'projector'] as const;
export type Theme = (typeof THEMES)[number];

const LANES = ['clients', 'faults', 'checks', 'gossip'];
/** Before there is a lane to measure. */
const LANE_PX = 900;
const LETTER_PX = 7;
/** Nobody reads thousandths that change faster, and each change is laid out and painted. */
const CLOCK_MS = 100;
/** Across the lanes. */
const HEAD_STEPS = 2000;
const STEPS: readonly StepKind[] = ['event', 'message', 'round'];

const pointer = (kind: OpView['kind']) => {
  const glyph = GLYPHS[kind === 'get' ? 3 : 0];
  return glyph ? inlineGlyph(glyph, { turn: -90 }) : nothing;
};

export class TimeBar {
  #app: App;
  #clock: Ref<HTMLElement> = createRef();
  #head: Ref<HTMLElement> = createRef();
  #tracks: Ref<HTMLElement> = createRef();
  #span = 0;
  #drawnAt = 0;
  /** How wide the lanes are: asked for in the midst of a render it would cost a layout. */
  #wide = LANE_PX;
  #watched: HTMLElement | null = null;
  #watch = new ResizeObserver(([lanes]) => this.#resized(lanes?.contentRect.width ?? 0));
  #placed = '';
  /** The moment that the clock shows, and when it was written. */
  #told = Number.NaN;
  #toldAt = 0;
  #phone = matchMedia('(max-width: 719px)');
  #grownAt = 0;

  constructor(app: App) {
    this.#app = app;
  }

  /** Clock and playhead move outside of the page's own renders. */
  draw(real: number): void {
    const { now } = this.#app.frame;
    this.#place(this.#span ? Math.min(1, now / this.#span) : 0);
    this.#tell(now, real);
    this.#grow(now);
  }

  /** By a transform of a layer of its own, as nothing else is laid out or painted for that; and
   * in steps of about half a pixel, as it would be made for nothing between them. */
  #place(share: number): void {
    const head = this.#head.value;
    const to = `translateX(${Math.round(share * HEAD_STEPS) / (HEAD_STEPS / 100)}cqw)`;
    if (!head || to === this.#placed) return;
    head.style.transform = to;
    this.#placed = to;
  }

  #tell(now: number, real: number): void {
    const clock = this.#clock.value;
    const isSoon = this.#app.player.playing && real - this.#toldAt < CLOCK_MS;
    if (!clock || now === this.#told || isSoon) return;
    clock.textContent = seconds(now);
    this.#told = now;
    this.#toldAt = real;
  }

  /** Open bars grow with the playhead: drawn anew when a person would see the gap. */
  #grow(now: number): void {
    const gap = Math.abs(now - this.#drawnAt) > this.#span / 250;
    const real = performance.now();
    if (!this.#app.snap || (!gap && spanOf(now) === this.#span) || real - this.#grownAt < 80)
      return;
    this.#grownAt = real;
    this.#app.changed();
  }

  template(theme: Theme, setTheme: (theme: Theme) => void): TemplateResult {
    return html`<section class="time" aria-label="Time">
      <div class="transport" role="toolbar" aria-label="Transport">
        ${this.#buttons()} ${this.#phone.matches ? nothing : this.steps()}
        <span class="clock-now" role="timer" aria-label="Virtual time"
          ><span ${ref(this.#clock)}>0.000</span><small> s</small></span>
        ${this.#speed()} ${this.#themes(theme, setTheme)}
      </div>
      ${this.#lanes()}
    </section>`;
  }

  /** After a render, when the lanes may be there, or be others. */
  attach(): void {
    const tracks = this.#tracks.value;
    if (!tracks || tracks === this.#watched) return;
    this.#watch.disconnect();
    this.#watch.observe(tracks);
    this.#watched = tracks;
  }

  detach(): void {
    this.#watch.disconnect();
    this.#watched = null;
  }

  #resized(width: number): void {
    this.#wide = width || LANE_PX;
    this.#app.changed();
  }

  toggle(): void {
    const app = this.#app;
    if (app.player.playing) void app.pause();
    else app.play();
  }

  faster(factor: number): void {
    const place = rateToSlider(this.#app.player.rate) + Math.log10(factor) / 5;
    this.#app.setRate(sliderToRate(place));
  }

  #buttons(): TemplateResult {
    const app = this.#app;
    const { playing } = app.player;
    const guard = (work: Promise<unknown>) => work.catch((error: unknown) => app.say(error));
    const button = (
      name: string,
      image: Parameters<typeof icon>[0],
      act: () => unknown,
      look = '',
    ) =>
      html`<button class="icon ${look}" aria-label=${name} @click=${act}>${icon(image)}</button>`;
    return html`${button('To the start', 'start', () => guard(app.seek(0)))}
      ${button('Step back', 'back', () => guard(app.back()))}
      ${button(
        playing ? 'Pause' : 'Play',
        playing ? 'pause' : 'play',
        () => this.toggle(),
        'playb',
      )}
      ${button('Step on', 'step', () => guard(app.step()))}`;
  }

  /** Beside the transport; on a phone in the guide, where there is room. */
  steps(): TemplateResult {
    const choose = (kind: StepKind) => {
      this.#app.stepBy = kind;
      this.#app.changed();
    };
    return html`<span class="seg step" role="group" aria-label="Step by">
      ${STEPS.map(
        (kind) =>
          html`<button aria-pressed=${this.#app.stepBy === kind} @click=${() => choose(kind)}
            >${kind}</button>`,
      )}</span>`;
  }

  #speed(): TemplateResult {
    const { rate } = this.#app.player;
    const scale = duration(rate);
    const set = (e: Event) =>
      this.#app.setRate(sliderToRate(Number((e.target as HTMLInputElement).value) / 1000));
    return html`<label class="speed"><span><span class="long">1 s on screen</span
        ><span class="short">1 s</span> = <b>${scale}</b></span>
      <input type="range" min="0" max="1000" step="1" aria-label="Speed"
        aria-valuetext="1 second on screen is ${scale}"
        .value=${String(Math.round(rateToSlider(rate) * 1000))} @input=${set} /></label>`;
  }

  #themes(theme: Theme, setTheme: (theme: Theme) => void): TemplateResult {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'dark';
    // What is seen begins the name, so that it can be called by voice.
    return html`<button class="quiet themes" @click=${() => setTheme(next)}
      ><span class="k">theme</span> ${theme}<span class="unseen">, change to ${next}</span
      ></button>`;
  }

  // ── the scrubber ────────────────────────────────────────────────────────────────────────────

  #lanes(): TemplateResult {
    const { snap, marks, frame } = this.#app;
    this.#span = spanOf(frame.now);
    this.#drawnAt = frame.now;
    const span = this.#span;
    const at = (ms: number) => `left:${((ms / span) * 100).toFixed(3)}%`;
    const bar = (from: number, to: number) =>
      `${at(from)};width:${(((to - from) / span) * 100).toFixed(3)}%`;
    const past = snap?.ops.filter((op) => op.started_ms <= frame.now) ?? [];
    const clients = clientMarks(past, span, this.#wide / LETTER_PX);
    // What has only just begun is named on the left, or the playhead would stand in its name.
    const flips = (ms: number, i: number) =>
      !this.#phone.matches &&
      ms > frame.now - span * 0.035 &&
      ms - (clients[i - 1]?.at ?? -span) > span / 12;
    return html`<div class="lanes">
      <div class="names" aria-hidden="true"><span></span>
        ${LANES.map((name) => html`<span>${name}</span>`)}</div>
      <div class="tracks" role="slider" tabindex="0" aria-label="Moment" aria-valuemin="0"
        aria-valuemax=${span} aria-valuenow=${Math.round(frame.now)}
        aria-valuetext="${seconds(frame.now)} s" ${ref(this.#tracks)}
        @pointerdown=${this.#seek} @keydown=${this.#keys}>
        <div class="lane"></div>
        <div class="lane">${loadBars(snap?.loads ?? [], frame.now).map(
          (load) => html`<span class="bar-t asking" style=${bar(load.from, load.to)}
            ><span>${load.text}</span></span>`,
        )}${clients.map(
          (mark, i) => html`<span class="mk one ${flips(mark.at, i) ? 'end' : ''}"
            style=${at(mark.at)}>${pointer(mark.kind)}<small>${mark.text}</small></span>`,
        )}</div>
        <div class="lane">${named(faultBars(snap?.faults ?? [], frame.now)).map(
          (fault) => html`<span class="bar-t fault" style=${bar(fault.from, fault.to)}
            >${fault.text ? html`<span>${fault.text}</span>` : nothing}</span>`,
        )}</div>
        <div class="lane checks-l">${this.#checks(bar, at)}</div>
        <div class="lane gossip">${gossipTicks(marks, span).map(
          (ms) => html`<span class="gt" style=${at(ms)}></span>`,
        )}</div>
        <div class="axis">${ticksOf(span).map(
          (ms) => html`<i style=${at(ms)}><small>${ms / 1000}</small></i>`,
        )}</div>
        <div class="head" ${ref(this.#head)}></div>
      </div></div>`;
  }

  /** Grey until the first check is armed. */
  #checks(bar: (from: number, to: number) => string, at: (ms: number) => string) {
    const { snap, frame } = this.#app;
    const always = (snap?.state.invariants ?? []).filter((i) => i.class === 'always');
    const since = always.map((i) => i.armed_since_ms).filter((ms) => ms !== undefined);
    const armed = since.length ? Math.min(...since) : frame.now;
    const broken = always.some((i) => !i.ok);
    const kind = broken ? 'bad' : 'ok';
    return html`<span class="bar-t chkbar" style=${bar(0, Math.min(armed, frame.now))}></span>
      ${
        armed < frame.now
          ? html`<span class="bar-t chkbar ${kind}" style=${bar(armed, frame.now)}></span>
              <span class="mk cm" style=${at(armed)}>${sign(kind)}${
                broken ? 'broken' : 'armed'
              }</span>`
          : nothing
      }`;
  }

  #seek = (event: PointerEvent): void => {
    const box = this.#tracks.value?.getBoundingClientRect();
    if (!box) return;
    const ms = ((event.clientX - box.left) / box.width) * this.#span;
    // A first run has no future to go to: a click beyond now is a click on now.
    if (ms > this.#app.frame.now) return;
    this.#app.seek(ms).catch((error: unknown) => this.#app.say(error));
  };

  #keys = (event: KeyboardEvent): void => {
    const move = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (!move) return;
    event.preventDefault();
    const work = move < 0 ? this.#app.back() : this.#app.step();
    Promise.resolve(work).catch((error: unknown) => this.#app.say(error));
  };
}
