import { describe, expect, test } from 'vitest';
import type { LogEvent, NodeView } from '../engine/types';
import type { Selection } from './app';
import { aboutOf, type Shown, sameAbout } from './why';

const event = (id: number, node: number, notable = true): LogEvent => ({
  ...{ id, at_ms: id, cause: null, kind: 'fault', text: '', node, notable },
});
const NODE = {
  ...{ name: 'D', index: 3, hints: [], suspects: [], suspected_by: [] },
} as unknown as NodeView;

const shown = (selection: Partial<Selection>, rest: Partial<Shown> = {}): Shown => ({
  selection: { tab: 'ring', node: -1, key: '', op: '', event: null, ...selection },
  node: null,
  marks: [event(1, 0), event(2, 3), event(3, 1, false)],
  newestOp: 'p2',
  nodeIndex: (name) => 'ABCD'.indexOf(name),
  ...rest,
});

describe('what W asks about', () => {
  test('the chosen event before all else', () => {
    expect(aboutOf(shown({ tab: 'key', key: 'k', event: event(7, 0) }))).toEqual({ event: 7 });
  });

  test('a key, an operation, or the newest operation where none is chosen', () => {
    expect(aboutOf(shown({ tab: 'key', key: 'k' }))).toEqual({ key: 'k' });
    expect(aboutOf(shown({ tab: 'op', op: 'p1' }))).toEqual({ op: 'p1' });
    expect(aboutOf(shown({ tab: 'op' }))).toEqual({ op: 'p2' });
    expect(aboutOf(shown({ tab: 'op' }, { newestOp: '' }))).toBeNull();
  });

  test('of a node first its hints, then its suspicions, then who suspects it', () => {
    const of = (view: object) =>
      aboutOf(shown({ tab: 'node', node: 3 }, { node: { ...NODE, ...view } }));
    const suspects = [{ node: 'B', why: '', since_ms: 0 }];
    const hints = [{ for: 'C', key: 'k', versions: [] }];
    expect(of({ hints, suspects })).toEqual({ hint: { holder: 3, target: 2, key: 'k' } });
    expect(of({ suspects })).toEqual({ belief: { node: 3, whom: 1 } });
    expect(of({ suspected_by: ['A'] })).toEqual({ belief: { node: 0, whom: 3 } });
    expect(of({})).toEqual({ event: 2 });
  });

  test('of the ring the newest event that is worth a sentence', () => {
    expect(aboutOf(shown({}))).toEqual({ event: 2 });
    expect(aboutOf(shown({}, { marks: [] }))).toBeNull();
  });
});

test('two questions are one when they are about the same', () => {
  expect(sameAbout({ op: 'p1' }, { op: 'p1' })).toBe(true);
  expect(sameAbout({ op: 'p1' }, { key: 'p1' })).toBe(false);
});
