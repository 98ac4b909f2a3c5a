/**
 * A whole simulated world behind `POST /run`: a scenario's JSON comes in, its result goes out, the
 * same object that the command line's `run --json` prints.
 */

import {
  answered,
  bearer,
  json,
  noSecret,
  Refusal,
  readBody,
  text,
  wrongMethod,
} from './answer.ts';
import { checkOrigin, preflight, shared } from './origins.ts';
import { isTrap } from './trap.ts';

/** What is asked of the module's class. */
export interface World {
  advance(toMs: number, eventsMax: number): boolean;
  frame(): Float64Array;
  state(): unknown;
  free(): void;
}

export interface WorldOptions {
  /** A world from a scenario's text; throws a sentence when the scenario is bad. */
  build: (scenario: string) => World;
  /** Told of a trap: the module is of no more use, and its host must start it anew. */
  onTrap: (thrown: unknown) => void;
  /** Who may ask; left out, anybody who reaches the host. */
  admits?: (secret: string) => boolean;
  origins: readonly string[];
  bodyBytesMax?: number;
  wallMsMax?: number;
  /** Worlds at a time; one more is told to come again. */
  runsMax?: number;
}

const BODY_BYTES_MAX = 4 << 20;
const WALL_MS_MAX = 60_000;
const RUNS_MAX = 2;
/** As nginx has it; nobody reads it. */
const GONE = 499;
/** Between slices others are served, and the clock of an edge runtime goes on. */
const SLICE_EVENTS = 2_000;
/** Where a frame's header has the present and the end of a scenario. */
const NOW = 1;
const UNTIL = 11;
const WHAT =
  'Dynamo Playground: a simulated world. POST a scenario’s JSON to /run and get its result.';

export function worldFace(options: WorldOptions): (request: Request) => Promise<Response> {
  const { bodyBytesMax = BODY_BYTES_MAX, wallMsMax = WALL_MS_MAX, runsMax = RUNS_MAX } = options;
  let runs = 0;

  async function run(request: Request): Promise<Response> {
    if (options.admits && !options.admits(bearer(request) ?? '')) throw noSecret();
    if (runs >= runsMax) {
      throw new Refusal(429, `${runsMax} worlds are running already`, { 'Retry-After': '1' });
    }
    runs += 1;
    try {
      const body = await readBody(request, bodyBytesMax);
      return await play(options.build, decoded(body), wallMsMax, request.signal);
    } catch (thrown) {
      if (isTrap(thrown)) options.onTrap(thrown);
      throw thrown;
    } finally {
      runs -= 1;
    }
  }

  async function route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const methods = { '/': 'GET, HEAD, OPTIONS', '/run': 'POST, OPTIONS' }[pathname];
    if (!methods) throw new Refusal(404, `path: found ${pathname}, allowed / and /run`);
    checkOrigin(request, options.origins);
    if (request.method === 'OPTIONS') return preflight(request, methods);
    if (!methods.split(', ').includes(request.method)) throw wrongMethod(request.method, methods);
    return pathname === '/' ? text(WHAT) : run(request);
  }

  return async (request) =>
    shared(request, await answered(request, () => route(request)), options.origins);
}

/**
 * Two worlds that wait for timers keep Node among its timers: each is due again when the other's
 * slice is over, and no request is ever read. An immediate comes after what has arrived.
 */
function othersTurn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => void };
  return new Promise((resolve) => (setImmediate ?? setTimeout)(resolve));
}

async function play(
  build: WorldOptions['build'],
  scenario: string,
  wallMsMax: number,
  signal: AbortSignal,
): Promise<Response> {
  const world = built(build, scenario);
  try {
    const until = world.frame()[UNTIL] ?? 0;
    const began = performance.now();
    while (!world.advance(until, SLICE_EVENTS)) {
      await othersTurn();
      // Nobody waits for the result any more.
      if (signal.aborted) throw new Refusal(GONE, 'the client has gone');
      if (performance.now() - began < wallMsMax) continue;
      const at = Math.floor(world.frame()[NOW] ?? 0);
      const limit = `${wallMsMax / 1000} s of wall time were over`;
      throw new Refusal(
        503,
        `${limit} when the world stood at ${at} of ${until} ms; try a smaller one`,
      );
    }
    return json(world.state());
  } finally {
    world.free();
  }
}

function built(build: WorldOptions['build'], scenario: string): World {
  try {
    return build(scenario);
  } catch (thrown) {
    if (isTrap(thrown)) throw thrown;
    throw new Refusal(400, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

const STRICT = { fatal: true, ignoreBOM: false };

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', STRICT).decode(bytes);
  } catch {
    throw new Refusal(400, 'body: found bytes that are not UTF-8, allowed a scenario’s JSON');
  }
}
