import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, plot, tableOf } from '../bench/growth.mjs';

const row = (nodes, ns, mib) => ({
  ...{ nodes, messages: 1000 * nodes, ns_per_message: ns, virtual_per_real: 2.34, world_mib: mib },
  keys: 10 * nodes,
  drawn_from: 1000,
});
const growth = {
  gossip: [row(10, 100, 1), row(5000, 20_000, 400)],
  store: [row(10, 700.4, 10)],
  keys: [row(5, 700, 5), row(50, 900, 60)],
};

test('the table has a row for each size, with memory for each node or key', () => {
  const lines = tableOf(growth).split('\n');
  assert.equal(lines.length, 2 + 2 + 1 + 2);
  assert.equal(lines[3], '| W1, 5,000 nodes | 5,000,000 | 20,000 | 2.3 | 400 | 82 KiB a node |');
  assert.match(lines[5], /^\| W2, 1,000 keys, 50 held .* 102 KiB a key held \|$/);
});

test('the plot has a point for each measurement, inside of its chart', () => {
  const svg = plot(growth);
  const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
  assert.equal(points.length, 2 * (2 + 1) + 2 * 2);
  for (const [, x, y] of points) assert.ok(x >= 52 && x <= 284 && y >= 34 && y <= 220, `${x} ${y}`);
  assert.doesNotMatch(svg, /NaN|undefined/);
});

test('the table takes the place of the one before, and only where there is a place', () => {
  const [from, to] = ['<!-- growth: made by npm run bench -- growth -->', '<!-- growth end -->'];
  assert.equal(between(`a\n${from}\nold\n${to}\nb`, 'new'), `a\n${from}\nnew\n${to}\nb`);
  assert.throws(() => between('a\nb', 'new'), /no place/);
});
