import { expect, test } from 'vitest';
import type { Fault, OpView } from '../engine/types';
import { clientMarks, faultBars, loadBars, named, spanOf } from './lanes';

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

test('a clog is as long as it asks, also beside another, and a heal ends it', () => {
  const clog = (for_ms: number, to = 'C') => ({ from: ['A'], to: [to], for_ms });
  const faults: Fault[] = [
    { at_ms: 100, clog: clog(50) },
    { at_ms: 100, clog: clog(5000, 'B') },
    { at_ms: 500, heal: {} },
    { at_ms: 800, clog: clog(5000) },
  ];
  expect(faultBars(faults, 900)).toEqual([
    { from: 100, to: 150, text: 'A–C clogged' },
    { from: 100, to: 500, text: 'A–B clogged' },
    { from: 800, to: 900, text: 'A–C clogged' },
  ]);
});

test('a load is as long as it asks, and none has a future', () => {
  const workload = { clients: 10, ops_per_second: 50, for_ms: 500 };
  const closed = { clients: 1, for_ms: 5000 };
  const loads = [
    { at_ms: 100, workload },
    { at_ms: 300, workload: closed },
  ];
  expect(loadBars(loads, 900)).toEqual([
    { from: 100, to: 600, text: '10 clients, 50 requests a second' },
    { from: 300, to: 900, text: '1 client' },
  ]);
});

test('operations that would print over each other share a mark', () => {
  const op = (id: string, started_ms: number) => ({ id, started_ms, kind: 'put' }) as OpView;
  const newestFirst = [op('p3', 4000), op('p2', 1010), op('p1', 1000)];
  expect(clientMarks(newestFirst, 8000, 150).map((mark) => mark.text)).toEqual(['p1 p2', 'p3']);
  const many = [op('p4', 1030), op('p3', 1020), ...newestFirst.slice(1)];
  expect(clientMarks(many, 8000, 150)).toEqual([{ at: 1000, kind: 'put', text: 'p1…p4' }]);
  // A longer name needs more room.
  const named = [op('p2', 1500), op('the-first', 1000)];
  expect(clientMarks(named, 8000, 150)).toHaveLength(1);
  expect(clientMarks(newestFirst.slice(1), 20, 150)).toHaveLength(2);
});

test('faults that begin together are named in one place', () => {
  const bar = (from: number, text: string) => ({ from, to: 900, text });
  const texts = (bars: ReturnType<typeof bar>[]) => named(bars).map(({ text }) => text);
  const three = [bar(1, 'B crashed'), bar(1, 'C crashed'), bar(2, 'D slow')];
  expect(texts(three)).toEqual(['', 'B, C crashed', 'D slow']);
  expect(texts([bar(1, 'B crashed'), bar(1, 'A | CD')])).toEqual(['', 'B crashed, A | CD']);
});

test('the axis grows in steps, and the playhead never leaves it', () => {
  expect(spanOf(0)).toBe(8000);
  for (const now of [7000, 8000, 60_000, 3_600_000]) expect(spanOf(now)).toBeGreaterThan(now);
});

test('of many nodes on one side of a cut there is a number, and no names', () => {
  const from = Array.from({ length: 30 }, (_, i) => `A${i}`);
  const [bar] = faultBars([{ at_ms: 100, cut: { from, to: ['B', 'C'] } }], 900);
  expect(bar?.text).toBe('30 nodes | BC');
});
