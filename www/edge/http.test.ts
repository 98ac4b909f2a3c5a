import { expect, test } from 'vitest';
import { type FaceOptions, type How, type RingNode, ringFace } from './http';
import type { Reply, Version } from './peer';

const SECRET = '00112233445566778899aabbccddeeff';
const KNOWN = { Authorization: `Bearer ${SECRET}` };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

/** Answers every call with the same reply, and keeps what it was asked. */
class Fake implements RingNode {
  readonly ring = 'ducks';
  readonly asked: unknown[] = [];
  readonly reply: Partial<Reply> | Error;

  constructor(reply: Partial<Reply> | Error) {
    this.reply = reply;
  }

  admits(secret: string): boolean {
    return secret === SECRET;
  }

  async put(key: Uint8Array, value: Uint8Array, metadata: Record<string, string>, how: How) {
    return this.#answer('put', text(key), text(value), metadata, how);
  }

  async delete(key: Uint8Array, how: How) {
    return this.#answer('delete', text(key), how);
  }

  async get(key: Uint8Array, how: How) {
    return this.#answer('get', text(key), how);
  }

  view() {
    return { members: ['A', 'B'] };
  }

  #answer(...asked: unknown[]): Reply {
    this.asked.push(asked);
    if (this.reply instanceof Error) throw this.reply;
    return { request: 1, outcome: 'put', ...this.reply };
  }
}

const version = (value: string, more: Partial<Version> = {}): Version => ({
  value: bytes(value),
  metadata: {},
  deleted: false,
  clock: { A: 1 },
  ...more,
});

const got = (...versions: Version[]): Partial<Reply> => ({
  outcome: 'got',
  context: 'c1',
  versions,
});

async function ask(
  reply: Partial<Reply> | Error,
  path: string,
  init: RequestInit = {},
  options: Partial<FaceOptions> = {},
) {
  const node = new Fake(reply);
  const face = ringFace({ node, origins: ['http://localhost:*'], ...options });
  const headers = { ...KNOWN, ...(init.headers as Record<string, string>) };
  const request = new Request(`http://h${path}`, { ...init, headers });
  const response = await face(request, '127.0.0.1');
  return { node, response, status: response.status, headers: response.headers };
}

const KEY = '/rings/ducks/keys/cart:ann';
const PUT = { method: 'PUT', body: 'milk' };

test('a put is 204 with the new context, and all that was said reaches the node', async () => {
  const { node, status, headers, response } = await ask(
    { outcome: 'put', context: 'c2' },
    '/rings/ducks/keys/cart%3Aann?w=3&timeout_ms=250',
    {
      ...PUT,
      headers: {
        'Content-Type': 'text/plain',
        'X-Dynamo-Context': 'c1',
        'X-Dynamo-Meta-Who': 'ann',
      },
    },
  );
  expect(status).toBe(204);
  expect(headers.get('X-Dynamo-Context')).toBe('c2');
  expect(await response.text()).toBe('');
  const metadata = { 'content-type': 'text/plain', who: 'ann' };
  const how = { context: 'c1', r: 0, w: 3, timeoutMs: 250 };
  expect(node.asked).toEqual([['put', 'cart:ann', 'milk', metadata, how]]);
});

test('a delete is 204 with the new context', async () => {
  const init = { method: 'DELETE', headers: { 'X-Dynamo-Context': 'c1' } };
  const { node, status, headers } = await ask({ context: 'c3' }, KEY, init);
  expect(status).toBe(204);
  expect(headers.get('X-Dynamo-Context')).toBe('c3');
  expect(node.asked).toEqual([['delete', 'cart:ann', { context: 'c1', r: 0, w: 0, timeoutMs: 0 }]]);
});

test('one version is 200: its bytes, its type, its metadata, and no page of ours', async () => {
  const metadata = { 'content-type': 'text/html', who: 'ann', 'with space': 'x', b: 'Jürgen' };
  const { status, headers, response } = await ask(got(version('<b>', { metadata })), KEY);
  expect(status).toBe(200);
  expect(await response.text()).toBe('<b>');
  expect(headers.get('Content-Type')).toBe('text/html');
  expect(headers.get('X-Dynamo-Context')).toBe('c1');
  expect(headers.get('X-Dynamo-Meta-Who')).toBe('ann');
  expect(headers.get('X-Dynamo-Meta-B*')).toBe("UTF-8''J%C3%BCrgen");
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(headers.get('Content-Security-Policy')).toMatch(/sandbox/);
});

test('a value without a type is bytes', async () => {
  const { headers } = await ask(got(version('milk')), KEY);
  expect(headers.get('Content-Type')).toBe('application/octet-stream');
});

