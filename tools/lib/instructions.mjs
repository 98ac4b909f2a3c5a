// How many instructions a delivered message takes in the two standard workloads, held against the
// figures that are committed. Instructions are counted, not timed, so what else the machine does
// makes no difference, and one figure holds for all.

import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './paths.mjs';
import { capture, must, which } from './process.mjs';
import { program } from './target.mjs';
import { Trouble } from './trouble.mjs';

const FIGURES = 'tests/bench/instructions.json';
const UPDATE = 'node tools/run.mjs instructions --update';
// Another processor copies memory with other instructions; the rest is the same everywhere.
const MOST = 1.05;
const LEAST = 0.95;
const WORKLOADS = [
  { workload: 'w1', nodes: 100 },
  { workload: 'w2', nodes: 5 },
];

/** A part of the tests: prints a line for each workload, and answers with an exit status. */
export async function instructions(args) {
  const other = args.find((arg) => arg !== '--update');
  if (other) throw new Trouble(`instructions: found ${other}, allowed --update`, 2);
  if (!which('valgrind')) {
    if (process.env.CI) throw new Trouble('CI counts instructions, and valgrind was not found.');
    console.log('– skipped: valgrind counts the instructions, and was not found');
    return 0;
  }
  await must('cargo', ['build', '--release'], 'The command line does not build; see above.');
  const counted = Object.fromEntries(
    WORKLOADS.map(({ workload, nodes }) => [`${workload}-${nodes}`, count(workload, nodes)]),
  );
  if (args.includes('--update')) {
    writeFileSync(inRoot(FIGURES), `${JSON.stringify(counted, null, 2)}\n`);
    console.log(`Wrote ${FIGURES}: ${JSON.stringify(counted)}. The commit says why.`);
    return 0;
  }
  const committed = JSON.parse(readFileSync(inRoot(FIGURES), 'utf8'));
  const verdicts = WORKLOADS.map(({ workload, nodes }) => {
    const name = `${workload}-${nodes}`;
    return judge(name, counted[name], committed[name]);
  });
  verdicts.forEach(({ text }) => {
    console.log(text);
  });
  return verdicts.every(({ isKept }) => isKept) ? 0 : 1;
}

/** A figure that is not there, or is no number, guards nothing: that is a failure too. */
export function judge(name, counted, committed) {
  const ratio = counted / committed;
  const told = `${name}: ${counted} instructions per message, committed ${committed}`;
  if (!(Number.isFinite(ratio) && ratio > 0)) return { isKept: false, text: `✕ ${told}` };
  const times = `${told} (${ratio.toFixed(3)} times)`;
  if (ratio > MOST) {
    const text = `✕ ${times}, more than ${MOST}. If it is worth that: ${UPDATE}`;
    return { isKept: false, text };
  }
  const hint = ratio < LEAST ? `. Hold on to it: ${UPDATE}` : '';
  return { isKept: true, text: `✓ ${times}${hint}` };
}

/** What valgrind says it counted, over what the workload says it delivered in its two plays. */
export function perMessage(report, json, workload) {
  const total = /I\s+refs:\s+([\d,]+)/.exec(report)?.[1].replaceAll(',', '');
  const messages = JSON.parse(json)[workload][0].messages;
  if (!total || !(messages > 0)) throw new Trouble(`valgrind counted nothing: ${report}`);
  return Math.round(Number(total) / (2 * messages));
}

/** One play that warms up, and one that counts as much: starting up hardly shows. */
function count(workload, nodes) {
  const bench = ['bench', '--json', '--runs', '1', '--workload', workload, '--nodes', `${nodes}`];
  const valgrind = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'];
  const { ok, out, err } = capture('valgrind', [...valgrind, program(), ...bench]);
  if (!ok) throw new Trouble(`bench failed under valgrind: ${err}`);
  return perMessage(err, out, workload);
}
