import { expect, test } from 'vitest';
import type { Belief } from '../engine/types';
import { crowdRadius, layBeliefs, worded } from './beliefs';
import { measure, nodeAt } from './geometry';

const box = { width: 856, height: 674, phone: false, inset: 0 };
const g = measure(box, 1000, 4096);

const NOBODY = new Set<number>();

/** So many are wrong about this node, and twenty are right. */
const wrong = (about: number, many: number): Belief => ({
  ...{ about, truth: 'up', others: many + 20, wrong: many, by: [] },
});

test('of neighbours the one that most are wrong about has words, and they do not cross', () => {
  const told = worded(g, [wrong(1, 5), wrong(2, 30), wrong(500, 1)], NOBODY);
  expect([...told.keys()].map(({ about }) => about)).toEqual([2, 500]);
});

test('of very many few have words, each with room of its own', () => {
  const all = Array.from({ length: 100 }, (_, i) => wrong(i * 10, i % 7));
  const told = [...worded(g, all, NOBODY).values()];
  expect(told.length).toBe(8);
  for (const [i, a] of told.entries()) {
    for (const b of told.slice(i + 1)) {
      expect(Math.abs(a.x - b.x) >= 72 || Math.abs(a.y - b.y) >= 24).toBe(true);
    }
  }
});

test('words of dots near twelve and six stand clear of all rows, where nothing lost ends', () => {
  for (const about of [0, 1, 2, 3, 4, 497, 500, 501, 502, 503]) {
    const [at] = worded(g, [wrong(about, 5)], NOBODY).values();
    if (!at) throw new Error('no words');
    const rows = Array.from({ length: g.rows }, (_, i) => Math.abs(nodeAt(g, about - i).y));
    // A line's letters reach from its foot to 9 px above it.
    const nearest = at.y < 0 ? -at.y : at.y - 9;
    expect(nearest).toBeGreaterThan(Math.max(...rows) + g.disc);
    expect(nearest + 9).toBeLessThan(g.out - g.band);
  }
});

test('on a phone and a very low stage there is no room for words', () => {
  for (const small of [
    { ...box, phone: true },
    { ...box, height: 200 },
  ]) {
    expect(worded(measure(small, 1000, 4096), [wrong(1, 5)], NOBODY).size).toBe(0);
  }
});

test('rings about neighbouring dots neither meet nor hide their dots', () => {
  for (const nodes of [100, 200, 1000]) {
    const g = measure(box, nodes, 4096);
    const [first, next] = [nodeAt(g, 0), nodeAt(g, g.rows)];
    const apart = Math.hypot(first.x - next.x, first.y - next.y);
    expect(2 * crowdRadius(g)).toBeLessThan(apart);
    expect(crowdRadius(g)).toBeGreaterThan(g.disc);
  }
});

/** So many others are told one by one, all of them wrong. */
const told = (about: number, others: number): Belief => ({
  ...{ about, truth: 'crashed', others, wrong: others },
  by: Array.from({ length: others }, (_, i) => ({ node: i, belief: 'up', wrong: true })),
});

test('in a ring of six all signs have room, about each of them and on a phone', () => {
  for (const stage of [box, { ...box, width: 390, height: 300, phone: true }]) {
    const g = measure(stage, 6, 64);
    for (let about = 0; about < 6; about++) {
      const { pips, crowds } = layBeliefs(g, [told(about, 5)], NOBODY);
      expect([pips.length, crowds.length]).toEqual([1, 0]);
    }
  }
});

test('where signs of neighbours would meet, those that fewer are wrong about are a crowd', () => {
  const g = measure(box, 12, 64);
  const [few, many, far] = [told(2, 8), told(3, 9), told(7, 9)];
  const { pips, crowds } = layBeliefs(g, [few, many, far], NOBODY);
  expect(crowds).toEqual([few]);
  expect(pips.map((one) => one.length)).toEqual([9, 9]);
});

test('the signs of a node that holds hints leave its envelope room', () => {
  const g = measure(box, 10, 64);
  for (const others of [1, 2, 5]) {
    const [[...pips] = []] = layBeliefs(g, [told(0, others)], new Set([0])).pips;
    expect(pips.length).toBe(others);
    // It stands at twelve, eleven to each side.
    for (const { sign, letter } of pips) {
      expect(Math.min(Math.abs(sign.x), Math.abs(letter.x))).toBeGreaterThan(11);
    }
  }
});

test('on the dial of a phone on its side there is no room for signs among ten nodes', () => {
  const g = measure({ width: 544, height: 180, phone: false, inset: 40 }, 10, 64);
  const all = Array.from({ length: 10 }, (_, about) => told(about, 9));
  expect(layBeliefs(g, all, NOBODY)).toEqual({ pips: [], crowds: all });
});
