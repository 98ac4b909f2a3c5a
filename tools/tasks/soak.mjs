// What takes minutes or hours and so runs outside CI: `npm run soak -- swarm`.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { inRoot } from '../lib/paths.mjs';
import { capture, must, status } from '../lib/process.mjs';
import { Trouble } from '../lib/trouble.mjs';

const SOAKS = { swarm, saboteurs, mutants };

export default async function soak([name, ...args]) {
  if (!Object.hasOwn(SOAKS, name ?? '')) {
    const allowed = Object.keys(SOAKS).join(', ');
    throw new Trouble(`soak: found ${name ?? 'nothing'}, allowed ${allowed}`, 2);
  }
  return SOAKS[name](args);
}

/** Where a soak of the swarm keeps its place, and what broke. */
const PLACE = 'target/soak/swarm.json';
/** Seeds between two savings of the place. */
const STEP = 1_000;
/** Most runs make less than a tenth; the few that make more are cut short, and judged by that. */
const EVENTS = 500_000;

/** Hostile runs, seed after seed up to `--to`; ended, it goes on where it was. */
async function swarm(args) {
  const [flag, last = '100000', ...rest] = args.length > 0 ? args : ['--to'];
  const to = Number(last);
  if (flag !== '--to' || !Number.isSafeInteger(to) || to < 1 || rest.length > 0) {
    throw new Trouble(`soak: found ${args.join(' ')}, allowed --to and a number of seeds`, 2);
  }
  await must('cargo', ['build', '--profile', 'soak', '--bin', 'dynamo-playground']);
  const commit = capture('git', ['rev-parse', '--short', 'HEAD']).out.trim();
  const place = readPlace();
  while (place.next < to) {
    const seeds = `${place.next}..${Math.min(place.next + STEP, to)}`;
    const { out, err } = capture(inRoot('target/soak/dynamo-playground'), [
      'swarm',
      '--json',
      '--seeds',
      seeds,
      '--events',
      `${EVENTS}`,
    ]);
    add(place, parsed(out, `seeds ${seeds} were not played: ${err}`), commit);
    savePlace(place);
    const { next, events, breaks } = place;
    console.log(`seeds up to ${next}: ${events} events, ${breaks.length} broke something`);
  }
  for (const { seed, check, why, commit } of place.breaks) {
    console.log(`✕ seed ${seed} broke ${check} (at ${commit}): ${why}`);
  }
  for (const complaint of place.complaints) console.log(`✕ ${complaint}`);
  return place.breaks.length + place.complaints.length > 0 ? 1 : 0;
}

function add(place, played, commit) {
  place.next += played.runs;
  place.events += played.events;
  place.breaks.push(...played.broken.map((one) => ({ ...one, commit })));
  place.complaints.push(...played.complaints);
}

function readPlace() {
  try {
    return JSON.parse(readFileSync(inRoot(PLACE), 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw new Trouble(`${PLACE} cannot be read: ${error.message}`);
    return { next: 0, events: 0, breaks: [], complaints: [] };
  }
}

/** In one step: whoever is ended while writing leaves the old one. */
function savePlace(place) {
  mkdirSync(dirname(inRoot(PLACE)), { recursive: true });
  writeFileSync(inRoot(`${PLACE}.new`), `${JSON.stringify(place, null, 2)}\n`);
  renameSync(inRoot(`${PLACE}.new`), inRoot(PLACE));
}

function parsed(text, sorry) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Trouble(sorry);
  }
}

/** Plants every fault, hunts for it with the swarm and writes `tests/saboteurs/table.md`. */
async function saboteurs(args) {
  const tests = ['--features', 'saboteurs', '--test', 'saboteurs', ...args];
  return status('cargo', ['test', '--profile', 'soak', ...tests], { env: { SABOTEURS: 'write' } });
}

/** Where a change of one operator or one answer must break a test. */
const MUTATED = [
  'src/data/ring.rs',
  'src/data/version/*.rs',
  'src/data/version.rs',
  'src/protocol/coordinator/*.rs',
  'src/protocol/handoff.rs',
  'src/protocol/antientropy.rs',
  'src/data/merkle.rs',
  'src/protocol/membership.rs',
];

/** `cargo install cargo-mutants --locked` first. Arguments go to it, as `--shard 0/8`. */
async function mutants(args) {
  const files = MUTATED.flatMap((file) => ['--file', file]);
  const tests = ['--lib', '--test', 'conformance', '--test', 'properties'];
  const options = ['--no-shuffle', '--output', 'target/mutants', ...files, ...args];
  return status('cargo', ['mutants', ...options, '--', ...tests]);
}
