import { expect, test } from 'vitest';
import type { Fault } from '../engine/types';
import { clogsOf } from './cuts';

const both = { from: ['A'], to: ['B', 'C'], for_ms: 400 };
const oneWay = { from: ['B'], to: ['C'], for_ms: 200, one_way: true };
const faults: Fault[] = [
  { at_ms: 100, clog: both },
  { at_ms: 100, clog: oneWay },
];

test('a clog holds what is sent until its end', () => {
  expect(clogsOf(faults, 299)).toEqual([both, oneWay]);
  expect(clogsOf(faults, 300)).toEqual([both]);
  expect(clogsOf(faults, 500)).toEqual([]);
});

test('a heal ends what was clogged before it, and nothing after', () => {
  const healed: Fault[] = [...faults, { at_ms: 150, heal: {} }];
  expect(clogsOf(healed, 160)).toEqual([]);
  expect(clogsOf([...healed, { at_ms: 150, clog: both }], 160)).toEqual([both]);
});
