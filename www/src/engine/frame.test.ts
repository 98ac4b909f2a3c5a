import { expect, test } from 'vitest';
import { FrameView, LAYOUT } from './frame';

/** Two nodes, one message in flight, one lost. */
function sample(): Float64Array {
  const header = [LAYOUT, 12.5, 40, 41, 2, 1, 3, 0x9f2c0b77, 0x000000ab, 7, 13, 60_000, 1, 2, 0, 0];
  const a = [0, 1, 12, 3, 0, 0, 0, 0];
  const b = [1, 20, 0, 0, 1, 0, 1, -5];
  const message = [900, 0, 1, 7, 10, 20, 1, 4];
  const lost = [901, 1, 0, 3, 11, 12, 0.25, 2];
  return Float64Array.from([...header, ...a, ...b, ...message, ...lost]);
}

test('a frame is read where it lies: header, nodes, messages, lost ones', () => {
  const frame = new FrameView();
  frame.take(sample());
  expect([frame.now, frame.nodes, frame.messages, frame.inFlight, frame.cuts]).toEqual([
    12.5, 2, 1, 3, 2,
  ]);
  expect([frame.nodeKeys(0), frame.nodeHints(0), frame.nodeState(1)]).toEqual([12, 3, 1]);
  expect(frame.nodeDiskLost(1)).toBe(true);
  expect([frame.id(0), frame.kind(0), frame.letter(0), frame.op(0)]).toEqual([900, 7, 1, 4]);
  expect([frame.lostId(0), frame.lostFraction(0)]).toEqual([901, 0.25]);
});

test('the digest keeps its leading zeros', () => {
  const frame = new FrameView();
  frame.take(sample());
  expect(frame.digest).toBe('9f2c0b77000000ab');
});

test('a layout that this page does not know is refused', () => {
  const data = sample();
  data[0] = 2;
  expect(() => new FrameView().take(data)).toThrow('frame layout 2');
});
