import { expect, test } from 'vitest';
import type { Fault, OpView } from '../engine/types';
import { clientMarks, faultBars, spanOf } from './lanes';

test('a crash lasts until the restart, an open one until now', () => {
  const faults: Fault[] = [
    { at_ms: 100, crash: { node: 'C' } },
    { at_ms: 300, restart: { node: 'C' } },
    { at_ms: 400, crash: { node: 'A' } },
  ];
  expect(faultBars(faults, 900)).toEqual([
    { from: 100, to: 300, text: 'C crashed' },
    { from: 400, to: 900, text: 'A crashed' },
  ]);
});

test('a heal ends whatever was open', () => {
  const faults: Fault[] = [
    { at_ms: 100, cut: { from: ['A'], to: ['B', 'C'] } },
    { at_ms: 150, pause: { node: 'B' } },
    { at_ms: 500, heal: {} },
  ];
  expect(faultBars(faults, 900)).toEqual([
    { from: 100, to: 500, text: 'A | BC' },
    { from: 150, to: 500, text: 'B paused' },
  ]);
});

test('operations that would print over each other share a mark', () => {
  const op = (id: string, started_ms: number) => ({ id, started_ms, kind: 'put' }) as OpView;
  const newestFirst = [op('p3', 4000), op('p2', 1010), op('p1', 1000)];
  expect(clientMarks(newestFirst, 8000).map((mark) => mark.text)).toEqual(['p1 p2', 'p3']);
});

test('the axis grows in steps, and the playhead never leaves it', () => {
  expect(spanOf(0)).toBe(8000);
  for (const now of [7000, 8000, 60_000, 3_600_000]) expect(spanOf(now)).toBeGreaterThan(now);
});
