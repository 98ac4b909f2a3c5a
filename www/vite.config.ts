import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  // Relative addresses, so that the built page works under any sub-path of any static host.
  base: './',
  cacheDir: here('../node_modules/.vite'),
  build: {
    outDir: here('../dist'),
    emptyOutDir: true,
    target: 'es2022',
    // What is imported when somebody asks for it goes by this name, and is weighed apart.
    rolldownOptions: { output: { chunkFileNames: 'assets/later-[name]-[hash].js' } },
  },
  // The wasm module is loaded inside a module worker.
  worker: { format: 'es' },
  server: { host: '127.0.0.1', port: 5173 },
  preview: { host: '127.0.0.1' },
  test: { include: ['{src,edge}/**/*.test.ts'], environment: 'node' },
});
