/**
 * A ring's face: `PUT`, `GET` and `DELETE` of `/rings/{ring}/keys/{key}`, and `GET /rings/{ring}`.
 * It turns requests into calls of a node, and what the node answers into statuses.
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
import { keyBytes } from './key.ts';
import { metadataOf } from './metadata.ts';
import { checkOrigin, preflight, shared } from './origins.ts';
import type { Reply } from './peer.ts';
import { Buckets, type Rate } from './rate.ts';
import { isTrap } from './trap.ts';
import { versionsAnswer } from './versions.ts';

/** A node, as this face calls it. What it throws is a sentence about a request that is none. */
export interface RingNode {
  readonly ring: string;
  admits(secret: string): boolean;
  put(
    key: Uint8Array,
    value: Uint8Array,
    metadata: Record<string, string>,
    how: How,
  ): Promise<Reply>;
  delete(key: Uint8Array, how: How): Promise<Reply>;
  get(key: Uint8Array, how: How): Promise<Reply>;
  view(): unknown | Promise<unknown>;
}

/** What a request says besides its key. 0 is the ring's own. */
export interface How {
  context: string;
  r: number;
  w: number;
  timeoutMs: number;
}

export interface FaceOptions {
  node: RingNode;
  origins: readonly string[];
  rate?: Rate;
  now?: () => number;
}

/** As long as a value may be with its metadata; the node counts both. */
const VALUE_BYTES_MAX = 1 << 20;
const QUORUM_MAX = 255;
const TIMEOUT_MS_MAX = 60_000;
const RATE: Rate = { perSecond: 2_000, burst: 4_000 };
const WHAT = 'Dynamo Playground: a node of a ring. Its keys are at /rings/RING/keys/KEY.';

const ALLOWED = {
  what: 'GET, HEAD, OPTIONS',
  ring: 'GET, HEAD, OPTIONS',
  key: 'GET, HEAD, PUT, DELETE, OPTIONS',
};

type Place =
  | { kind: 'what' }
  | { kind: 'ring'; ring: string }
  | { kind: 'key'; ring: string; segment: string };

export function ringFace(options: FaceOptions) {
  const { node, origins, rate = RATE, now } = options;
  const buckets = new Buckets(rate, now);

  async function route(request: Request, address: string): Promise<Response> {
    const seconds = buckets.take(address);
    if (seconds > 0) {
      const why = `requests: more than ${rate.perSecond} a second from one address`;
      throw new Refusal(429, why, { 'Retry-After': String(seconds) });
    }
    checkOrigin(request, origins);
    const url = new URL(request.url);
    const place = placeOf(url.pathname);
    const allowed = ALLOWED[place.kind];
    if (request.method === 'OPTIONS') return preflight(request, allowed);
    if (!allowed.split(', ').includes(request.method)) throw wrongMethod(request.method, allowed);
    if (place.kind === 'what') return text(WHAT);
    if (!node.admits(bearer(request) ?? '')) throw noSecret();
    if (place.ring !== node.ring) {
      throw new Refusal(404, `ring: found ${place.ring}, which this node is not in`);
    }
    if (place.kind === 'ring') return json(await node.view());
    return withKey(request, url, keyBytes(place.segment));
  }

  async function withKey(request: Request, url: URL, key: Uint8Array): Promise<Response> {
    const how = howOf(request, url.searchParams);
    const reply = await called(async () => {
      if (request.method === 'DELETE') return node.delete(key, how);
      if (request.method !== 'PUT') return node.get(key, how);
      const metadata = metadataOf(request.headers);
      return node.put(key, await readBody(request, VALUE_BYTES_MAX), metadata, how);
    });
    if (reply.outcome === 'failed') return failure(reply);
    if (reply.outcome === 'put') return withContext(new Response(null, { status: 204 }), reply);
    return withContext(versionsAnswer(reply.versions ?? [], wantsJson(request)), reply);
  }

  return async (request: Request, address = ''): Promise<Response> => {
    const response = shared(
      request,
      await answered(request, () => route(request, address)),
      origins,
    );
    if (request.method !== 'HEAD') return response;
    return new Response(null, { status: response.status, headers: response.headers });
  };
}

function placeOf(pathname: string): Place {
  if (pathname === '/') return { kind: 'what' };
  const found = /^\/rings\/([^/]+)(?:\/keys\/(.*)|\/(socket))?$/.exec(pathname);
  const [, ring, segment, socket] = found ?? [];
  if (socket) throw new Refusal(426, 'a WebSocket is wanted here', { Upgrade: 'websocket' });
  if (!ring) throw new Refusal(404, `path: found ${pathname}, allowed /rings/RING/keys/KEY`);
  return segment === undefined ? { kind: 'ring', ring } : { kind: 'key', ring, segment };
}

function howOf(request: Request, query: URLSearchParams): How {
  for (const name of query.keys()) {
    if (['r', 'w', 'timeout_ms'].includes(name)) continue;
    throw new Refusal(400, `query: found ${name}, allowed r, w and timeout_ms`);
  }
  return {
    context: request.headers.get('X-Dynamo-Context') ?? '',
    r: whole('r', query.get('r'), QUORUM_MAX),
    w: whole('w', query.get('w'), QUORUM_MAX),
    timeoutMs: whole('timeout_ms', query.get('timeout_ms'), TIMEOUT_MS_MAX),
  };
}

/** A number of the query; left out or left empty, 0. */
function whole(name: string, found: string | null, max: number): number {
  if (!found) return 0;
  const number = /^\d{1,9}$/.test(found) ? Number(found) : 0;
  if (number >= 1 && number <= max) return number;
  throw new Refusal(400, `${name}: found ${found}, allowed 1 to ${max}`);
}

/** A node's sentence about a request that is none: 400. */
async function called(call: () => Promise<Reply>): Promise<Reply> {
  try {
    return await call();
  } catch (thrown) {
    if (thrown instanceof Refusal || isTrap(thrown)) throw thrown;
    throw new Refusal(400, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** What a node finds wrong with the request itself; trying again helps nobody. */
const WRONG: Record<string, number> = { 'too large': 413, 'bad quorum': 400 };

/** A definite failure never took effect; an indefinite one may have. */
function failure(reply: Reply): Response {
  const { error = 'failed', reason = '', definite = false, needed = 0, reached = 0 } = reply;
  const status = WRONG[reason] ?? (definite ? 503 : 504);
  return json({ error, definite, needed, reached }, status);
}

function withContext(response: Response, { context }: Reply): Response {
  if (context) response.headers.set('X-Dynamo-Context', context);
  return response;
}

function wantsJson(request: Request): boolean {
  return /\bapplication\/json\b/i.test(request.headers.get('Accept') ?? '');
}
