/**
 * Owns the world. It runs here so that a long slice never holds up drawing, and in slices so that
 * a command is never kept waiting. How the time to a moment is sliced changes nothing that happens.
 */

import init, { Sim } from '../../pkg/dynamo_playground.js';
import {
  type Ask,
  MARKS_MAX,
  MEMBERS_MAX,
  type Moved,
  type Place,
  type Reply,
  type SimCalls,
  type SimRequest,
  type Snapshot,
} from './protocol';
import { isTrap, trapText, unstartedText } from './trap';
import type { About, Fault, KeyView, LoadAct, LogEvent, Ring, Why } from './types';

const SLICE_MS = 100;
const SLICE_EVENTS = 4000;
const BUDGET_MS = 8;
const RECENT = 80;
const CHUNK = 2000;
/** A search for the next marker gives up after so many events: the ring is at rest. */
const MARKER_EVENTS = 5000;
const FAULTS = ['crash', 'restart', 'pause', 'resume', 'slow', 'cut', 'clog', 'heal'];

let sim: Sim | null = null;
let frame: Float64Array = new Float64Array(16);
let panic = '';
let faults: Fault[] = [];
let loads: LoadAct[] = [];
const started = init();

// The panic hook writes to the console; the sentence is kept for the panel that people see.
const consoleError = console.error.bind(console);
console.error = (...args: unknown[]) => {
  panic = String(args[0]);
  consoleError(...args);
};

function world(): Sim {
  if (!sim) throw new Error('no scenario is loaded yet');
  return sim;
}

function look(moved = true, name = ''): Moved {
  frame = world().frame();
  // The copy that stays here is read for its header only; the one that leaves is transferred.
  return { frame: frame.slice(), moved, name };
}

function now(): number {
  return frame[1] ?? 0;
}

function load(scenario: string): Moved {
  const next = new Sim(scenario);
  sim?.free();
  sim = next;
  return { ...look(), scenario: readScript() };
}

function tick(to: number): Moved {
  const deadline = performance.now() + BUDGET_MS;
  let at = now();
  while (at < to) {
    const slice = Math.min(to, at + SLICE_MS);
    if (world().advance(slice, SLICE_EVENTS)) at = slice;
    if (performance.now() > deadline) break;
  }
  return look();
}

/** Back to the moment of the event before this one. */
function back(): Moved {
  const here = now();
  const next = frame[3] ?? 0;
  const window = world().events(Math.max(0, next - 400), 400) as LogEvent[];
  let target = 0;
  for (const event of window) if (event.at_ms < here - 1e-9) target = Math.max(target, event.at_ms);
  world().seek(target);
  return look(here > 0);
}

function command(json: string): Moved {
  const name = world().command(json);
  return { ...look(true, name), scenario: readScript() };
}

/** The script changes only when somebody loads or commands, so it is read only then. */
function readScript(): string {
  const scenario = world().scenario();
  const { script = [] } = JSON.parse(scenario) as { script?: (Fault | LoadAct)[] };
  script.sort((a, b) => a.at_ms - b.at_ms);
  faults = script.filter((entry): entry is Fault => FAULTS.some((name) => name in entry));
  loads = script.filter((entry): entry is LoadAct => 'workload' in entry);
  return scenario;
}

/** On to the next notable event; false when none came within sight. */
function next(from: number): Moved {
  for (let i = 0; i < MARKER_EVENTS && world().step('event'); i++) {
    const head = world().frame();
    const news = world().events(from, CHUNK) as LogEvent[];
    if (news.some((event) => event.notable)) return look();
    from = head[3] ?? from;
  }
  return look(false);
}

function snapshot(ask: Ask): Snapshot {
  const w = world();
  const head = w.frame();
  const next = head[3] ?? 0;
  const isPast = ({ at_ms }: { at_ms: number }) => at_ms <= (head[1] ?? 0);
  const ring = w.ring() as Ring;
  const places: Record<string, Place> = {};
  for (const key of ask.places) {
    const view = w.key(key) as KeyView;
    const listed = view.walk.filter((step) => step.place !== undefined && step.place <= ring.n);
    const list = listed.map((step) => step.node);
    places[key] = { angle: view.angle, partition: view.partition, first: list[0] ?? -1, list };
  }
  return {
    revision: head[9] ?? 0,
    now: head[1] ?? 0,
    state: ring.nodes.length > MEMBERS_MAX ? w.glance() : w.state(),
    ring,
    ops: w.ops(),
    beliefs: w.beliefs(),
    recent: w.events(Math.max(0, next - RECENT), RECENT),
    marks: w.marks(ask.marksFrom, MARKS_MAX),
    marksTo: next,
    faults: faults.filter(isPast),
    loads: loads.filter(isPast),
    failed: loads.length ? w.failedLoadOps() : [],
    key: ask.key ? w.key(ask.key) : null,
    node: ask.node >= 0 ? w.node(ask.node) : null,
    places,
  };
}

function why(about: About): Why {
  const w = world();
  if ('event' in about) return w.whyEvent(about.event);
  if ('op' in about) return w.whyOp(about.op);
  if ('key' in about) return w.whyKey(about.key);
  if ('belief' in about) return w.whyBelief(about.belief.node, about.belief.whom);
  return w.whyHint(about.hint.holder, about.hint.target, about.hint.key);
}

const HANDLERS: { [K in keyof SimCalls]: (args: SimCalls[K]['in']) => SimCalls[K]['out'] } = {
  load: (a) => load(a.scenario),
  tick: (a) => tick(a.to),
  step: (a) => look(world().step(a.by)),
  back: () => back(),
  next: (a) => next(a.from),
  seek: (a) => {
    world().seek(a.ms);
    return look();
  },
  command: (a) => command(a.json),
  plan: (a) => world().plan(a.json),
  why: (a) => why(a.about),
  snapshot,
  event: (a) => (world().events(a.id, 1) as LogEvent[]).find((e) => e.id === a.id) ?? null,
  state: () => world().state(),
  digest: () => world().digest(),
  scenario: () => world().scenario(),
  seed: () => Sim.freshSeed(),
};

function answer(request: SimRequest): unknown {
  // One handler per call; the request's type ties its arguments to it.
  const handle = HANDLERS[request.call] as (args: SimRequest['args']) => unknown;
  return handle(request.args);
}

function send(reply: Reply): void {
  const value = 'value' in reply ? (reply.value as Partial<Moved> | null) : null;
  const buffer = value?.frame instanceof Float64Array ? value.frame.buffer : null;
  self.postMessage(reply, { transfer: buffer ? [buffer] : [] });
}

self.onmessage = async (message: MessageEvent<SimRequest>) => {
  const request = message.data;
  try {
    await started;
  } catch (thrown) {
    send({ id: request.id, fatal: { started: false, message: unstartedText(thrown) } });
    self.close();
    return;
  }
  try {
    send({ id: request.id, ok: true, value: answer(request) });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (isTrap(error)) {
      send({ id: request.id, fatal: { started: true, message: trapText(error, panic) } });
      self.close();
    } else {
      send({ id: request.id, ok: false, error: error.message });
    }
  }
};
