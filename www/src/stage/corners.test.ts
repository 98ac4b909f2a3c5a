import { expect, test } from 'vitest';
import type { Walk } from '../engine/types';
import { runsOf } from './corners';

const at = (node: number, place?: number): Walk =>
  place ? { partition: 0, node, place } : { partition: 0, node, skipped: 'already 1' };

test('three skipped positions in a row are one line, two are two', () => {
  const long = [at(0, 1), at(1), at(0), at(1), at(2, 2)];
  expect(runsOf(long).map((run) => run.length)).toEqual([1, 3, 1]);
  const short = [at(0, 1), at(1), at(0), at(2, 2)];
  expect(runsOf(short).map((run) => run.length)).toEqual([1, 1, 1, 1]);
});
