// From a bare clone to the page.

import { parseArgs } from 'node:util';
import { inRoot } from '../lib/paths.mjs';
import { Trouble } from '../lib/trouble.mjs';
import { ensureWasm } from '../lib/wasm.mjs';
import { provisionBuild } from '../provision/all.mjs';

export default async function start(args) {
  const port = readPort(args);
  await provisionBuild();
  await ensureWasm();
  const { createServer } = await import('vite');
  const server = await createServer({
    configFile: inRoot('www/vite.config.ts'),
    // The next free port when this one is taken.
    server: { host: '127.0.0.1', port, strictPort: false },
    logLevel: 'warn',
  });
  await server.listen();
  console.log(
    `\n  The playground is at  ${server.resolvedUrls.local[0]}\n  Stop it with Ctrl+C.\n`,
  );
}

function readPort(args) {
  const options = { port: { type: 'string', default: '5173' }, yes: { type: 'boolean' } };
  const { values } = parseArgs({ args, options, strict: false });
  const port = Number(values.port);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Trouble(`--port: found ${values.port}, allowed 1 to 65535`, 2);
}
