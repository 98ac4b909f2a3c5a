// Programs that only cargo has, installed under target/tools: no system is changed, and what is
// there in its version stays.

import { existsSync, readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { cargoTools } from '../lib/paths.mjs';
import { isProgram, must, which } from '../lib/process.mjs';
import { Trouble } from '../lib/trouble.mjs';
import { consent } from './consent.mjs';

export const VERSIONS = { 'cargo-deny': '0.20.2', geckodriver: '0.37.1', 'wasm-pack': '0.15.1' };

/** They run for seconds: building them fast is worth more than their own speed. */
const FAST = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_DEBUG: '0',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '256',
};

/** Where such a program is: on PATH, or among our own; undefined when it is not here. */
export function findCargoTool(name) {
  const own = `${cargoTools}/bin/${name}`;
  return which(name) ?? (isProgram(own) ? own : undefined);
}

/** Its path, after installing it where that is agreed to; undefined where it is not. */
export async function provisionCargoTool(name) {
  const version = VERSIONS[name];
  const there = installed(name) === version ? `${cargoTools}/bin/${name}` : which(name);
  if (there) return there;
  if (!(await consent(`${name} ${version} is not here. Install it under target/tools now?`))) {
    return undefined;
  }
  console.log(`Installing ${name} ${version} under target/tools …`);
  const args = ['install', name, '--version', version, '--locked', '--root', cargoTools];
  await must('cargo', args, `${name} ${version} could not be installed (cargo install).`, {
    env: { ...FAST, CARGO_TARGET_DIR: `${cargoTools}/build` },
  });
  return `${cargoTools}/bin/${name}`;
}

/** Like that, where doing without is no way: CI, or a part that was asked for. */
export async function demandCargoTool(name) {
  const path = await provisionCargoTool(name);
  if (path) return path;
  const line = `cargo install ${name} --version ${VERSIONS[name]} --locked`;
  throw new Trouble(`${name} was not found. Install it with:\n\n    ${line}\n`);
}

/** PATH with the given folders and our own tools first. */
export function pathWith(...folders) {
  return [...folders, `${cargoTools}/bin`, process.env.PATH].join(delimiter);
}

/** The version that cargo noted when it installed a program here. */
function installed(name) {
  const notes = `${cargoTools}/.crates.toml`;
  if (!existsSync(notes)) return undefined;
  return new RegExp(`"${name} (\\S+) `).exec(readFileSync(notes, 'utf8'))?.[1];
}
