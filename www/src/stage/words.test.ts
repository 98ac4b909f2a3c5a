import { describe, expect, test } from 'vitest';
import { flight, measure, split } from './geometry';
import { boxOf, overBezel, overlap, spotOf } from './words';

describe('the words of the message that is followed', () => {
  test('never reach the bezel, on no way between two nodes, at no moment of it', () => {
    const over: string[] = [];
    for (const [height, width] of [
      [560, 150],
      [640, 170],
      [860, 190],
    ] as const) {
      const g = measure({ width: height, height, phone: false, inset: 0 }, 6, 64);
      for (let from = 0; from < 6; from++) {
        for (let to = 0; to < 6; to++) {
          for (let part = 0; part <= 20 && from !== to; part++) {
            for (const id of [0, 1, 2]) {
              const { at, angle } = split(flight(g, from, to, id), part / 20);
              const box = boxOf(spotOf(g, at, angle, width), width);
              const by = overBezel(g, box);
              if (by > 0) over.push(`${height}: ${from} to ${to} at ${part}/20 by ${by}`);
            }
          }
        }
      }
    }
    expect(over).toEqual([]);
  });

  test('stand beside a message in the empty dial', () => {
    const g = measure({ width: 700, height: 700, phone: false, inset: 0 }, 6, 64);
    expect(spotOf(g, { x: 0, y: 0 }, Math.PI / 2, 120)).toEqual({ x: 32, y: 0, align: 'left' });
    expect(spotOf(g, { x: 0, y: 0 }, 0, 120)).toEqual({ x: 0, y: 36, align: 'center' });
  });

  test('keep clear of what is taken', () => {
    const g = measure({ width: 700, height: 700, phone: false, inset: 0 }, 6, 64);
    const taken = { left: 20, right: 120, top: -12, bottom: 8 };
    const spot = spotOf(g, { x: 0, y: 0 }, Math.PI / 2, 120, [taken]);
    expect(overlap(boxOf(spot, 120), taken)).toBe(0);
  });
});
