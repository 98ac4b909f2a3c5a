import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignImports } from '../../tools/lib/smoke.mjs';
import { bytes, peerBytes, start, startPeer, startSwarm, swarmBytes } from './support/load.mjs';

test('a module imports nothing but its own generated face, no env above all', () => {
  assert.deepEqual(foreignImports(bytes), []);
  assert.deepEqual(foreignImports(peerBytes), []);
  assert.deepEqual(foreignImports(swarmBytes), []);
});

test('a module that does import env is told apart', () => {
  // (module (import "env" "now" (func))), by hand.
  const planted = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
    ...[0x02, 0x0b, 0x01, 0x03, 0x65, 0x6e, 0x76, 0x03, 0x6e, 0x6f, 0x77, 0x00, 0x00],
  ]);
  assert.deepEqual(foreignImports(planted), ['env.now']);
});

test('a hostile run of a ring is a scenario that the page plays to the same end', () => {
  const { trySeed, hostileScenario } = startSwarm();
  const ring = JSON.stringify({ version: 1, config: { nodes: 3, quorum: 'strict' }, until_ms: 1 });
  const tried = trySeed(ring, 7);
  const scenario = hostileScenario(ring, 7);
  const sim = new (start().Sim)(scenario);
  sim.seek(JSON.parse(scenario).until_ms);
  const { events, ops } = sim.state();
  const outcomes = Object.values(ops).map(({ outcome }) => outcome);
  const of = (what) => outcomes.filter((outcome) => outcome === what).length;
  assert.deepEqual(
    [tried.events, tried.asked, tried.refused, tried.unanswered],
    [events, outcomes.length, of('refused'), of('timeout')],
  );
  assert.throws(() => trySeed('{', 7), /found/);
});

test('each module starts under Node, and its face has its one class', () => {
  assert.equal(typeof start().Sim, 'function');
  assert.equal(typeof startPeer().Peer, 'function');
  assert.equal(start().Peer ?? startPeer().Sim, undefined);
});

test('a module carries no names: they would be half of its weight', () => {
  for (const module of [bytes, peerBytes, swarmBytes]) {
    assert.deepEqual(WebAssembly.Module.customSections(new WebAssembly.Module(module), 'name'), []);
  }
});
