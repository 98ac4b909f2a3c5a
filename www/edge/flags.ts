/** The flags of `npm run node`, read and checked. What is wrong is told with what is allowed. */

import { parseArgs } from 'node:util';

export interface Address {
  host: string;
  port: number;
}

export interface WorldFlags {
  kind: 'world';
  listen: Address;
  origins: string[];
  secretFile?: string;
}

export interface NodeFlags {
  kind: 'node';
  ring: string;
  name: string;
  listen: Address;
  join: Address[];
  origins: string[];
  secretFile?: string;
  data: string;
  advertise?: string;
  /** As a scenario's; only what was given. */
  config: Record<string, number>;
}

export class BadFlag extends Error {}

export const USAGE = `A node of a real ring, or a whole simulated world, under Node.

  npm run node -- --ring RING --name NAME --listen HOST:PORT [--join HOST:PORT]
  npm run node -- --world --listen HOST:PORT

  --ring RING          the ring's name: a-z, 0-9 and -, at most 32
  --name NAME          this node's name in it: letters, digits, _ and -, at most 16
  --listen HOST:PORT   where it serves HTTP and sockets (port 0: any that is free)
  --join HOST:PORT     a node of the ring to join through; may be given more than once.
                       Without it the node founds the ring
  --secret-file FILE   holds the ring's secret, 32 hex digits; or the variable DYNAMO_SECRET.
                       Without either a founder makes one and keeps it in its folder
  --data DIR           its folder, made when missing (default: .dynamo/RING/NAME)
  --n N --r R --w W    copies of each key, and answers that a get and a put wait for;
                       the same for every node of the ring (default: 3, 2, 2)
  --advertise URL      where others reach it (default: ws:// and the address it listens on)
  --origin ORIGIN      a page that may speak to it, beside those of this machine
  --lan                allows --listen on something else than loopback
  --world              serve POST /run instead: a scenario in, its result out
`;

const OPTIONS = {
  ring: { type: 'string' },
  name: { type: 'string' },
  listen: { type: 'string' },
  join: { type: 'string', multiple: true },
  'secret-file': { type: 'string' },
  data: { type: 'string' },
  advertise: { type: 'string' },
  n: { type: 'string' },
  r: { type: 'string' },
  w: { type: 'string' },
  origin: { type: 'string', multiple: true },
  lan: { type: 'boolean' },
  world: { type: 'boolean' },
} as const;

/** What a world has no use for. */
const NODES_OWN = ['ring', 'name', 'join', 'data', 'advertise', 'n', 'r', 'w'] as const;

const RING = /^[a-z0-9-]{1,32}$/;
const NAME = /^[A-Za-z0-9_-]{1,16}$/;

export function readFlags(args: string[]): WorldFlags | NodeFlags {
  const values = parsed(args);
  const listen = address('listen', required('listen', values.listen, 'HOST:PORT'));
  if (!values.lan && !isLoopback(listen.host)) {
    throw bad('listen', listen.host, 'a loopback address; --lan opens it to the network');
  }
  const isEverywhere = /^(0\.0\.0\.0|\[::\])$/.test(listen.host);
  if (isEverywhere && !values.world && values.advertise === undefined) {
    const allowed = `ws://…: nobody can dial ${listen.host}`;
    throw bad('advertise', 'nothing', allowed);
  }
  const origins = values.origin ?? [];
  const secretFile = values['secret-file'];
  if (values.world) {
    for (const flag of NODES_OWN) {
      if (values[flag] !== undefined) throw bad(flag, String(values[flag]), 'nothing with --world');
    }
    return { kind: 'world', listen, origins, secretFile };
  }
  const ring = required('ring', values.ring, 'a name');
  if (!RING.test(ring)) throw bad('ring', ring, 'a-z, 0-9 and -, 1 to 32 of them');
  const name = required('name', values.name, 'a name');
  if (!NAME.test(name)) throw bad('name', name, 'letters, digits, _ and -, 1 to 16 of them');
  const { advertise, data = `.dynamo/${ring}/${name}` } = values;
  if (advertise !== undefined && !/^wss?:\/\/\S+$/.test(advertise)) {
    throw bad('advertise', advertise, 'ws://… or wss://…');
  }
  const join = (values.join ?? []).map((text) => address('join', text));
  const config: Record<string, number> = {};
  for (const flag of ['n', 'r', 'w'] as const) {
    const found = values[flag];
    if (found === undefined) continue;
    if (!/^[1-9]\d{0,2}$/.test(found)) throw bad(flag, found, 'a whole number from 1');
    config[flag] = Number(found);
  }
  return { kind: 'node', ring, name, listen, join, origins, secretFile, data, advertise, config };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, strict: true }).values;
  } catch (thrown) {
    throw new BadFlag(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function required(flag: string, value: string | undefined, allowed: string): string {
  if (value === undefined) throw bad(flag, 'nothing', allowed);
  return value;
}

function bad(flag: string, found: string, allowed: string): BadFlag {
  return new BadFlag(`--${flag}: found ${found}, allowed ${allowed}`);
}

export function address(flag: string, text: string): Address {
  const found = /^(\[[0-9a-fA-F:]+\]|[^:\s/]+):(\d{1,5})$/.exec(text);
  const port = Number(found?.[2] ?? -1);
  const allowed = 'HOST:PORT, the port from 0 to 65535';
  if (!found?.[1] || port < 0 || port > 65_535) throw bad(flag, text, allowed);
  if (flag === 'join' && port === 0) throw bad(flag, text, 'a port from 1 to 65535');
  return { host: found[1], port };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
