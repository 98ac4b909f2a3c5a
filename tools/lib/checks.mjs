// The checks that have a writing twin: `verify` looks, `fix` mends.

import { wasmTarget } from './paths.mjs';
import { status, tool } from './process.mjs';

const DENY = ['--', '-D', 'warnings'];
// The module and the programs of its tests; there is no command line.
const WASM = ['--target', wasmTarget, '--lib', '--tests'];
const MEND = ['--fix', '--allow-dirty', '--allow-staged'];
const HOST = ['--workspace', '--all-targets'];

export const LOOK = [
  ['rustfmt', () => status('cargo', ['fmt', '--all', '--check'])],
  ['clippy', () => status('cargo', ['clippy', ...HOST, ...DENY])],
  ['clippy wasm32', () => status('cargo', ['clippy', ...WASM, ...DENY])],
  ['biome', () => tool('biome', ['check', '--error-on-warnings', '.'])],
];

export const FIX = [
  ['clippy', () => status('cargo', ['clippy', ...MEND, ...HOST])],
  ['clippy wasm32', () => status('cargo', ['clippy', ...MEND, ...WASM])],
  ['rustfmt', () => status('cargo', ['fmt', '--all'])],
  ['biome', () => tool('biome', ['check', '--write', '.'])],
];
