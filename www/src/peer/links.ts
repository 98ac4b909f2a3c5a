/**
 * The ways to the other nodes: one BroadcastChannel to the tabs of this origin, and a WebSocket to
 * each node that has an address. They carry bytes and decide nothing. Whoever has not been greeted
 * is not heard; what has no way is dropped, as a network may lose it.
 */

import type { Dial } from '../../edge/peer';
import { Channel, Peer, Socket } from '../../pkg/dynamo_peer.js';
import type { Traffic } from './traffic';

/** What of a node the links need. */
export interface Greeter {
  node(): number;
  isMember(): boolean;
  hello(): Uint8Array;
  greet(hello: Uint8Array): number;
  receive(packet: Uint8Array): void;
}

export interface LinkView {
  address: string;
  state: 'open' | 'dialling' | 'no answer';
  /** Whom it leads to, once that is known. */
  node: number | null;
  why: string;
}

/** A message of the channel: what it is, who sent it (4 bytes), and the hello or the packet. */
const PACKET = 0;
const ASKING = 1;
const ANSWER = 2;
const MEMBER = 4;
const HEAD_BYTES = 5;

/** As many as a ring of tabs and nodes has at the very most. */
const LINKS_MAX = 256;
const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 10_000;
/** Of a socket's states the first in which nothing passes any more. */
const CLOSING = 2;
/** A greeting takes no longer; a socket that stays silent is closed. */
const GREETING_MS = 10_000;
/** Strangers are asked who they are, at most so often. */
const ASK_PAUSE_MS = 250;

interface Link {
  address: string;
  socket: Socket | null;
  node: number | null;
  backoff: number;
  dialledAt: number;
  timer: number;
  why: string;
}

function end(link: Link): void {
  clearTimeout(link.timer);
  link.socket?.close();
  link.socket?.free();
  link.socket = null;
  link.node = null;
}

export class Links {
  #peer: Greeter;
  #traffic: Traffic;
  #wake: () => void;
  #channel: Channel | null = null;
  #links = new Map<string, Link>();
  /** Tabs that were greeted on the channel; the value says whether they were members then. */
  #tabs = new Map<number, boolean>();
  #invited = '';
  #posted: Uint8Array[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #nowhere = 0;
  /** The reason why somebody on the channel was not let in. */
  refusal = '';

  /** `wake` is called when there is something to `take`. */
  constructor(peer: Greeter, traffic: Traffic, wake: () => void) {
    this.#peer = peer;
    this.#traffic = traffic;
    this.#wake = wake;
  }

  /** The same ways for the same node in another life: what it founded instead of waiting. */
  serve(peer: Greeter): void {
    this.#peer = peer;
  }

  open(ring: string, secret: string): void {
    this.#channel = Channel.open(ring, secret, this.#wake);
  }

  /** Everybody on the channel is asked to say who is there. */
  ask(): void {
    this.#askedAt = performance.now();
    this.#say(ASKING, this.#peer.hello());
  }

