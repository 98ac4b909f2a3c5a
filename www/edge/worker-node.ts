/**
 * A node of a real ring in a Durable Object. Its journal is the object's SQLite.
 *
 * A ring that nobody has asked for a while goes to sleep: all its nodes here at the same moment, so
 * that none of them misses another. To sleep is to be no more than a journal, as after an eviction,
 * so to wake is to start. An alarm brings back a node that ended while the ring was awake.
 */

import { DurableObject } from 'cloudflare:workers';
import { initSync, Peer as Untyped } from '../pkg/dynamo_peer.js';
import module from '../pkg/dynamo_peer_bg.wasm';
import { isSame, Refusal } from './answer.ts';
import { type RingNode, ringFace } from './http.ts';
import type { Link } from './links.ts';
import { isAllowed } from './origins.ts';
import type { PeerClass } from './peer.ts';
import { PeerHost } from './peerhost.ts';
import {
  AWAKE_PATH,
  addressOf,
  awakeMs,
  type Env,
  nodes,
  objectOf,
  origins,
  SIBLING,
} from './worker-env.ts';
import { JournalTable } from './worker-journal.ts';
import { bytesOf, close, dial, wireOf } from './worker-sockets.ts';

initSync({ module });

/** The siblings are told that the ring is asked no more often than this. */
const TOLD_MS = 5_000;
/** Whatever a node was started for, it stays awake so long. */
// The generated types say no more of what `pump` gives than that it is an object.
const Peer = Untyped as unknown as PeerClass;
const AT_LEAST_MS = 10_000;
const ALARM_MS = 20_000;
/** A request that wakes the ring waits so long for the others. */
const GATHER_MS = 1_000;
/** Sockets of clients and of nodes elsewhere; while one is open the ring stays awake. */
const GUEST = 'guest';

