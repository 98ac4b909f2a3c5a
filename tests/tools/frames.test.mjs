import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summed } from '../bench/frames.mjs';

/** One after another: each begins where the one before ended, but for what is within it. */
const span = (name, tid, ts, tdur) => ({ name, ph: 'X', pid: 1, tid, ts, dur: 2 * tdur, tdur });
const task = (tid, ts, tdur) => span('RunTask', tid, ts, tdur);
const frame = (tid, ts) => span('FireAnimationFrame', tid, ts, 900);
const main = { name: 'thread_name', ph: 'M', pid: 1, tid: 7, args: { name: 'CrRendererMain' } };

test('a trace is summed over the main thread that fires animation frames, and no other', () => {
  const { frames, spent_ms, longest_ms } = summed([
    ...[task(7, 0, 2000), frame(7, 100), task(7, 5000, 4000), frame(7, 5100)],
    ...[task(8, 0, 90_000), { ...task(7, 0, 90_000), pid: 2 }, { ...main, pid: 2 }, main],
  ]);
  assert.deepEqual([frames, spent_ms, longest_ms], [2, 6, 4]);
});

test('what the worker that draws spends is counted apart, with its pictures', () => {
  const { frames, spent_ms, pictures, painted_ms } = summed([
    ...[main, task(9, 0, 3000), frame(9, 10), frame(9, 2000), frame(9, 4000)],
    ...[task(7, 0, 1000), frame(7, 10), { ...frame(9, 0), pid: 2 }],
  ]);
  assert.deepEqual([frames, spent_ms, pictures, painted_ms], [1, 1, 3, 3]);
});

test('each part is what is left of its spans without those of other parts within them', () => {
  const { spent_ms, parts_ms } = summed([
    ...[main, task(7, 0, 10_000), frame(7, 100), span('MinorGC', 7, 200, 300)],
    ...[span('Layout', 7, 4000, 2000), span('Paint', 7, 9000, 1000), task(7, 30_000, 500)],
  ]);
  const parts = { script: 0.6, gc: 0.3, layout: 2, paint: 1, rest: 6.6 };
  assert.equal(spent_ms, 10.5);
  for (const [part, ms] of Object.entries(parts)) {
    assert.ok(Math.abs(parts_ms[part] - ms) < 1e-9, `${part}: ${parts_ms[part]}`);
  }
});

test('a page that never drew has no frames, and costs nothing', () => {
  const { frames, spent_ms, pictures } = summed([main, task(7, 0, 2000)]);
  assert.deepEqual([frames, spent_ms, pictures], [0, 0, 0]);
});