  /** Who may take this node into the ring: who has answered, and whoever is at a socket. */
  members(): number[] {
    const tabs = [...this.#tabs].filter(([, isMember]) => isMember).map(([node]) => node);
    const others = [...this.#links.values()].map((link) => link.node);
    return [...tabs, ...others.filter((node) => node !== null)];
  }

  /** The address in the link that invited: it is dialled whoever is a member. */
  invite(address: string): void {
    this.#invited = address;
    this.#want(address);
  }

  #want(address: string): void {
    if (this.#links.has(address) || this.#links.size >= LINKS_MAX) return;
    const link = {
      address,
      socket: null,
      node: null,
      backoff: BACKOFF_MIN_MS,
      dialledAt: 0,
      timer: 0,
      why: '',
    };
    this.#links.set(address, link);
    this.#dial(link);
  }

  /** A link to each of these, and to nobody who is no member any more. */
  dial(dials: readonly Dial[]): void {
    const addresses = new Set(dials.map((one) => one.address));
    for (const link of this.#links.values()) {
      if (link.address === this.#invited || addresses.has(link.address)) continue;
      end(link);
      this.#links.delete(link.address);
    }
    for (const { node, address } of dials) {
      if (![...this.#links.values()].some((link) => link.node === node)) this.#want(address);
    }
  }

  // ── in ──────────────────────────────────────────────────────────────────────────────────────

  /** Hands on all that came since the last time. */
  take(): void {
    for (const message of this.#channel?.take() ?? []) this.#heard(message);
    for (const link of this.#links.values()) this.#look(link);
  }

  #heard(message: Uint8Array): void {
    if (message.length < HEAD_BYTES) return;
    const kind = message[0] ?? 0;
    const sender = new DataView(message.buffer, message.byteOffset).getUint32(1);
    const body = message.subarray(HEAD_BYTES);
    if ((kind & ~MEMBER) === PACKET) {
      if (this.#tabs.has(sender)) this.#receive(body);
      else this.#stranger();
      return;
    }
    const node = this.#greet(body);
    if (node === null) return;
    this.#tabs.set(node, (kind & MEMBER) !== 0);
    if ((kind & ~MEMBER) === ASKING) this.#say(ANSWER, this.#peer.hello());
  }

  #receive(packet: Uint8Array): void {
    this.#traffic.heard(packet, this.#peer.node());
    this.#peer.receive(packet);
  }

  #greet(hello: Uint8Array): number | null {
    try {
      return this.#peer.greet(hello);
    } catch (error) {
      this.#refusals += 1;
      this.refusal = error instanceof Error ? error.message : String(error);
      return null;
    }
  }

  /** Somebody whose hello was missed: it was there before, or was asleep when it was asked. */
  #stranger(): void {
    this.#nowhere += 1;
    if (performance.now() - this.#askedAt > ASK_PAUSE_MS) this.ask();
  }

  #look(link: Link): void {
    const { socket } = link;
    if (!socket) return;
    for (const message of socket.take()) {
      if (link.node === null) this.#greeted(link, message);
      else this.#arrived(message);
      if (link.socket === null) return;
    }
    if (socket.state() < CLOSING) return;
    const before = link.node === null ? ' before it was said who is there' : '';
    this.#lose(link, `The connection was closed${before}.`);
  }

  #greeted(link: Link, hello: Uint8Array): void {
    const node = this.#greet(hello);
    if (node === null) {
      this.#lose(link, `It was not let in: ${this.refusal}.`);
      return;
    }
    link.node = node;
    link.why = '';
    link.backoff = BACKOFF_MIN_MS;
  }

  /** A packet over a socket is for this node, or for a tab that this one stands before. */
  #arrived(packet: Uint8Array): void {
    const ours = this.#peer.node();
    for (const to of new Set<number>(Peer.route(packet))) {
      if (to === ours) this.#receive(packet);
      else if (this.#tabs.has(to)) this.#posted.push(packet);
      else this.#nowhere += 1;
    }
  }

  // ── out ─────────────────────────────────────────────────────────────────────────────────────

  /** Takes one packet; what goes to tabs leaves together, with `flush`. */
  send(to: number, packet: Uint8Array): void {
    const links = [...this.#links.values()].filter((link) => link.node !== null);
    const direct = links.find((link) => link.node === to);
    if (direct) {
      direct.socket?.send(packet);
    } else if (this.#tabs.has(to) || links.length === 0) {
      this.#posted.push(packet);
    } else {
      // A tab of another browser: a node that both have a link to passes it on.
      links[0]?.socket?.send(packet);
    }
  }

  /** One message of the channel for a whole task. */
  flush(): void {
    if (this.#posted.length === 0) return;
    const packets = this.#posted;
    this.#posted = [];
    this.#say(PACKET, ...packets);
  }

  #say(kind: number, ...parts: Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, HEAD_BYTES);
    const message = new Uint8Array(length);
    message[0] = kind | (this.#peer.isMember() ? MEMBER : 0);
    new DataView(message.buffer).setUint32(1, this.#peer.node());
    let at = HEAD_BYTES;
    for (const part of parts) {
      message.set(part, at);
      at += part.length;
    }
    this.#channel?.post(message);
  }

  // ── sockets ─────────────────────────────────────────────────────────────────────────────────

  #dial(link: Link): void {
    link.dialledAt = performance.now();
    link.node = null;
    try {
      link.socket = Socket.open(link.address, this.#peer.hello(), this.#wake);
    } catch (error) {
      this.#lose(link, error instanceof Error ? error.message : String(error));
      return;
    }
    link.timer = self.setTimeout(() => {
      if (link.node === null) this.#lose(link, 'It did not say who is there.');
    }, GREETING_MS);
  }

  /** Dials again later: twice as late each time, and never all at the same moment. */
  #lose(link: Link, why: string): void {
    end(link);
    link.why = why;
    const pause = link.backoff * (0.5 + Math.random() / 2);
    link.backoff = Math.min(BACKOFF_MAX_MS, link.backoff * 2);
    link.timer = self.setTimeout(() => this.#dial(link), pause);
  }

  /** Nothing comes and nothing goes any more. */
  close(): void {
    this.#channel?.close();
    this.#channel?.free();
    this.#channel = null;
    for (const link of this.#links.values()) end(link);
    this.#links.clear();
    this.#tabs.clear();
  }

  view(): LinkView[] {
    return [...this.#links.values()].map(({ address, node, why }) => {
      const state = node !== null ? 'open' : why ? 'no answer' : 'dialling';
      return { address, node, why, state };
    });
  }

  counts(): { refused: number; dropped: number } {
    const sockets = [...this.#links.values()].map((link) => link.socket?.dropped() ?? 0);
    const dropped = sockets.reduce((sum, one) => sum + one, this.#channel?.dropped() ?? 0);
    return { refused: this.#refusals, dropped: dropped + this.#nowhere };
  }
}
