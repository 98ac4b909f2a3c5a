// The parts of the tests, each ending with its own runner's summary.

import { createServer } from 'node:net';
import { findFirefox, provisionChromium } from '../provision/browser.mjs';
import { engines } from './engines.mjs';
import { filesUnder } from './files.mjs';
import { instructions } from './instructions.mjs';
import { inRoot } from './paths.mjs';
import { status, tool } from './process.mjs';
import { Trouble } from './trouble.mjs';
import { wasmPack } from './wasmpack.mjs';

const NATIVE = { tools, rust, swarm, saboteurs, instructions };
export const PARTS = { ...NATIVE, engines, wasm, edge, www, e2e };
/** Only run when asked for by name: the same tests by another road. */
export const EXTRA = { 'wasm-pack': wasmPack };

async function rust(args) {
  return status('cargo', ['test', '--no-fail-fast', ...args]);
}

/** How long fresh hostile runs are played. */
const SWARM_SECONDS = 150;

/** What makes more is cut short: a few rings, overrun for one hot key, would take many minutes. */
const SWARM_EVENTS = 200_000;

/** What the command line answers when a run broke a promise, or too little was put to the test. */
const FOUND = 1;

/**
 * Hostile runs of seeds that nobody has played: they begin with the present second. What they find
 * is seldom the doing of the change at hand, so on a machine of CI, which judges changes, a find is
 * told and fails nothing; by hand it fails.
 */
async function swarm(args) {
  const first = Math.floor(Date.now() / 1000) * 1000;
  const seeds = `${first}..${first + 1_000_000}`;
  console.log(`Fresh seeds from ${first} on, for ${SWARM_SECONDS} seconds`);
  const limits = ['--seconds', `${SWARM_SECONDS}`, '--events', `${SWARM_EVENTS}`];
  const options = ['--seeds', seeds, ...limits, ...args];
  const result = await status('cargo', ['run', '--', 'swarm', ...options]);
  if (result !== FOUND || !process.env.CI) return result;
  console.log('Fresh seeds found something, told above: file it. Fixed seeds decide here.');
  return 0;
}

/** Faults planted on purpose are caught: built apart, so that nothing else has them. */
async function saboteurs(args) {
  return status('cargo', ['test', '--features', 'saboteurs', '--test', 'saboteurs', ...args]);
}

/** The task runner's own. */
async function tools(args) {
  return nodeTests('tests/tools', args);
}

/** The module under Node. */
async function wasm(args) {
  return nodeTests('tests/wasm', args);
}

/** The hosts of www/edge on the real runtimes: workerd, Deno, Node. One file at a time. */
async function edge(args) {
  return nodeTests('tests/edge', ['--test-concurrency=1', ...args]);
}

/** A run of no files would pass, so it is refused. */
function nodeTests(folder, args) {
  const files = filesUnder(folder, '.test.mjs').map(inRoot);
  if (files.length === 0) throw new Trouble(`${folder} holds no *.test.mjs`);
  return status(process.execPath, ['--test', '--test-reporter=spec', ...args, ...files]);
}

async function www(args) {
  const types = await typecheck();
  const files = [...filesUnder('www/src', '.test.ts'), ...filesUnder('www/edge', '.test.ts')];
  if (files.length === 0) console.log('No unit tests in www.');
  const units = files.length > 0 ? await vitest(args) : 0;
  return types || units;
}

function vitest(args) {
  return tool('vitest', ['run', '--config', 'www/vite.config.ts', ...args]);
}

/** Each is a world of its own: what a page, Playwright, Node and workerd know by name differs. */
const TYPED = [
  'www/tsconfig.json',
  'tests/e2e/tsconfig.json',
  'www/edge/tsconfig.json',
  'www/edge/tsconfig.worker.json',
];

export async function typecheck() {
  let failed = 0;
  for (const project of TYPED) failed = (await tool('tsc', ['--noEmit', '-p', project])) || failed;
  if (failed === 0) console.log('✓ types');
  return failed;
}

async function e2e(args) {
  const firefox = findFirefox();
  if (!firefox && process.env.CI) throw new Trouble('CI plays in Firefox too, and none was found.');
  const env = {
    CHROME_PATH: await provisionChromium(),
    FIREFOX_PATH: firefox ?? '',
    E2E_PORT: String(await freePort()),
  };
  if (firefox) console.log(`Browser: ${firefox}, without axe and emulated touch and media`);
  else console.log('– skipped: Firefox was not found (firefox, firefox-esr)');
  const config = ['--config', 'tests/e2e/playwright.config.ts'];
  return tool('playwright', ['test', ...config, ...args], { env });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
