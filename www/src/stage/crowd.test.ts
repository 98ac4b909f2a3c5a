import { expect, test } from 'vitest';
import { FrameView, LAYOUT } from '../engine/frame';
import { Crowd, flowsFrom, RANKS, ranked } from './crowd';
import { measure } from './geometry';

const GET = 3;
const GOSSIP = 10;
const MERKLE_ANSWER = 25;

const wide = { width: 856, height: 674, phone: false, inset: 0 };
const phone = { width: 390, height: 284, phone: true, inset: 0 };
const large = measure(wide, 1000, 4096);

/** From which rank on so many are flows, that were all signs before. */
const first = (g: typeof large, named: number, others: number, background: number): number =>
  flowsFrom(g, [named, others, background], RANKS, false);

test('hundreds of gossip among a thousand nodes are flows, a request among them a sign', () => {
  expect(first(large, 0, 0, 50)).toBe(RANKS);
  expect(first(large, 0, 0, 400)).toBe(2);
  expect(first(large, 3, 0, 400)).toBe(2);
  expect(first(large, 3, 10, 400)).toBe(2);
});

test('of many requests those of a load are flows before those that have a name', () => {
  expect(first(large, 0, 30, 0)).toBe(RANKS);
  expect(first(large, 3, 100, 0)).toBe(1);
  expect(first(large, 100, 0, 0)).toBe(0);
});

test('flows begin where half of the signs would touch another, by the room of the ring', () => {
  // In a room of radius R each of n signs of radius r is to meet 4 n (r / R)^2 others.
  const few = measure(wide, 8, 64);
  const half = Math.LN2 / (4 * ((12.5 * few.k) / few.orbit) ** 2);
  expect(first(few, 0, Math.floor(half), 0)).toBe(RANKS);
  expect(first(few, 0, Math.ceil(half), 0)).toBe(1);
  const small = measure(phone, 8, 64);
  expect(first(small, 0, Math.floor(half), 0)).toBe(1);
  expect(first(small, 0, Math.floor(half / 4), 0)).toBe(RANKS);
});

test('dots in rows leave less room than discs', () => {
  const most = (nodes: number) => {
    const g = measure(wide, nodes, 4096);
    let gossip = 0;
    while (first(g, 0, 0, gossip) === RANKS) gossip++;
    return gossip;
  };
  expect(most(1000)).toBeLessThan(most(100));
});

test('what has become flows is signs again only where a quarter would touch another', () => {
  const background = (count: number, before: number) =>
    flowsFrom(large, [0, 0, count], before, false);
  let most = 0;
  while (background(most, RANKS) === RANKS) most++;
  let least = most;
  while (background(least, 2) === 2) least--;
  expect(least / most).toBeCloseTo(Math.log(4 / 3) / Math.log(2), 1);
  for (let count = least + 1; count < most; count++) {
    expect([background(count, 2), background(count, RANKS)]).toEqual([2, RANKS]);
  }
});

test('without motion a few signs stand for all, until they are very many', () => {
  expect(flowsFrom(large, [0, 100, 400], RANKS, true)).toBe(RANKS);
  expect(flowsFrom(large, [0, 100, 1500], RANKS, true)).toBe(2);
});

test('while time runs flows stay for a second of calm, and a new crowd at once', () => {
  const crowd = new Crowd();
  const seen = (from: number, playing: boolean, real: number) => {
    crowd.see(from, playing, real);
    return crowd.from;
  };
  expect(seen(1, true, 100)).toBe(1);
  expect(seen(RANKS, true, 600)).toBe(1);
  expect(seen(1, true, 900)).toBe(1);
  expect(seen(RANKS, true, 1500)).toBe(1);
  expect(seen(0, true, 1600)).toBe(0);
  expect(seen(RANKS, true, 2599)).toBe(0);
  expect(seen(RANKS, true, 2600)).toBe(RANKS);
  expect(seen(2, true, 2601)).toBe(2);
  expect(seen(RANKS, false, 2602)).toBe(RANKS);
});

test('a frame is looked at once, and only while time stands still is there news to write', () => {
  const crowd = new Crowd();
  const look = (messages: number, playing: boolean, real: number) => {
    const frame = new FrameView();
    const numbers = new Float64Array(16 + 8 * messages);
    numbers.set([LAYOUT, 0, 0, 0, 0, messages, messages + 1]);
    for (let i = 0; i < messages; i++) numbers[16 + 8 * i + 3] = GOSSIP;
    frame.take(numbers);
    const { from } = crowd;
    const hidden = new Set<number>();
    const news = crowd.look(frame, { geometry: large, hidden, playing, reduced: false, real });
    return { news, turned: from !== crowd.from };
  };
  expect(look(400, true, 0)).toEqual({ news: false, turned: true });
  expect(crowd).toMatchObject({ from: 2, merged: 400, inFlight: 401 });
  expect(look(300, true, 16)).toEqual({ news: false, turned: false });
  expect(look(300, false, 32)).toEqual({ news: false, turned: false });
  expect(look(301, false, 48)).toEqual({ news: true, turned: false });
  expect(look(1, false, 64)).toEqual({ news: true, turned: true });
  expect(crowd).toMatchObject({ from: RANKS, merged: 0, inFlight: 2 });
});

test('a rank without messages is no flow', () => {
  expect(flowsFrom(large, [40, 0, 0], 2, false)).toBe(RANKS);
});

test('background is told from requests, named ones from a load’s; hidden ones are none', () => {
  const told: readonly [kind: number, op: number][] = [
    [GET, 0],
    [GET, -1],
    [GET, -1],
    [GOSSIP, -1],
    [MERKLE_ANSWER, -1],
  ];
  const frame = {
    messages: told.length,
    kind: (i: number) => told[i]?.[0] ?? 0,
    op: (i: number) => told[i]?.[1] ?? -1,
  };
  expect(ranked(frame, new Set())).toEqual([1, 2, 2]);
  expect(ranked(frame, new Set([GOSSIP]))).toEqual([1, 2, 1]);
});
