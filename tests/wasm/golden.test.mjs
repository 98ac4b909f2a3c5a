import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { start } from './support/load.mjs';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const golden = Object.entries(JSON.parse(read('golden.json')));

/** Plays a scenario to its end, in slices as a page does. */
function play(text, slice) {
  const sim = new (start().Sim)(text);
  const until = JSON.parse(text).until_ms;
  for (let at = slice; at < until; at += slice) while (!sim.advance(at, 500));
  while (!sim.advance(until, 500));
  return sim;
}

test('the golden table has every scenario in it', () => assert.ok(golden.length >= 11));

for (const [name, digest] of golden) {
  test(`${name} ends in its golden digest under Node`, () => {
    const text = read(`scenarios/${name}.json`);
    assert.equal(play(text, 100).digest(), digest);
  });
}

test('seeking back and playing on ends in the same digest', () => {
  const text = read('scenarios/story.json');
  const sim = play(text, 1000);
  sim.seek(3333);
  sim.seek(JSON.parse(text).until_ms);
  assert.equal(sim.digest(), Object.fromEntries(golden).story);
});
