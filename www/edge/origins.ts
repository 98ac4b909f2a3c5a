/** Which pages may speak to a host: an allow-list, for requests and for sockets alike. */

import { Refusal } from './answer.ts';

/** Pages served from this machine, on any port. */
export const LOOPBACK = ['http://127.0.0.1:*', 'http://localhost:*', 'http://[::1]:*'];

const EXPOSED = 'X-Dynamo-Context, Retry-After';
const PREFLIGHT_SECONDS = 600;

/** A request without an Origin does not come from a page, and the secret guards it all the same. */
export function isAllowed(origin: string | null, allowed: readonly string[]): boolean {
  if (origin === null) return true;
  return allowed.some((one) => {
    if (one === origin) return true;
    if (!one.endsWith(':*')) return false;
    const host = one.slice(0, -2);
    const port = origin.startsWith(host) ? origin.slice(host.length) : 'none';
    return /^(:\d+)?$/.test(port);
  });
}

export function checkOrigin(request: Request, allowed: readonly string[]): void {
  const origin = request.headers.get('Origin');
  if (isAllowed(origin, allowed)) return;
  throw new Refusal(403, `Origin: found ${origin}, which is not on this host’s list`);
}

/** The answer to a page's question beforehand, or to a plain `OPTIONS`. */
export function preflight(request: Request, allow: string): Response {
  const asked = request.headers.get('Access-Control-Request-Headers');
  const headers = new Headers({ Allow: allow });
  if (request.headers.has('Origin')) {
    headers.set('Access-Control-Allow-Methods', allow);
    headers.set('Access-Control-Max-Age', String(PREFLIGHT_SECONDS));
    if (asked) headers.set('Access-Control-Allow-Headers', asked);
  }
  return new Response(null, { status: 204, headers });
}

/** Lets the page that asked read the answer, its metadata named header by header: never `*`. */
export function shared(request: Request, response: Response, allowed: readonly string[]): Response {
  const origin = request.headers.get('Origin');
  if (origin === null || !isAllowed(origin, allowed)) return response;
  const names = [...response.headers.keys()].filter((name) => name.startsWith('x-dynamo-meta-'));
  response.headers.set('Access-Control-Allow-Origin', origin);
  response.headers.set('Access-Control-Expose-Headers', [EXPOSED, ...names].join(', '));
  response.headers.append('Vary', 'Origin');
  return response;
}
