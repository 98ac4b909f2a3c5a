import { expect, test } from 'vitest';
import { frameOf, isNarrow, stacksOf } from './extras';
import { measure, nodeAt } from './geometry';

const box = { width: 856, height: 674, phone: false, inset: 0 };
const phone = { width: 390, height: 284, phone: true, inset: 0 };

test('hints for up to three nodes stand in a stack for each, the first met first', () => {
  expect(stacksOf(4, ['C', 'B', 'C', 'A'])).toEqual([
    { holder: 4, owner: 'C', count: 2, owners: 1 },
    { holder: 4, owner: 'B', count: 1, owners: 1 },
    { holder: 4, owner: 'A', count: 1, owners: 1 },
  ]);
});

test('hints for four nodes and more share one stack that counts both', () => {
  expect(stacksOf(4, ['A', 'B', 'C', 'D', 'D'])).toEqual([
    { holder: 4, owner: '', count: 5, owners: 4 },
  ]);
});

test('no hints, no stack', () => {
  expect(stacksOf(4, [])).toEqual([]);
});

test('frames about neighbouring dots neither meet nor reach into another’s dot', () => {
  const sizes = [60, 100, 200, 300, 1000];
  const framed = [box, phone].flatMap((one) => sizes.map((nodes) => measure(one, nodes, 4096)));
  for (const g of framed.filter(frameOf)) {
    const { r, line } = frameOf(g) ?? { r: 0, line: 0 };
    const reach = r + line / 2;
    // As the first one's frame sees them, which stands square to the ring.
    const first = nodeAt(g, 0);
    for (let i = 1; i <= 2 * g.rows; i++) {
      const { x, y } = nodeAt(g, i);
      const far = Math.max(Math.abs(x - first.x), Math.abs(y - first.y));
      expect(far).toBeGreaterThan(2 * reach);
      expect(far).toBeGreaterThan(reach + g.disc);
    }
  }
});

test('among few nodes frames stay clear of the dot itself, on a phone too', () => {
  for (const g of [measure(box, 60, 4096), measure(phone, 24, 256)]) {
    expect(g.dots).toBe(true);
    expect(frameOf(g)).toEqual({ r: g.disc + 3, line: 1.75 });
  }
});

test('a frame is drawn thin where there is little room, and never over most of its dot', () => {
  const large = measure(box, 1000, 4096);
  expect(frameOf(large)?.line).toBe(0.75);
  expect(frameOf(measure(phone, 1000, 4096))).toBeNull();
  expect(frameOf(measure({ ...box, height: 150 }, 1000, 4096))).toBeNull();
  for (let nodes = 60; nodes <= 1000; nodes += 20) {
    const g = measure(box, nodes, 4096);
    const frame = frameOf(g);
    if (!frame) throw new Error(`no frame among ${nodes}`);
    expect(frame.r - frame.line / 2).toBeGreaterThanOrEqual(0.75 * g.disc);
  }
});

test('stacks stand beside few nodes, and one sum outwards of each where there are many', () => {
  const of = (nodes: number) => measure(box, nodes, 64);
  expect(isNarrow(of(7), 4)).toBe(false);
  expect(isNarrow(of(7), 14)).toBe(true);
  expect(isNarrow(of(24), 1)).toBe(true);
  expect(isNarrow(measure(phone, 7, 64), 3)).toBe(false);
});
