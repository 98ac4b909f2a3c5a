/**
 * What the page knows: the engine's last frame and JSON, what is selected, and what people may do.
 * It keeps no model of the ring; each view reads the engine's own answers.
 */

import { Engine, peerWorker } from '../engine/client';
import { FrameView } from '../engine/frame';
import { type Fatal, MARKS_MAX, type Moved, type Place, type Snapshot } from '../engine/protocol';
import { type Deed, lastGoodSecond, type Report, reportOf } from '../engine/report';
import type { About, LogEvent, OpView, StepKind, Why } from '../engine/types';
import { kept } from '../parts/same';
import type { Versioning } from '../parts/versions';
import type { RingLink } from '../peer/link';
import type { RealView } from '../peer/real';
import { LOST_KIND } from '../stage/glyphs';
import { Player } from './player';
import { opening, type ScenarioJson } from './scenarios';
import { factsOf, Progress } from './tasks';
import { telling } from './telling';
import { aboutOf } from './why';

export type Tab = 'ring' | 'node' | 'key' | 'op';

export interface Selection {
  tab: Tab;
  node: number;
  key: string;
  op: string;
  event: LogEvent | null;
}

const NOTHING: Selection = { tab: 'ring', node: -1, key: '', op: '', event: null };
const PULL_MS = 90;
const MARKS_MS = 400;
/** However long an answer takes to make and to draw, at least this share of time is left free. */
const REST = 3;
/** What is within so much real time of the newest event is the same moment to people. */
const MOMENT_S = 0.6;

export class App extends EventTarget {
  readonly frame = new FrameView();
  readonly player: Player;
  readonly progress = new Progress();
  /** Kinds of message seen so far, and those that people chose to hide. */
  readonly seen = new Set<number>();
  readonly hidden = new Set<number>();
  readonly places = new Map<string, Place>();
  /** Keys besides those of requests whose place a view wants to show. */
  wanted: string[] = [];
  /** Partitions that would move by the plan that stands open. */
  planned: ReadonlySet<number> = new Set();
  snap: Snapshot | null = null;
  marks: LogEvent[] = [];
  selection: Selection = { ...NOTHING };
  /** The answer that stands open, and to what. */
  why: (Why & { about: About; what: string }) | null = null;
  stepBy: StepKind = 'event';
  /** Somebody has acted: the sentence in the middle has done its work. */
  acted = false;
  notice = '';
  fatal: Report | null = null;
  /** The engine's scenario with every command so far: what is left when the engine is gone. */
  kept = '';
  source: ScenarioJson = opening().scenario;
  draw: (real: number) => void = () => {};
  #engine: Engine;
  #marksFrom = 0;
  /** Changes with each load and each step back: an answer to an older question is dropped. */
  #epoch = 0;
  #pulling: Promise<void> | null = null;
  #again = false;
  #pulledAt = 0;
  #pullTook = 0;

  /** With a link: this tab as a node of that ring, and no simulated world. */
  constructor(readonly link: RingLink | null = null) {
    super();
    this.#engine = this.#newEngine();
    this.player = new Player({
      now: () => this.frame.now,
      until: () => this.frame.until,
      tick: (to) => this.#move(this.#engine.call('tick', { to })),
      draw: (real) => this.#drawn(real),
    });
  }

