// The hosts of www/edge as programs: bundled into target/edge, each beside a copy of the module.

import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { inRoot, root, wasmFile } from './paths.mjs';

const FOLDER = inRoot('target/edge');
/** When this changes, so does what workerd does. The same date stands in `wrangler.toml`. */
const COMPATIBILITY_DATE = '2026-04-01';

/** The program of `npm run node`; packages stay where they are. Gives its path. */
export function bundleNode() {
  return bundle('www/edge/node.ts', 'node', { external: ['ws'] });
}

/** A worker for workerd, which wants the module as a file of its own. Gives its path. */
export function bundleWorker(entry = 'www/edge/worker.ts', name = 'worker') {
  const external = [/^cloudflare:/, /\.wasm$/];
  return bundle(entry, name, { external, ssr: { target: 'webworker', noExternal: true } });
}

async function bundle(entry, name, { external, ssr }) {
  const { build } = await import('vite');
  // Several nodes may be started at once: what one of them loads is never half written.
  const outDir = `${FOLDER}/making-${process.pid}`;
  mkdirSync(outDir, { recursive: true });
  copyFileSync(wasmFile, `${outDir}/${basename(wasmFile)}`);
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr,
    build: {
      ssr: inRoot(entry),
      outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'es2022',
      minify: false,
      rollupOptions: { external, output: { entryFileNames: `${name}.mjs` } },
    },
  });
  for (const file of [basename(wasmFile), `${name}.mjs`]) {
    renameSync(`${outDir}/${file}`, `${FOLDER}/${file}`);
  }
  rmSync(outDir, { recursive: true });
  return `${FOLDER}/${name}.mjs`;
}

/**
 * The worker on workerd, as `wrangler.toml` describes it. `folder` keeps what the objects store;
 * `script` is what `bundleWorker` wrote. Gives the runtime and the address that it serves.
 */
export async function startWorkerd({ script, port = 0, folder, bindings }) {
  const { Miniflare } = await import('miniflare');
  const runtime = new Miniflare({
    host: '127.0.0.1',
    port,
    modulesRoot: root,
    modules: [
      // Where the sources are, so that its import of the module leads to the second of these.
      { type: 'ESModule', path: inRoot('www/edge/worker.mjs'), contents: readFileSync(script) },
      { type: 'CompiledWasm', path: wasmFile, contents: readFileSync(wasmFile) },
    ],
    compatibilityDate: COMPATIBILITY_DATE,
    durableObjects: {
      WORLD: { className: 'WorldObject', useSQLite: true },
    },
    durableObjectsPersist: folder,
    bindings,
  });
  const url = await runtime.ready;
  return { runtime, url: url.origin };
}
