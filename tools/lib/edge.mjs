// The hosts of www/edge as programs: bundled into target/edge, each beside copies of the modules.

import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { inRoot, modules, root, wasmFile } from './paths.mjs';

const FOLDER = inRoot('target/edge');
/** Nobody plays hostile runs at the edge. */
const WASM = modules.filter(({ feature }) => feature !== 'swarm').map(wasmFile);
/** When this changes, so does what workerd does. The same date stands in `wrangler.toml`. */
const COMPATIBILITY_DATE = '2026-04-01';

/** The program of `npm run node`; packages stay where they are. Gives its path. */
export function bundleNode() {
  return bundle('www/edge/node.ts', 'node', { external: ['ws'] });
}

/** A worker for workerd, which wants modules as files of their own. Gives its path. */
export function bundleWorker(entry = 'www/edge/worker.ts', name = 'worker') {
  const ssr = { target: 'webworker', noExternal: true };
  return bundle(entry, name, { external: [/^cloudflare:/], ssr, plugins: [MODULE_ASIDE] });
}

/** Whoever imports a module, from wherever, finds it beside the worker. */
const MODULE_ASIDE = {
  name: 'module-aside',
  enforce: 'pre',
  resolveId: (source) =>
    source.endsWith('.wasm') ? { id: basename(source), external: true } : null,
};

async function bundle(entry, name, { external, ssr, plugins = [] }) {
  const { build } = await import('vite');
  // Several nodes may be started at once: what one of them loads is never half written.
  const outDir = `${FOLDER}/making-${process.pid}`;
  mkdirSync(outDir, { recursive: true });
  for (const file of WASM) copyFileSync(file, `${outDir}/${basename(file)}`);
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins,
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
  for (const file of [...WASM.map((one) => basename(one)), `${name}.mjs`]) {
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
      { type: 'ESModule', path: inRoot('worker.mjs'), contents: readFileSync(script) },
      ...WASM.map((file) => {
        return { type: 'CompiledWasm', path: inRoot(basename(file)), contents: readFileSync(file) };
      }),
    ],
    compatibilityDate: COMPATIBILITY_DATE,
    durableObjects: {
      WORLD: { className: 'WorldObject', useSQLite: true },
      NODE: { className: 'NodeObject', useSQLite: true },
    },
    durableObjectsPersist: folder,
    bindings,
  });
  const url = await runtime.ready;
  return { runtime, url: url.origin };
}
