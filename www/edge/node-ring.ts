/** One node of a real ring under Node: its journal is a file, its links are WebSockets. */

import { join } from 'node:path';
import { BadFlag, type NodeFlags } from './flags.ts';
import { ringFace } from './http.ts';
import { JournalFile, lockFolder } from './journal-file.ts';
import { httpServer } from './node-http.ts';
import { listening } from './node-listen.ts';
import { keepSecret, keptSecret, readSecret } from './node-secret.ts';
import { acceptSockets, dial } from './node-sockets.ts';
import { LOOPBACK } from './origins.ts';
import type { PeerClass } from './peer.ts';
import { PeerHost } from './peerhost.ts';

/** How long a request that is under way may hold up the end. */
const FAREWELL_MS = 1_000;

export async function serveNode(flags: NodeFlags, Peer: PeerClass): Promise<void> {
  const { ring, name, data } = flags;
  const letGo = lockFolder(data);
  process.once('exit', letGo);
  const { secret, file } = secretOf(flags);
  const origins = [...LOOPBACK, ...flags.origins];
  const journal = new JournalFile(data);
  let host: PeerHost | undefined;
  const started = () => {
    if (host) return host;
    throw new Error('the node is asked before it has started');
  };
  let face: ReturnType<typeof ringFace> | undefined;
  const server = httpServer((request, address) => {
    face ??= ringFace({ node: started(), origins });
    return face(request, address);
  });
  // Its own address may end in a port that is only known now, and belongs to what it tells others.
  const at = await listening(server, flags.listen);
  const place = `/rings/${ring}/socket`;
  const address = flags.advertise ?? `ws://${at}${place}`;
  const found = flags.join.length === 0;
  const options = JSON.stringify({ ring, secret, name, address, found, config: flags.config });
  host = await PeerHost.start({
    ring,
    make: (bytes) => made(Peer, options, bytes),
    route: (packet) => Peer.route(packet),
    journal,
    connect: dial,
    targets: flags.join.map(({ host, port }) => {
      return { address: `ws://${host}:${port}${place}`, name: `${host}:${port}` };
    }),
    onTrap: (thrown) => {
      console.error('The module stopped, and this process with it:', thrown);
      process.exit(70);
    },
    log: (line) => console.error(`${name}: ${line}`),
  });
  acceptSockets({ server, host: started, origins });
  tell(flags, at, file);
  const end = async () => {
    server.close();
    server.closeIdleConnections();
    const deadline = performance.now() + FAREWELL_MS;
    while (host?.isBusy() && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await host?.stop();
    await journal.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());
}

/** What the node says about its options and its journal is about the flags. */
function made(Peer: PeerClass, options: string, bytes: Uint8Array) {
  try {
    return new Peer(options, bytes);
  } catch (thrown) {
    throw new BadFlag(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** Given, or kept by a founder in its folder. What is printed later leads to `file`. */
function secretOf(flags: NodeFlags): { secret: string; file: string } {
  const file = join(flags.data, 'secret');
  const given = readSecret(flags.secretFile);
  if (given !== undefined) {
    if (flags.secretFile !== undefined) return { secret: given, file: flags.secretFile };
    keepSecret(file, given);
    return { secret: given, file };
  }
  if (flags.join.length === 0) return { secret: keptSecret(file), file };
  const why = 'the founder keeps it in its folder, in the file "secret"';
  throw new BadFlag(`--secret-file: found nothing, allowed the ring’s secret: ${why}`);
}

function tell({ ring, name, join: joined }: NodeFlags, at: string, file: string): void {
  const through = joined.map(({ host, port }) => `${host}:${port}`).join(', ');
  const how = through ? `joins ${ring} through ${through}` : `founds ${ring}, or is in it already`;
  const header = `-H "Authorization: Bearer $(cat ${file})"`;
  const key = `http://${at}/rings/${ring}/keys/greeting`;
  console.log(`Node ${name} at http://${at} ${how}. Its secret is in ${file}. Try:`);
  console.log(`  curl ${header} -X PUT -d hello ${key}`);
  console.log(`  curl ${header} ${key}`);
  const fragment = `#ring=${ring}.SECRET&via=ws://${at}/rings/${ring}/socket`;
  console.log(`A tab of the page that npm start serves joins it at ${fragment}`);
}
