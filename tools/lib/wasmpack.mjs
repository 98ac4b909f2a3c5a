// wasm-pack itself, in its three modes. `.ci/run` asks for it; `npm test` takes the shorter road to
// the same tests.

import { dirname } from 'node:path';
import { demandCargoTool, findCargoTool, pathWith } from '../provision/cargotools.mjs';
import { provisionRunner } from '../provision/runner.mjs';
import { judge, PATIENCE } from './engines.mjs';
import { heading } from './parts.mjs';
import { tee, which } from './process.mjs';
import { Trouble } from './trouble.mjs';

export async function wasmPack() {
  const program = await demandCargoTool('wasm-pack');
  // wasm-pack takes wasm-bindgen from PATH when it is of the right version: ours is, always.
  const PATH = pathWith(dirname(await provisionRunner()));
  const chrome = ['--headless', '--chrome', '--chromedriver', driver('chromedriver')];
  const firefox = ['--headless', '--firefox', '--geckodriver', driver('geckodriver')];
  const lines = [];
  let failed = 0;
  for (const mode of [['--node'], chrome, firefox]) {
    const name = `wasm-pack test ${mode.slice(0, 2).join(' ')}`;
    heading(name);
    const { code, out } = await tee(program, ['test', ...mode], { env: { ...PATIENCE, PATH } });
    const { isGood, text } = judge(code, out);
    if (!isGood) failed = 1;
    lines.push(`${isGood ? '✓' : '✕'} ${name.padEnd(36)} ${text}`);
  }
  heading('wasm-pack');
  console.log(lines.join('\n'));
  return failed;
}

function driver(name) {
  const path = which(name) ?? findCargoTool(name);
  if (path) return path;
  throw new Trouble(`${name} was not found; wasm-pack would fetch one of its own choice.`);
}
