import { expect, test } from 'vitest';
import { lineThrough, ticksTo } from './chart';

test('the line through points of a line is that line', () => {
  const points = [3, 6, 30].map((x) => ({ x, y: 600 * x + 50 }));
  const line = lineThrough(points);
  expect(line?.slope).toBeCloseTo(600);
  expect(line?.at0).toBeCloseTo(50);
});

test('a point that lies off draws the line towards it', () => {
  const points = [0, 1, 2].map((x) => ({ x, y: x === 1 ? 3 : 0 }));
  expect(lineThrough(points)).toEqual({ slope: 0, at0: 1 });
});

test('one place has no line', () => {
  expect(lineThrough([])).toBeNull();
  expect(lineThrough([{ x: 3, y: 1 }])).toBeNull();
});

test('an axis has few figures, all round, the last no less than what is drawn', () => {
  for (const max of [0.7, 1, 9, 18_900, 21_000, 99_999]) {
    const ticks = ticksTo(max);
    expect(ticks.length, String(max)).toBeLessThanOrEqual(9);
    expect(ticks.length, String(max)).toBeGreaterThanOrEqual(4);
    expect(ticks.at(-1), String(max)).toBeGreaterThanOrEqual(max);
    expect(ticks.at(-2), String(max)).toBeLessThan(max);
  }
});
