// Does a module that was just written start? A process of its own, so that no earlier import of
// the same file answers in its place.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { pkg, wasmFile } from './paths.mjs';
import { must } from './process.mjs';

const SCRIPT = `
  const [face, module] = process.argv.slice(1);
  const { readFileSync } = await import('node:fs');
  const { initSync } = await import(face);
  initSync({ module: readFileSync(module) });
`;

export async function checkModule(one) {
  const file = wasmFile(one);
  const foreign = foreignImports(readFileSync(file));
  if (foreign.length > 0) {
    throw new Error(`the module imports what no page provides: ${foreign.join(', ')}`);
  }
  const face = pathToFileURL(`${pkg}/${one.name}.js`).href;
  const args = ['--input-type=module', '-e', SCRIPT, face, file];
  await must(process.execPath, args, `${one.name} was written but does not start in Node.`);
}

const OWN_FACE = /^\.\/dynamo_(playground|peer|swarm)_bg\.js$/;

/** Imports that do not come from the generated face, `env` above all. */
export function foreignImports(bytes) {
  return WebAssembly.Module.imports(new WebAssembly.Module(bytes))
    .filter(({ module }) => !OWN_FACE.test(module))
    .map(({ module, name }) => `${module}.${name}`);
}