test('siblings are 300 in parts, each with its own headers', async () => {
  const siblings = [
    version('milk', { metadata: { 'content-type': 'text/plain' } }),
    version('', { deleted: true, clock: { B: 2 } }),
  ];
  const { status, headers, response } = await ask(got(...siblings), KEY);
  expect(status).toBe(300);
  expect(headers.get('X-Dynamo-Context')).toBe('c1');
  const boundary = /^multipart\/mixed; boundary="(.+)"$/.exec(
    headers.get('Content-Type') ?? '',
  )?.[1];
  const parts = (await response.text()).split(`--${boundary}`);
  expect(parts).toHaveLength(4);
  expect(parts[1]).toMatch(/^\r\nContent-Type: text\/plain\r\n[\s\S]*\r\n\r\nmilk\r\n$/);
  expect(parts[2]).toMatch(/X-Dynamo-Deleted: true\r\n\r\n\r\n$/);
  expect(parts[2]).toContain('X-Dynamo-Clock: {"B":2}');
  expect(parts[3]).toBe('--\r\n');
});

test('siblings are JSON when JSON is asked for', async () => {
  const siblings = [version('milk'), version('', { deleted: true, metadata: { who: 'bob' } })];
  const headers = { Accept: 'application/json' };
  const { status, response } = await ask(got(...siblings), KEY, { headers });
  expect(status).toBe(300);
  expect(await response.json()).toEqual([
    { value_base64: 'bWlsaw==', metadata: {}, deleted: false, clock: { A: 1 } },
    { value_base64: '', metadata: { who: 'bob' }, deleted: true, clock: { A: 1 } },
  ]);
});

test('nothing is 404 and has no context', async () => {
  const { status, headers } = await ask({ outcome: 'got', versions: [] }, KEY);
  expect(status).toBe(404);
  expect(headers.has('X-Dynamo-Context')).toBe(false);
});

test('only tombstones are 404 with a context, so that a put can follow the delete', async () => {
  const { status, headers } = await ask(got(), KEY);
  expect(status).toBe(404);
  expect((await ask(got(version('', { deleted: true })), KEY)).status).toBe(404);
  expect(headers.get('X-Dynamo-Context')).toBe('c1');
});

test('a definite failure is 503, an indefinite one 504, both with the numbers', async () => {
  const failed = { outcome: 'failed', error: 'too few nodes', needed: 2, reached: 1 } as const;
  const definite = await ask({ ...failed, definite: true }, KEY, PUT);
  expect(definite.status).toBe(503);
  const body = { error: 'too few nodes', needed: 2, reached: 1 };
  expect(await definite.response.json()).toEqual({ ...body, definite: true });
  const indefinite = await ask({ ...failed, definite: false }, KEY, PUT);
  expect(indefinite.status).toBe(504);
  expect(await indefinite.response.json()).toEqual({ ...body, definite: false });
});

test('what the node finds too large is 413, and a quorum that cannot be is 400', async () => {
  const failed = { outcome: 'failed', error: 'no', definite: true } as const;
  expect((await ask({ ...failed, reason: 'too large' }, KEY, PUT)).status).toBe(413);
  expect((await ask({ ...failed, reason: 'bad quorum' }, KEY, PUT)).status).toBe(400);
  expect((await ask({ ...failed, reason: 'overloaded' }, KEY, PUT)).status).toBe(503);
});

test('what the node refuses as no request is 400 with its sentence', async () => {
  const { status, response } = await ask(new Error('context: of another key'), KEY, PUT);
  expect(status).toBe(400);
  expect(await response.json()).toEqual({ error: 'context: of another key' });
});

test('a trap is no refusal', async () => {
  const trap = new WebAssembly.RuntimeError('unreachable');
  await expect(ask(trap, KEY, PUT)).rejects.toThrow('unreachable');
});

test('a value that is too long is 413 and never reaches the node', async () => {
  const body = new Uint8Array((1 << 20) + 1);
  const { status, node } = await ask({}, KEY, { method: 'PUT', body });
  expect(status).toBe(413);
  expect(node.asked).toEqual([]);
});

test('numbers of the query out of range, and names unknown to it, are 400', async () => {
  for (const query of ['r=0', 'w=256', 'w=two', 'r=1.5', 'timeout_ms=60001', 'R=2', 'r=-1']) {
    const { status, node } = await ask({}, `${KEY}?${query}`);
    expect(status, query).toBe(400);
    expect(node.asked).toEqual([]);
  }
  expect((await ask(got(version('x')), `${KEY}?r=&timeout_ms=60000`)).status).toBe(200);
});

test('a key is percent-encoded bytes, and what is no key is 400', async () => {
  const key = async (segment: string) => {
    const { node, status } = await ask(got(version('x')), `/rings/ducks/keys/${segment}`);
    return (node.asked[0] as string[])?.[1] ?? status;
  };
  expect(await key('a%2Fb%20c')).toBe('a/b c');
  expect(await key('%C3%A4')).toBe('ä');
  expect(await key('ä')).toBe('ä');
  expect(await key('a+b%25')).toBe('a+b%');
  expect(await key('%F0%9F%A6%86')).toBe('🦆');
  for (const segment of ['', '%', '%2', '%zz', 'a/b']) expect(await key(segment)).toBe(400);
});

