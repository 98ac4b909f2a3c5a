/** `npm run node`: a node of a real ring, or a whole simulated world, under Node. */

import { readFileSync } from 'node:fs';
import { initSync as initPeer, Peer } from '../pkg/dynamo_peer.js';
import { initSync as initWorld, Sim } from '../pkg/dynamo_playground.js';
import { isSame } from './answer.ts';
import { BadFlag, readFlags, USAGE, type WorldFlags } from './flags.ts';
import { httpServer } from './node-http.ts';
import { listening } from './node-listen.ts';
import { serveNode } from './node-ring.ts';
import { readSecret } from './node-secret.ts';
import { LOOPBACK } from './origins.ts';
import type { PeerClass } from './peer.ts';
import { worldFace } from './world.ts';

/** The bundle stands beside copies of the modules. */
const read = (name: string) => readFileSync(new URL(`./${name}_bg.wasm`, import.meta.url));

async function serveWorld(flags: WorldFlags): Promise<void> {
  initWorld({ module: read('dynamo_playground') });
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
  if (flags.kind === 'world') return serveWorld(flags);
  initPeer({ module: read('dynamo_peer') });
  // The generated types say no more of what `pump` gives than that it is an object.
  return serveNode(flags, Peer as unknown as PeerClass);
}

main().catch((thrown: unknown) => {
  const isExpected = thrown instanceof BadFlag;
  const code = (thrown as { code?: string }).code;
  const isSystem = typeof code === 'string';
  console.error(isExpected || isSystem ? `✕ ${(thrown as Error).message}` : thrown);
  process.exit(isExpected ? 2 : 1);
});
