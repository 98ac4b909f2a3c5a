// A ring of Node processes, with journals on disk and SIGKILL.

import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { bundleNode } from '../../tools/lib/edge.mjs';
import { inRoot } from '../../tools/lib/paths.mjs';
import { folder, Program, until } from './support/programs.mjs';
import { assertNothingLost, Client, freePort, Load, SECRET } from './support/ring.mjs';

const RING = 'ducks';
/** Two copies of each key: of three nodes, one stands in for another. */
const TWO = ['--n', '2', '--r', '2', '--w', '2'];
let program;

before(async () => {
  program = await bundleNode();
});

/** One member: where it is, what it keeps, and the way to start it again. */
class Member {
  constructor(t, name, { port, data, join, flags = [] }) {
    const at = `127.0.0.1:${port}`;
    this.t = t;
    this.name = name;
    this.port = port;
    this.data = `${data}/${name}`;
    this.args = ['--ring', RING, '--name', name, '--listen', at, '--data', this.data, ...flags];
    if (join) this.args.push('--join', `127.0.0.1:${join}`);
    this.client = new Client(`http://${at}/rings/${RING}`);
  }

  async start(runtime = [process.execPath]) {
    const env = { DYNAMO_SECRET: SECRET };
    const [command, ...before] = runtime;
    this.process = new Program(this.t, command, [...before, program, ...this.args], env);
    await this.process.said(/Node \S+ at/);
  }
}

async function ring(t, names, { flags = [], runtimes = {} } = {}) {
  const data = folder(t);
  const members = [];
  for (const name of names) {
    const join = members[0]?.port;
    const member = new Member(t, name, { port: await freePort(), data, join, flags });
    await member.start(runtimes[name]);
    members.push(member);
  }
  for (const { client } of members) await client.whole(names.length);
  return members;
}

test('three processes are one ring: puts and gets through each, contexts, siblings', async (t) => {
  const [a, b, c] = (await ring(t, ['A', 'B', 'C'])).map(({ client }) => client);
  const headers = { 'Content-Type': 'text/plain', 'X-Dynamo-Meta-Who': 'ann' };
  const put = await a.put('cart:ann', 'milk', { headers });
  assert.equal(put.status, 204, put.text);
  assert.ok(put.context);
  for (const client of [a, b, c]) {
    const got = await client.get('cart:ann');
    assert.deepEqual([got.status, got.text], [200, 'milk']);
    assert.equal(got.headers.get('Content-Type'), 'text/plain');
    assert.equal(got.headers.get('X-Dynamo-Meta-Who'), 'ann');
  }
  // Two puts that know of the same past and not of each other are siblings.
  const { context } = await b.get('cart:ann');
  assert.equal((await b.put('cart:ann', 'milk,eggs', { context })).status, 204);
  assert.equal((await c.put('cart:ann', 'milk,bread', { context })).status, 204);
  const parts = await a.get('cart:ann');
  assert.equal(parts.status, 300);
  assert.match(parts.headers.get('Content-Type'), /^multipart\/mixed/);
  const listed = await a.get('cart:ann', { headers: { Accept: 'application/json' } });
  assert.equal(listed.status, 300);
  const values = JSON.parse(listed.text).map((one) => atob(one.value_base64));
  assert.deepEqual(values.sort(), ['milk,bread', 'milk,eggs']);
  // A put that has seen both settles them.
  const settled = await c.put('cart:ann', 'milk,eggs,bread', { context: listed.context });
  assert.equal(settled.status, 204);
  assert.equal((await b.get('cart:ann')).text, 'milk,eggs,bread');
  const gone = await b.delete('cart:ann', { context: settled.context });
  assert.equal(gone.status, 204, gone.text);
  const nothing = await a.get('cart:ann');
  assert.equal(nothing.status, 404);
  assert.ok(nothing.context, 'a tombstone has a context');
  const never = await a.get('cart:bob');
  assert.deepEqual([never.status, never.context], [404, null]);
});

