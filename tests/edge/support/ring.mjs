// A ring's clients, as curl would be one, and a load of puts that remembers what was acknowledged.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { sleep, until } from './programs.mjs';

export const SECRET = '00112233445566778899aabbccddeeff';
const REQUEST_MS = 15_000;

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** One node, asked over HTTP. `url` ends in `/rings/RING`. */
export class Client {
  constructor(url, secret = SECRET) {
    this.url = url;
    this.secret = secret;
  }

  async ask(method, path = '', { body, context, headers = {} } = {}) {
    const response = await fetch(this.url + path, {
      method,
      body,
      headers: {
        ...(this.secret ? { Authorization: `Bearer ${this.secret}` } : {}),
        ...(context ? { 'X-Dynamo-Context': context } : {}),
        ...headers,
      },
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const text = await response.text();
    const { status } = response;
    return {
      status,
      text,
      headers: response.headers,
      context: response.headers.get('X-Dynamo-Context'),
    };
  }

  put(key, body, more) {
    return this.ask('PUT', `/keys/${encodeURIComponent(key)}`, { body, ...more });
  }

  get(key, more) {
    return this.ask('GET', `/keys/${encodeURIComponent(key)}`, more);
  }

  delete(key, more) {
    return this.ask('DELETE', `/keys/${encodeURIComponent(key)}`, more);
  }

  async view() {
    const { status, text } = await this.ask('GET');
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }

  /**
   * Waits until this node knows so many members, believes all of them up, and takes puts for
   * partitions all over the ring: those that move to a new member have come there.
   */
  async whole(count, ms = 45_000) {
    let seen = 'nothing';
    const isWhole = async () => {
      const view = await this.view();
      seen = JSON.stringify(view);
      const beliefs = Object.values(view.beliefs);
      if (beliefs.length !== count - 1 || beliefs.some((belief) => belief !== 'up')) return false;
      const probes = Array.from({ length: 12 }, (_, i) => this.put(`probe ${i}`, 'x'));
      const statuses = (await Promise.all(probes)).map(({ status }) => status);
      seen = `puts answered with ${statuses}; ${seen}`;
      return statuses.every((status) => status === 204);
    };
    const tried = () =>
      isWhole().catch((error) => {
        seen = String(error);
      });
    await until(tried, ms, () => `${count} members at ${this.url}; last seen ${seen}`);
  }
}

/** Puts of ever new keys through all of some nodes, several at a time. */
export class Load {
  acknowledged = new Map();
  failed = 0;
  #isOver = false;

  constructor(name, clients, { writers = 4, most = 2_000 } = {}) {
    this.clients = clients;
    const write = (writer) => this.#write(`${name}-${writer}`, Math.ceil(most / writers));
    this.over = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  }

  /** Waits until so many more puts have been acknowledged. */
  async more(count, ms = 30_000) {
    const enough = this.acknowledged.size + count;
    const told = () =>
      `${enough} acknowledged puts; ${this.acknowledged.size}, ${this.failed} failed`;
    await until(() => this.acknowledged.size >= enough, ms, told);
  }

  async stop() {
    this.#isOver = true;
    await this.over;
  }

  async #write(prefix, most) {
    for (let i = 0; i < most && !this.#isOver; i++) {
      const client = this.clients[i % this.clients.length];
      const key = `${prefix}-${i}`;
      const { status } = await client.put(key, `value of ${key}`).catch(() => ({ status: 0 }));
      if (status === 204) this.acknowledged.set(key, `value of ${key}`);
      else this.failed += 1;
      await sleep(status === 204 ? 1 : 20);
    }
  }
}

const JSON_PLEASE = { headers: { Accept: 'application/json' } };
const gone = (error) => ({ status: 0, text: String(error) });

/** What was read: one value, or those of siblings. A put that was passed on twice has two. */
function values({ status, text }) {
  if (status === 200) return [text];
  return status === 300 ? JSON.parse(text).map((one) => atob(one.value_base64)) : [];
}

/** Every acknowledged put is read through each of the clients, before the time is over. */
export async function assertNothingLost(load, clients, ms = 60_000) {
  assert.ok(load.acknowledged.size > 0, 'nothing was acknowledged, so nothing is shown');
  const deadline = performance.now() + ms;
  let missing = clients.flatMap((client) =>
    [...load.acknowledged].map((pair) => [client, ...pair]),
  );
  for (;;) {
    const still = [];
    for (let at = 0; at < missing.length; at += 16) {
      const asked = missing.slice(at, at + 16).map(async ([client, key, value]) => {
        const found = await client.get(key, JSON_PLEASE).catch(gone);
        if (!values(found).includes(value)) still.push([client, key, value, found]);
      });
      await Promise.all(asked);
    }
    if (still.length === 0) return;
    if (performance.now() > deadline) {
      const [client, key, , { status, text }] = still[0];
      const first = `${key} at ${client.url}: ${status} ${text}`;
      assert.fail(`${still.length} acknowledged puts are not read, the first of them ${first}`);
    }
    missing = still;
    await sleep(500);
  }
}
