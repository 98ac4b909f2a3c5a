// What the site weighs on its way to a reader, and the limits it is held to.

import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { filesUnder } from './files.mjs';
import { inRoot } from './paths.mjs';

const KIB = 1024;
// Nobody waits for it: it plays in workers, once somebody asks for an experiment. It is compiled
// for speed, not for size.
const ASIDE = /dynamo_swarm/;
const LATER = /(^|\/)later-[^/]*$/;
// A reader loads one module at a time, so each is held to the limit. Every script counts as first
// load, worker included, but for those that `www/vite.config.ts` names so: they wait for a click.
// The aim for a page's module is 150 KiB. The world's is far past it, since clients coordinate,
// loads are measured and the page tells why: its limit is what it takes now, so it only shrinks.
export const LIMITS = [
  {
    what: 'each wasm module of a page',
    ending: '.wasm',
    but: ASIDE,
    packing: 'brotli',
    limit: 180 * KIB,
    each: true,
  },
  {
    what: 'the module of experiments',
    ending: '.wasm',
    only: ASIDE,
    packing: 'brotli',
    limit: 244 * KIB,
  },
  { what: 'first-load JavaScript', ending: '.js', but: LATER, packing: 'gzip', limit: 90 * KIB },
  {
    what: 'each script loaded later',
    ending: '.js',
    only: LATER,
    packing: 'gzip',
    limit: 40 * KIB,
    each: true,
  },
];

/** Prints a table of dist/ and gives the exit status: 1 when a limit is broken. */
export function reportSizes() {
  const files = filesUnder('dist').map(weigh);
  console.log(`\n${'KiB'.padStart(54)}${'gzip'.padStart(9)}${'brotli'.padStart(9)}`);
  for (const { path, raw, gzip, brotli } of files) {
    console.log(`${path.padEnd(45)}${[raw, gzip, brotli].map(kib).join('')}`);
  }
  const verdicts = LIMITS.map((limit) => judge(limit, files));
  console.log('');
  for (const { isKept, text } of verdicts) console.log(`${isKept ? '✓' : '✕'} ${text}`);
  return verdicts.every(({ isKept }) => isKept) ? 0 : 1;
}

/** Nothing to weigh is a failure too: a limit on a file that is not there guards nothing. */
export function judge({ what, ending, but, only, packing, limit, each = false }, files) {
  const isMeant = (path) => path.endsWith(ending) && !but?.test(path) && (only?.test(path) ?? true);
  const chosen = files.filter(({ path }) => isMeant(path));
  const weights = chosen.map((file) => file[packing]);
  const size = each ? Math.max(...weights, 0) : weights.reduce((sum, one) => sum + one, 0);
  const isKept = chosen.length > 0 && size <= limit;
  const text = `${what}: ${kib(size).trim()} KiB ${packing}, at most ${limit / KIB} KiB`;
  return { isKept, text };
}

function weigh(path) {
  const bytes = readFileSync(inRoot(path));
  return {
    path,
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  };
}

function kib(bytes) {
  return (bytes / KIB).toFixed(1).padStart(9);
}
