import { expect, test } from 'vitest';
import { stacksOf } from './extras';

test('hints for up to three nodes stand in a stack for each, the first met first', () => {
  expect(stacksOf(4, ['C', 'B', 'C', 'A'])).toEqual([
    { holder: 4, owner: 'C', count: 2, owners: 1 },
    { holder: 4, owner: 'B', count: 1, owners: 1 },
    { holder: 4, owner: 'A', count: 1, owners: 1 },
  ]);
});

test('hints for four nodes and more share one stack that counts both', () => {
  expect(stacksOf(4, ['A', 'B', 'C', 'D', 'D'])).toEqual([
    { holder: 4, owner: '', count: 5, owners: 4 },
  ]);
});

test('no hints, no stack', () => {
  expect(stacksOf(4, [])).toEqual([]);
});
