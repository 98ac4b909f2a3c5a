/**
 * Drives one `Peer`: brings it packets, requests and the time, and does what it asks for. What it
 * wants written is appended; what waits for that, it gives out once it has been told that the
 * append is durable. One append is under way at a time, and all that came meanwhile is in the next.
 */

import { Refusal } from './answer.ts';
import type { Target } from './dialler.ts';
import type { How, RingNode } from './http.ts';
import { type Connect, Links } from './links.ts';
import type { Append, Dial, Peer, PeerClass, Reply } from './peer.ts';
import { isTrap } from './trap.ts';

export interface Journal {
  load(): Promise<Uint8Array>;
  /** What follows the first `length` bytes was torn, and is cut off. */
  cut(length: number): Promise<void>;
  /** Resolves when the bytes are durable. `replace`: the journal shall be exactly these. */
  append(bytes: Uint8Array, replace: boolean): Promise<void>;
}

export interface HostOptions {
  ring: string;
  make: (journal: Uint8Array) => Peer;
  route: PeerClass['route'];
  journal: Journal;
  connect: Connect;
  /** Whom to keep a link to whatever the ring says. */
  targets: readonly Target[];
  /** The module is of no more use: only a new process or object helps. */
  onTrap: (thrown: unknown) => void;
  log: (line: string) => void;
}

/** Requests waited for at a time; one more is refused, definitely. */
const REQUESTS_MAX = 1_024;
/** The node itself answers long before; this is for a node that does not. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 1_000;
const STARTING = 'the node is starting again';
/** A node that never comes to rest would hold up everything else. */
const TURNS_MAX = 1_000;

type Waiting = { resolve: (reply: Reply) => void; timer: ReturnType<typeof setTimeout> };

export class PeerHost implements RingNode {
  readonly ring: string;
  readonly links: Links;
  readonly #options: HostOptions;
  readonly #waiting = new Map<number, Waiting>();
  #peer: Peer | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #dials = '';
  #appending: Promise<void> | null = null;
  /** The node that was asked to take this one into the ring. */
  #via: number | null = null;
  #isStopped = false;

  private constructor(options: HostOptions) {
    this.#options = options;
    this.ring = options.ring;
    const owner = {
      isReady: () => this.#peer !== null,
      node: () => this.#living().node(),
      hello: () => this.#living().hello(),
      greet: (bytes: Uint8Array) => this.#call((peer) => peer.greet(bytes)),
      route: options.route,
      receive: (packet: Uint8Array) => this.#call((peer) => peer.receive(packet)),
      linked: (node: number, isThere: boolean) => this.#linked(node, isThere),
    };
    this.links = new Links(owner, options.connect);
  }

  /** Throws the node's sentence when the options or the journal are not for it. */
  static async start(options: HostOptions): Promise<PeerHost> {
    const host = new PeerHost(options);
    await host.#begin();
    return host;
  }

  admits(secret: string): boolean {
    return this.#asked().admits(secret);
  }

  isMember(): boolean {
    return this.#peer?.isMember() ?? false;
  }

  /** Whether an append, or an answer to a request, is still to come. */
  isBusy(): boolean {
    return this.#appending !== null || this.#waiting.size > 0;
  }

  put(key: Uint8Array, value: Uint8Array, metadata: Record<string, string>, how: How) {
    const text = JSON.stringify(metadata);
    return this.#request((peer) => peer.put(key, value, text, how.context, how.w), how);
  }

  delete(key: Uint8Array, how: How) {
    return this.#request((peer) => peer.delete(key, how.context, how.w), how);
  }

  get(key: Uint8Array, how: How) {
    return this.#request((peer) => peer.get(key, how.r), how);
  }

