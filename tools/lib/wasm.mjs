// The wasm module and its JavaScript face in www/pkg, built only when their sources changed.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fingerprint } from './files.mjs';
import { inRoot, pkg, wasmFile, wasmTarget } from './paths.mjs';
import { must } from './process.mjs';
import { checkModule } from './smoke.mjs';
import { targetFolder } from './target.mjs';

const INPUTS = ['src', 'Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'tools/bindgen'];
// Beside the package, not in it: what is in www/pkg is what a page may load.
const STAMP = inRoot('target/wasm.stamp');

/** Builds what is stale. `optimised` asks for npm's wasm-opt as well: the release step. */
export async function ensureWasm({ optimised = false } = {}) {
  const inputs = fingerprint(INPUTS);
  const there = readStamp();
  const isFresh = existsSync(wasmFile) && there?.inputs === inputs;
  if (isFresh && (there.optimised || !optimised)) return;
  // Gone until what stands there has been seen to start.
  rmSync(STAMP, { force: true });
  if (!isFresh) await build();
  if (optimised) await optimise();
  await checkModule();
  mkdirSync(inRoot('target'), { recursive: true });
  writeFileSync(STAMP, JSON.stringify({ inputs, optimised }));
}

function readStamp() {
  return existsSync(STAMP) ? JSON.parse(readFileSync(STAMP, 'utf8')) : undefined;
}

async function build() {
  console.log('Building the wasm module …');
  const profiles = ['build', '--profile', 'wasm', '--lib', '--target', wasmTarget];
  // Different profiles lock different folders, so the two builds share the cores.
  await Promise.all([
    must('cargo', profiles, 'The wasm module does not build; see above.'),
    must('cargo', ['build', '-p', 'bindgen'], 'tools/bindgen does not build; see above.'),
  ]);
  const target = targetFolder();
  mkdirSync(pkg, { recursive: true });
  const module = `${target}/${wasmTarget}/wasm/dynamo_playground.wasm`;
  const bindgen = `${target}/debug/bindgen${process.platform === 'win32' ? '.exe' : ''}`;
  await must(bindgen, [module, pkg], 'The JavaScript face could not be generated; see above.');
}

// Rust has inlined what is worth it. More of it makes the module smaller, and a tenth larger once
// it is packed: equal pieces are no longer equal.
const NO_INLINING = ['one-caller', 'always', 'flexible'].flatMap((kind) => [
  `--${kind}-inline-max-function-size`,
  '0',
]);

/** npm's wasm-opt, never the system's: an old one writes a module that throws when it starts. */
async function optimise() {
  console.log('Optimising the wasm module …');
  const wasmOpt = inRoot('node_modules/binaryen/bin/wasm-opt');
  const args = [wasmOpt, '-O3', ...NO_INLINING, wasmFile, '-o', wasmFile];
  await must(process.execPath, args, 'wasm-opt failed; see above.');
}