test('the same program under Deno is as good a member, and outlives a kill as well', async (t) => {
  const deno = [inRoot('node_modules/.bin/deno'), 'run', '--allow-all'];
  const [a, b, c] = await ring(t, ['A', 'B', 'C'], { runtimes: { B: deno } });
  const clients = [a, b, c].map(({ client }) => client);
  const load = new Load('deno', clients, { writers: 2 });
  await load.more(40);
  await b.process.kill();
  await b.start(deno);
  await load.more(20);
  await load.stop();
  for (const client of clients) await client.whole(3);
  await assertNothingLost(load, clients);
  assert.equal((await b.client.put('k', 'by Deno')).status, 204);
  assert.equal((await c.client.get('k')).text, 'by Deno');
});

test('what is no request is told apart from what failed', async (t) => {
  const [a] = (await ring(t, ['A', 'B', 'C'])).map(({ client }) => client);
  const { context } = await a.put('one', 'x');
  assert.equal((await a.put('two', 'x', { context })).status, 400, 'a context of another key');
  assert.equal((await a.put('two', 'x', { context: 'nonsense' })).status, 400);
  assert.equal((await a.put('k'.repeat(2_000), 'x')).status, 413);
  assert.equal((await a.put('big', 'x'.repeat((1 << 20) + 1))).status, 413);
  assert.equal((await a.ask('GET', '/keys/one?r=9')).status, 400);
  const other = new Client(a.url.replace(RING, 'geese'));
  assert.equal((await other.get('one')).status, 404);
  const long = 'y'.repeat((1 << 20) - 1_000);
  assert.equal((await a.put('long', long)).status, 204);
  assert.equal((await a.get('long')).text, long);
});

test('one node too few is a definite failure, and says how many there were', async (t) => {
  const data = folder(t);
  const alone = new Member(t, 'A', { port: await freePort(), data });
  await alone.start();
  const { status, text } = await alone.client.put('k', 'v');
  assert.equal(status, 503);
  const { definite, needed, reached } = JSON.parse(text);
  assert.deepEqual([definite, needed, reached], [true, 2, 1]);
});