test('without the secret, or with another one, it is 401 and the node is not asked', async () => {
  const wrong = [
    '',
    'Bearer',
    `Basic ${SECRET}`,
    'Bearer 00112233445566778899aabbccddeefe',
    SECRET,
  ];
  for (const Authorization of wrong) {
    for (const path of [KEY, '/rings/ducks', '/rings/geese/keys/a']) {
      const { status, headers, node } = await ask({}, path, { headers: { Authorization } });
      expect(status).toBe(401);
      expect(headers.get('WWW-Authenticate')).toBe('Bearer');
      expect(node.asked).toEqual([]);
    }
  }
});

test('a secret in the address is no secret', async () => {
  const path = `${KEY}?secret=${SECRET}`;
  expect((await ask({}, path, { headers: { Authorization: '' } })).status).toBe(401);
});

test('a ring or a path that is not here is 404', async () => {
  for (const path of ['/rings/geese', '/rings/geese/keys/a', '/rings', '/keys/a', '/rings/']) {
    expect((await ask({}, path)).status, path).toBe(404);
  }
});

test('a method that is not for a place is 405 and names those that are', async () => {
  const { status, headers } = await ask({}, KEY, { method: 'POST', body: 'x' });
  expect(status).toBe(405);
  expect(headers.get('Allow')).toBe('GET, HEAD, PUT, DELETE, OPTIONS');
  const ring = await ask({}, '/rings/ducks', { method: 'DELETE' });
  expect(ring.status).toBe(405);
  expect(ring.headers.get('Allow')).toBe('GET, HEAD, OPTIONS');
});

test('the ring tells its members to those who know the secret', async () => {
  const { status, response } = await ask({}, '/rings/ducks');
  expect(status).toBe(200);
  expect(await response.json()).toEqual({ members: ['A', 'B'] });
});

test('HEAD is GET without the body', async () => {
  const { status, headers, response } = await ask(got(version('x')), KEY, { method: 'HEAD' });
  expect(status).toBe(200);
  expect(headers.get('X-Dynamo-Context')).toBe('c1');
  expect(await response.text()).toBe('');
});

test('requests beyond the rate are 429 with Retry-After, and time mends it', async () => {
  let now = 0;
  const node = new Fake(got(version('x')));
  const rate = { perSecond: 2, burst: 3 };
  const face = ringFace({ node, origins: [], rate, now: () => now });
  const get = (address: string) => face(new Request(`http://h${KEY}`, { headers: KNOWN }), address);
  for (let i = 0; i < 3; i++) expect((await get('a')).status).toBe(200);
  const refused = await get('a');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('Retry-After')).toBe('1');
  expect((await get('b')).status, 'another address is not punished').toBe(200);
  now = 600;
  expect((await get('a')).status).toBe(200);
  expect((await get('a')).status).toBe(429);
});

test('a page on the list may ask and read, another may do neither', async () => {
  const from = (Origin: string, method = 'GET') =>
    ask(got(version('x', { metadata: { who: 'ann' } })), KEY, { method, headers: { Origin } });
  const good = await from('http://localhost:5173');
  expect(good.status).toBe(200);
  expect(good.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:5173');
  const exposed = good.headers.get('Access-Control-Expose-Headers');
  expect(exposed).toMatch(/X-Dynamo-Context.*x-dynamo-meta-who/);
  const bad = await from('https://evil.example');
  expect(bad.status).toBe(403);
  expect(bad.headers.has('Access-Control-Allow-Origin')).toBe(false);
  expect((await from('https://evil.example', 'OPTIONS')).status).toBe(403);
  const before = await ask({}, KEY, {
    method: 'OPTIONS',
    headers: {
      Origin: 'http://localhost:1',
      Authorization: '',
      'Access-Control-Request-Headers': 'authorization',
    },
  });
  expect(before.status).toBe(204);
  expect(before.headers.get('Access-Control-Allow-Methods')).toMatch(/PUT, DELETE/);
  expect(before.headers.get('Access-Control-Allow-Headers')).toBe('authorization');
});

test('metadata that is not plain ASCII comes in by either road', async () => {
  const raw = String.fromCharCode(...bytes('Jürgen'));
  const headers = { 'X-Dynamo-Meta-A': raw, 'X-Dynamo-Meta-B*': "UTF-8''J%C3%BCrgen" };
  const { node } = await ask({}, KEY, { ...PUT, headers });
  const metadata = (node.asked[0] as [string, string, string, Record<string, string>])[3];
  expect(metadata).toMatchObject({ a: 'Jürgen', b: 'Jürgen' });
  for (const bad of ['Jürgen', "UTF-8''%zz"]) {
    const refused = await ask({}, KEY, { ...PUT, headers: { 'X-Dynamo-Meta-B*': bad } });
    expect(refused.status).toBe(400);
  }
});

test('a socket’s place asked for as a page says what is wanted', async () => {
  const { status, headers } = await ask({}, '/rings/ducks/socket');
  expect(status).toBe(426);
  expect(headers.get('Upgrade')).toBe('websocket');
});
