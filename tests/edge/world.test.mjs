// A simulated world behind POST /run, on the runtimes themselves.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { bundleNode, bundleWorker, startWorkerd } from '../../tools/lib/edge.mjs';
import { inRoot } from '../../tools/lib/paths.mjs';
import { folder, Program, until } from './support/programs.mjs';

const read = (path) => readFileSync(inRoot(`tests/${path}`), 'utf8');
const golden = Object.entries(JSON.parse(read('golden.json')));
const SECRET = '00112233445566778899aabbccddeeff';
let programs;

before(async () => {
  programs = { node: await bundleNode(), worker: await bundleWorker() };
});

async function run(url, scenario, headers = {}) {
  const signal = AbortSignal.timeout(60_000);
  const response = await fetch(`${url}/run`, { method: 'POST', body: scenario, headers, signal });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function assertGolden(url, headers) {
  assert.ok(golden.length >= 11);
  for (const [name, digest] of golden) {
    const { status, body } = await run(url, read(`scenarios/${name}.json`), headers);
    assert.equal(status, 200, `${name}: ${body.error}`);
    assert.equal(body.digest, digest, name);
  }
}

async function inWorkerd(t, bindings) {
  const script = programs.worker;
  const { runtime, url } = await startWorkerd({ script, folder: folder(t), bindings });
  t.after(() => runtime.dispose());
  return url;
}

async function underNode(t, env = {}) {
  const args = [programs.node, '--world', '--listen', '127.0.0.1:0'];
  const program = new Program(t, process.execPath, args, env);
  const [, url] = await program.said(/world is at (http:\S+?)\. Try/);
  return { program, url };
}

test('every scenario ends in its golden digest in a Durable Object on workerd', async (t) => {
  const url = await inWorkerd(t, { DYNAMO_SECRET: SECRET });
  await assertGolden(url, { Authorization: `Bearer ${SECRET}` });
});

test('every scenario ends in its golden digest under Deno', async (t) => {
  const args = ['run', '--allow-net=127.0.0.1', '--allow-read', 'www/edge/deno.ts', '0'];
  const program = new Program(t, inRoot('node_modules/.bin/deno'), args, { NO_COLOR: '1' });
  const [, url] = await program.said(/world is at (\S+)/);
  await assertGolden(url);
});

test('every scenario ends in its golden digest behind Node’s server', async (t) => {
  const { url, program } = await underNode(t);
  await assertGolden(url);
  assert.deepEqual(await program.stop(), { code: 0, signal: null });
});

test('a bad scenario is 400 with the sentence that the command line prints', async (t) => {
  const { url } = await underNode(t);
  const bad = read('scenarios/story.json').replace('"nodes": 6', '"nodes": 0');
  const { status, body } = await run(url, bad);
  assert.equal(status, 400);
  assert.match(body.error, /^config\.nodes: found 0, allowed /);
  assert.equal((await run(url, '')).status, 400);
  assert.equal((await run(url, 'no json')).status, 400);
});

test('a body that is too long is 413 and the host goes on', async (t) => {
  const { url } = await underNode(t);
  assert.equal((await run(url, ' '.repeat(5 << 20))).status, 413);
  assert.equal((await run(url, read('scenarios/story.json'))).status, 200);
});

test('worlds beyond the limit are 429, and those that nobody waits for make room', async (t) => {
  const { url } = await underNode(t);
  const config = { nodes: 50, n: 3, r: 2, w: 2 };
  const endless = JSON.stringify({ version: 1, seed: 1, config, script: [], until_ms: 36_000_000 });
  const gone = new AbortController();
  const post = { method: 'POST', body: endless, signal: gone.signal };
  const long = [0, 1].map(() => fetch(`${url}/run`, post).catch(({ name }) => name));
  const story = read('scenarios/story.json');
  const answer = async () => run(url, story);
  const told = await until(
    async () => {
      const { status, headers } = await answer();
      return status === 429 && headers;
    },
    30_000,
    'a world too many',
  );
  assert.ok(Number(told.get('Retry-After')) > 0);
  gone.abort();
  assert.deepEqual(await Promise.all(long), ['AbortError', 'AbortError']);
  await until(async () => (await answer()).status === 200, 30_000, 'room for a world');
});

test('a host with a secret runs worlds for those who know it', async (t) => {
  const { url } = await underNode(t, { DYNAMO_SECRET: SECRET });
  const story = read('scenarios/story.json');
  assert.equal((await run(url, story)).status, 401);
  assert.equal((await run(url, story, { Authorization: 'Bearer nonsense' })).status, 401);
  assert.equal((await run(url, story, { Authorization: `Bearer ${SECRET}` })).status, 200);
});

test('a deployment without a secret serves nothing and says what to do', async (t) => {
  for (const bindings of [{}, { DYNAMO_SECRET: '' }, { DYNAMO_SECRET: 'short' }]) {
    const url = await inWorkerd(t, bindings);
    for (const path of ['/', '/run', '/rings/edge', '/rings/edge/keys/a']) {
      const response = await fetch(url + path);
      assert.equal(response.status, 503, path);
      assert.match((await response.json()).error, /no secret.*wrangler secret put DYNAMO_SECRET/);
    }
  }
});

test('a flag that is wrong is told with what was found and what is allowed', async (t) => {
  const refusals = [
    [['--world'], /--listen: found nothing, allowed HOST:PORT/],
    [['--world', '--listen', '127.0.0.1'], /--listen: found 127.0.0.1, allowed HOST:PORT/],
    [['--world', '--listen', '127.0.0.1:70000'], /--listen: found 127.0.0.1:70000, allowed/],
    [['--world', '--listen', '0.0.0.0:0'], /--listen: found 0.0.0.0, allowed .* --lan/],
    [['--world', '--listen', '127.0.0.1:0', '--ring', 'r'], /--ring: found r, allowed nothing/],
    [['--frobnicate'], /--frobnicate/],
  ];
  for (const [args, pattern] of refusals) {
    const program = new Program(t, process.execPath, [programs.node, ...args]);
    assert.deepEqual(await program.over, { code: 2, signal: null }, args.join(' '));
    assert.match(program.out, pattern);
  }
});