for (const torn of [false, true]) {
  const how = torn ? ', and its journal torn' : '';
  test(`a node is killed under load${how}: puts go on, hints drain, nothing is lost`, async (t) => {
    const members = await ring(t, ['A', 'B', 'C'], { flags: TWO });
    const [a, b, c] = members;
    const load = new Load(`kill${torn}`, [a.client, b.client, c.client]);
    await load.more(100);
    await b.process.kill();
    await load.more(100);
    const hints = async () => (await a.client.view()).hints + (await c.client.view()).hints;
    await until(async () => (await hints()) > 0, 15_000, 'a hint for the dead node');
    if (torn) truncateSync(`${b.data}/journal`, statSync(`${b.data}/journal`).size - 3);
    await b.start();
    if (torn) assert.match(b.process.out, /B: the journal's last \d+ bytes were torn/);
    await load.more(50);
    await load.stop();
    await until(async () => (await hints()) === 0, 60_000, 'the hints to be handed over');
    await assertNothingLost(load, [a.client, b.client, c.client]);
  });
}

test('all are killed at once, and what was acknowledged is there when they are back', async (t) => {
  const members = await ring(t, ['A', 'B', 'C']);
  const clients = members.map(({ client }) => client);
  const load = new Load('all', clients);
  await load.more(150);
  await Promise.all(members.map((member) => member.process.kill()));
  await load.stop();
  for (const member of members) await member.start();
  for (const client of clients) await client.whole(3);
  await assertNothingLost(load, clients);
});

test('a journal that has grown is written anew, and a kill loses nothing of it', async (t) => {
  const flags = ['--n', '1', '--r', '1', '--w', '1'];
  const [a] = await ring(t, ['A'], { flags });
  const value = (i) => `${i} `.padEnd(200_000, 'x');
  let [context, longest, shortest] = [null, 0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < 30; i++) {
    const put = await a.client.put('k', value(i), { context });
    assert.equal(put.status, 204, put.text);
    context = put.context;
    const { size } = statSync(`${a.data}/journal`);
    if (size < longest) shortest = Math.min(shortest, size);
    longest = Math.max(longest, size);
  }
  assert.ok(shortest < longest / 2, `from ${longest} bytes to ${shortest}`);
  await a.process.kill();
  await a.start();
  assert.equal((await a.client.get('k')).text, value(29));
});

test('a node that is told to stop stops, and its folder is free', async (t) => {
  const data = folder(t);
  const member = new Member(t, 'A', { port: await freePort(), data });
  await member.start();
  const second = new Program(t, process.execPath, [program, ...member.args], {
    DYNAMO_SECRET: SECRET,
  });
  assert.equal((await second.over).code, 1);
  assert.match(second.out, /held by the running process \d+/);
  assert.deepEqual(await member.process.stop(), { code: 0, signal: null });
  await member.start();
  assert.deepEqual(await member.process.stop(), { code: 0, signal: null });
});

test('a node that npm started ends when npm is told to stop', async (t) => {
  const member = new Member(t, 'A', { port: await freePort(), data: folder(t) });
  const npm = new Program(t, 'npm', ['run', 'node', '--', ...member.args]);
  await npm.said(/Node A at/, 120_000);
  npm.child.kill('SIGTERM');
  const isGone = () =>
    member.client.ask('GET').then(
      () => false,
      () => true,
    );
  await until(isGone, 15_000, 'the end of the node');
});

test('a founder makes a secret, keeps it for itself, and prints a line that works', async (t) => {
  const data = folder(t);
  const member = new Member(t, 'A', { port: await freePort(), data });
  const node = new Program(t, process.execPath, [program, ...member.args], {
    DYNAMO_SECRET: undefined,
  });
  const [, file] = await node.said(/Its secret is in (\S+)\. Try:/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, 'utf8'), /^[0-9a-f]{32}\n$/);
  const [line] = await node.said(/curl .*-X PUT.*/);
  const curl = new Program(t, 'sh', ['-c', `${line} -s -w '%{http_code}'`]);
  await curl.over;
  assert.match(curl.out, /503$/, 'alone it cannot keep W copies, and says so');
});

test('a node is not taken for another, nor for one of another ring', async (t) => {
  const data = folder(t);
  const member = new Member(t, 'A', { port: await freePort(), data });
  await member.start();
  await member.process.stop();
  const refusals = [
    [['--ring', 'geese'], /journal belongs to another/],
    [['--name', 'B'], /journal belongs to another/],
    [['--name', 'no name'], /--name: found no name, allowed/],
    [['--join', '127.0.0.1:0'], /--join: found 127\.0\.0\.1:0, allowed/],
    [['--n', 'many'], /--n: found many, allowed/],
    [['--listen', '0.0.0.0:0', '--lan'], /--advertise: found nothing, allowed .*0\.0\.0\.0/],
    [['--secret-file', `${data}/none`], /--secret-file: .*none/],
  ];
  for (const [more, pattern] of refusals) {
    const args = [program, ...member.args, ...more];
    const wrong = new Program(t, process.execPath, args, { DYNAMO_SECRET: SECRET });
    assert.equal((await wrong.over).code, 2, wrong.out);
    assert.match(wrong.out, pattern);
  }
  writeFileSync(`${data}/short`, 'abc');
  const args = [program, ...member.args, '--secret-file', `${data}/short`];
  const wrong = new Program(t, process.execPath, args);
  assert.equal((await wrong.over).code, 2);
  assert.match(wrong.out, /found 3 characters, allowed 32 hex digits/);
});
