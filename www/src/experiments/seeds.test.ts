import { expect, test } from 'vitest';
import type { Tried } from '../engine/types';
import { worstFirst } from './seeds';

const run = (seed: number, refused: number, unanswered: number, check = ''): Tried => ({
  ...{ seed, events: 1, asked: 80, refused, unanswered },
  ...(check && { broken: { check, why: '', at_ms: 5 } }),
});

test('what broke comes first, then what failed most, and what went well is left out', () => {
  const tried = [run(4, 0, 0), run(3, 1, 1), run(2, 0, 0, 'panic'), run(1, 0, 9), run(0, 2, 0)];
  expect(worstFirst(tried).map(({ seed }) => seed)).toEqual([2, 1, 0, 3]);
});
