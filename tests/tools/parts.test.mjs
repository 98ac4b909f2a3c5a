import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { runParts } from '../../tools/lib/parts.mjs';
import { Trouble } from '../../tools/lib/trouble.mjs';

/** Runs parts with their printing kept back; gives the status and the names that ran. */
async function run(parts) {
  const ran = [];
  mock.method(console, 'log', () => {});
  mock.method(console, 'error', () => {});
  const wrap = ([name, work, options]) => {
    const noted = () => {
      ran.push(name);
      return work();
    };
    return [name, noted, options];
  };
  const status = await runParts(parts.map(wrap)).finally(() => mock.restoreAll());
  return { status, ran };
}

test('parts that all succeed are a success', async () => {
  const { status } = await run([
    ['a', async () => 0],
    ['b', async () => {}],
  ]);
  assert.equal(status, 0);
});

test('a failed part is told by the exit status, and the next part still runs', async () => {
  const parts = [
    ['a', async () => 101],
    ['b', async () => 0],
  ];
  assert.deepEqual(await run(parts), { status: 1, ran: ['a', 'b'] });
});

test('nothing runs after a needed part that failed', async () => {
  const fails = async () => {
    throw new Trouble('no network');
  };
  const { status, ran } = await run([
    ['a', fails, { needed: true }],
    ['b', async () => 0],
  ]);
  assert.equal(status, 1);
  assert.deepEqual(ran, ['a']);
});

test('a bug in a part is not taken for a failure of what it checks', async () => {
  const bug = async () => undefined.x;
  await assert.rejects(run([['a', bug]]), TypeError);
});
