import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summed } from '../bench/frames.mjs';

const task = (tid, tdur) => ({ name: 'ThreadControllerImpl::RunTask', pid: 1, tid, tdur });
const frame = { name: 'FireAnimationFrame', pid: 1, tid: 7, tdur: 900 };

test('a trace is summed over the thread that fires animation frames, and no other', () => {
  const { frames, spent_ms, longest_ms } = summed([
    ...[task(7, 2000), frame, task(7, 4000), frame],
    ...[task(8, 90_000), { ...task(7, 90_000), pid: 2 }],
  ]);
  assert.deepEqual([frames, spent_ms, longest_ms], [2, 6, 4]);
});

test('a page that never drew has no frames, and costs nothing', () => {
  assert.deepEqual(summed([task(7, 2000)]), { frames: 0, spent_ms: 0, longest_ms: 0 });
});
