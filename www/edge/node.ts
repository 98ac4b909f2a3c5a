/** `npm run node`: a node of a real ring, or a whole simulated world, under Node. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initSync, Sim } from '../pkg/dynamo_playground.js';
import { isSame } from './answer.ts';
import { type Address, BadFlag, readFlags, USAGE, type WorldFlags } from './flags.ts';
import { httpServer } from './node-http.ts';
import { readSecret } from './node-secret.ts';
import { LOOPBACK } from './origins.ts';
import { worldFace } from './world.ts';

/** The bundle stands beside a copy of the module. */
const MODULE = new URL('./dynamo_playground_bg.wasm', import.meta.url);

export async function listening(server: Server, { host, port }: Address): Promise<string> {
  server.listen(port, host.replace(/^\[|\]$/g, ''));
  await once(server, 'listening');
  return `${host}:${(server.address() as AddressInfo).port}`;
}

async function serveWorld(flags: WorldFlags): Promise<void> {
  const secret = readSecret(flags.secretFile);
  const face = worldFace({
    build: (scenario) => new Sim(scenario),
    onTrap: (thrown) => {
      console.error('The module stopped, and this process with it:', thrown);
      setTimeout(() => process.exit(70), 100);
    },
    admits: secret ? (given) => isSame(given, secret) : undefined,
    origins: [...LOOPBACK, ...flags.origins],
  });
  const server = httpServer(face);
  const at = await listening(server, flags.listen);
  const header = secret ? ' -H "Authorization: Bearer $SECRET"' : '';
  console.log(`A simulated world is at http://${at}. Try:`);
  console.log(`  curl http://${at}/run${header} --data-binary @tests/scenarios/story.json`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server.close(() => process.exit(0));
      server.closeIdleConnections();
    });
  }
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return;
  }
  const flags = readFlags(args);
  initSync({ module: readFileSync(MODULE) });
  if (flags.kind === 'world') return serveWorld(flags);
  throw new BadFlag('--world: found nothing, allowed only this so far');
}

main().catch((thrown: unknown) => {
  const isExpected = thrown instanceof BadFlag;
  const code = (thrown as { code?: string }).code;
  const isSystem = typeof code === 'string';
  console.error(isExpected || isSystem ? `✕ ${(thrown as Error).message}` : thrown);
  process.exit(isExpected ? 2 : 1);
});
