import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../tools/lib/sizes.mjs';

const limit = { what: 'wasm', ending: '.wasm', packing: 'brotli', limit: 2048 };
const file = (path, brotli) => ({ path, brotli });

test('files of one kind are weighed together and may reach the limit', () => {
  const files = [file('a.wasm', 1024), file('b.wasm', 1024), file('c.js', 9999)];
  assert.equal(judge(limit, files).isKept, true);
});

test('where each file has the limit to itself, the heaviest decides', () => {
  const each = { ...limit, each: true };
  assert.equal(judge(each, [file('a.wasm', 2048), file('b.wasm', 2000)]).isKept, true);
  assert.equal(judge(each, [file('a.wasm', 10), file('b.wasm', 2049)]).isKept, false);
});

test('what is loaded later is weighed apart from what is loaded first', () => {
  const files = [file('dist/assets/index.wasm', 2000), file('dist/assets/later-menu.wasm', 2049)];
  const later = /later-/;
  assert.equal(judge({ ...limit, but: later }, files).isKept, true);
  assert.equal(judge({ ...limit, only: later }, files).isKept, false);
});

test('one byte more breaks the limit', () => {
  const verdict = judge(limit, [file('a.wasm', 2049)]);
  assert.equal(verdict.isKept, false);
  assert.equal(verdict.text, 'wasm: 2.0 KiB brotli, at most 2 KiB');
});

test('a limit on a file that is not there is broken', () => {
  assert.equal(judge(limit, []).isKept, false);
});
