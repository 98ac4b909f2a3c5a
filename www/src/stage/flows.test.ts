import { expect, test } from 'vitest';
import { FrameView, LAYOUT } from '../engine/frame';
import { flowsOf, layersOf, ribbon } from './flows';
import { measure } from './geometry';

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

const g = measure({ width: 800, height: 700, phone: false, inset: 0 }, 24, 64);
const NONE: readonly number[] = [];

test('messages between the same twelfths are one flow with a count, and none is lost', () => {
  const frame = frameOf([
    [0, 12, PUT],
    [1, 13, PUT],
    [0, 13, PUT],
    [12, 0, PUT],
    [0, 12, HINT],
  ]);
  const flows = flowsOf(frame, g, NONE);
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
  expect(flowsOf(frame, g, NONE).map((flow) => flow.family)).toEqual(['member', 'write', 'hint']);
});

test('a hidden kind is in no flow, and each family labels its largest', () => {
  const frame = frameOf([
    [0, 5, PUT],
    [0, 9, PUT],
    [1, 9, PUT],
    [0, 5, GOSSIP],
  ]);
  const flows = flowsOf(frame, g, [GOSSIP]);
  expect(layersOf(flows).told.map((flow) => flow.count)).toEqual([2]);
});

test('from everywhere to everywhere, few flows are ribbons, and none is left out', () => {
  const everywhere = Array.from({ length: 24 }, (_, from) =>
    Array.from({ length: 24 }, (_, to): [number, number, number] => [from, to, PUT]),
  ).flat();
  const gossip = everywhere.map(([from, to]): [number, number, number] => [from, to, GOSSIP]);
  const busiest: [number, number, number][] = [[0, 12, PUT]];
  const flows = flowsOf(frameOf([...everywhere, ...gossip, ...busiest]), g, NONE);
  const { threads, ribbons, told } = layersOf(flows);
  expect(flows.length).toBe(2 * 12 * 12);
  expect(threads.length + ribbons.length).toBe(flows.length);
  expect(ribbons.filter((flow) => flow.family === 'write').length).toBe(5);
  expect(ribbons.at(-1)).toMatchObject({ from: 0, to: 6, count: 5 });
  expect(told.map((flow) => flow.family)).toEqual(['member', 'write']);
});

test('four times the count is twice the width', () => {
  const [one, four] = [10, 40].map((count) => {
    const [flow] = flowsOf(frameOf([[0, 9, PUT]]), g, NONE);
    if (!flow) throw new Error('no flow');
    return ribbon(g, { ...flow, count }, 40).width;
  });
  expect(four).toBeCloseTo((one ?? 0) * 2);
});
