// Rust: cargo, the pinned toolchain, the wasm target.
//
// rustup may be told never to install on its own (RUSTUP_AUTO_INSTALL=0), so what
// rust-toolchain.toml names is installed by an explicit call.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inRoot, wasmTarget } from '../lib/paths.mjs';
import { capture, must, which } from '../lib/process.mjs';
import { Trouble } from '../lib/trouble.mjs';
import { consent } from './consent.mjs';

const RUSTUP_SCRIPT = 'https://sh.rustup.rs';

export async function provisionRust() {
  lookInCargoHome();
  if (!which('cargo')) await installRustup();
  if (which('rustup')) await installToolchain();
  else demandTargetWithoutRustup();
}

/** The version that rust-toolchain.toml pins. */
function pinned() {
  const text = readFileSync(inRoot('rust-toolchain.toml'), 'utf8');
  return /channel\s*=\s*"([^"]+)"/.exec(text)[1];
}

/** rustup puts cargo where a shell that was opened before does not look. */
function lookInCargoHome() {
  const folder = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin');
  if (which('cargo') || !existsSync(folder)) return;
  process.env.PATH = `${folder}${delimiter}${process.env.PATH}`;
}

async function installRustup() {
  const arguments_ = `-y --profile minimal --default-toolchain ${pinned()}`;
  const line = `curl --proto '=https' --tlsv1.2 -sSf ${RUSTUP_SCRIPT} | sh -s -- ${arguments_}`;
  console.log('Rust is needed and cargo was not found.');
  const agreed =
    process.platform !== 'win32' && (await consent(`Install Rust ${pinned()} through rustup now?`));
  if (!agreed) throw new Trouble(`cargo was not found. Install it with:\n\n    ${line}\n`);

  const script = await fetchRustupScript();
  const folder = mkdtempSync(join(tmpdir(), 'rustup-'));
  const file = join(folder, 'rustup-init.sh');
  writeFileSync(file, script);
  const sorry = `The Rust toolchain ${pinned()} could not be fetched. Once the network is back:`;
  await must('sh', [file, ...arguments_.split(' ')], `${sorry}\n\n    ${line}\n`);
  rmSync(folder, { recursive: true });
  lookInCargoHome();
  if (!which('cargo')) throw new Trouble('rustup ran, but cargo is still not found.');
}

async function fetchRustupScript() {
  try {
    const answer = await fetch(RUSTUP_SCRIPT);
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return await answer.text();
  } catch (error) {
    const why = error.cause?.message ?? error.message;
    throw new Trouble(`The installer of Rust could not be fetched from ${RUSTUP_SCRIPT}: ${why}.`);
  }
}

async function installToolchain() {
  const version = pinned();
  const isActive = capture('rustc', ['--version']).ok;
  if (!isActive) {
    console.log(`Installing the Rust toolchain ${version} …`);
    const args = ['toolchain', 'install', version, '--profile', 'minimal'];
    await must(
      'rustup',
      [...args, '--component', 'rustfmt,clippy', '--target', wasmTarget],
      `The Rust toolchain ${version} could not be fetched (rustup ${args.join(' ')}).`,
    );
  }
  if (hasTarget()) return;
  console.log(`Adding Rust’s target ${wasmTarget} …`);
  await must(
    'rustup',
    ['target', 'add', wasmTarget],
    `Rust’s target ${wasmTarget} could not be fetched (rustup target add ${wasmTarget}).`,
  );
}

/** rustfmt and clippy, which only `verify` and `fix` need. */
export async function provisionLints() {
  if (!which('rustup')) return;
  for (const component of ['rustfmt', 'clippy']) {
    const program = component === 'clippy' ? 'clippy-driver' : component;
    if (capture(program, ['--version']).ok) continue;
    await must(
      'rustup',
      ['component', 'add', component],
      `Rust’s component ${component} could not be fetched (rustup component add ${component}).`,
    );
  }
}

function hasTarget() {
  const sysroot = capture('rustc', ['--print', 'sysroot']).out.trim();
  return existsSync(join(sysroot, 'lib', 'rustlib', wasmTarget, 'lib'));
}

function demandTargetWithoutRustup() {
  if (hasTarget()) return;
  throw new Trouble(
    `cargo is here without rustup and without the target ${wasmTarget}. Install your ` +
      `distribution’s package of it (Debian: libstd-rust-dev-wasm32), or rustup.`,
  );
}
