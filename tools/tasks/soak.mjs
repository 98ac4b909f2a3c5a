// What takes minutes or hours and so runs outside CI: `npm run soak -- saboteurs`.

import { status } from '../lib/process.mjs';
import { Trouble } from '../lib/trouble.mjs';

const SOAKS = { saboteurs, mutants };

export default async function soak([name, ...args]) {
  if (!Object.hasOwn(SOAKS, name ?? '')) {
    const allowed = Object.keys(SOAKS).join(', ');
    throw new Trouble(`soak: found ${name ?? 'nothing'}, allowed ${allowed}`, 2);
  }
  return SOAKS[name](args);
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
  'src/protocol/membership.rs',
];

/** `cargo install cargo-mutants --locked` first. Arguments go to it, as `--shard 0/8`. */
async function mutants(args) {
  const files = MUTATED.flatMap((file) => ['--file', file]);
  const tests = ['--lib', '--test', 'conformance', '--test', 'properties'];
  const options = ['--no-shuffle', '--output', 'target/mutants', ...files, ...args];
  return status('cargo', ['mutants', ...options, '--', ...tests]);
}
