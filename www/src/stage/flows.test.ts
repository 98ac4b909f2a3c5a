import { expect, test } from 'vitest';
import { FrameView, LAYOUT } from '../engine/frame';
import { flowsOf, layersOf, partOf, ribbon } from './flows';
import { measure, nearestNode } from './geometry';

const PUT = 0;
const HINT = 7;
const GOSSIP = 10;

/** Twenty-four nodes, and messages as [from, to, kind]. */
function frameOf(messages: readonly [number, number, number][]): FrameView {
  const nodes = 24;
  const header = [
    LAYOUT,
    1,
    0,
    0,
    nodes,
    messages.length,
    messages.length,
    0,
    0,
    1,
    0,
    9,
    0,
    0,
    0,
    0,
  ];
  const bodies = messages.flatMap(([from, to, kind], i) => [i, from, to, kind, 0, 2, -1, -1]);
  const frame = new FrameView();
  frame.take(Float64Array.from([...header, ...new Array(nodes * 8).fill(0), ...bodies]));
  return frame;
}

/** So many of the same. */
const many = (count: number, one: [number, number, number]) =>
  Array.from({ length: count }, () => one);

const g = measure({ width: 800, height: 700, phone: false, inset: 0 }, 24, 64);
const NONE: readonly number[] = [];
/** Of every rank. */
const ALL = 0;

test('messages between the same twelfths are one flow with a count, and none is lost', () => {
  const frame = frameOf([
    [0, 12, PUT],
    [1, 13, PUT],
    [0, 13, PUT],
    [12, 0, PUT],
    [0, 12, HINT],
  ]);
  const flows = flowsOf(frame, g, NONE, ALL);
  expect(flows.map((flow) => [flow.family, flow.count])).toEqual([
    ['write', 1],
    ['write', 3],
    ['hint', 1],
  ]);
});

test('hints lie above writes, and gossip below', () => {
  const frame = frameOf([
    [0, 5, HINT],
    [0, 5, PUT],
    [0, 5, GOSSIP],
  ]);
  expect(flowsOf(frame, g, NONE, ALL).map((flow) => flow.family)).toEqual([
    'member',
    'write',
    'hint',
  ]);
});

test('a hidden kind is in no flow, and each family labels its largest', () => {
  const frame = frameOf([
    [0, 5, PUT],
    ...many(6, [0, 9, PUT]),
    ...many(5, [3, 9, PUT]),
    ...many(9, [0, 5, GOSSIP]),
  ]);
  const flows = flowsOf(frame, g, [GOSSIP], ALL);
  expect(layersOf(flows).told.map((flow) => flow.count)).toEqual([6]);
});

test('a few that go one way are not labelled: they have come before they are read', () => {
  const told = (count: number) =>
    layersOf(flowsOf(frameOf(many(count, [0, 9, PUT])), g, NONE, ALL)).told.length;
  expect([told(4), told(5)]).toEqual([0, 1]);
});

test('what is drawn as a sign is in no flow', () => {
  const frame = frameOf([
    [0, 5, PUT],
    [0, 5, GOSSIP],
  ]);
  expect(flowsOf(frame, g, NONE, 2).map((flow) => flow.family)).toEqual(['member']);
});

test('of many flows a message that goes alone is a thread, of few it is a ribbon', () => {
  const alone = Array.from({ length: 9 }, (_, i): [number, number, number] => [0, 2 * i + 2, PUT]);
  const layers = (messages: readonly [number, number, number][]) =>
    layersOf(flowsOf(frameOf(messages), g, NONE, ALL));
  expect(layers(alone).ribbons).toEqual([]);
  expect(layers(alone).threads.length).toBe(9);
  expect(layers([...alone, [0, 2, PUT]]).ribbons.map(({ count }) => count)).toEqual([2]);
  expect(layers(alone.slice(0, 5)).ribbons.length).toBe(5);
});

test('flows between few nodes run from node to node', () => {
  const seven = measure({ width: 800, height: 700, phone: false, inset: 0 }, 7, 64);
  const [flow] = flowsOf(frameOf([[1, 4, PUT]]), seven, NONE, ALL);
  if (!flow) throw new Error('no flow');
  const { a, b } = ribbon(seven, flow, 1);
  expect(nearestNode(seven, a, seven.disc * 2)).toBe(1);
  expect(nearestNode(seven, b, seven.disc * 2)).toBe(4);
  expect([0, 6].map((node) => partOf(seven, node))).toEqual([0, 6]);
  expect([0, 1, 2, 23].map((node) => partOf(g, node))).toEqual([0, 0, 1, 11]);
});

test('from everywhere to everywhere, few flows are ribbons, and none is left out', () => {
  const everywhere = Array.from({ length: 24 }, (_, from) =>
    Array.from({ length: 24 }, (_, to): [number, number, number] => [from, to, PUT]),
  ).flat();
  const gossip = everywhere.map(([from, to]): [number, number, number] => [from, to, GOSSIP]);
  const busiest: [number, number, number][] = [[0, 12, PUT]];
  const flows = flowsOf(frameOf([...everywhere, ...gossip, ...busiest]), g, NONE, ALL);
  const { threads, ribbons, told } = layersOf(flows);
  expect(flows.length).toBe(2 * 12 * 12);
  expect(threads.length + ribbons.length).toBe(flows.length);
  expect(ribbons.filter((flow) => flow.family === 'write').length).toBe(5);
  expect(ribbons.at(-1)).toMatchObject({ from: 0, to: 6, count: 5 });
  // Gossip's largest is of four.
  expect(told.map((flow) => flow.family)).toEqual(['write']);
});

test('four times the count is twice the width', () => {
  const [one, four] = [10, 40].map((count) => {
    const [flow] = flowsOf(frameOf([[0, 9, PUT]]), g, NONE, ALL);
    if (!flow) throw new Error('no flow');
    return ribbon(g, { ...flow, count }, 40).width;
  });
  expect(four).toBeCloseTo((one ?? 0) * 2);
});

test('a single message is no broad ribbon where none is larger', () => {
  const [flow] = flowsOf(frameOf([[0, 9, PUT]]), g, NONE, ALL);
  if (!flow) throw new Error('no flow');
  expect(ribbon(g, flow, 1).width).toBeLessThan(3);
});
