/**
 * Throughput against the number of machines, 3 to 30, each ring played by the engine. A size is
 * played once: it comes out the same each time.
 */

import { html, nothing, type TemplateResult } from 'lit';
import type { Growth } from '../engine/types';
import { milliseconds } from '../parts/text';
import { table } from '../tables/parts';
import { chart, lineThrough } from './chart';
import type { Experiment } from './experiment';
import { Pool } from './pool';

const SIZES: readonly number[] = Array.from({ length: 10 }, (_, i) => 3 * (i + 1));
/** From here on nearly all requests pay for the way through a node that is no home of the key. */
const BEND = 12;
/** Fewer points say little of a line. */
const STRAIGHT_MIN = 4;

const HEADS = [
  ...['Machines', 'Answers a second', 'for each machine', 'Work for one answer'],
  ...['Busy', 'Mean, ms', '99.9th, ms'],
];

const whole = (n: number): string => Math.round(n).toLocaleString('en');

const found = new Map<number, Growth>();

export class GrowthExperiment implements Experiment {
  readonly title = 'Throughput against machines';
  #changed: () => void;
  #pool = new Pool<number>();
  #isRunning = false;
  #trouble = '';
  #phone = matchMedia('(max-width: 719px)');

  constructor(changed: () => void) {
    this.#changed = changed;
    void this.#run();
  }

  stop(): void {
    this.#pool.cancel();
  }

  async #run(): Promise<void> {
    const missing = SIZES.filter((size) => !found.has(size));
    this.#isRunning = missing.length > 0;
    this.#trouble = '';
    this.#changed();
    this.#trouble = await this.#pool.run(missing, async (engine, machines) => {
      found.set(machines, await engine.call('throughput', { machines }));
      this.#changed();
    });
    this.#isRunning = false;
    this.#changed();
  }

  body(): TemplateResult {
    const rows = SIZES.flatMap((size) => found.get(size) ?? []);
    return html`<p class="note">Rings of 3 to 30 machines, N 3, R 2, W 2. A machine works 0.2 ms on
        each message and request; 16 clients to a machine each wait for an answer before they ask
        again.</p>
      ${this.#progress(rows.length)}
      <figure>${this.#chart(rows)}<figcaption class="note">${told(rows)}</figcaption></figure>
      ${rows.length ? this.#table(rows) : nothing}`;
  }

  #progress(done: number): TemplateResult {
    const all = SIZES.length;
    const button = this.#isRunning
      ? html`<button class="btn" @click=${() => this.stop()}>Cancel</button>`
      : html`<button class="btn" @click=${() => void this.#run()}>Go on</button>`;
    return html`<div class="progress"><progress max=${all} value=${done}
        aria-label="Rings played"></progress>
      <span role="status">${done} of ${all} rings played${
        this.#isRunning || done === all ? nothing : ', stopped'
      }</span> ${done === all ? nothing : button}</div>
      ${this.#trouble ? html`<p class="why" role="alert">${this.#trouble}</p>` : nothing}`;
  }

  #chart(rows: readonly Growth[]) {
    const points = rows.map((one) => ({ x: one.machines, y: one.ops_per_second }));
    const straight = points.filter((point) => point.x >= BEND);
    const of = straight.length < STRAIGHT_MIN ? null : lineThrough(straight);
    const [three] = rows;
    const isNarrow = this.#phone.matches;
    return chart({
      label: 'Answers a second against machines; the table below has the figures',
      points,
      line: of && {
        of,
        from: BEND,
        text: `nearly linear: ${whole(of.slope)} ${isNarrow ? 'each' : 'for each machine'}`,
      },
      pace:
        three?.machines === 3
          ? { slope: three.per_machine, text: isNarrow ? 'pace of 3' : 'at the pace of three' }
          : null,
      xs: [0, ...SIZES],
      // Known before the last ring is played, so that no point moves.
      yMax: Math.max(20_000, ...points.map((point) => point.y)),
      xName: 'machines',
      yName: 'answers a second',
      mark: { x: BEND, text: 'the bend' },
      narrow: isNarrow,
    });
  }

  #table(rows: readonly Growth[]): TemplateResult {
    const cells = (one: Growth) => [
      String(one.machines),
      whole(one.ops_per_second),
      whole(one.per_machine),
      one.inputs_per_op.toFixed(2),
      `${(one.busy * 100).toFixed(0)}%`,
      milliseconds(one.mean_ms),
      milliseconds(one.p999_ms),
    ];
    const served = table('What each ring served', HEADS, rows.map(cells));
    return html`<div class="tabled">${served}</div>`;
  }
}

/** The knee, with the figures that show it. */
function told(rows: readonly Growth[]): string {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last || first.machines > 3 || last.machines < BEND) return '';
  const [few, many] = [first.inputs_per_op.toFixed(1), last.inputs_per_op.toFixed(1)];
  return `With three machines each is a home of every key, and an answer takes ${few} messages and
    requests. With more, whoever is asked is ever less often a home and passes the request on: with
    ${last.machines} it takes ${many}. From about ${BEND} machines on nearly all requests pay for
    that hop, so the line is straight, and less steep than before.`;
}
