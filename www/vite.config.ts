import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What is loaded when somebody asks for it goes by this name, and is weighed apart. */
const LATER = 'assets/later-[name]-[hash].js';
/** Workers that wait for a click. */
const LATER_WORKERS = ['experiments-worker'];

/**
 * Templates are indented for who reads the source; to a browser each line's end and indent is one
 * space. Of a minified script no other lines begin with a space.
 */
const unindented: Plugin = {
  name: 'unindented',
  apply: 'build',
  generateBundle(_, bundle) {
    for (const one of Object.values(bundle)) {
      if (one.type === 'chunk') one.code = one.code.replace(/\n\s+/g, ' ');
    }
  },
};

export default defineConfig({
  root: here('.'),
  // Relative addresses, so that the built page works under any sub-path of any static host.
  base: './',
  plugins: [unindented],
  cacheDir: here('../node_modules/.vite'),
  build: {
    outDir: here('../dist'),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: { output: { chunkFileNames: LATER } },
  },
  // The wasm module is loaded inside a module worker.
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        entryFileNames: ({ name }) =>
          LATER_WORKERS.includes(name) ? LATER : 'assets/[name]-[hash].js',
      },
    },
  },
  server: { host: '127.0.0.1', port: 5173 },
  preview: { host: '127.0.0.1' },
  test: { include: ['{src,edge}/**/*.test.ts'], environment: 'node' },
});
