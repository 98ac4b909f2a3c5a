import { expect, test } from 'vitest';
import type { LogEvent, OpView } from '../engine/types';
import { clientMarks, faultBars, spanOf } from './lanes';

const event = (at: number, kind: string, node?: number): LogEvent => ({
  id: at,
  at_ms: at,
  cause: null,
  kind,
  notable: true,
  text: '',
  ...(node !== undefined && { node }),
});

test('a crash lasts until the restart, an open one until now', () => {
  const log = [event(100, 'crash', 2), event(300, 'restart', 2), event(400, 'crash', 0)];
  expect(faultBars(log, ['A', 'B', 'C'], 900)).toEqual([
    { from: 100, to: 300, text: 'C crashed' },
    { from: 400, to: 900, text: 'A crashed' },
  ]);
});

test('a heal ends whatever was open', () => {
  const log = [event(100, 'cut'), event(150, 'pause', 1), event(500, 'heal')];
  expect(faultBars(log, ['A', 'B'], 900).map((bar) => bar.to)).toEqual([500, 500]);
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
