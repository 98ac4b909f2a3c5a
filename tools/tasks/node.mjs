// A node of a real ring, or a simulated world, under Node. Its flags are read by www/edge/flags.ts.

import { pathToFileURL } from 'node:url';
import { bundleNode } from '../lib/edge.mjs';
import { endWithParent } from '../lib/process.mjs';
import { ensureWasm } from '../lib/wasm.mjs';
import { provisionBuild } from '../provision/all.mjs';

export default async function node(args) {
  await provisionBuild();
  await ensureWasm();
  const program = await bundleNode();
  // In this process, so that a signal to it reaches the node.
  process.argv = [process.execPath, program, ...args.filter((arg) => arg !== '--yes')];
  await import(pathToFileURL(program).href);
  endWithParent();
}
