// A Chromium for the tests in a browser, and the Firefox that is there.
//
// Order: CHROME_PATH, the system's, the npm package with a headless build for Linux, Playwright's
// own download. Gives the path of the program, or undefined when Playwright has its own.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../lib/paths.mjs';
import { capture, isProgram, tool, which } from '../lib/process.mjs';
import { Trouble } from '../lib/trouble.mjs';

const PACKAGE = '@sparticuz/chromium';
const VERSION = '147.0.0';
// Under target/, because `npm ci` empties node_modules.
const FOLDER = inRoot('target/browser');

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const FIREFOXES = [
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

/** The system's Firefox, or undefined: it is used where it is, and not fetched. */
export function findFirefox() {
  const path = process.env.FIREFOX_PATH;
  if (path && !isProgram(path)) throw new Trouble(`FIREFOX_PATH names no program: ${path}`);
  return path || which('firefox') || which('firefox-esr') || FIREFOXES.find(isProgram);
}

/** The one that is here: CHROME_PATH, or the system's. */
export function findChromium() {
  return chosen() ?? system();
}

export async function provisionChromium() {
  const found = findChromium();
  if (found) return announce(found);
  const own = await playwrightsOwn();
  if (own) return announce(own);
  const packaged = await fromPackage();
  if (packaged) return announce(packaged);
  return announce(await download());
}

function announce(path) {
  console.log(`Browser: ${path}`);
  return path;
}

function chosen() {
  const path = process.env.CHROME_PATH;
  if (path && !isProgram(path)) throw new Trouble(`CHROME_PATH names no program: ${path}`);
  return path || undefined;
}

function system() {
  const named = NAMES.map((name) => which(name)).find(Boolean);
  return named ?? PLACES.find((path) => isProgram(path));
}

async function playwrightsOwn() {
  const { chromium } = await import('@playwright/test');
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}

/** Undefined where the package has no build for this machine, or does not run on it. */
async function fromPackage() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const manifest = `${FOLDER}/package.json`;
  if (!existsSync(`${FOLDER}/node_modules/${PACKAGE}`)) {
    console.log(`No Chromium found: fetching ${PACKAGE} ${VERSION} …`);
    const args = ['install', '--prefix', FOLDER, '--no-save', `${PACKAGE}@${VERSION}`];
    const { ok, err } = capture('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error']);
    if (!ok) {
      console.log(`${PACKAGE} could not be fetched: ${err.trim().split('\n')[0]}`);
      return undefined;
    }
  }
  const entry = createRequire(manifest).resolve(PACKAGE);
  const { default: chromium } = await import(pathToFileURL(entry).href);
  const path = await chromium.executablePath();
  // It brings no shared libraries: on a bare machine it may be unable to start.
  if (capture(path, ['--version']).ok) return path;
  console.log(`${PACKAGE} does not start on this machine.`);
  return undefined;
}

async function download() {
  console.log('Fetching Playwright’s Chromium …');
  if ((await tool('playwright', ['install', 'chromium'])) !== 0) {
    throw new Trouble(
      'Playwright’s Chromium could not be fetched (npx playwright install chromium). Install a ' +
        'Chromium or Chrome of your own, or name one in CHROME_PATH.',
    );
  }
  const path = await playwrightsOwn();
  if (!path) throw new Trouble('Playwright installed a Chromium but does not find it.');
  return path;
}
