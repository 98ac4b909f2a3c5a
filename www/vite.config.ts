import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What is loaded when somebody asks for it goes by this name, and is weighed apart. */
const LATER = 'assets/later-[name]-[hash].js';
/** Workers that wait for a click. */
const LATER_WORKERS = ['experiments-worker'];

/** Of these, and no other texts, a line's end and indent may become one space. */
const MARKUP = new Set(['html', 'svg', 'css']);

/** Templates are indented for who reads the source; a browser is told without. */
const unindented: Plugin = {
  name: 'unindented',
  apply: 'build',
  enforce: 'post',
  transform(code, id) {
    if (!id.startsWith(here('src/'))) return null;
    const pieces: { start: number; end: number }[] = [];
    JSON.stringify(this.parse(code), (_, node) => {
      if (node?.type === 'TaggedTemplateExpression' && MARKUP.has(node.tag.name)) {
        pieces.push(...node.quasi.quasis);
      }
      return node;
    });
    let told = code;
    for (const { start, end } of pieces.sort((one, other) => other.start - one.start)) {
      const piece = code.slice(start, end).replace(/\n\s+/g, ' ');
      told = told.slice(0, start) + piece + told.slice(end);
    }
    return { code: told, map: null };
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
