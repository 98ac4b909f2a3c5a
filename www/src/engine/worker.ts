/**
 * Owns the world. It runs here so that a long slice never holds up drawing, and in slices so that
 * a command is never kept waiting. How the time to a moment is sliced changes nothing that happens.
 */

import init, { Sim } from '../../pkg/dynamo_playground.js';
import type {
  Ask,
  CallName,
  Calls,
  Fatal,
  Moved,
  Place,
  Reply,
  Request,
  Snapshot,
} from './protocol';
import type { Fault, KeyView, LogEvent } from './types';

const SLICE_MS = 100;
const SLICE_EVENTS = 4000;
const BUDGET_MS = 8;
const RECENT = 80;
const CHUNK = 2000;
/** Events that are traffic; a timeline draws none of them, gossip's rounds apart. */
const TRAFFIC = new Set(['send', 'deliver', 'lost', 'timer', 'coordinates', 'acknowledged']);
const FAULTS = ['crash', 'restart', 'pause', 'resume', 'slow', 'cut', 'heal'];

interface Journal {
  source: string;
  commands: Record<string, unknown>[];
}

let sim: Sim | null = null;
let log: Journal = { source: '', commands: [] };
let frame: Float64Array = new Float64Array(16);
let panic = '';
let faults: Fault[] = [];
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
  log = { source: scenario, commands: [] };
  readFaults();
  return look();
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
  log.commands.push({ at_ms: now(), ...(JSON.parse(json) as Record<string, unknown>) });
  readFaults();
  return look(true, name);
}

/** The script changes only when somebody loads or commands, so it is read only then. */
function readFaults(): void {
  const { script = [] } = JSON.parse(world().scenario()) as { script?: Fault[] };
  const isFault = (entry: Fault) => FAULTS.some((name) => name in entry);
  faults = script.filter(isFault).sort((a, b) => a.at_ms - b.at_ms);
}

function marks(from: number, to: number): LogEvent[] {
  const found: LogEvent[] = [];
  for (let id = from; id < to; ) {
    const chunk = world().events(id, CHUNK) as LogEvent[];
    // A request's own traffic is kept too: it is little, and its story is told from it.
    for (const event of chunk) {
      if (event.notable || event.op !== undefined || !TRAFFIC.has(event.kind)) found.push(event);
    }
    const last = chunk.at(-1);
    if (!last) break;
    id = last.id + 1;
  }
  return found;
}

function snapshot(ask: Ask): Snapshot {
  const w = world();
  const head = w.frame();
  const next = head[3] ?? 0;
  const places: Record<string, Place> = {};
  for (const key of ask.places) {
    const view = w.key(key) as KeyView;
    const first = view.walk.find((step) => step.place === 1)?.node ?? -1;
    places[key] = { angle: view.angle, first };
  }
  return {
    revision: head[9] ?? 0,
    now: head[1] ?? 0,
    state: w.state(),
    ring: w.ring(),
    ops: w.ops(),
    beliefs: w.beliefs(),
    recent: w.events(Math.max(0, next - RECENT), RECENT),
    marks: marks(ask.marksFrom, next),
    marksTo: next,
    faults: faults.filter((fault) => fault.at_ms <= (head[1] ?? 0)),
    key: ask.key ? w.key(ask.key) : null,
    node: ask.node >= 0 ? w.node(ask.node) : null,
    places,
  };
}

const HANDLERS: { [K in CallName]: (args: Calls[K]['in']) => Calls[K]['out'] } = {
  load: (a) => load(a.scenario),
  tick: (a) => tick(a.to),
  step: (a) => look(world().step(a.by)),
  back: () => back(),
  seek: (a) => {
    world().seek(a.ms);
    return look();
  },
  command: (a) => command(a.json),
  snapshot,
  event: (a) => (world().events(a.id, 1) as LogEvent[]).find((e) => e.id === a.id) ?? null,
  state: () => world().state(),
  digest: () => world().digest(),
  scenario: () => world().scenario(),
  seed: () => Sim.freshSeed(),
};

function answer(request: Request): unknown {
  // One handler per call; the request's type ties its arguments to it.
  const handle = HANDLERS[request.call] as (args: Request['args']) => unknown;
  return handle(request.args);
}

/** The run as a scenario, put together without the engine, which cannot be asked any more. */
function replay(): string {
  try {
    const scenario = JSON.parse(log.source) as { script?: unknown[] };
    const script = [...(scenario.script ?? []), ...log.commands];
    return JSON.stringify({ ...scenario, script }, null, 2);
  } catch {
    return log.source;
  }
}

function fatal(error: Error): Fatal {
  const hex = (word = 0) => word.toString(16).padStart(8, '0');
  let seed = '';
  try {
    seed = String((JSON.parse(log.source) as { seed?: string | number }).seed ?? '');
  } catch {
    seed = 'unknown';
  }
  return {
    message: panic || error.message,
    seed,
    event: (frame[3] ?? 0) - 1,
    at: now(),
    digest: hex(frame[7]) + hex(frame[8]),
    scenario: replay(),
  };
}

/** The module never ran: no network, no wasm, or a server that sends it as something else. */
function unstarted(why: string): Fatal {
  const message = `The module could not be loaded. ${why}`;
  return { message, seed: '', event: -1, at: 0, digest: '', scenario: '' };
}

function send(reply: Reply): void {
  const value = 'value' in reply ? (reply.value as Partial<Moved> | null) : null;
  const buffer = value?.frame instanceof Float64Array ? value.frame.buffer : null;
  self.postMessage(reply, { transfer: buffer ? [buffer] : [] });
}

self.onmessage = async (message: MessageEvent<Request>) => {
  const request = message.data;
  try {
    await started;
  } catch (thrown) {
    send({ id: request.id, fatal: unstarted(String(thrown)) });
    self.close();
    return;
  }
  try {
    send({ id: request.id, ok: true, value: answer(request) });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (error instanceof WebAssembly.RuntimeError) {
      send({ id: request.id, fatal: fatal(error) });
      self.close();
    } else {
      send({ id: request.id, ok: false, error: error.message });
    }
  }
};
