// The lines of the README, as they stand there: only ports and the folder are others.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inRoot } from '../../tools/lib/paths.mjs';
import { folder, Program } from './support/programs.mjs';
import { Client, freePort } from './support/ring.mjs';

test('“A ring at the edge” works to the letter', async (t) => {
  const text = readFileSync(inRoot('README.md'), 'utf8');
  const [, block] = /## A ring at the edge\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(text);
  const data = folder(t);
  const [edge, port] = [await freePort(), await freePort()];
  const here = block
    .replaceAll('8787', edge)
    .replaceAll('7001', port)
    .replaceAll('.dynamo/edge', `${data}/edge`);
  const [begin, secret, put, get, join, ...rest] = here.trim().split('\n');
  assert.deepEqual(rest, [], 'five lines');
  const shell = (line) => new Program(t, 'sh', ['-c', line]);
  const flags = ` -- --port ${edge} --data ${data}/edge`;
  const runtime = shell(begin.replace('npm run edge', `$& ${flags}`));
  await runtime.said(/Stop it with Ctrl\+C/, 120_000);
  const nodes = `http://127.0.0.1:${edge}/nodes`;
  const known = readFileSync(`${data}/edge/secret`, 'utf8').trim();
  const client = new Client(`${nodes}/A/rings/edge`, known);
  await client.whole(3);
  const asked = shell(`${secret}\n${put}\n${get}`);
  await asked.over;
  assert.match(asked.out, /hello$/);
  const node = shell(`${join} --data ${data}/N`);
  await node.said(/Node N at/, 60_000);
  await client.whole(4);
});
