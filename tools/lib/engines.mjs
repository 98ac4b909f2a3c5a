// The unit tests as wasm, in the engines that are here: Node, Chromium, Firefox, WebKit.
//
// A test program that is not meant for an engine is skipped there with success, so what counts is
// the number in the runner's own summary.

import { provisionRunner } from '../provision/runner.mjs';
import { heading } from './parts.mjs';
import { cargoTools, wasmTarget } from './paths.mjs';
import { isProgram, tee, which } from './process.mjs';
import { Trouble } from './trouble.mjs';

/** Fewer in an engine is a failure, whatever the runner's exit status. */
export const LEAST = 40;

const BROWSER = { WASM_BINDGEN_USE_BROWSER: '1' };

/** In the order in which they run. `driver` is a variable's name and the programs to look for. */
const ENGINES = {
  node: { env: {} },
  chromium: {
    driver: ['CHROMEDRIVER', 'chromedriver'],
    browsers: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    env: BROWSER,
  },
  firefox: {
    driver: ['GECKODRIVER', 'geckodriver'],
    browsers: ['firefox', 'firefox-esr'],
    env: BROWSER,
  },
  webkit: {
    driver: ['SAFARIDRIVER', 'WebKitWebDriver', 'safaridriver'],
    // WebKitGTK's driver brings its own browser, and draws only where there is a screen.
    isReady: () =>
      process.platform === 'darwin' || process.env.DISPLAY ? undefined : 'no screen (DISPLAY)',
    env: BROWSER,
  },
};

/** What CI may not skip: WebKit is a guest wherever it can be had. */
const REQUIRED = process.env.CI ? ['node', 'chromium', 'firefox'] : ['node'];

/** `npm test -- engines`, or some: `npm test -- engines --only=firefox`. */
export async function engines(args) {
  const only = chosen(args);
  const runner = await provisionRunner();
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
    const { code, out } = await run(runner, found.env);
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

/** The variables that lead the runner to an engine, or what is missing for that. */
export function find({ driver, browsers = [], isReady, env }) {
  if (!driver) return { env };
  const [variable, ...programs] = driver;
  const path = process.env[variable] ?? programs.map(locate).find(Boolean);
  if (!path || !isProgram(path)) return { missing: `its driver, ${programs[0]}, was not found` };
  if (browsers.length > 0 && !browsers.some((name) => which(name))) {
    return { missing: `the browser was not found (${browsers.join(', ')})` };
  }
  const unready = isReady?.();
  return unready ? { missing: unready } : { env: { ...env, [variable]: path } };
}

/** On PATH, or among the tools that cargo installed for this repository. */
function locate(program) {
  const own = `${cargoTools}/bin/${program}`;
  return which(program) ?? (isProgram(own) ? own : undefined);
}

function run(runner, env) {
  return tee('cargo', ['test', '--target', wasmTarget, '--lib'], {
    env: {
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: runner,
      // On a busy machine a browser starts slowly.
      WASM_BINDGEN_TEST_TIMEOUT: '120',
      WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '30',
      // A failed test is told in full by itself; where the runner was then helps nobody.
      RUST_BACKTRACE: '0',
      ...env,
    },
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
