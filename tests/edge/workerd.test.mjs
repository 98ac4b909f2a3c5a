// A ring of Durable Objects on workerd, the real runtime.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { bundleNode, bundleWorker, startWorkerd } from '../../tools/lib/edge.mjs';
import { inRoot } from '../../tools/lib/paths.mjs';
import { folder, Program, sleep, until } from './support/programs.mjs';
import { assertNothingLost, Client, freePort, Load, SECRET } from './support/ring.mjs';

const NODES = ['A', 'B', 'C'];
const at = (url, name) => new Client(`${url}/nodes/${name}/rings/edge`);
let programs;

before(async () => {
  const node = await bundleNode();
  const worker = await bundleWorker();
  programs = {
    node,
    worker,
    abort: await bundleWorker('tests/edge/support/abort-worker.ts', 'abort'),
  };
});

async function ring(t, { script = programs.worker, more = {} } = {}) {
  const bindings = { DYNAMO_SECRET: SECRET, RING: 'edge', NODES: NODES.join(','), ...more };
  const { runtime, url } = await startWorkerd({ script, folder: folder(t), bindings });
  t.after(() => runtime.dispose());
  const names = bindings.NODES.split(',');
  const clients = names.map((name) => at(url, name));
  for (const client of clients) await client.whole(names.length);
  return { url, clients };
}

test('three objects are one ring: puts and gets through each, and through any', async (t) => {
  const { url, clients } = await ring(t);
  for (const [index, client] of clients.entries()) {
    const put = await client.put(`key ${index}`, `value ${index}`);
    assert.equal(put.status, 204, put.text);
    for (const other of clients) {
      const got = await other.get(`key ${index}`);
      assert.deepEqual([got.status, got.text], [200, `value ${index}`]);
    }
  }
  const any = new Client(`${url}/rings/edge`);
  assert.equal((await any.get('key 0')).text, 'value 0');
  assert.equal((await at(url, 'D').get('key 0')).status, 404);
  const { context } = await any.get('key 1');
  await clients[0].put('key 1', 'this', { context });
  await clients[1].put('key 1', 'that', { context });
  assert.equal((await clients[2].get('key 1')).status, 300);
});

test('one object is aborted with puts under way, the others serve, nothing is lost', async (t) => {
  const { url, clients } = await ring(t, { script: programs.abort });
  const load = new Load('abort', clients, { writers: 6 });
  await load.more(60);
  for (let round = 0; round < 3; round++) {
    const puts = Array.from({ length: 10 }, (_, i) => clients[1].put(`cut ${round} ${i}`, 'x'));
    const ended = await at(url, 'B').ask('POST', '/abort');
    assert.equal(ended.status, 504, 'the object ended before it answered');
    for (const { status } of await Promise.all(puts)) assert.ok([204, 503, 504].includes(status));
    assert.equal((await clients[0].put(`meanwhile ${round}`, 'x')).status, 204);
    await load.more(30);
  }
  await load.stop();
  for (const client of clients) await client.whole(3);
  await assertNothingLost(load, clients);
});

test('an object’s journal is written anew when it has grown, and outlives it', async (t) => {
  const more = { NODES: 'A', CONFIG: '{"n":1,"r":1,"w":1}' };
  const { clients } = await ring(t, { script: programs.abort, more });
  const [a] = clients;
  const value = (i) => `${i} `.padEnd(400_000, 'x');
  let context = null;
  for (let i = 0; i < 15; i++) {
    const put = await a.put('k', value(i), { context });
    assert.equal(put.status, 204, put.text);
    context = put.context;
  }
  assert.equal((await a.ask('POST', '/abort')).status, 504);
  assert.equal((await a.get('k')).text, value(14));
});

test('the runtime is killed under load, and starts again with all it acknowledged', async (t) => {
  const data = folder(t);
  const port = await freePort();
  const args = [inRoot('tools/run.mjs'), 'edge', '--port', String(port), '--data', data];
  const url = `http://127.0.0.1:${port}`;
  const begin = async () => {
    const runtime = new Program(t, process.execPath, args);
    await runtime.said(/Stop it with Ctrl\+C/, 120_000);
    return runtime;
  };
  const first = await begin();
  const secret = readFileSync(`${data}/secret`, 'utf8').trim();
  assert.match(first.out, new RegExp(`secret is ${secret}`));
  const clients = NODES.map((name) => new Client(`${url}/nodes/${name}/rings/edge`, secret));
  for (const client of clients) await client.whole(3);
  const load = new Load('kill', clients, { writers: 6 });
  await load.more(150);
  await first.kill();
  await load.stop();
  const second = await begin();
  for (const client of clients) await client.whole(3);
  await assertNothingLost(load, clients);
  for (const line of second.out.match(/curl .*/g)) {
    const curl = new Program(t, 'sh', ['-c', `${line} -s -w '%{http_code}'`]);
    await curl.over;
    assert.match(curl.out, /20[04]$/, line);
  }
  assert.deepEqual(await second.stop(), { code: 0, signal: null });
});

test('a ring that nobody asks goes to sleep, and does not take that for failure', async (t) => {
  const { clients } = await ring(t, { more: { AWAKE_MS: '2000' } });
  assert.equal((await clients[0].put('k', 'before the sleep')).status, 204);
  const began = (await clients[0].view()).awake.since_ms;
  // Whatever a node was started for, it stays awake for ten seconds.
  await sleep(14_000);
  const got = await clients[1].get('k');
  assert.deepEqual([got.status, got.text], [200, 'before the sleep']);
  const view = await clients[0].view();
  assert.ok(view.awake.since_ms > began + 10_000, 'it has slept');
  for (const client of clients) {
    assert.ok(Object.values((await client.view()).beliefs).every((belief) => belief === 'up'));
  }
});

test('a Node process joins a ring of objects, and each serves what the other got', async (t) => {
  const { url, clients } = await ring(t);
  const port = await freePort();
  const flags = ['--ring', 'edge', '--name', 'N', '--listen', `127.0.0.1:${port}`];
  const join = ['--join', url.replace('http://', ''), '--data', folder(t)];
  const args = [programs.node, ...flags, ...join];
  const program = new Program(t, process.execPath, args, { DYNAMO_SECRET: SECRET });
  await program.said(/Node N at/);
  const guest = new Client(`http://127.0.0.1:${port}/rings/edge`);
  await guest.whole(4);
  for (const client of clients) await client.whole(4);
  assert.equal((await guest.put('from outside', 'x')).status, 204);
  assert.equal((await clients[2].get('from outside')).text, 'x');
  assert.equal((await clients[1].put('from inside', 'y')).status, 204);
  assert.equal((await guest.get('from inside')).text, 'y');
  await program.kill();
  await until(
    async () => (await clients[0].put('without it', 'z')).status === 204,
    15_000,
    'a put',
  );
});
