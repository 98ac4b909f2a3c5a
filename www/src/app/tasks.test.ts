import { expect, test } from 'vitest';
import type { Snapshot } from '../engine/protocol';
import type { OpView, Ring, WorldState } from '../engine/types';
import { type Facts, factsOf, Progress } from './tasks';

const put = (id: string, started_ms: number): OpView =>
  ({
    id,
    kind: 'put',
    key: 'k',
    outcome: 'ok',
    started_ms,
    via: 'A',
    versions: [],
  }) as unknown as OpView;

function facts(now: number, change: Partial<Facts> = {}, crashed = false): Facts {
  const up = { state: 'up', hints: [], suspects: [] };
  return {
    now,
    state: {
      nodes: { A: up, B: crashed ? { ...up, state: 'crashed' } : up },
    } as unknown as WorldState,
    ring: { nodes: [{ name: 'A' }, { name: 'B' }], cuts: [] } as unknown as Ring,
    ops: [],
    events: [],
    allSuspect: () => false,
    firstReplica: () => 1,
    ...change,
  };
}

test('nothing is ticked before something happened', () => {
  const progress = new Progress();
  progress.look(facts(100));
  expect(progress.done).toBe(0);
});

test('a put ticks the first task, the death of its first replica the second', () => {
  const progress = new Progress();
  const ops = [put('p1', 50)];
  progress.look(facts(100, { ops }));
  expect(progress.done).toBe(1);
  progress.look(facts(200, { ops }, true));
  expect(progress.done).toBe(2);
});

test('going back in time unticks what has not happened yet', () => {
  const progress = new Progress();
  const ops = [put('p1', 50)];
  progress.look(facts(100, { ops }));
  progress.look(facts(200, { ops }, true));
  progress.look(facts(150, { ops }));
  expect(progress.done).toBe(1);
  progress.look(facts(20));
  expect(progress.done).toBe(0);
});

test('a put from before the kill is not the put that tells of the hint', () => {
  const progress = new Progress();
  const ops = [put('p1', 50)];
  progress.look(facts(100, { ops }));
  progress.look(facts(200, { ops }, true));
  progress.look(facts(300, { ops }, true));
  expect(progress.done).toBe(2);
});

test('that all suspect a node is read where it is told: of each, or of who is wrong', () => {
  const crashed = { state: 'crashed', hints: [] };
  const seen = (up: object, others: object, beliefs: object[]) => {
    const nodes = { A: up, B: crashed, C: others };
    const ring = { nodes: [{ name: 'A' }, { name: 'B' }, { name: 'C' }] };
    const snap = { now: 1, ops: [], ring, beliefs, state: { nodes } } as unknown as Snapshot;
    return factsOf(snap, [], new Map()).allSuspect;
  };
  const up = { state: 'up', hints: [] };
  const sure = { ...up, suspects: ['B'] };
  expect(seen(sure, sure, [])(1)).toBe(true);
  expect(seen(sure, { ...up, suspects: [] }, [{ about: 1 }])(1)).toBe(false);
  expect(seen(up, up, [])(1)).toBe(true);
  expect(seen(up, up, [{ about: 1 }])(1)).toBe(false);
  expect(seen(up, up, [])(0)).toBe(false);
});
