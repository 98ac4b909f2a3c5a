/** Where a server listens. */

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Address } from './flags.ts';

/** Gives `HOST:PORT` once it does, with the port that was free when 0 was asked for. */
export async function listening(server: Server, { host, port }: Address): Promise<string> {
  server.listen(port, host.replace(/^\[|\]$/g, ''));
  await once(server, 'listening');
  return `${host}:${(server.address() as AddressInfo).port}`;
}
