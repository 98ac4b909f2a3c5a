import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAudit } from '../../tools/lib/supply.mjs';

const NONE = { info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: 0 };
const report = (counts, vulnerabilities = {}) =>
  JSON.stringify({ vulnerabilities, metadata: { vulnerabilities: { ...NONE, ...counts } } });

test('an audit that finds nothing says so', () => {
  assert.deepEqual(readAudit(report({})), { code: 0, text: '✓ nothing known' });
});

test('a grave finding fails and is named, a slight one is named only', () => {
  const grave = readAudit(report({ high: 1, total: 1 }, { leftpad: {} }));
  assert.deepEqual(grave, { code: 1, text: '1 high: leftpad' });
  assert.equal(readAudit(report({ low: 2, total: 2 }, { leftpad: {} })).code, 0);
});

test('a registry that cannot be asked is told as skipped, with its reason', () => {
  const { code, text } = readAudit(JSON.stringify({ message: '405 Method Not Allowed' }));
  assert.equal(code, 0);
  assert.match(text, /^– skipped: .*405 Method Not Allowed$/);
});

test('an answer that is no JSON is not taken for a clean one', () => {
  assert.throws(() => readAudit(''), /did not answer with JSON/);
});
