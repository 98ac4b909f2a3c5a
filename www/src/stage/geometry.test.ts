import { expect, test } from 'vitest';
import { sides } from './cuts';
import {
  cellOf,
  flight,
  hitRadius,
  measure,
  middleOf,
  nearestNode,
  nodeAt,
  split,
  turnOf,
} from './geometry';

const g = measure({ width: 800, height: 640, phone: false, inset: 0 }, 6, 64);

test('node A stands at twelve, the others follow clockwise', () => {
  expect(turnOf(nodeAt(g, 0))).toBeCloseTo(0);
  expect(turnOf(nodeAt(g, 1))).toBeCloseTo(1 / 6);
  expect(nodeAt(g, 1).x).toBeGreaterThan(0);
});

test('there and back never share a line', () => {
  const there = split(flight(g, 0, 3, 3), 0.5).at;
  const back = split(flight(g, 3, 0, 3), 0.5).at;
  expect(Math.hypot(there.x - back.x, there.y - back.y)).toBeGreaterThan(10);
});

test('a message starts and ends at the edges of its discs', () => {
  const { a, b } = flight(g, 1, 4, 0);
  const from = nodeAt(g, 1);
  const to = nodeAt(g, 4);
  expect(Math.hypot(a.x - from.x, a.y - from.y)).toBeCloseTo(g.disc + 5);
  expect(Math.hypot(b.x - to.x, b.y - to.y)).toBeCloseTo(g.disc + 7);
});

test('a line down the dial parts the right half from the left', () => {
  const [left, right] = sides(g, { x: 1, y: -200 }, { x: 1, y: 200 });
  expect(new Set(left.length > right.length ? right : left)).toEqual(new Set([1, 2]));
});

test('a crowd of nodes still fits on the orbit', () => {
  const crowd = measure({ width: 800, height: 640, phone: false, inset: 0 }, 40, 64);
  const a = nodeAt(crowd, 0);
  const b = nodeAt(crowd, 1);
  expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(crowd.disc * 2);
});

test('a thousand dots stand apart, and a pointer on one hits no other', () => {
  const many = measure({ width: 856, height: 674, phone: false, inset: 0 }, 1000, 4096);
  const gaps = Array.from({ length: 12 }, (_, i) => {
    const [a, b] = [nodeAt(many, 0), nodeAt(many, i + 1)];
    return Math.hypot(a.x - b.x, a.y - b.y);
  });
  const least = Math.min(...gaps);
  expect(least).toBeGreaterThan(many.disc * 2 + 1);
  expect(hitRadius(many, false)).toBeLessThanOrEqual(least / 2);
  const rows = [0, 1, 2, 3, 4].map((i) => Math.hypot(nodeAt(many, i).x, nodeAt(many, i).y));
  expect(Math.max(...rows)).toBeLessThan(many.out - many.band - 10);
});

test('a point means the nearest node, and far from all of them none', () => {
  const many = measure({ width: 856, height: 674, phone: false, inset: 0 }, 1000, 4096);
  for (const node of [0, 3, 499, 998]) {
    const { x, y } = nodeAt(many, node);
    expect(nearestNode(many, { x: x + 1, y: y - 1 }, 12)).toBe(node);
  }
  expect(nearestNode(many, { x: 0, y: 0 }, 22)).toBe(-1);
});

test('equal partitions start at twelve; uneven ones end where they say', () => {
  expect(cellOf(g, 16)).toEqual({ from: 0.25, to: 0.265625 });
  const box = { width: 800, height: 640, phone: false, inset: 0 };
  const uneven = measure(box, 3, 3, [0.1, 0.4, 0.9]);
  expect(cellOf(uneven, 0).from).toBeCloseTo(-0.1);
  expect(cellOf(uneven, 0).to).toBe(0.1);
  expect(middleOf(cellOf(uneven, 2))).toBeCloseTo(0.65);
});
