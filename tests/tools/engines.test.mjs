import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, judge, LEAST } from '../../tools/lib/engines.mjs';

const summary = (passed, failed = 0) => {
  const verdict = failed ? 'FAILED' : 'ok';
  const counts = `${passed} passed; ${failed} failed; 0 ignored`;
  return `test a ... ok\n\ntest result: ${verdict}. ${counts}\n`;
};

test('as many tests as there must be are enough', () => {
  assert.equal(judge(0, summary(LEAST)).isGood, true);
});

test('a program that was skipped with success is a failure: no test ran', () => {
  const skipped = 'this test suite is only configured to run in a browser, so skipping\n';
  const verdict = judge(0, skipped);
  assert.equal(verdict.isGood, false);
  assert.match(verdict.text, /^0 passed, 0 failed, at least 40 must run$/);
});

test('one test too few is a failure', () => {
  assert.equal(judge(0, summary(LEAST - 1)).isGood, false);
});

test('programs add up, and those without tests add nothing', () => {
  assert.equal(judge(0, `${summary(30)}no tests to run!\n${summary(30)}`).passed, 60);
});

test('a failed test or a failed runner is a failure however many passed', () => {
  assert.equal(judge(0, summary(99, 1)).isGood, false);
  assert.equal(judge(1, summary(99)).isGood, false);
});

test('an engine without its driver says which program was not found', () => {
  const engine = { driver: ['NO_SUCH_DRIVER', 'no-such-driver'], env: {} };
  assert.equal(find(engine).missing, 'its driver, no-such-driver, was not found');
});

test('an engine whose driver is there and whose browser is not says so', () => {
  process.env.SOME_DRIVER = process.execPath;
  const engine = { driver: ['SOME_DRIVER', 'x'], browser: () => undefined, env: {} };
  assert.equal(find(engine).missing, 'its driver is here, the browser is not');
});
