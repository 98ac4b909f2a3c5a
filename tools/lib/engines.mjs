// The unit tests as wasm, in the engines that are here: Node, Chromium, Firefox, WebKit.
//
// A test program that is not meant for an engine is skipped there with success, so what counts is
// the number in the runner's own summary.

import { findChromium, findFirefox } from '../provision/browser.mjs';
import { demandCargoTool, findCargoTool } from '../provision/cargotools.mjs';
import { provisionRunner } from '../provision/runner.mjs';
import { heading } from './parts.mjs';
import { wasmTarget } from './paths.mjs';
import { isProgram, tee, which } from './process.mjs';
import { Trouble } from './trouble.mjs';

/** Fewer in an engine is a failure, whatever the runner's exit status. */
export const LEAST = 40;

const BROWSER = { WASM_BINDGEN_USE_BROWSER: '1' };

/** For the runner, however it is called. */
export const PATIENCE = {
  // On a busy machine a browser starts slowly.
  WASM_BINDGEN_TEST_TIMEOUT: '120',
  WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '30',
  // A failed test is told in full by itself; where the runner was then helps nobody.
  RUST_BACKTRACE: '0',
};

/** In the order in which they run. `driver` is a variable's name and the programs to look for. */
const ENGINES = {
  node: { env: {} },
  chromium: {
    driver: ['CHROMEDRIVER', 'chromedriver'],
    browser: findChromium,
    env: BROWSER,
  },
  firefox: {
    driver: ['GECKODRIVER', 'geckodriver'],
    browser: findFirefox,
    env: BROWSER,
  },
  webkit: {
    driver: ['SAFARIDRIVER', 'WebKitWebDriver', 'safaridriver'],
    // WebKitGTK's driver brings its own browser, which has no headless mode.
    needsScreen: process.platform === 'linux',
    env: BROWSER,
  },
};

/** What CI may not skip: WebKit is a guest wherever it can be had. */
const REQUIRED = process.env.CI ? ['node', 'chromium', 'firefox'] : ['node'];

/** `npm test -- engines`, or some: `npm test -- engines --only=firefox`. */
export async function engines(args) {
  const only = chosen(args);
  const runner = await provisionRunner();
  // Debian 12 has no package of Firefox's driver.
  if (process.env.CI && only.includes('firefox')) await demandCargoTool('geckodriver');
  const lines = [];
  let failed = 0;
  for (const name of only) {
    const found = find(ENGINES[name]);
    if (found.missing) {
      const isRequired = REQUIRED.includes(name);
      if (isRequired) failed = 1;
      const verdict = isRequired ? '✕ required in CI, but' : '– skipped:';
      lines.push(`${verdict} ${name}: ${found.missing}`);
      continue;
    }
    heading(`engine ${name}`);
    const { code, out } = await run(runner, found);
    const count = judge(code, out);
    if (!count.isGood) failed = 1;
    lines.push(`${count.isGood ? '✓' : '✕'} ${name.padEnd(9)} ${count.text}`);
  }
  heading('engines');
  console.log(lines.join('\n'));
  return failed;
}

function chosen(args) {
  const option = args.find((arg) => arg.startsWith('--only='));
  const names = option?.slice('--only='.length).split(',') ?? Object.keys(ENGINES);
  const stranger = names.find((name) => !Object.hasOwn(ENGINES, name));
  if (stranger === undefined) return names;
  const allowed = Object.keys(ENGINES).join(', ');
  throw new Trouble(`engines --only: found ${stranger}, allowed ${allowed}`, 2);
}

/** What leads the runner to an engine: variables, a program to go through; or what is missing. */
export function find({ driver, browser, needsScreen = false, env }) {
  if (!driver) return { env };
  const [variable, ...programs] = driver;
  const path = process.env[variable] ?? programs.map(findCargoTool).find(Boolean);
  if (!path || !isProgram(path)) return { missing: `its driver, ${programs[0]}, was not found` };
  if (browser && !browser()) return { missing: 'its driver is here, the browser is not' };
  const found = { env: { ...env, [variable]: path } };
  if (!needsScreen || process.env.DISPLAY) return found;
  // A screen of its own, on which nobody looks.
  if (which('xvfb-run')) return { ...found, through: ['xvfb-run', '-a'] };
  return { missing: 'there is no screen (DISPLAY), and no xvfb-run to make one' };
}

function run(runner, { env, through = [] }) {
  const line = [...through, 'cargo', 'test', '--target', wasmTarget, '--lib'];
  return tee(line[0], line.slice(1), {
    env: { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: runner, ...PATIENCE, ...env },
  });
}

/** Reads the runner's summaries; no summary is no test. */
export function judge(code, out) {
  const summaries = [...out.matchAll(/^test result: (\w+)\. (\d+) passed; (\d+) failed/gm)];
  const passed = summaries.reduce((sum, [, , count]) => sum + Number(count), 0);
  const failures = summaries.reduce((sum, [, , , count]) => sum + Number(count), 0);
  const isGood = code === 0 && failures === 0 && passed >= LEAST;
  const least = passed < LEAST ? `, at least ${LEAST} must run` : '';
  return { isGood, passed, text: `${passed} passed, ${failures} failed${least}` };
}
