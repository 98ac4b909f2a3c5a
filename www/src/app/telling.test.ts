import { expect, test } from 'vitest';
import type { LogEvent } from '../engine/types';
import { foremost, telling } from './telling';

const event = (id: number, at_ms: number, kind: string, text = kind, notable = true): LogEvent => ({
  id,
  at_ms,
  cause: null,
  kind,
  notable,
  text,
});

test('a stand-in is told before the request and its answer of the same moment', () => {
  const marks = [
    event(1, 100, 'client'),
    event(2, 110, 'stand-in'),
    event(3, 112, 'answer'),
    event(4, 115, 'client'),
  ];
  expect(telling(marks, 50)?.id).toBe(2);
});

test('what lies further back is no longer this moment', () => {
  expect(telling([event(1, 100, 'fault'), event(2, 900, 'client')], 50)?.id).toBe(2);
});

test('of several as good the newest is told, and two siblings are more than an answer', () => {
  expect(foremost([event(1, 0, 'suspect'), event(2, 0, 'suspect')])?.id).toBe(2);
  const siblings = event(3, 0, 'answer', 'g1 returns 2 versions: neither covers the other.');
  expect(foremost([siblings, event(4, 0, 'suspect')])?.id).toBe(3);
});

test('traffic is never told', () => {
  expect(telling([event(1, 5, 'send', 'A sends B.', false)], 50)).toBeNull();
});
