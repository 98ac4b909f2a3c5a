import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, perMessage } from '../../tools/lib/instructions.mjs';

test('a twentieth more fails, a twentieth less says so, and in between all is well', () => {
  const [more, same, less] = [1051, 1050, 949].map((counted) => judge('w9-3', counted, 1000));
  assert.equal(more.isKept, false);
  assert.match(more.text, /✕ w9-3: 1051 .* --update/);
  assert.equal(same.isKept, true);
  assert.doesNotMatch(same.text, /--update/);
  assert.equal(less.isKept, true);
  assert.match(less.text, /--update/);
});

test('a figure that is missing on either side fails', () => {
  for (const [counted, committed] of [
    [undefined, 1000],
    [1000, undefined],
    [1000, 0],
    [0, 1000],
  ]) {
    assert.equal(judge('w9-3', counted, committed).isKept, false);
  }
});

test('what valgrind counted is spread over the messages of both plays', () => {
  const json = JSON.stringify({ w1: [], w2: [{ messages: 100 }] });
  assert.equal(perMessage('==7== I   refs:      1,234,567\n', json, 'w2'), 6173);
  assert.equal(perMessage('==7== I refs:        1,234,567', json, 'w2'), 6173);
  assert.throws(() => perMessage('killed', json, 'w2'), /counted nothing/);
});
