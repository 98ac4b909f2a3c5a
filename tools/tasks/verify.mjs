// Every check there is. It changes no file under version control; `fix` is its writing twin.

import { LOOK } from '../lib/checks.mjs';
import { runParts } from '../lib/parts.mjs';
import { status } from '../lib/process.mjs';
import { cargoDeny, npmAudit } from '../lib/supply.mjs';
import { PARTS } from '../lib/testing.mjs';
import { ensureWasm } from '../lib/wasm.mjs';
import { provisionBuild } from '../provision/all.mjs';
import { provisionLints } from '../provision/rust.mjs';

export default async function verify() {
  return runParts([
    ['provision', provision, { needed: true }],
    ...LOOK,
    ['structure', () => status('cargo', ['test', '--test', 'tidy'])],
    ['documentation', documentation],
    ['cargo deny', cargoDeny],
    ['npm audit', npmAudit],
    ['tools', () => PARTS.tools([])],
    ['rust', () => PARTS.rust([])],
    ['engines', () => PARTS.engines([])],
    ['wasm module', () => ensureWasm(), { needed: true }],
    ['wasm', () => PARTS.wasm([])],
    ['edge', () => PARTS.edge([])],
    ['www', () => PARTS.www([])],
    ['e2e', () => PARTS.e2e([])],
  ]);
}

async function provision() {
  await provisionBuild();
  await provisionLints();
}

function documentation() {
  // The library alone: the command line's documentation would be written over it.
  const args = ['doc', '--lib', '--no-deps', '--document-private-items'];
  return status('cargo', args, { env: { RUSTDOCFLAGS: '-D warnings' } });
}