  #newEngine(): Engine {
    const died = (fatal: Fatal, deed: Deed) => this.#died(fatal, deed);
    return this.link ? new Engine(died, peerWorker) : new Engine(died);
  }

  stop(): void {
    this.player.stop();
    this.#engine.stop();
  }

  // ── when the engine is gone ─────────────────────────────────────────────────────────────────

  #died(fatal: Fatal, deed: Deed): void {
    this.player.playing = false;
    const event = this.frame.nextEvent - 1;
    const told = this.snap?.recent.find((one) => one.id === event)?.text ?? '';
    const { now, digest } = this.frame;
    const good = { at_ms: now, event, told, digest, scenario: this.kept };
    this.fatal = reportOf(fatal, good, deed);
    this.#changed();
  }

  /** Another engine comes to the last good second by itself: same scenario, same moment. */
  async recover(): Promise<void> {
    const { fatal, kept, source } = this;
    if (!fatal || !kept) return;
    this.#engine = this.#newEngine();
    this.fatal = null;
    await this.load(kept);
    // A change of seed or quorum starts from what was opened, not from what was done since.
    this.source = source;
    await this.seek(lastGoodSecond(fatal.at_ms));
  }

  // ── what people do ──────────────────────────────────────────────────────────────────────────

  load(scenario: ScenarioJson | string): Promise<void> {
    const text = typeof scenario === 'string' ? scenario : JSON.stringify(scenario);
    return this.#held(async () => {
      const moved = await this.#engine.call('load', { scenario: text });
      this.source = JSON.parse(text) as ScenarioJson;
      this.#forget();
      // A script is an act: what it does is worth more than what to try.
      this.acted = this.isScripted;
      this.#take(moved);
      await this.pull();
      this.dispatchEvent(new Event('opened'));
    });
  }

  /** Becomes a node of the real ring; answers with its name. */
  async join(prefer: string): Promise<string> {
    const { link } = this;
    if (!link) throw new Error('There is no ring to join.');
    const moved = await this.#engine.call('join', { link, prefer });
    this.#forget();
    this.#take(moved);
    // A second here is a second there: real time has no other speed.
    this.player.rate = 1000;
    await this.pull();
    this.dispatchEvent(new Event('opened'));
    this.play();
    return moved.name;
  }

  /** Leaves the real ring for good. */
  async leave(): Promise<void> {
    this.#take(await this.#engine.call('leave', {}));
    await this.pull();
  }

  /** Takes a node out of the real ring that will not come back. */
  async remove(name: string): Promise<void> {
    this.#take(await this.#engine.call('remove', { name }));
    await this.pull();
  }

  /** Ends this node's life in the tab, without the ring being told. */
  async close(): Promise<void> {
    await this.#engine.call('close', {});
  }

  async command(command: object | string): Promise<string> {
    const json = typeof command === 'string' ? command : JSON.stringify(command);
    const moved = await this.#engine.call('command', { json });
    this.acted = true;
    this.#take(moved);
    await this.pull();
    return moved.name;
  }

  /** A command from a click: a refusal is a sentence on the page. */
  async act(command: object): Promise<string> {
    try {
      this.notice = '';
      return await this.command(command);
    } catch (error) {
      this.say(error);
      return '';
    }
  }

  put(key: string, value: string, via: string, context: string): Promise<string> {
    return this.#request('put', key, { value, via, context });
  }

  get(key: string, via: string): Promise<string> {
    return this.#request('get', key, { via });
  }

  delete(key: string, via: string, context: string): Promise<string> {
    return this.#request('delete', key, { via, context });
  }

  /** What is left empty is left to the engine, but for a value. */
  async #request(verb: string, key: string, fields: Record<string, string>): Promise<string> {
    const given = Object.entries(fields).filter(([field, text]) => text || field === 'value');
    const name = await this.act({ [verb]: { key, ...Object.fromEntries(given) } });
    if (name) this.select({ tab: 'key', key, op: name });
    return name;
  }

  async step(kind: StepKind = this.stepBy): Promise<boolean> {
    await this.player.pause();
    const moved = await this.#engine.call('step', { by: kind });
    this.#take(moved);
    await this.pull();
    return moved.moved;
  }

  /** To the marker before this moment, or on until something worth a mark happens. */
  async marker(way: -1 | 1): Promise<void> {
    await this.player.pause();
    await this.pull();
    const { now, nextEvent } = this.frame;
    if (way > 0) {
      this.#take(await this.#engine.call('next', { from: nextEvent }));
      await this.pull();
      return;
    }
    const before = this.marks.findLast((event) => event.notable && event.at_ms < now - 1e-6);
    await this.seek(before?.at_ms ?? 0);
  }

  async back(): Promise<void> {
    await this.player.pause();
    this.#take(await this.#engine.call('back', {}));
    await this.pull();
  }

  seek(ms: number): Promise<void> {
    return this.#held(async () => {
      this.#take(await this.#engine.call('seek', { ms: Math.max(0, ms) }));
      await this.pull();
    });
  }

  play(): void {
    if (this.fatal) return;
    this.player.play();
    this.#changed();
  }

  async pause(): Promise<void> {
    await this.player.pause();
    await this.pull();
  }

  setRate(rate: number): void {
    this.player.rate = rate;
    this.#changed();
  }

  select(change: Partial<Selection>): void {
    this.selection = { ...this.selection, event: null, ...change };
    // An answer is about what was chosen, and leads from event to event.
    if (!('event' in change)) this.why = null;
    void this.pull();
    this.#changed();
  }

  unselect(): void {
    this.select(NOTHING);
  }

  async showEvent(id: number): Promise<void> {
    const event = await this.#engine.call('event', { id });
    if (event) this.select({ event });
    else this.say('That event is no longer in the window of the log: go back in time to see it.');
  }

  /** Why something came to be; of what the inspector shows, where nothing is named. */
  async askWhy(about = this.#shown(), what = 'is it so'): Promise<void> {
    if (!about) return this.say('Nothing has happened yet that has a why.');
    try {
      this.why = { about, what, ...(await this.#engine.call('why', { about })) };
      this.#changed();
      this.dispatchEvent(new Event('told'));
    } catch (error) {
      this.say(error);
    }
  }

  closeWhy(): void {
    this.why = null;
    this.#changed();
  }

  #shown(): About | null {
    const { selection, snap, marks } = this;
    const nodeIndex = (name: string) => this.nodeIndex(name);
    const newestOp = snap?.ops[0]?.id ?? '';
    return aboutOf({ selection, node: snap?.node ?? null, marks, newestOp, nodeIndex });
  }

  say(error: unknown): void {
    this.notice = error instanceof Error ? error.message : String(error);
    this.#changed();
  }

  changed(): void {
    this.#changed();
  }

  plan(command: object) {
    return this.#engine.call('plan', { json: JSON.stringify(command) });
  }
  state() {
    return this.#engine.call('state', {});
  }
  digest() {
    return this.#engine.call('digest', {});
  }
  scenario() {
    return this.#engine.call('scenario', {});
  }
  freshSeed() {
    return this.#engine.call('seed', {});
  }

  /** Whether what was opened goes by itself: then the story's tasks are not for it. */
  get isScripted(): boolean {
    return (this.source.script?.length ?? 0) > 0;
  }

  /** How the ring was made to hold versions against each other. */
  get versioning(): Versioning {
    return (this.source.config?.versioning as Versioning | undefined) ?? 'vector-clock';
  }

  /** What the node of a real ring tells of itself; nothing in a simulated one. */
  get real(): RealView | null {
    return this.snap?.real ?? null;
  }

  // ── what views read ─────────────────────────────────────────────────────────────────────────

  nodeName(index: number): string {
    return this.snap?.ring.nodes[index]?.name ?? '';
  }

  nodeIndex(name: string): number {
    return this.snap?.ring.nodes.findIndex((n) => n.name === name) ?? -1;
  }

  /** The newest operation that still waits for answers: the one whose tally is drawn. */
  pending(): OpView | null {
    return this.snap?.ops.find((op) => op.outcome === 'pending' && op.coordinator) ?? null;
  }

  /** When the network was cut last. */
  cutSince(): number {
    return this.snap?.faults.findLast((fault) => fault.cut)?.at_ms ?? 0;
  }

  /** The sentence under the ring: the text of the event that tells most of this moment. */
  sentence(): string {
    const moment = Math.max(20, Math.min(2000, this.player.rate * MOMENT_S));
    return telling(this.marks, moment)?.text ?? '';
  }

  // ── the engine's answers ────────────────────────────────────────────────────────────────────

  /** Time stands still meanwhile, and then goes on as it did, also after a refusal. */
  async #held(work: () => Promise<void>): Promise<void> {
    const playing = this.player.playing;
    await this.player.pause();
    try {
      await work();
    } finally {
      if (playing && !this.fatal) this.player.play();
    }
  }

  #forget(): void {
    this.seen.clear();
    this.hidden.clear();
    this.places.clear();
    this.wanted = [];
    this.progress.reset();
    this.marks = [];
    this.#marksFrom = 0;
    this.#epoch += 1;
    this.selection = { ...NOTHING };
    this.why = null;
    this.acted = false;
    this.notice = '';
  }

  async #move(call: Promise<Moved>): Promise<void> {
    this.#take(await call);
  }

  #take(moved: Moved): void {
    this.frame.take(moved.frame);
    this.kept = moved.scenario ?? this.kept;
    const { frame } = this;
    if (frame.nextEvent < this.#marksFrom) {
      // We went back: what has not happened yet is not in the log.
      this.marks = this.marks.filter((event) => event.id < frame.nextEvent);
      this.#marksFrom = frame.nextEvent;
      this.#epoch += 1;
    }
    for (let i = 0; i < frame.messages; i++) this.#see(frame.kind(i));
    if (frame.lost > 0) this.#see(LOST_KIND);
    if (frame.now >= frame.until && this.player.playing) {
      this.player.playing = false;
      this.#changed();
    }
  }

  #see(kind: number): void {
    if (this.seen.has(kind)) return;
    this.seen.add(kind);
    this.#changed();
  }

  #drawn(real: number): void {
    const { snap, frame } = this;
    const passed = real - this.#pulledAt;
    // A large ring's JSON takes long to write, to copy and to draw; its messages go on meanwhile.
    const rest = this.#pullTook * REST;
    const changed = snap && snap.revision !== frame.revision && passed > Math.max(PULL_MS, rest);
    // Gossip alone changes nothing that the JSON shows, and still wants its marks on the timeline.
    const heard = snap && frame.nextEvent !== this.#marksFrom && passed > Math.max(MARKS_MS, rest);
    if ((changed || heard) && !this.#pulling) {
      this.#pulledAt = real;
      void this.pull();
    }
    this.draw(real);
  }

  /** Pulls the JSON. While one pull is under way, however many more ask, one more follows. */
  pull(): Promise<void> {
    if (this.#pulling) {
      this.#again = true;
      return this.#pulling;
    }
    this.#pulling = (async () => {
      do {
        this.#again = false;
        await this.#pullOnce();
      } while (this.#again);
    })()
      .catch((error: unknown) => {
        // An engine that died says so in its own panel.
        if (!this.fatal) this.say(error);
      })
      .finally(() => {
        this.#pulling = null;
      });
    return this.#pulling;
  }

  async #pullOnce(): Promise<void> {
    const keys = new Set([...(this.snap?.ops.map((op) => op.key) ?? []), ...this.wanted]);
    if (this.selection.key) keys.add(this.selection.key);
    const epoch = this.#epoch;
    const began = performance.now();
    const snap = await this.#engine.call('snapshot', {
      key: this.selection.key,
      node: this.selection.node,
      places: [...keys].filter((key) => !this.places.has(key)),
      marksFrom: this.#marksFrom,
    });
    if (epoch !== this.#epoch) {
      this.#again = true;
      return;
    }
    snap.ring = kept(this.snap?.ring, snap.ring);
    snap.key = kept(this.snap?.key, snap.key);
    this.snap = snap;
    for (const [key, place] of Object.entries(snap.places)) this.places.set(key, place);
    // A request that this answer brought has its place in the next, also when time stands still.
    if (snap.ops.some((op) => !this.places.has(op.key))) this.#again = true;
    this.marks = [...this.marks, ...snap.marks].slice(-MARKS_MAX);
    this.#marksFrom = snap.marksTo;
    this.progress.look(factsOf(snap, this.marks, this.places));
    this.#changed();
    this.#pullTook = performance.now() - began;
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
