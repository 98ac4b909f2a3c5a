// The two standard workloads natively and as wasm under Node, and the ratio of the two; with
// `frames`, what a frame costs the page; with `growth`, how cost grows with nodes and keys.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { pkg, wasmFile } from '../lib/paths.mjs';
import { capture, must } from '../lib/process.mjs';
import { program } from '../lib/target.mjs';
import { Trouble } from '../lib/trouble.mjs';
import { ensureWasm } from '../lib/wasm.mjs';
import { provisionBuild } from '../provision/all.mjs';

const WORKLOADS = [
  { name: 'w1', what: 'W1 gossip', sizes: [100, 1000] },
  { name: 'w2', what: 'W2 store', sizes: [5, 50] },
];
// One long call stays in an engine's baseline code; a page advances in slices too.
const SLICE_MS = 100;
// Engines compile anew, aside, what has turned out to be played often.
const WARM_UP_MS = 1_000;
// As natively: of a play that is not much longer than some ticks the system tells too little.
const TICKS_MS = 50;
// Fails above this: what is aimed at is 1.35.
const RATIO_MAX = 1.6;

export default async function bench(args) {
  if (args[0] === 'frames') return frames(args.slice(1));
  if (args[0] === 'growth') return growth(args.slice(1));
  const { json, runs } = options(args);
  await provisionBuild();
  await must('cargo', ['build', '--release'], 'The command line does not build; see above.');
  await ensureWasm({ optimised: true });
  const native = measuredNatively(runs);
  const wasm = await measuredAsWasm(runs);
  const rows = WORKLOADS.flatMap(({ name, what, sizes }) =>
    sizes.map((nodes, at) => {
      const [one, other] = [native[name][at], wasm[name][at]];
      return { workload: name, what, nodes, native: one, wasm: other, ratio: ratio(other, one) };
    }),
  );
  console.log(json ? JSON.stringify(rows) : table(rows));
  const other = rows.find(({ native, wasm }) => native.digest !== wasm.digest);
  if (other) throw new Trouble(`${other.what}, ${other.nodes} nodes: wasm played something else`);
  const slow = rows.filter((row) => row.ratio > RATIO_MAX);
  for (const { what, nodes, ratio } of slow) {
    console.error(
      `✕ ${what}, ${nodes} nodes: ${ratio.toFixed(2)} times native, more than ${RATIO_MAX}`,
    );
  }
  return slow.length > 0 ? 1 : 0;
}

/** The page's main thread, by the size of its ring: `bench frames [--json]`. */
async function frames(args) {
  const isJson = args.includes('--json');
  const other = args.find((arg) => !['--json', '--yes'].includes(arg));
  if (other) throw new Trouble(`bench frames: found ${other}, allowed --json`, 2);
  await provisionBuild();
  // The module is in a worker: how well it is optimised shows in nothing that is measured here.
  await ensureWasm();
  const { measureFrames, tableOf } = await import('../../tests/bench/frames.mjs');
  const rows = await measureFrames();
  console.log(isJson ? JSON.stringify({ frames: rows }) : tableOf(rows));
  return 0;
}

/** How cost grows: writes the numbers, the plot and the table; takes some minutes. */
async function growth(args) {
  const other = args.find((arg) => arg !== '--yes');
  if (other) throw new Trouble(`bench growth: found ${other}, allowed nothing more`, 2);
  await provisionBuild();
  await must('cargo', ['build', '--release'], 'The command line does not build; see above.');
  const { measureGrowth, tableOf } = await import('../../tests/bench/growth.mjs');
  console.log(tableOf(measureGrowth(program())));
  return 0;
}

function options(args) {
  const known = { json: { type: 'boolean' }, runs: { type: 'string', default: '5' } };
  try {
    const { values } = parseArgs({ args, options: known });
    const runs = Number(values.runs);
    if (!(Number.isInteger(runs) && runs >= 1 && runs <= 100)) {
      throw new Error(`--runs: found ${values.runs}, allowed 1 to 100`);
    }
    return { json: values.json ?? false, runs };
  } catch (error) {
    throw new Trouble(error.message, 2);
  }
}

const ratio = (one, other) => one.ns_per_message / other.ns_per_message;

function measuredNatively(runs) {
  const { ok, out, err } = capture(program(), ['bench', '--json', '--runs', `${runs}`]);
  if (!ok) throw new Trouble(`bench failed natively: ${err}`);
  return JSON.parse(out);
}

async function measuredAsWasm(runs) {
  const module = { name: 'dynamo_swarm' };
  const face = await import(pathToFileURL(`${pkg}/${module.name}.js`).href);
  const { memory } = face.initSync({ module: readFileSync(wasmFile(module)) });
  const measured = {};
  for (const { name, sizes } of WORKLOADS) {
    measured[name] = sizes.map((nodes) => fastest(face.Bench, memory, name, nodes, runs));
  }
  return measured;
}

/** The fastest of several runs, after those that warm up. */
function fastest(Bench, memory, workload, nodes, runs) {
  const isWarmAt = performance.now() + WARM_UP_MS;
  do play(Bench, workload, nodes);
  while (performance.now() < isWarmAt);
  const plays = Array.from({ length: runs }, () => play(Bench, workload, nodes));
  const best = plays.reduce((one, other) => (other.took < one.took ? other : one));
  return {
    nodes,
    digest: best.digest,
    messages: best.messages,
    ns_per_message: (best.took * 1e6) / best.messages,
    ops_per_second: (best.operations * 1e3) / best.took,
    virtual_per_real: Bench.lastsMs(workload) / best.took,
    // Memory of a module never shrinks, so a smaller workload may show what a larger one took.
    memory_mib: memory.buffer.byteLength / 2 ** 20,
  };
}

function play(Bench, workload, nodes) {
  const lasts = Bench.lastsMs(workload);
  const played = new Bench(workload, nodes);
  const [began, before] = [performance.now(), onProcessor()];
  for (let ms = SLICE_MS; ms <= lasts; ms += SLICE_MS) played.runTo(ms);
  const [passed, had] = [performance.now() - began, onProcessor() - before];
  const [messages, operations, violations] = played.counted();
  if (violations > 0) throw new Trouble(`${workload}, ${nodes} nodes: ${violations} violations`);
  const digest = played.digest();
  played.free();
  return { took: had > TICKS_MS ? had : passed, messages, operations, digest };
}

/** How long this thread has had a processor, in milliseconds, where the system tells it. */
function onProcessor() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

function table(rows) {
  const title = '             nodes  native ns  wasm ns  ratio  wasm virtual/real  wasm MiB';
  const lines = rows.map(({ what, nodes, native, wasm, ratio }) =>
    [
      what.padEnd(10),
      `${nodes}`.padStart(8),
      native.ns_per_message.toFixed(0).padStart(11),
      wasm.ns_per_message.toFixed(0).padStart(9),
      ratio.toFixed(2).padStart(7),
      wasm.virtual_per_real.toFixed(1).padStart(19),
      wasm.memory_mib.toFixed(1).padStart(10),
    ].join(''),
  );
  return [title, ...lines].join('\n');
}
