import { expect, test } from 'vitest';
import type { KeyView, OpView, Version } from '../engine/types';
import { alive, history, makerOf } from './versions';

const version = (value: string, clock: Record<string, number>): Version => ({ value, clock });
const MILK = version('milk', { A: 1 });
const JAM = version('milk, jam', { A: 2 });
const TEA = version('milk, tea', { A: 1, B: 1 });

const holder = (node: number, versions: Version[]) =>
  ({ node, kind: 'replica', state: 'up', versions }) as KeyView['holders'][number];
const put = (id: string, one: Version) =>
  ({ id, kind: 'put', key: 'cart', versions: [one] }) as OpView;

const VIEW = {
  key: 'cart',
  holders: [holder(0, [JAM]), holder(1, [TEA]), holder(2, [MILK])],
} as unknown as KeyView;

test('what another version covers is not alive, siblings both are', () => {
  expect(alive(VIEW).map((one) => one.value)).toEqual(['milk, jam', 'milk, tea']);
});

test('a covered put is history, the siblings are not, and the oldest comes first', () => {
  const ops = [put('p3', TEA), put('p2', JAM), put('p1', MILK)];
  expect(history(VIEW, ops, 3).map((one) => one.op.id)).toEqual(['p1']);
});

test('a version is known by the put that made it', () => {
  expect(makerOf(TEA, [put('p3', TEA), put('p1', MILK)])?.id).toBe('p3');
});

test('where siblings share a clock, what they say tells them apart', () => {
  const twins = { ...VIEW, holders: [holder(0, [JAM, version('tea', { A: 2 })])] };
  expect(alive(twins)).toHaveLength(2);
});

test('the engine’s own word on what is alive goes before the clocks', () => {
  expect(alive({ ...VIEW, alive: [MILK] })).toEqual([MILK]);
  const ops = [{ ...put('p2', JAM), outcome: 'ok' as const }, put('p1', MILK)];
  const past = history({ ...VIEW, alive: [MILK] }, ops, 3, 'last-write-wins');
  expect(past.map((one) => one.op.id)).toEqual(['p2']);
});
