import { expect, test } from 'vitest';
import { waysOf } from './moves';

test('what one node gives another is one line, the busiest first', () => {
  const move = (partition: number, from: string, to: string, keys: number) => ({
    partition,
    from,
    to,
    keys,
    bytes: keys * 10,
  });
  const ways = waysOf([
    move(1, 'A', 'G', 0),
    move(7, 'B', 'G', 2),
    move(9, 'B', 'G', 3),
    move(4, 'C', 'A', 1),
  ]);
  expect(ways).toEqual([
    { from: 'B', to: 'G', places: 2, keys: 5, bytes: 50 },
    { from: 'A', to: 'G', places: 1, keys: 0, bytes: 0 },
    { from: 'C', to: 'A', places: 1, keys: 1, bytes: 10 },
  ]);
});
