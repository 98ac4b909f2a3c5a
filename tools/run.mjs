#!/usr/bin/env node
// The one task runner behind every npm script: `node tools/run.mjs TASK [arguments]`.
//
// Nothing here, nor in what it imports, needs an installed package until `provisionPackages` ran:
// a bare clone has only Node. Tasks are imported after the check of Node's own version, so an old
// Node is told so in a sentence instead of a syntax error.

import { demandNode } from './provision/node.mjs';

const TASKS = {
  start: 'build what is missing and serve the page on 127.0.0.1 (--port N)',
  test: 'run every test, or some parts: tools rust swarm saboteurs instructions engines …',
  edge: 'a ring of three nodes on workerd (--port N, --data FOLDER)',
  node: 'a node of a real ring, or a simulated world, under Node (--help)',
  soak: 'what takes long, outside CI: swarm, saboteurs, mutants',
  wasm: 'build the module and its JavaScript face into www/pkg',
  build: 'write the static site into dist/, print its sizes and hold them to their limits',
  bench: 'the two standard workloads natively and as wasm under Node (--json, --runs N)',
  instructions: 'instructions per message, held against what is committed (--update)',
  verify: 'every check there is; changes no file under version control',
  fix: 'repair what a tool can repair: formats, lints',
};

async function main() {
  demandNode();
  const [task, ...rest] = process.argv.slice(2);
  if (!Object.hasOwn(TASKS, task ?? '')) {
    const lines = Object.entries(TASKS).map(([name, what]) => `  ${name.padEnd(14)}${what}`);
    console.error(`usage: node tools/run.mjs TASK\n\n${lines.join('\n')}`);
    process.exitCode = 2;
    return;
  }
  const { Trouble } = await import('./lib/trouble.mjs');
  try {
    const { default: run } = await import(`./tasks/${task}.mjs`);
    process.exitCode = (await run(rest)) ?? 0;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    console.error(`\n✕ ${error.message}`);
    process.exitCode = error.status;
  }
}

await main();
