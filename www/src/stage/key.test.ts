import { expect, test } from 'vitest';
import type { KeyView } from '../engine/types';
import { measure } from './geometry';
import { walkTurns } from './key';

/** The walk begins in the key's own partition. */
const view = (angle: number, walk: number[]) =>
  ({
    angle,
    partition: walk[0],
    walk: walk.map((partition) => ({ partition, node: 0 })),
  }) as KeyView;
const measured = (partitions: number) =>
  measure({ width: 800, height: 700, phone: false, inset: 0 }, 6, partitions);

test('the key’s own cell may have its middle before the key, and is not a turn away', () => {
  const turns = walkTurns(measured(64), view(56.9 / 64, [56, 57, 58]));
  expect(turns.map((turn) => turn * 64)).toEqual([56.5, 57.5, 58.5]);
});

test('a walk past twelve goes on clockwise', () => {
  const turns = walkTurns(measured(64), view(63.2 / 64, [63, 0]));
  expect(turns.map((turn) => turn * 64)).toEqual([63.5, 64.5]);
});

test('where partitions are hairlines the numbers keep apart', () => {
  const [a = 0, b = 0] = walkTurns(measured(2048), view(0.5, [1024, 1025]));
  expect((b - a) * Math.PI * 2 * measured(2048).badge).toBeGreaterThan(18);
});

test('on an uneven ring a key in the cell across twelve has it before or after itself', () => {
  const g = measure({ width: 800, height: 700, phone: false, inset: 0 }, 3, 3, [0.1, 0.4, 0.8]);
  expect(walkTurns(g, view(0.05, [0, 1]))[0]).toBeCloseTo(-0.05);
  expect(walkTurns(g, view(0.9, [0, 1]))[0]).toBeCloseTo(0.95);
  expect(walkTurns(g, view(0.9, [0, 1]))[1]).toBeCloseTo(1.25);
});
