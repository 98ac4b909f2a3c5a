/** What a deployment is told in its variables, and which object a request is for. */

import { Refusal, text } from './answer.ts';

export interface Env {
  WORLD: DurableObjectNamespace;
  NODE: DurableObjectNamespace;
  /** `wrangler secret put DYNAMO_SECRET`: 32 hex digits. Without it nothing is served. */
  DYNAMO_SECRET?: string;
  /** The ring's name. */
  RING: string;
  /** Its nodes here, with commas between them. The first founds the ring. */
  NODES: string;
  /** Where the deployment is reached, `https://…`. Without it, nodes elsewhere do not dial it. */
  ADDRESS?: string;
  /** Pages that may speak to the deployment, with commas between them. */
  ORIGINS?: string;
  /** JSON, as a scenario's `config`: n, r, w and what else applies to a real ring. */
  CONFIG?: string;
  /** How long a ring that nobody asks stays awake; a minute, when it is not said. */
  AWAKE_MS?: string;
}

/** What only siblings say to each other: how long the ring stays awake, and who dials. */
export const AWAKE_PATH = '/stay-awake';
export const SIBLING = 'X-Dynamo-Sibling';

const WHAT =
  'Dynamo Playground: /rings/RING/keys/KEY by any of its nodes, /nodes/NAME/rings/… by that ' +
  'one, and POST /run for a simulated world.';
const SECRET = /^[0-9a-f]{32}$/;
const AWAKE_MS = 60_000;

/** Refuses every request to a deployment that must not serve yet. */
export function checkReady(env: Env): void {
  if (SECRET.test(env.DYNAMO_SECRET ?? '')) return;
  const why = 'this deployment has no secret, so it serves nothing';
  const mend = 'openssl rand -hex 16 | npx wrangler secret put DYNAMO_SECRET';
  throw new Refusal(503, `${why}: ${mend}`);
}

export const origins = (env: Env): string[] => listed(env.ORIGINS);
export const nodes = (env: Env): string[] => listed(env.NODES);
export const awakeMs = (env: Env): number => Number(env.AWAKE_MS) || AWAKE_MS;

function listed(text = ''): string[] {
  const all = text.split(',').map((one) => one.trim());
  return all.filter((one) => one !== '');
}

export function objectOf(env: Env, name: string): DurableObjectStub {
  return env.NODE.getByName(`${env.RING}/${name}`);
}

/** Where a node of this deployment says that it is reached. */
export function addressOf(env: Env, name: string): string {
  const base = env.ADDRESS || 'http://edge.invalid';
  return `${base.replace(/^http/, 'ws').replace(/\/$/, '')}/nodes/${name}/rings/${env.RING}/socket`;
}

/**
 * `/nodes/NAME/rings/…` is for that node, `/rings/…` for any: each can coordinate.
 */
export async function route(request: Request, env: Env): Promise<Response> {
  const url = new URL(request.url);
  if (url.pathname === '/') return text(WHAT);
  if (url.pathname === '/run') {
    return env.WORLD.getByName('world').fetch(request);
  }
  const all = nodes(env);
  const [, given, rest = url.pathname] = /^\/nodes\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
  if (!rest.startsWith('/rings/')) {
    const allowed = '/, /run, /rings/… and /nodes/NAME/rings/…';
    throw new Refusal(404, `path: found ${url.pathname}, allowed ${allowed}`);
  }
  if (given !== undefined && !all.includes(given)) {
    throw new Refusal(404, `node: found ${given}, allowed ${all.join(', ')}`);
  }
  const name = given ?? all[Math.floor(Math.random() * all.length)] ?? '';
  url.pathname = rest;
  const passed = new Request(url, request);
  passed.headers.delete(SIBLING);
  try {
    return await objectOf(env, name).fetch(passed);
  } catch (thrown) {
    console.error(`${name}: ${thrown}`);
    const more = { definite: false, needed: 0, reached: 0 };
    throw new Refusal(504, 'the node ended before it answered', {}, more);
  }
}
