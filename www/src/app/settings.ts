/**
 * The settings of a ring as a form has them, and back to what a scenario says. Whether they are
 * good is the engine's to say: its refusal names the field.
 */

import type { ScenarioJson } from './scenarios';

/** A place in a scenario's `config`; a point leads into an object. */
export type Path = string;

/** As typed; an empty text leaves the setting to the engine. */
export type Draft = Record<Path, string>;

type Config = Record<string, unknown>;

/** How silence is told from failure; three ways out of three settings. */
export type Detector = 'stale' | 'phi' | 'local';
export const DETECTOR = 'detector';

export const STRATEGY = 'partitioning.strategy';
const TOKENS = 'partitioning.tokens_per_node';
const PARTITIONS = 'partitioning.partitions';

export const QUORUM = 'quorum';
export const VERSIONING = 'versioning';
export const COORDINATION = 'coordination';
const POLL = 'client_poll_ms';
const ENTRIES = 'clock_entries_max';

export const WRITE_BUFFER = 'write_buffer';
export const BUFFER_FLUSH = 'write_buffer_flush_ms';
export const DURABLE_REPLICA = 'durable_replica';

const NUMBERS: readonly Path[] = [
  ...['n', 'r', 'w', STRATEGY, TOKENS, PARTITIONS, ENTRIES],
  ...['suspect_phi', 'service_ms', 'queue_max', WRITE_BUFFER, BUFFER_FLUSH, 'admission_p99_ms'],
];
/** Milliseconds in a scenario, seconds in the form. */
const SECONDS: readonly Path[] = ['suspect_after_ms', 'anti_entropy_interval_ms', POLL];
/** On or off, and which of them where a scenario is silent. */
const FLAGS: Readonly<Record<Path, boolean>> = {
  read_repair: true,
  hinted_handoff: true,
  anti_entropy: true,
  admission_control: true,
  [DURABLE_REPLICA]: false,
};

/** All that a refusal may name. */
const FIELDS: readonly Path[] = [
  ...['nodes', 'failure_detection', QUORUM, VERSIONING, COORDINATION],
  ...[...NUMBERS, ...SECONDS, ...Object.keys(FLAGS)],
];

function read(config: Config, path: Path): unknown {
  let at: unknown = config;
  for (const part of path.split('.')) at = (at as Config | undefined)?.[part];
  return at;
}

function write(config: Config, path: Path, value: unknown): void {
  const [first = '', ...rest] = path.split('.');
  if (rest.length) {
    const inner = { ...(config[first] as Config | undefined) };
    write(inner, rest.join('.'), value);
    config[first] = Object.keys(inner).length ? inner : undefined;
  } else config[first] = value;
  if (config[first] === undefined) delete config[first];
}

const textOf = (value: unknown): string => (value === undefined ? '' : String(value));

function detectorOf(config: Config): Detector {
  if (config.failure_detection === 'local') return 'local';
  return config.suspect_phi === undefined ? 'stale' : 'phi';
}

/** What the scenario says, with the numbers that are in force where it leaves them open. */
export function draftOf(scenario: ScenarioJson, inForce: Draft): Draft {
  const config = scenario.config ?? {};
  const draft: Draft = { [DETECTOR]: detectorOf(config) };
  for (const path of NUMBERS) draft[path] = textOf(read(config, path));
  for (const path of SECONDS) {
    const ms = read(config, path);
    draft[path] = ms === undefined ? '' : String(Number(ms) / 1000);
  }
  for (const [path, isOn] of Object.entries(FLAGS))
    draft[path] = textOf(read(config, path) ?? isOn);
  draft[STRATEGY] ||= '3';
  draft[QUORUM] = textOf(config.quorum ?? 'sloppy');
  draft[VERSIONING] = textOf(config.versioning ?? 'vector-clock');
  draft[COORDINATION] = textOf(config.coordination ?? 'server');
  const { nodes } = config;
  draft.nodes = textOf(Array.isArray(nodes) ? nodes.length : nodes);
  for (const [path, text] of Object.entries(inForce)) draft[path] ||= text;
  return draft;
}

/** Whether clocks lose their oldest entries (§4.4). */
export const isTruncated = (draft: Draft): boolean =>
  draft[VERSIONING] === 'vector-clock' || draft[VERSIONING] === 'record-clock';

/** Whether puts may be answered before the disk has them (§6.1). */
export const isBuffered = (draft: Draft): boolean => Number(draft[WRITE_BUFFER] || 0) !== 0;

/** A text that is no number goes to the engine as it is, which says what it wants instead. */
const numberOf = (text: string): unknown => {
  if (text.trim() === '') return undefined;
  return Number.isFinite(Number(text)) ? Number(text) : text;
};

/** The same scenario under these settings; without its script where that is not wanted. */
export function scenarioOf(scenario: ScenarioJson, draft: Draft, script: boolean): ScenarioJson {
  const config: Config = { ...scenario.config };
  for (const path of NUMBERS) write(config, path, numberOf(draft[path] ?? ''));
  // Strategy 1 cuts between its tokens; in 3 each partition is one.
  if (draft[STRATEGY] === '1') write(config, PARTITIONS, undefined);
  if (draft[STRATEGY] === '3') write(config, TOKENS, undefined);
  for (const path of SECONDS) {
    const given = numberOf(draft[path] ?? '');
    write(config, path, typeof given === 'number' ? given * 1000 : given);
  }
  write(config, QUORUM, draft[QUORUM]);
  write(config, VERSIONING, draft[VERSIONING]);
  write(config, COORDINATION, draft[COORDINATION]);
  if (draft[COORDINATION] !== 'client') write(config, POLL, undefined);
  // Dotted clocks are never cut short, and under last-write-wins there is nothing to cut.
  if (!isTruncated(draft)) write(config, ENTRIES, undefined);
  for (const path of Object.keys(FLAGS)) write(config, path, draft[path] === 'true');
  if (!isBuffered(draft)) {
    for (const path of [BUFFER_FLUSH, DURABLE_REPLICA]) write(config, path, undefined);
  }
  const nodes = numberOf(draft.nodes ?? '');
  // Nodes with names, weights and zones stay as they are while there are as many.
  const listed = Array.isArray(config.nodes) && config.nodes.length === nodes;
  if (!listed) write(config, 'nodes', nodes);
  write(config, 'failure_detection', draft[DETECTOR] === 'local' ? 'local' : undefined);
  if (draft[DETECTOR] !== 'stale') write(config, 'suspect_after_ms', undefined);
  if (draft[DETECTOR] !== 'phi') write(config, 'suspect_phi', undefined);
  if (draft.anti_entropy !== 'true') write(config, 'anti_entropy_interval_ms', undefined);
  if (draft.admission_control !== 'true') write(config, 'admission_p99_ms', undefined);
  return { ...scenario, config, ...(!script && { script: [] }) };
}

export interface Refusal {
  /** The field that is meant, or nothing where none of the form's is. */
  path: Path;
  text: string;
}

/** The engine says `config.r: found 4, allowed …`; the form says the rest at that field. */
export function refusalOf(message: string): Refusal {
  const [, at = '', rest = message] = /^config\.([\w.]+)[^:]*: (.*)$/s.exec(message) ?? [];
  const path = FIELDS.includes(at) ? at : '';
  return path ? { path, text: rest } : { path: '', text: message };
}
