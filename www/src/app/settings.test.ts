import { expect, test } from 'vitest';
import { draftOf, refusalOf, scenarioOf } from './settings';

const SCENARIO = {
  version: 1,
  seed: 'mallard-42',
  config: {
    nodes: 6,
    n: 3,
    suspect_after_ms: 4000,
    partitioning: { strategy: 3, partitions: 32 },
    network: { latency_ms: [20, 70] },
  },
  script: [{ at_ms: 0, get: { key: 'k' } }],
};

test('settings that nobody touched give the scenario back, with the numbers in force', () => {
  const draft = draftOf(SCENARIO, { n: '3', r: '2', w: '2' });
  expect(draft.suspect_after_ms).toBe('4');
  const again = scenarioOf(SCENARIO, draft, true);
  expect(again).toEqual({
    ...SCENARIO,
    config: {
      ...SCENARIO.config,
      r: 2,
      w: 2,
      quorum: 'sloppy',
      versioning: 'vector-clock',
      coordination: 'server',
      read_repair: true,
      hinted_handoff: true,
      anti_entropy: true,
      admission_control: true,
    },
  });
});

test('a setting that is emptied is left to the engine', () => {
  const draft = { ...draftOf(SCENARIO, {}), 'partitioning.partitions': '', suspect_after_ms: '' };
  const { config } = scenarioOf(SCENARIO, draft, true);
  expect(config?.partitioning).toEqual({ strategy: 3 });
  expect(config).not.toHaveProperty('suspect_after_ms');
});

test('the three ways to tell a failure never mix their settings', () => {
  const draft = { ...draftOf(SCENARIO, {}), suspect_phi: '8' };
  const of = (detector: string) => scenarioOf(SCENARIO, { ...draft, detector }, true).config;
  expect(of('stale')).toMatchObject({ suspect_after_ms: 4000 });
  expect(of('stale')).not.toHaveProperty('suspect_phi');
  expect(of('phi')).toMatchObject({ suspect_phi: 8 });
  expect(of('phi')).not.toHaveProperty('suspect_after_ms');
  expect(of('local')).toMatchObject({ failure_detection: 'local' });
  expect(of('local')).not.toHaveProperty('suspect_phi');
});

test('how often a client polls goes with clients that choose', () => {
  const draft = { ...draftOf(SCENARIO, {}), client_poll_ms: '2.5' };
  const of = (coordination: string) => scenarioOf(SCENARIO, { ...draft, coordination }, true);
  expect(of('client').config).toMatchObject({ coordination: 'client', client_poll_ms: 2500 });
  expect(of('server').config).not.toHaveProperty('client_poll_ms');
});

test('each strategy keeps what it counts: tokens, partitions, or both', () => {
  const both = { 'partitioning.tokens_per_node': '5', 'partitioning.partitions': '32' };
  const of = (strategy: string) =>
    scenarioOf(
      SCENARIO,
      { ...draftOf(SCENARIO, {}), ...both, 'partitioning.strategy': strategy },
      true,
    ).config?.partitioning;
  expect(of('1')).toEqual({ strategy: 1, tokens_per_node: 5 });
  expect(of('2')).toEqual({ strategy: 2, tokens_per_node: 5, partitions: 32 });
  expect(of('3')).toEqual({ strategy: 3, partitions: 32 });
});

test('nodes with names of their own stay while there are as many', () => {
  const named = { config: { nodes: [{ name: 'Ann' }, { name: 'Ben' }] } };
  const draft = draftOf(named, {});
  expect(draft.nodes).toBe('2');
  expect(scenarioOf(named, draft, true).config?.nodes).toEqual(named.config.nodes);
  expect(scenarioOf(named, { ...draft, nodes: '5' }, true).config?.nodes).toBe(5);
});

test('what is no number is shown to the engine as it is, and a script can be left behind', () => {
  const odd = scenarioOf(SCENARIO, { ...draftOf(SCENARIO, {}), n: 'three' }, false);
  expect(odd.config?.n).toBe('three');
  expect(odd.script).toEqual([]);
});

test('without a write buffer nothing is said of its flush or of the durable replica', () => {
  const buffered = { write_buffer: 100, write_buffer_flush_ms: 500, durable_replica: true };
  const scenario = { ...SCENARIO, config: { ...SCENARIO.config, ...buffered } };
  const draft = draftOf(scenario, {});
  expect(scenarioOf(scenario, draft, true).config).toMatchObject(buffered);
  const { config } = scenarioOf(scenario, { ...draft, write_buffer: '0' }, true);
  expect(config).toMatchObject({ write_buffer: 0 });
  expect(config).not.toHaveProperty('write_buffer_flush_ms');
  expect(config).not.toHaveProperty('durable_replica');
});

test('a refusal is told at the field that it names, else as a whole', () => {
  const r = 'config.r: found 4, allowed a whole number from 1 to 3 (N is 3)';
  expect(refusalOf(r)).toEqual({
    path: 'r',
    text: 'found 4, allowed a whole number from 1 to 3 (N is 3)',
  });
  const q = 'config.partitioning.partitions: found 0, allowed a whole number';
  expect(refusalOf(q).path).toBe('partitioning.partitions');
  const other = 'script[3].crash.node: found "F", allowed A, B, C';
  expect(refusalOf(other)).toEqual({ path: '', text: other });
});
