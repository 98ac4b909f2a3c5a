// The wasm modules and their JavaScript faces in www/pkg, built only when their sources changed.
// Three, from one crate: whoever plays the simulation does not wait for what real rings need, or
// hostile runs.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fingerprint } from './files.mjs';
import { withLocalsInPlace } from './locals.mjs';
import { namedByLikeness } from './packing.mjs';
import { inRoot, modules, pkg, wasmFile, wasmTarget } from './paths.mjs';
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
  const isFresh = modules.every((one) => existsSync(wasmFile(one))) && there?.inputs === inputs;
  if (isFresh && (there.optimised || !optimised)) return;
  // Gone until what stands there has been seen to start.
  rmSync(STAMP, { force: true });
  // What was optimised before stands where the generator writes, so it is generated anew.
  if (!isFresh || optimised) await build();
  if (optimised) for (const one of modules) await optimise(one);
  for (const one of modules) await checkModule(one);
  mkdirSync(inRoot('target'), { recursive: true });
  writeFileSync(STAMP, JSON.stringify({ inputs, optimised }));
}

function readStamp() {
  return existsSync(STAMP) ? JSON.parse(readFileSync(STAMP, 'utf8')) : undefined;
}

async function build() {
  console.log('Building the wasm modules …');
  const target = targetFolder();
  // Different folders have different locks, so the builds share the cores. The modules need them
  // anyhow: all would be written under one name.
  await Promise.all([
    ...modules.map((one) => must('cargo', building(one, target), 'A wasm module does not build.')),
    must('cargo', ['build', '-p', 'bindgen'], 'tools/bindgen does not build; see above.'),
  ]);
  mkdirSync(pkg, { recursive: true });
  const bindgen = `${target}/debug/bindgen${process.platform === 'win32' ? '.exe' : ''}`;
  for (const { name, feature, profile } of modules) {
    const module = `${target}/${feature}/${wasmTarget}/${profile}/dynamo_playground.wasm`;
    await must(bindgen, [module, pkg, name], 'A JavaScript face could not be generated.');
  }
}

const flagsOf = (flags) => ['--config', `target.${wasmTarget}.rustflags = ["-C", "${flags}"]`];

// How each profile is compiled.
const COMMANDS = {
  // A loop's counter is not made into several pointers that count: what loops do is then written
  // alike more often, which is a kilobyte once it is packed.
  wasm: ['build', ...flagsOf('llvm-args=-disable-lsr')],
  // Rows of heartbeats are taken four at once: a ring of a thousand nodes is played in half the
  // time. Every browser since March 2023 can. The other modules leave it: level "z" makes no use of
  // it, and the page opens in older ones.
  // And what is a library for Rust as well is compiled without looking across crates, whatever the
  // profile says: here it is none. That is faster; the other modules would be larger, packed.
  'wasm-fast': ['rustc', '--crate-type', 'cdylib', ...flagsOf('target-feature=+simd128')],
};

function building({ feature, profile }, target) {
  const what = ['--lib', '--no-default-features', '--features', feature];
  const where = ['--target', wasmTarget, '--target-dir', `${target}/${feature}`];
  return [...COMMANDS[profile], '--profile', profile, ...what, ...where];
}

// Rust has inlined what is worth it. More of it makes the module smaller, and a tenth larger once
// it is packed: equal pieces are no longer equal. But for the smallest, which level "z" leaves as
// they are: without their calls a store is an eighth faster, for a quarter kilobyte.
const LITTLE_INLINING = inlining({ 'one-caller': 0, always: 8, flexible: 0 });

// What has one caller is not put into it either: a whole node in one function has more locals than
// any engine finds registers for, and gossip then takes two fifths longer.
const NO_GIANTS = inlining({ 'one-caller': 0 });

function inlining(sizes) {
  const option = ([kind, size]) => [`--${kind}-inline-max-function-size`, `${size}`];
  return Object.entries(sizes).flatMap(option);
}

// No engine heeds the hints of alignment, and without them more code is equal: half a kilobyte.
const FOR_PACKING = ['--reorder-locals', '--dealign'];

// The first kilobyte is the far end of the stack, where no pointer of a sound program ever gets by
// overflow: with that said, sums become offsets, which is half a kilobyte.
const LOW_IS_UNUSED = '--low-memory-unused';

// Which tools wrote a module, and for which features: nobody asks, and it is a quarter kilobyte.
const BARE = ['--strip-producers', '--strip-target-features'];

/**
 * npm's wasm-opt, never the system's: an old one writes a module that throws when it starts. Then
 * what is alike is put together, which packs to three in a hundred less.
 */
async function optimise(one) {
  console.log(`Optimising ${one.name} …`);
  const file = wasmFile(one);
  const isForSize = one.profile === 'wasm';
  const shape = isForSize ? ['-O2', '-O2', ...LITTLE_INLINING] : ['-O3', ...NO_GIANTS];
  await wasmOpt(file, [...shape, LOW_IS_UNUSED, ...FOR_PACKING]);
  const module = readFileSync(file);
  writeFileSync(file, namedByLikeness(isForSize ? withLocalsInPlace(module) : module));
  // As it writes it drops the names, which were for this alone.
  await wasmOpt(file, ['--reorder-functions-by-name', ...BARE]);
}

async function wasmOpt(file, how) {
  const args = [inRoot('node_modules/binaryen/bin/wasm-opt'), ...how, file, '-o', file];
  await must(process.execPath, args, 'wasm-opt failed; see above.');
}
