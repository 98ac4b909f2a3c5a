// The checks that have a writing twin: `verify` looks, `fix` mends.

import { wasmTarget } from './paths.mjs';
import { status, tool } from './process.mjs';

const DENY = ['--', '-D', 'warnings'];
const WASM = ['--target', wasmTarget, '--lib'];
const MEND = ['--fix', '--allow-dirty', '--allow-staged'];
// The module's own build, for its lints: the tests of the other target are not part of it.
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
