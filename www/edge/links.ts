/**
 * The sockets between nodes: who is at the other end, what may come in, where it goes. A packet for
 * this node goes to it; one for a node that we hold a socket to is passed on (the relay); the rest
 * is dropped and counted. Nothing here reads what a packet says.
 */

import { Dialler, type Target } from './dialler.ts';
import { Buckets } from './rate.ts';

/** One socket, whatever kind of socket it is. */
export interface Wire {
  send(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
  /** Bytes handed to `send` that have not left yet. */
  queued(): number;
}

/** The node that the links belong to. */
export interface LinkOwner {
  /** Whether there is a node at all: after a failure there is none for a while. */
  isReady(): boolean;
  node(): number;
  hello(): Uint8Array;
  /** Throws a sentence when the other side may not come in. */
  greet(bytes: Uint8Array): number;
  route(packet: Uint8Array): ArrayLike<number>;
  receive(packet: Uint8Array): void;
  /** A link to `node` is there, or one of them is gone. */
  linked(node: number, isThere: boolean): void;
}

/** Starts to dial. Later it gives the wire to `links.add(wire, target)`, or calls `failed`. */
export type Connect = (target: Target, failed: () => void, links: Links) => void;

export const PACKET_BYTES_MAX = 1.25 * 1024 * 1024;
export const LINKS_MAX = 256;
const QUEUED_BYTES_MAX = 4 * PACKET_BYTES_MAX;
/** Two, when both sides dialled at once, and one that is about to be given up for them. */
const LINKS_PER_NODE_MAX = 3;
/** A packet for a node without a link is given to so many others, one of which may have one. */
const RELAYS_MAX = 4;
const GREETING_MS = 5_000;
/** Packets from one link; far beyond what a ring in good health sends. */
const RATE = { perSecond: 10_000, burst: 20_000 };

/** WebSocket close codes; those from 4000 on are ours. */
export const CLOSE = {
  goingAway: 1001,
  notBytes: 1003,
  tooLong: 1009,
  later: 1013,
  refused: 4401,
  noGreeting: 4408,
  superseded: 4409,
} as const;

/** What was refused or dropped, for eyes. */
export interface Counters {
  /** Sockets that did not show the ring's secret, or not in time, or were too many. */
  sockets_refused: number;
  packets_mangled: number;
  packets_oversized: number;
  /** More than a link may send in a second. */
  packets_hurried: number;
  /** For a node that nobody here has a link to. */
  packets_unroutable: number;
  /** The link's queue was full. */
  packets_dropped: number;
  packets_relayed: number;
}

export class Link {
  /** Known once the other side has been greeted. */
  node: number | null = null;
  readonly wire: Wire;
  readonly target: Target | null;
  readonly buckets = new Buckets(RATE);
  timer: ReturnType<typeof setTimeout> | null = null;

  constructor(wire: Wire, target: Target | null) {
    this.wire = wire;
    this.target = target;
  }
}

export class Links {
  readonly counters: Counters = {
    sockets_refused: 0,
    packets_mangled: 0,
    packets_oversized: 0,
    packets_hurried: 0,
    packets_unroutable: 0,
    packets_dropped: 0,
    packets_relayed: 0,
  };
  readonly #owner: LinkOwner;
  readonly #all = new Set<Link>();
  /** Greeted links; the newest comes last, and is the one that is sent through. */
  readonly #byNode = new Map<number, Link[]>();
  readonly #dialler: Dialler;

  constructor(owner: LinkOwner, connect: Connect) {
    this.#owner = owner;
    this.#dialler = new Dialler(
      (target, failed) => connect(target, failed, this),
      (target) => this.#isReached(target),
    );
  }

