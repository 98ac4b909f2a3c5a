import { expect, test } from 'vitest';
import { isSame, kept } from './same';

const ring = () => ({ n: 3, ends: null, nodes: [{ name: 'A' }, { name: 'B' }] });

test('what says the same is the same, however deep', () => {
  expect(isSame(ring(), ring())).toBe(true);
  expect(isSame(ring(), { ...ring(), nodes: [{ name: 'A' }, { name: 'C' }] })).toBe(false);
  expect(isSame([1, 2], [1])).toBe(false);
  expect(isSame({ a: undefined }, { b: undefined })).toBe(false);
  expect(isSame(null, {})).toBe(false);
});

test('what has not changed keeps its identity, and what has does not', () => {
  const before = ring();
  expect(kept(before, ring())).toBe(before);
  const now = { ...ring(), n: 2 };
  expect(kept(before, now)).toBe(now);
  expect(kept(null, now)).toBe(now);
});