export class NodeObject extends DurableObject<Env> {
  readonly #name: string;
  readonly #siblings: string[];
  readonly #face: ReturnType<typeof ringFace>;
  readonly #links = new WeakMap<WebSocket, Link>();
  #host: PeerHost | null = null;
  #starting: Promise<PeerHost> | null = null;
  #startedAt = 0;
  #awakeUntil = 0;
  #told = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#name = (ctx.id.name ?? '').slice(env.RING.length + 1);
    this.#siblings = nodes(env).filter((name) => name !== this.#name);
    this.#face = ringFace({ node: this.#asNode(), origins: origins(env) });
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS awake (id INTEGER PRIMARY KEY, until REAL)');
    for (const { until } of ctx.storage.sql.exec<{ until: number }>('SELECT until FROM awake')) {
      this.#awakeUntil = until;
    }
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    // Only from a sibling: the worker lets nothing through but what begins with /rings/.
    if (pathname === AWAKE_PATH) {
      this.#stay(Number(searchParams.get('until')));
      await this.#started();
      return new Response(null, { status: 204 });
    }
    const isSocket = pathname === `/rings/${this.env.RING}/socket`;
    if (isSocket && request.headers.get('Upgrade') === 'websocket') return this.#accept(request);
    return this.#face(request, request.headers.get('CF-Connecting-IP') ?? '');
  }

  override async webSocketMessage(socket: WebSocket, data: ArrayBuffer | string): Promise<void> {
    const host = await this.#started();
    const link = this.#links.get(socket);
    if (link) host.links.message(link, bytesOf(data));
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    const link = this.#links.get(socket);
    if (link) this.#host?.links.closed(link);
    close(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    const link = this.#links.get(socket);
    if (link) this.#host?.links.closed(link);
  }

  override async alarm(): Promise<void> {
    if (Date.now() < this.#awakeUntil) await this.#started();
    if (Date.now() < this.#awakeUntil) await this.ctx.storage.setAlarm(Date.now() + ALARM_MS);
  }

  /** The node as the face calls it: a request wakes the ring, and is made once it is awake. */
  #asNode(): RingNode {
    const awake = async () => {
      this.#stir();
      const host = await this.#started();
      await this.#gathered(host);
      return host;
    };
    return {
      ring: this.env.RING,
      admits: (secret) => isSame(secret, this.env.DYNAMO_SECRET ?? ''),
      put: async (...request) => (await awake()).put(...request),
      delete: async (...request) => (await awake()).delete(...request),
      get: async (...request) => (await awake()).get(...request),
      view: async () => {
        const host = await awake();
        const awakeness = { since_ms: this.#startedAt, until_ms: this.#awakeUntil };
        return { ...(host.view() as object), awake: awakeness };
      },
    };
  }

  async #accept(request: Request): Promise<Response> {
    if (!isAllowed(request.headers.get('Origin'), origins(this.env))) {
      return new Refusal(403, 'Origin: this page is not on the list').answer();
    }
    const host = await this.#started();
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.ctx.acceptWebSocket(ours, request.headers.has(SIBLING) ? [] : [GUEST]);
    const link = host.links.add(wireOf(ours));
    if (link) this.#links.set(ours, link);
    return new Response(null, { status: 101, webSocket: theirs });
  }

  #started(): Promise<PeerHost> {
    this.#starting ??= this.#start().catch((thrown: unknown) => {
      this.#starting = null;
      throw thrown;
    });
    return this.#starting;
  }

  async #start(): Promise<PeerHost> {
    const { env, ctx } = this;
    const options = JSON.stringify({
      ring: env.RING,
      secret: env.DYNAMO_SECRET,
      name: this.#name,
      address: env.ADDRESS ? addressOf(env, this.#name) : undefined,
      found: this.#name === nodes(env)[0],
      config: JSON.parse(env.CONFIG || '{}'),
    });
    const host = await PeerHost.start({
      ring: env.RING,
      make: (journal) => new Peer(options, journal),
      route: (packet) => Peer.route(packet),
      journal: new JournalTable(ctx.storage),
      connect: dial(env),
      targets: this.#siblings.map((name) => ({ name, address: addressOf(env, name) })),
      onTrap: () => ctx.abort('the module stopped'),
      log: (line) => console.error(`${this.#name}: ${line}`),
    });
    this.#host = host;
    this.#startedAt = Date.now();
    // Sockets of a node that is no more: what was greeted over them is forgotten.
    for (const socket of ctx.getWebSockets()) {
      if (!this.#links.has(socket)) close(socket, 1001, 'the node has started again');
    }
    this.#stay(this.#startedAt + AT_LEAST_MS);
    this.#watch();
    return host;
  }

  /** Waits, for a while after the start only, until the siblings are there. */
  async #gathered(host: PeerHost): Promise<void> {
    const isHere = () => host.isMember() && host.links.nodes().length >= this.#siblings.length;
    while (!isHere() && Date.now() < this.#startedAt + GATHER_MS) await sleep(20);
  }

  /** Somebody asks the ring: it stays awake, all of it, and to the same moment. */
  #stir(): void {
    const now = Date.now();
    if (now < this.#told + TOLD_MS) return;
    this.#told = now;
    const until = now + awakeMs(this.env);
    this.#stay(until);
    const call = `http://node${AWAKE_PATH}?until=${until}`;
    const told = this.#siblings.map((name) => objectOf(this.env, name).fetch(call));
    this.ctx.waitUntil(Promise.allSettled(told));
  }

  #stay(until: number): void {
    if (!(until > this.#awakeUntil)) return;
    this.#awakeUntil = until;
    this.ctx.storage.sql.exec('INSERT OR REPLACE INTO awake (id, until) VALUES (1, ?)', until);
    if (this.#host) this.#watch();
  }

  #watch(): void {
    const now = Date.now();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), Math.max(0, this.#awakeUntil - now));
    void this.ctx.storage.setAlarm(now + ALARM_MS);
  }

  /** Goes to sleep, if nobody is there who would be missed. */
  #rest(): void {
    const { ctx } = this;
    const isAsked = this.#host?.isBusy() || ctx.getWebSockets(GUEST).length > 0;
    if (isAsked) {
      this.#stir();
      this.#stay(Date.now() + AT_LEAST_MS);
      return;
    }
    const host = this.#host;
    this.#host = null;
    this.#starting = null;
    ctx.waitUntil(Promise.all([host?.stop(), ctx.storage.deleteAlarm()]));
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
