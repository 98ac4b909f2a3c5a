import { expect, test } from 'vitest';
import { type LastGood, lastGoodSecond, reportOf } from './report';
import { isTrap, trapText } from './trap';

const PANIC =
  'panicked at src/data/ring.rs:35:9:\na ring needs a partition and a replica\n\n' +
  'Stack:\n\nError\n    at x';
const TRAP = new WebAssembly.RuntimeError('unreachable');

const GOOD: LastGood = {
  at_ms: 2400.5,
  event: 81,
  told: 'A gossips with B.',
  digest: '9f2c0b77000000ab',
  scenario: JSON.stringify({ seed: 'heron-7', script: [{ at_ms: 10 }, { at_ms: 3000 }] }),
};

test('a panic is told by its message and its place, without the stack', () => {
  expect(trapText(TRAP, PANIC)).toBe(
    'a ring needs a partition and a replica (src/data/ring.rs:35)',
  );
});

test('a trap without a panic keeps the platform’s own word, whatever else was logged', () => {
  expect(trapText(TRAP, '')).toBe('unreachable');
  expect(trapText(TRAP, 'some warning')).toBe('unreachable');
});

test('a refusal is no trap, a stack that ran over is one', () => {
  expect(isTrap(new Error('put.key: found 3, allowed text'))).toBe(false);
  expect(isTrap(TRAP)).toBe(true);
  expect(isTrap(new RangeError('Maximum call stack size exceeded'))).toBe(true);
});

test('the command that the engine died of is in the scenario, a future given up is not', () => {
  const fatal = { started: true, message: 'x' };
  const report = reportOf(fatal, GOOD, { command: '{"heal":{}}' });
  expect(JSON.parse(report.scenario).script).toEqual([{ at_ms: 10 }, { at_ms: 2400.5, heal: {} }]);
  expect([report.seed, report.event, report.digest]).toEqual(['heron-7', 81, GOOD.digest]);
});

test('an engine that died of time passing leaves the scenario as it was', () => {
  expect(reportOf({ started: true, message: 'x' }, GOOD, null).scenario).toBe(GOOD.scenario);
});

test('back is back to a whole second', () => {
  expect([lastGoodSecond(2400.5), lastGoodSecond(999), lastGoodSecond(3000)]).toEqual([
    2000, 0, 3000,
  ]);
});
