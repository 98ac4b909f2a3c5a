import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summed } from '../bench/frames.mjs';

const task = (tid, tdur) => ({ name: 'ThreadControllerImpl::RunTask', pid: 1, tid, tdur });
const frame = (tid) => ({ name: 'FireAnimationFrame', pid: 1, tid, tdur: 900 });
const main = { name: 'thread_name', pid: 1, tid: 7, args: { name: 'CrRendererMain' } };

test('a trace is summed over the main thread that fires animation frames, and no other', () => {
  const { frames, spent_ms, longest_ms } = summed([
    ...[task(7, 2000), frame(7), task(7, 4000), frame(7)],
    ...[task(8, 90_000), { ...task(7, 90_000), pid: 2 }, { ...main, pid: 2 }, main],
  ]);
  assert.deepEqual([frames, spent_ms, longest_ms], [2, 6, 4]);
});

test('what the worker that draws spends is counted apart, with its pictures', () => {
  const { frames, spent_ms, pictures, painted_ms } = summed([
    ...[main, frame(9), task(9, 3000), frame(7), task(7, 1000), frame(9), frame(9)],
    { ...frame(9), pid: 2 },
  ]);
  assert.deepEqual([frames, spent_ms, pictures, painted_ms], [1, 1, 3, 3]);
});

test('a page that never drew has no frames, and costs nothing', () => {
  const { frames, spent_ms, pictures } = summed([main, task(7, 2000)]);
  assert.deepEqual([frames, spent_ms, pictures], [0, 0, 0]);
});
