// A ring of three nodes on workerd, each a Durable Object, and what they store on this disk.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundleWorker, startWorkerd } from '../lib/edge.mjs';
import { endWithParent } from '../lib/process.mjs';
import { Trouble } from '../lib/trouble.mjs';
import { ensureWasm } from '../lib/wasm.mjs';
import { provisionBuild } from '../provision/all.mjs';

const RING = 'edge';
const NODES = ['A', 'B', 'C'];
/** Pages of this machine. */
const ORIGINS = 'http://127.0.0.1:*,http://localhost:*,http://[::1]:*';

export default async function edge(args) {
  const { port, data } = readFlags(args);
  await provisionBuild();
  await ensureWasm();
  const script = await bundleWorker();
  mkdirSync(data, { recursive: true });
  const secret = keptSecret(`${data}/secret`);
  const ADDRESS = `http://127.0.0.1:${port}`;
  const bindings = { DYNAMO_SECRET: secret, RING, NODES: NODES.join(','), ADDRESS, ORIGINS };
  const { runtime } = await startWorkerd({ script, port, folder: `${data}/objects`, bindings });
  for (const signal of ['SIGTERM', 'SIGINT']) {
    // Miniflare's own listener ends this process before the runtime has ended.
    process.removeAllListeners(signal);
    process.once(signal, () => runtime.dispose().then(() => process.exit(0)));
  }
  endWithParent();
  await founded(ADDRESS, secret);
  tell(ADDRESS, data, secret);
}

function readFlags(args) {
  const options = {
    port: { type: 'string', default: '8787' },
    data: { type: 'string', default: '.dynamo/edge' },
    yes: { type: 'boolean' },
  };
  let values;
  try {
    values = parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new Trouble(error.message, 2);
  }
  const port = Number(values.port);
  if (Number.isInteger(port) && port > 0 && port < 65536) return { port, data: values.data };
  throw new Trouble(`--port: found ${values.port}, allowed 1 to 65535`, 2);
}

/** Given in DYNAMO_SECRET, or kept in a file that is made when there is none. */
function keptSecret(file) {
  const { DYNAMO_SECRET: given } = process.env;
  if (given !== undefined && !/^[0-9a-f]{32}$/.test(given)) {
    const found = `found ${given.length} characters`;
    throw new Trouble(`DYNAMO_SECRET: ${found}, allowed 32 hex digits (0-9 a-f)`, 2);
  }
  if (given !== undefined) writeFileSync(file, `${given}\n`, { mode: 0o600 });
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const secret = randomBytes(16).toString('hex');
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}

/** Each node is asked once: that starts it, and the founder takes in the others. */
async function founded(address, secret) {
  const headers = { Authorization: `Bearer ${secret}` };
  for (const name of NODES) {
    const signal = AbortSignal.timeout(20_000);
    const response = await fetch(`${address}/nodes/${name}/rings/${RING}`, { headers, signal });
    if (!response.ok) throw new Trouble(`Node ${name} does not start: ${await response.text()}`);
    await response.body.cancel();
  }
}

function tell(address, data, secret) {
  const header = `-H "Authorization: Bearer $(cat ${data}/secret)"`;
  const at = (name) => `${address}/nodes/${name}/rings/${RING}`;
  console.log(`\nThe ring ${RING} has three nodes on workerd:`);
  for (const name of NODES) console.log(`  ${name}  ${at(name)}`);
  console.log(`Its secret is ${secret}, kept in ${data}/secret. Try:`);
  console.log(`  curl ${header} -X PUT -d hello ${at('A')}/keys/greeting`);
  console.log(`  curl ${header} ${at('B')}/keys/greeting`);
  console.log(`  curl ${header} ${at('C')}`);
  const via = `${at('A').replace('http', 'ws')}/socket`;
  console.log(
    `A tab of the page that npm start serves joins it at #ring=${RING}.${secret}&via=${via}`,
  );
  console.log('Stop it with Ctrl+C; what it holds is there when it starts again.');
}
