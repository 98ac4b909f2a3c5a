import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { initSync, Peer as Untyped } from '../pkg/dynamo_peer.js';
import { joined } from './answer';
import type { How } from './http';
import type { PeerClass } from './peer';
import { type Journal, PeerHost } from './peerhost';

const Peer = Untyped as unknown as PeerClass;
const HOW: How = { context: '', r: 0, w: 0, timeoutMs: 0 };
const SECRET = '00112233445566778899aabbccddeeff';
const bytes = (text: string) => new TextEncoder().encode(text);
let host: PeerHost | undefined;

beforeAll(() => {
  const module = new URL('../pkg/dynamo_peer_bg.wasm', import.meta.url);
  initSync({ module: readFileSync(module) });
});

afterEach(() => host?.stop());

/** In memory; each append is held until the test lets it go, or fails it. */
class Held implements Journal {
  appends: { bytes: Uint8Array; done: () => void; fail: (why: Error) => void }[] = [];
  kept: Uint8Array = new Uint8Array();
  isFree = true;
  cuts: number[] = [];

  async load() {
    return this.kept;
  }

  async cut(length: number) {
    this.cuts.push(length);
    this.kept = this.kept.slice(0, length);
  }

  append(bytes: Uint8Array, replace: boolean): Promise<void> {
    const keep = () => {
      const parts = replace ? [bytes] : [this.kept, bytes];
      this.kept = joined(
        parts,
        parts.reduce((sum, part) => sum + part.length, 0),
      );
    };
    return new Promise((resolve, fail) => {
      const done = () => {
        keep();
        resolve();
      };
      this.appends.push({ bytes, done, fail });
      if (this.isFree) done();
    });
  }
}

async function started(journal: Journal): Promise<PeerHost> {
  const config = { n: 1, r: 1, w: 1 };
  const options = JSON.stringify({ ring: 'ducks', secret: SECRET, name: 'A', found: true, config });
  host = await PeerHost.start({
    ring: 'ducks',
    make: (journal) => new Peer(options, journal),
    route: (packet) => Peer.route(packet),
    journal,
    connect: () => undefined,
    targets: [],
    onTrap: (thrown) => {
      throw thrown;
    },
    log: () => undefined,
  });
  await soon(() => host?.isMember() === true);
  return host;
}

async function soon(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isTrue(); i++) await new Promise((done) => setTimeout(done, 10));
  expect(isTrue()).toBe(true);
}

test('a put is answered when it is durable, and not before', async () => {
  const journal = new Held();
  const node = await started(journal);
  journal.isFree = false;
  let reply: string | null = null;
  const put = node.put(bytes('k'), bytes('v'), {}, HOW).then(({ outcome }) => {
    reply = outcome;
  });
  await soon(() => journal.appends.length > 1);
  await new Promise((done) => setTimeout(done, 50));
  expect(reply).toBe(null);
  journal.isFree = true;
  journal.appends.at(-1)?.done();
  await put;
  expect(reply).toBe('put');
});

test('what comes while an append is under way is one append', async () => {
  const journal = new Held();
  const node = await started(journal);
  journal.isFree = false;
  const puts = Array.from({ length: 50 }, (_, i) => node.put(bytes(`${i}`), bytes('v'), {}, HOW));
  const before = journal.appends.length;
  journal.isFree = true;
  journal.appends.at(-1)?.done();
  for (const { outcome } of await Promise.all(puts)) expect(outcome).toBe('put');
  expect(journal.appends.length).toBeLessThanOrEqual(before + 2);
});

test('a failed append is an indefinite failure, and the node starts from its journal', async () => {
  const journal = new Held();
  const node = await started(journal);
  await node.put(bytes('kept'), bytes('v'), {}, HOW);
  journal.isFree = false;
  const put = node.put(bytes('lost'), bytes('v'), {}, HOW);
  await soon(() => journal.appends.length > 2);
  journal.appends.at(-1)?.fail(new Error('the disk is full'));
  expect(await put).toMatchObject({ outcome: 'failed', definite: false });
  expect(await node.get(bytes('kept'), HOW)).toMatchObject({ outcome: 'failed', definite: true });
  expect(() => node.admits(SECRET)).toThrow('starting again');
  journal.isFree = true;
  await soon(() => node.isMember());
  const got = await node.get(bytes('kept'), HOW);
  expect(got.versions?.map(({ value }) => new TextDecoder().decode(value))).toEqual(['v']);
  expect((await node.get(bytes('lost'), HOW)).versions).toEqual([]);
});

test('a torn journal is cut where it is good', async () => {
  const journal = new Held();
  await (await started(journal)).stop();
  const whole = journal.kept;
  journal.kept = joined([whole, bytes('torn')], whole.length + 4);
  await started(journal);
  expect(journal.cuts).toEqual([whole.length]);
});

test('a request that takes too long is an indefinite failure', async () => {
  const journal = new Held();
  const node = await started(journal);
  journal.isFree = false;
  const reply = await node.put(bytes('k'), bytes('v'), {}, { ...HOW, timeoutMs: 30 });
  expect(reply).toMatchObject({ outcome: 'failed', definite: false });
  expect(reply.error).toBe('no answer within 30 ms');
  journal.isFree = true;
  journal.appends.at(-1)?.done();
});

test('a context of another key is no request, and leaves nothing behind', async () => {
  const node = await started(new Held());
  const { context = '' } = await node.put(bytes('k'), bytes('v'), {}, HOW);
  const wrong = node.put(bytes('other'), bytes('v'), {}, { ...HOW, context });
  await expect(wrong).rejects.toThrow('context');
  await soon(() => !node.isBusy());
});

test('metadata comes back as it went in', async () => {
  const node = await started(new Held());
  const metadata = { 'content-type': 'text/plain', who: 'Jürgen' };
  await node.put(bytes('k'), bytes('v'), metadata, HOW);
  const { versions = [] } = await node.get(bytes('k'), HOW);
  expect(versions[0]?.metadata).toEqual(metadata);
});
