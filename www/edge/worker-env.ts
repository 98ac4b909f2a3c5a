/** What a deployment is told in its variables, and which object a request is for. */

import { json, Refusal } from './answer.ts';

export interface Env {
  WORLD: DurableObjectNamespace;
  /** `wrangler secret put DYNAMO_SECRET`: 32 hex digits. Without it nothing is served. */
  DYNAMO_SECRET?: string;
  /** Pages that may speak to the deployment, with commas between them. */
  ORIGINS?: string;
}

const SECRET = /^[0-9a-f]{32}$/;

/** The answer to every request of a deployment that must not serve yet. */
export function unready(env: Env): Response | null {
  if (SECRET.test(env.DYNAMO_SECRET ?? '')) return null;
  const why = 'this deployment has no secret, so it serves nothing';
  const mend = 'openssl rand -hex 16 | npx wrangler secret put DYNAMO_SECRET';
  return json({ error: `${why}: ${mend}` }, 503);
}

export function origins(env: Env): string[] {
  return (env.ORIGINS ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

export function route(request: Request, env: Env): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/' || pathname === '/run') return env.WORLD.getByName('world').fetch(request);
  return Promise.resolve(new Refusal(404, `path: found ${pathname}, allowed / and /run`).answer());
}