  /** A socket that is open. `target` is what was dialled; none, when the other side dialled us. */
  add(wire: Wire, target: Target | null = null): Link | null {
    if (this.#all.size >= LINKS_MAX || !this.#owner.isReady()) {
      this.counters.sockets_refused += 1;
      wire.close(CLOSE.later, 'come again later');
      if (target) this.#dialler.failed(target);
      return null;
    }
    const link = new Link(wire, target);
    this.#all.add(link);
    link.timer = setTimeout(() => this.#refuse(link, CLOSE.noGreeting, 'no greeting'), GREETING_MS);
    wire.send(this.#owner.hello());
    return link;
  }

  /** What came over a link. The first message is the greeting. */
  message(link: Link, data: Uint8Array | string): void {
    if (!this.#all.has(link)) return;
    if (typeof data === 'string') this.#refuse(link, CLOSE.notBytes, 'bytes are wanted');
    else if (data.length > PACKET_BYTES_MAX) this.oversized(link);
    else if (link.node === null) this.#greet(link, data);
    else if (link.buckets.take('') > 0) this.counters.packets_hurried += 1;
    else this.#pass(data);
  }

  /** A packet longer than any may be; some sockets find that out before the bytes are here. */
  oversized(link: Link): void {
    this.counters.packets_oversized += 1;
    this.#drop(link, CLOSE.tooLong, 'the packet is too long');
  }

  /** The socket is gone. */
  closed(link: Link): void {
    if (!this.#all.delete(link)) return;
    if (link.timer) clearTimeout(link.timer);
    const { node, target } = link;
    if (node !== null) {
      const left = (this.#byNode.get(node) ?? []).filter((one) => one !== link);
      if (left.length > 0) this.#byNode.set(node, left);
      else this.#byNode.delete(node);
      this.#owner.linked(node, left.length > 0);
    }
    if (target) this.#dialler.failed(target);
    this.#dialler.look();
  }

  /** Whom to keep a link to. */
  want(targets: readonly Target[]): void {
    this.#dialler.want(targets);
  }

  send(to: number, packet: Uint8Array): void {
    const direct = this.#linkTo(to);
    if (direct) {
      this.#put(direct, packet);
      return;
    }
    const relays = [...this.#byNode.keys()].slice(0, RELAYS_MAX);
    if (relays.length === 0) this.counters.packets_unroutable += 1;
    for (const relay of relays) {
      const link = this.#linkTo(relay);
      if (link) this.#put(link, packet);
    }
  }

  nodes(): number[] {
    return [...this.#byNode.keys()];
  }

  close(): void {
    this.#dialler.stop();
    for (const link of this.#all) this.#drop(link, CLOSE.goingAway, 'going away');
  }

  view() {
    return { links: this.nodes(), ...this.counters };
  }

  #greet(link: Link, bytes: Uint8Array): void {
    let node: number;
    try {
      node = this.#owner.greet(bytes);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      this.#refuse(link, CLOSE.refused, why);
      return;
    }
    if (node === this.#owner.node()) {
      this.#refuse(link, CLOSE.refused, 'this is you');
      return;
    }
    if (link.timer) clearTimeout(link.timer);
    link.node = node;
    if (link.target) this.#dialler.reached(link.target, node);
    const links = [...(this.#byNode.get(node) ?? []), link];
    this.#byNode.set(node, links);
    const [oldest] = links;
    if (oldest && links.length > LINKS_PER_NODE_MAX) {
      this.#drop(oldest, CLOSE.superseded, 'a newer socket took its place');
    }
    this.#owner.linked(node, true);
  }

  #pass(packet: Uint8Array): void {
    let ids: number[];
    try {
      ids = [...new Set(Array.from(this.#owner.route(packet)))];
    } catch {
      ids = [];
    }
    if (ids.length === 0) this.counters.packets_mangled += 1;
    for (const id of ids) {
      if (id === this.#owner.node()) {
        this.#owner.receive(packet);
        continue;
      }
      const link = this.#linkTo(id);
      if (!link) {
        this.counters.packets_unroutable += 1;
        continue;
      }
      this.counters.packets_relayed += 1;
      this.#put(link, packet);
    }
  }

  #put(link: Link, packet: Uint8Array): void {
    if (packet.length > PACKET_BYTES_MAX || link.wire.queued() > QUEUED_BYTES_MAX) {
      this.counters.packets_dropped += 1;
      return;
    }
    link.wire.send(packet);
  }

  #linkTo(node: number): Link | undefined {
    return this.#byNode.get(node)?.at(-1);
  }

  #isReached(target: Target): boolean {
    const isOurs = (link: Link) => link.target?.address === target.address;
    if ([...this.#all].some(isOurs)) return true;
    return target.node !== undefined && this.#byNode.has(target.node);
  }

  #refuse(link: Link, code: number, why: string): void {
    this.counters.sockets_refused += 1;
    this.#drop(link, code, why);
  }

  #drop(link: Link, code: number, why: string): void {
    // A reason is at most 123 bytes long, and may be cut in the middle of nothing but ASCII.
    const reason = why.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
    link.wire.close(code, reason);
    this.closed(link);
  }
}
