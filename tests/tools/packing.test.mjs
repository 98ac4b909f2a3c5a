import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byLikeness, namedByLikeness } from '../../tools/lib/packing.mjs';

const body = (text) => Buffer.from(text);

test('what is alike stands together, and each function is there once', () => {
  const [a, b] = ['the first kind of body', 'another thing altogether'];
  const bodies = [`${a} 1`, `${b} 1`, `${a} 2`, `${b} 2`, 'tiny', `${a} 3`].map(body);
  const order = byLikeness(bodies);
  assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(order.slice(0, 3).sort(), [0, 2, 5]);
  assert.equal(Math.abs(order.indexOf(1) - order.indexOf(3)), 1);
});

test('the same bodies come in the same order', () => {
  const bodies = Array.from({ length: 50 }, (_, n) => body(`function ${n % 7} of ${n % 5}`));
  assert.deepEqual(byLikeness(bodies), byLikeness(bodies));
});

// Imports one function; three of its own give 7, 9 and 7.
const MODULE = Buffer.from(
  '0061736d010000000108026000006000017f020701016d0166000003040301010107050101670003' +
    '0a1003040041070b040041090b040041070b',
  'hex',
);

test('a module keeps what it does, and its functions get a name for their place', () => {
  const named = namedByLikeness(MODULE);
  const { g } = new WebAssembly.Instance(new WebAssembly.Module(named), { m: { f() {} } }).exports;
  assert.equal(g(), 7);
  const [names] = WebAssembly.Module.customSections(new WebAssembly.Module(named), 'name');
  assert.match(Buffer.from(names).toString('latin1'), /000000.*00000[12].*00000[12]/s);
  assert.deepEqual(namedByLikeness(named), named, 'names that were there are replaced');
});

test('what is no whole module is refused', () => {
  assert.throws(() => namedByLikeness(MODULE.subarray(0, 30)), /ends in the middle/);
  assert.throws(() => namedByLikeness(MODULE.subarray(0, 8)), /no section 2/);
});
