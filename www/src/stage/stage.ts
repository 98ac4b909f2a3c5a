/** The stage: ring, messages, corners, and what the pointer and the keys do on it. */

import { html, nothing, svg, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { keyed } from 'lit/directives/keyed.js';
import { createRef, type Ref, ref } from 'lit/directives/ref.js';
import type { App } from '../app/app';
import type { Belief, KeyView, Ring } from '../engine/types';
import { kept } from '../parts/same';
import { clockText, figure } from '../parts/text';
import { alive } from '../parts/versions';
import { standingOf } from '../peer/guide';
import type { Tables } from '../tables/tables';
import { drawBeliefs } from './beliefs';
import { beliefKey, keyList, legend, listSide } from './corners';
import { Crowd, RANKS } from './crowd';
import { clogsOf, drawClogs, drawCuts, sides } from './cuts';
import {
  type Chip,
  type Chips,
  drawChips,
  drawStacks,
  drawTally,
  holdersOutside,
  isNarrow,
  layChips,
  type Rows,
  type Stack,
  stacksOf,
} from './extras';
import { WRITTEN_FROM } from './flows';
import {
  type Geometry,
  hasWords,
  hitRadius,
  measure,
  nearestNode,
  type Point,
  pt,
  reach,
} from './geometry';
import { drawKey, drawWalk } from './key';
import { lookOf, nodeLabel } from './names';
import { drawNode, type NodeDrawing } from './nodes';
import { Painter } from './painter';
import { readPalette } from './palette';
import { type RimFocus, rim } from './rim';
import { sceneOf } from './scene';
import { Tools } from './tools';
import type { Box } from './words';

const NO_WALK: KeyView['walk'] = [];
const TIGHT_PX = 760;
/** What to try, in the empty middle; where that is too small for words, below the ring. */
const FIRST = 'Click a node to kill it, then put something in the cart.';
const FIRST_REAL = 'Put something here, and get it through another node.';

export class Stage {
  readonly tools: Tools;
  #app: App;
  #host: HTMLElement;
  #view: Ref<HTMLElement> = createRef();
  #canvas: Ref<HTMLCanvasElement> = createRef();
  #painter: Painter | null = null;
  /** Where chips stand: words keep clear of them. */
  #taken: readonly Box[] = [];
  #watch: ResizeObserver;
  #box = { width: 0, height: 0 };
  #measured: Geometry | null = null;
  #crowd = new Crowd();
  #stop = 0;
  #drag: { a: Point; b: Point } | null = null;
  #reduced = matchMedia('(prefers-reduced-motion: reduce)');
  #phone = matchMedia('(max-width: 719px)');
  #coarse = matchMedia('(pointer: coarse)');
  #tables: Tables;

  constructor(app: App, host: HTMLElement, tables: Tables) {
    this.#app = app;
    this.#host = host;
    this.#tables = tables;
    this.tools = new Tools(app);
    this.#watch = new ResizeObserver(() => this.#measure());
    app.draw = (real) => this.#draw(real);
  }

  /** After the first render, when there is something to measure and to draw on. */
  attach(): void {
    const canvas = this.#canvas.value;
    if (!canvas || !this.#view.value || this.#painter) return;
    const failed = (why: Error) => this.#app.say(why);
    this.#painter = new Painter(canvas, readPalette(this.#host), failed);
    this.#watch.observe(this.#view.value);
  }

  detach(): void {
    this.#watch.disconnect();
    this.#painter?.stop();
    this.#painter = null;
  }

  themed(): void {
    this.#painter?.repaint(readPalette(this.#host));
  }

  get tight(): boolean {
    return !this.#phone.matches && this.#box.width < TIGHT_PX;
  }

  #measure(): void {
    const view = this.#view.value;
    if (!view) return;
    this.#box = { width: view.clientWidth, height: view.clientHeight };
    this.#app.changed();
  }

  #geometry(): Geometry {
    const ring = this.#app.snap?.ring;
    const box = { ...this.#box, phone: this.#phone.matches, inset: this.tight ? 78 : 0 };
    const measured = measure(box, ring?.nodes.length ?? 0, ring?.partitions ?? 1, ring?.ends);
    this.#measured = kept(this.#measured, measured);
    return this.#measured;
  }

  #draw(real: number): void {
    const { frame, snap } = this.#app;
    if (!snap || !this.#painter) return;
    // Once for each of the screen's frames, as it remembers: what is drawn and written only reads.
    const geometry = this.#geometry();
    const hasNews = this.#crowd.look(frame, {
      geometry,
      hidden: this.#app.hidden,
      playing: this.#app.player.playing,
      reduced: this.#reduced.matches,
      real,
    });
    // While time stands still nothing else has the page written anew.
    if (hasNews) this.#app.changed();
    const told = {
      geometry,
      ratio: Math.min(window.devicePixelRatio || 1, 2),
      reduced: this.#reduced.matches,
      flowsFrom: this.#crowd.from,
      taken: this.#taken,
    };
    this.#painter.draw(real, frame, sceneOf(this.#app, snap, told));
  }

  // ── drawing ─────────────────────────────────────────────────────────────────────────────────

  template(): TemplateResult {
    const { snap, selection, acted } = this.#app;
    const view = snap?.key && selection.key === snap.key.key ? snap.key : null;
    const sentence = this.#app.sentence();
    const isReal = this.#app.link !== null;
    const first = !acted && !this.#app.fatal && snap !== null;
    const toTry = this.#toTry();
    return html`<div class="view ${this.tight ? 'tight' : ''}" ${ref(this.#view)}
        @pointerdown=${this.#down} @pointermove=${this.#move} @pointerup=${this.#up}
        @pointercancel=${this.#cancel}>
        ${keyed(this, html`<canvas ${ref(this.#canvas)} aria-hidden="true"></canvas>`)}
        ${snap ? this.#ring() : nothing}
        ${first && !this.#phone.matches ? this.#first(toTry) : nothing}
        ${view ? keyList(this.#app, view, listSide(this.#geometry(), view)) : nothing}
        ${this.#phone.matches ? nothing : legend(this.#app)} ${this.#flowsNote()}
        <div class="br">${beliefKey(this.#app)} ${isReal ? nothing : this.tools.buttons()}</div>
        ${isReal ? nothing : this.tools.panel()}
        ${this.#phone.matches ? nothing : this.#tables.details()}
      </div>
      <p class="say" data-testid="sentence" ?hidden=${first && !this.#phone.matches}>
        ${first ? toTry : sentence}</p>`;
  }

  /** Between the nodes, however small the ring is. */
  #first(toTry: string): TemplateResult {
    const px = Math.round(0.145 * this.#geometry().orbit);
    return html`<p class="first" style="font-size:min(var(--t-6),${px}px)">${toTry}</p>`;
  }

  #toTry(): string {
    const { link, real } = this.#app;
    if (!link) return FIRST;
    return real && real.standing !== 'member' ? standingOf(this.#app, real) : FIRST_REAL;
  }

  /** Says that what is drawn is no longer one sign a message. */
  #flowsNote(): TemplateResult | typeof nothing {
    const { from, merged, inFlight } = this.#crowd;
    if (from === RANKS) return nothing;
    const how = merged < inFlight ? figure(merged) : 'drawn';
    const written = hasWords(this.#geometry())
      ? `, written on the largest of each kind from ${WRITTEN_FROM} on`
      : '';
    return html`<p class="flows"><b>${figure(inFlight)} messages<span class="long"> in
      flight</span></b> ${how} as flows<span class="long">: a width is a
        count${written}</span></p>`;
  }

  #ring(): TemplateResult {
    const { snap, selection, frame } = this.#app;
    if (!snap) return html``;
    const g = this.#geometry();
    const { ring } = snap;
    const view = snap.key && selection.key === snap.key.key ? snap.key : null;
    const tally = this.#app.pending();
    const focusNode = selection.tab === 'node' ? selection.node : -1;
    const label = `Ring of ${ring.nodes.length} nodes, ${ring.partitions} partitions`;
    const hit = hitRadius(g, this.#coarse.matches);
    const rows: Rows = new Map();
    const stacks = this.#stacks();
    // Above and below, a coordinator's tally has the place beside the disc.
    const coordinator = this.#app.nodeIndex(tally?.coordinator ?? '');
    return html`<svg class="ring" viewBox="${-g.width / 2} ${-g.height / 2} ${g.width} ${g.height}"
        role="group" aria-label=${label} @keydown=${this.#keys} @click=${this.#click}
        @focusin=${this.#focused}>
      ${this.#rim(g, ring, {
        walk: view?.walk ?? NO_WALK,
        node: view ? -1 : focusNode,
        planned: this.#app.planned,
        zeroTaken:
          snap.beliefs.some((b) => b.about === 0) ||
          (isNarrow(g, stacks.length) && stacks.some((stack) => stack.holder === 0)),
      })}
      ${svg`<circle class="dial" r=${g.out - g.band} />`}
      ${drawCuts(g, ring.cuts ?? [])}
      ${drawClogs(g, clogsOf(snap.faults, frame.now), (name) => this.#app.nodeIndex(name))}
      ${view ? drawWalk(g, view, ring.n) : nothing}
      ${ring.nodes.map((_, i) => this.#drawNode(g, i, hit))}
      ${this.#beliefs(g, snap.beliefs, holdersOutside(g, stacks))}
      ${drawStacks(g, stacks, rows)}
      ${tally && coordinator >= 0 && !g.dots ? drawTally(g, tally, coordinator) : nothing}
      ${drawChips(this.#laid(g, view, coordinator, rows))}
      ${this.#keyNames().map((key, i) =>
        drawKey(g, {
          key,
          angle: this.#app.places.get(key)?.angle ?? 0,
          hit: reach(g, this.#coarse.matches),
          selected: key === selection.key,
          stop: this.#stop === ring.nodes.length + i,
        }),
      )}
      ${this.#drag ? this.#draft(this.#drag) : nothing}
    </svg>`;
  }

  #beliefs(g: Geometry, beliefs: readonly Belief[], holders: ReadonlySet<number>) {
    const drawn = () => drawBeliefs(g, beliefs, holders, (i) => this.#app.nodeName(i));
    return guard([g, beliefs, [...holders].join()], drawn);
  }

  /** Where the chips stand; the followed message's words keep clear of them. */
  #laid(g: Geometry, view: KeyView | null, coordinator: number, rows: Rows): readonly Chip[] {
    const chips = view && !g.phone && !g.dots ? this.#chips(view, coordinator, rows) : [];
    const beliefs = this.#app.snap?.beliefs ?? [];
    const laid = layChips(g, chips, rows, (node) => beliefs.some(({ about }) => about === node));
    this.#taken = laid.map(({ box }) => box);
    return laid;
  }

  /** Siblings only: while all agree, a chip at each would say the same three times. */
  #chips(view: KeyView, coordinator: number, rows: Rows): Chips[] {
    if (alive(view).length < 2) return [];
    if (coordinator >= 0) rows.set(coordinator, Math.max(2, rows.get(coordinator) ?? 0));
    return view.holders
      .filter((holder) => holder.kind === 'replica')
      .map(({ node, versions }) => {
        const clocks = new Set(versions.map((version) => clockText(version.clock)));
        return { node, clocks: [...clocks] };
      });
  }

  /** Its cells are many, and seldom change. */
  #rim(g: Geometry, ring: Ring, focus: RimFocus) {
    return guard([g, ring, ...Object.values(focus)], () => rim(g, ring, focus));
  }

  /** Anew when anything of it has changed: of a thousand that is few. */
  #drawNode(g: Geometry, index: number, hit: number) {
    const node = this.#node(index, hit);
    const drawn = () => drawNode(g, { ...node, label: nodeLabel(this.#app, index) });
    return guard([g, ...Object.values(node), ...this.#app.frame.nodeData(index)], drawn);
  }

  #node(index: number, hit: number): Omit<NodeDrawing, 'label'> {
    const { snap, selection, frame } = this.#app;
    const view = snap?.key && selection.key === snap.key.key ? snap.key : null;
    const step = view?.walk.find((w) => w.node === index && w.place);
    return {
      index,
      hit,
      name: this.#app.nodeName(index),
      look: lookOf(this.#app, index),
      diskLost: frame.nodeDiskLost(index),
      queue: frame.nodeQueue(index),
      away: view !== null && !step,
      selected: selection.node === index && selection.tab === 'node',
      stop: this.#stop === index,
      note: this.#app.real?.name === this.#app.nodeName(index) ? 'this tab' : '',
      place: step?.place ?? 0,
      stand: (step?.place ?? 0) > (snap?.ring.n ?? 0),
    };
  }

  #stacks(): Stack[] {
    const nodes = Object.entries(this.#app.snap?.state.nodes ?? {});
    return nodes.flatMap(([name, node]) => {
      const owners = node.hints.map((hint) => hint.for);
      return owners.length ? stacksOf(this.#app.nodeIndex(name), owners) : [];
    });
  }

  #keyNames(): string[] {
    const { places, selection, snap } = this.#app;
    const used = new Set(snap?.ops.map((op) => op.key));
    const names = [...used].filter((key) => places.has(key) && key !== selection.key);
    names.sort((a, b) => (places.get(a)?.angle ?? 0) - (places.get(b)?.angle ?? 0));
    return selection.key && places.has(selection.key) ? [...names, selection.key] : names;
  }

  #draft(drag: { a: Point; b: Point }) {
    const { a, b } = drag;
    return svg`<path class="cutl draft" d="M${pt(a)}L${pt(b)}" />`;
  }

  // ── pointer ─────────────────────────────────────────────────────────────────────────────────

  #point(event: MouseEvent): Point {
    const box = this.#view.value?.getBoundingClientRect();
    if (!box) return { x: 0, y: 0 };
    return {
      x: event.clientX - box.left - box.width / 2,
      y: event.clientY - box.top - box.height / 2,
    };
  }

  #down = (event: PointerEvent): void => {
    const target = event.target as Element;
    if (event.button !== 0 || !target.classList?.contains('dial')) return;
    // Nobody can cut a real network from here.
    if (this.#app.link) return;
    const a = this.#point(event);
    this.#drag = { a, b: a };
    this.#view.value?.setPointerCapture(event.pointerId);
  };

  #move = (event: PointerEvent): void => {
    if (!this.#drag) return;
    this.#drag = { a: this.#drag.a, b: this.#point(event) };
    this.#app.changed();
  };

  #up = (event: PointerEvent): void => {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag) return;
    const b = this.#point(event);
    const g = this.#geometry();
    const length = Math.hypot(b.x - drag.a.x, b.y - drag.a.y);
    if (length < 6) this.#chooseAt(b);
    const [left, right] = sides(g, drag.a, b);
    if (length > g.s * 0.35 && left.length && right.length)
      void this.tools.cutter.cut(left, right, false);
    this.#app.changed();
  };

  #cancel = (): void => {
    this.#drag = null;
    this.#app.changed();
  };

  #click = (event: MouseEvent): void => {
    const thing = (event.target as Element).closest<SVGGElement>('[data-node], [data-key]');
    // Who has no pointer means the thing itself.
    const isPointer = event.detail > 0 && thing?.dataset.node !== undefined;
    if (isPointer && this.#geometry().dots) this.#chooseAt(this.#point(event));
    else this.#choose(thing);
  };

  /** Among dots a pointer means the nearest one; in the empty dial it means nothing. */
  #chooseAt(at: Point): void {
    const g = this.#geometry();
    const node = g.dots ? nearestNode(g, at, reach(g, this.#coarse.matches)) : -1;
    const things = this.#things();
    if (node < 0) this.#app.unselect();
    else this.#choose(things.find((thing) => thing.dataset.node === String(node)) ?? null);
  }

  #choose(thing: SVGGElement | null): void {
    if (!thing) return;
    const { node, key } = thing.dataset;
    if (key !== undefined) this.#app.select({ tab: 'key', key });
    else this.#app.select({ tab: 'node', node: Number(node) });
    this.#app.dispatchEvent(new Event('inspect'));
  }

  // ── keyboard: one Tab stop, arrows move round the ring and on through its keys ──────────────

  #focused = (event: FocusEvent): void => {
    const thing = (event.target as Element).closest<SVGGElement>('[data-node], [data-key]');
    const stop = thing ? this.#things().indexOf(thing) : -1;
    if (stop < 0 || stop === this.#stop) return;
    this.#stop = stop;
    this.#app.changed();
  };

  #things(): SVGGElement[] {
    const svgRoot = this.#view.value?.querySelector('svg.ring');
    return [...(svgRoot?.querySelectorAll<SVGGElement>('[data-node], [data-key]') ?? [])];
  }

  #keys = (event: KeyboardEvent): void => {
    const things = this.#things();
    const here = things.findIndex((thing) => thing.contains(event.target as Node));
    if (here < 0) return;
    const moves: Record<string, number> = {
      ArrowRight: 1,
      ArrowDown: 1,
      ArrowLeft: -1,
      ArrowUp: -1,
    };
    const move = moves[event.key];
    if (event.key === 'Enter') this.#choose(things[here] ?? null);
    else if (event.key === 'Home') things[0]?.focus();
    else if (event.key === 'End') things.at(-1)?.focus();
    else if (move) things[(here + move + things.length) % things.length]?.focus();
    else return;
    event.preventDefault();
  };

  /** The node under the keyboard, for K. */
  focusedNode(root: ShadowRoot | Document): number {
    const thing = root.activeElement?.closest<SVGGElement>('[data-node]');
    return thing ? Number(thing.dataset.node) : this.#app.selection.node;
  }
}