  view(): unknown {
    return { ...viewOf(this.#asked()), transport: this.links.view() };
  }

  /** Stops everything that goes on by itself. What is being written is waited for. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#halt();
    await this.#appending?.catch(() => undefined);
    this.#answerAll('the node is going away');
    this.#peer?.free();
    this.#peer = null;
  }

  #halt(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dials = '';
    this.#via = null;
    this.links.close();
  }

  async #begin(): Promise<void> {
    const { journal, make } = this.#options;
    const bytes = await journal.load();
    const peer = make(bytes);
    const kept = peer.journalKept();
    if (kept < bytes.length) {
      const torn = bytes.length - kept;
      this.#options.log(`the journal's last ${torn} bytes were torn, and are cut off`);
      await journal.cut(kept);
    }
    this.#peer = peer;
    this.#call((one) => one.wake());
  }

  #living(): Peer {
    if (this.#peer) return this.#peer;
    throw new Error(STARTING);
  }

  /** For somebody who asks over HTTP, and may ask again. */
  #asked(): Peer {
    if (this.#peer) return this.#peer;
    const more = { definite: true, needed: 0, reached: 0 };
    throw new Refusal(503, STARTING, { 'Retry-After': '1' }, more);
  }

  /** Every call of the node goes through here: what it changed is acted on at once. */
  #call<T>(work: (peer: Peer) => T): T {
    const peer = this.#living();
    try {
      const result = work(peer);
      this.#pump(peer);
      return result;
    } catch (thrown) {
      if (isTrap(thrown)) this.#options.onTrap(thrown);
      throw thrown;
    }
  }

  #request(ask: (peer: Peer) => number, how: How): Promise<Reply> {
    const refused = this.#refusal();
    if (refused) return Promise.resolve(refused);
    return new Promise((resolve, reject) => {
      try {
        this.#call((peer) => {
          const request = ask(peer);
          const ms = how.timeoutMs || PATIENCE_MS;
          const late = () => this.#answer(failed(request, `no answer within ${ms} ms`, false));
          this.#waiting.set(request, { resolve, timer: setTimeout(late, ms) });
        });
      } catch (thrown) {
        reject(thrown);
      }
    });
  }

  #refusal(): Reply | null {
    if (!this.#peer) return failed(0, STARTING, true);
    if (!this.#peer.isMember()) return failed(0, 'the node has not joined the ring yet', true);
    if (this.#waiting.size < REQUESTS_MAX) return null;
    return failed(0, `the node is busy with ${REQUESTS_MAX} requests`, true);
  }

  #pump(peer: Peer): void {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const { append, packets, replies, wakeInMs, dials } = peer.pump();
      for (const { to, bytes } of packets) this.links.send(to, bytes);
      for (const reply of replies) this.#answer(reply);
      this.#want(dials);
      if (append) this.#append(peer, append);
      if (append || packets.length > 0 || replies.length > 0) continue;
      this.#arm(wakeInMs);
      return;
    }
    this.#arm(0);
  }

  #arm(ms: number | null): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (ms === null || this.#isStopped) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        if (this.#peer) this.#call((peer) => peer.wake());
      },
      Math.max(0, Math.ceil(ms)),
    );
  }

  #want(dials: readonly Dial[]): void {
    const all = [...this.#options.targets, ...dials];
    const names = all.map(({ address, node }) => `${address} ${node}`).join(' ');
    if (names === this.#dials) return;
    this.#dials = names;
    this.links.want(all);
  }

  #append(peer: Peer, { batch, bytes, replace }: Append): void {
    const done = this.#options.journal.append(bytes, replace);
    this.#appending = done;
    done.then(
      () => {
        this.#appending = null;
        if (this.#peer === peer) this.#call((one) => one.durable(batch));
      },
      (error: unknown) => {
        this.#appending = null;
        if (this.#peer === peer && !this.#isStopped) this.#startAgain(error);
      },
    );
  }

  /** An append failed for good: what this node believes is no longer what it has written. */
  #startAgain(error: unknown): void {
    this.#options.log(`the journal could not be written, so the node starts again: ${error}`);
    this.#answerAll('the journal could not be written');
    this.#peer?.free();
    this.#peer = null;
    this.#halt();
    const again = () => {
      if (this.#isStopped) return;
      this.#begin().catch((thrown: unknown) => {
        this.#options.log(`the node could not start again: ${thrown}`);
        setTimeout(again, AGAIN_MS);
      });
    };
    setTimeout(again, AGAIN_MS);
  }

  #answer(reply: Reply): void {
    const waiting = this.#waiting.get(reply.request);
    if (!waiting) return;
    this.#waiting.delete(reply.request);
    clearTimeout(waiting.timer);
    waiting.resolve(reply);
  }

  #answerAll(error: string): void {
    for (const request of [...this.#waiting.keys()]) this.#answer(failed(request, error, false));
  }

  /** A node in no ring yet asks the first that it meets, and another when that one is gone. */
  #linked(node: number, isThere: boolean): void {
    if (!this.#peer || this.#peer.isMember()) return;
    if (!isThere && this.#via === node) this.#via = null;
    if (this.#via !== null) return;
    const [via] = isThere ? [node] : this.links.nodes();
    if (via === undefined) return;
    this.#via = via;
    this.#call((peer) => peer.join(via));
  }
}

/** Where an own row's numbers stand in a frame: after the header, eight to a node. */
const FRAME = { header: 16, stride: 8, keys: 2, hints: 3 };

/** The ring as this node knows it, what it believes of the others, and how much it holds. */
function viewOf(peer: Peer) {
  const ring = peer.ring();
  const row = FRAME.header + FRAME.stride * (ring.self ?? 0);
  const frame = peer.frame();
  const others = ring.nodes.filter(({ index }) => index !== ring.self);
  const beliefs = others.map(({ name, index }) => [name, peer.nodeView(index).state]);
  return {
    ...ring,
    beliefs: Object.fromEntries(beliefs) as Record<string, string>,
    keys: frame[row + FRAME.keys] ?? 0,
    hints: frame[row + FRAME.hints] ?? 0,
    counts: peer.counts(),
  };
}

function failed(request: number, error: string, definite: boolean): Reply {
  return { request, outcome: 'failed', error, definite, needed: 0, reached: 0 };
}
