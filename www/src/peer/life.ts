/**
 * One node's life in this worker: messages in, the journal, messages out. Everything that came
 * since the last turn is handed to the node before its writes are made durable: one flush for all.
 */

import type { PeerOptions, Pumped } from '../../edge/peer';
import { Peer } from '../../pkg/dynamo_peer.js';
import type { Journal } from './journal';
import type { RingLink } from './link';
import { type Greeter, Links } from './links';
import type { Claim } from './locks';
import { Requests } from './requests';
import type { ShownPeer } from './show';
import { Traffic } from './traffic';

/** Nobody answers for so long: nobody is there. */
const ASK_MS = 1000;
const ASK_AGAIN_MS = 350;
/** Whoever was asked to take this node in has done so by then, or cannot. */
const JOIN_MS = 5000;

export type Standing = 'asking' | 'joining' | 'member' | 'waiting' | 'left';

export interface LifeParts {
  link: RingLink;
  name: string;
  journal: Journal;
  /** Whether other nodes of this ring have a journal in this browser. */
  hasOthers: boolean;
  /** Held by whoever founds the ring, so that two tabs do not both. */
  founding(): Promise<Claim | null>;
  /** The journal cannot be written, or the module trapped: the node's life is over. */
  died(error: Error): void;
}

export class Life {
  readonly links: Links;
  readonly requests: Requests;
  readonly traffic = new Traffic();
  standing: Standing = 'asking';
  /** Changes when what is shown may have changed. */
  revision = 0;
  journalBytes: number;
  peer: ShownPeer;
  #parts: LifeParts;
  #turns = new MessageChannel();
  #isDue = false;
  #timer = 0;
  #isOver = false;
  /** Nothing of the node is made durable before it is known whether it founds or joins. */
  #isHeld = true;
  #tries = 0;
  #triedAt = 0;
  #commit: Promise<void> | null = null;

  constructor(parts: LifeParts) {
    this.#parts = parts;
    this.requests = new Requests(parts.name);
    this.peer = this.#make(false);
    this.journalBytes = this.peer.journalKept();
    if (this.journalBytes < parts.journal.bytes.length) {
      this.#commit = Promise.resolve(parts.journal.cut(this.journalBytes));
    }
    this.links = new Links(this.peer as Greeter, this.traffic, () => this.due());
    this.#turns.port2.onmessage = () => this.#turn();
  }

  #make(found: boolean): ShownPeer {
    const { ring, secret } = this.#parts.link;
    const options: PeerOptions = { ring, secret, name: this.#parts.name, found };
    return new Peer(JSON.stringify(options), this.#parts.journal.bytes) as unknown as ShownPeer;
  }

  /** Goes on as what it was, or finds the ring; founds it when nobody is there. */
  async begin(): Promise<void> {
    const { link } = this.#parts;
    await this.#commit;
    this.links.open(link.ring, link.secret);
    if (link.via) this.links.invite(link.via);
    this.links.ask();
    if (this.peer.isMember()) return this.#release('member');
    if (link.via) return this.#joinWhoever();
    const founding = await this.#parts.founding();
    try {
      if (await this.#hears()) return this.#joinWhoever();
      // With journals of others here the ring is there, and asleep: a second one is not wanted.
      if (this.#parts.hasOthers || !founding) return this.#joinWhoever('waiting');
      this.peer.free();
      this.peer = this.#make(true);
      this.links.serve(this.peer as Greeter);
      this.#release('member');
      this.links.ask();
    } finally {
      founding?.release();
    }
  }

  /** Whether a member answers within the time that is given to it. */
  async #hears(): Promise<boolean> {
    for (let waited = 0; waited < ASK_MS; waited += ASK_AGAIN_MS) {
      await new Promise((wait) => setTimeout(wait, ASK_AGAIN_MS));
      if (this.#isOver || this.links.members().length > 0) break;
      this.links.ask();
    }
    return this.links.members().length > 0;
  }

  #joinWhoever(standing: Standing = 'asking'): void {
    this.#release(standing);
    this.#seek();
  }

  /** As soon as a member is there, it is asked to take this node in; after a while another is. */
  #seek(): void {
    const ways = this.links.members();
    const via = ways[this.#tries % ways.length];
    const isAsked = this.standing === 'joining' && performance.now() - this.#triedAt < JOIN_MS;
    if (this.peer.isMember() || via === undefined || isAsked) return;
    this.standing = 'joining';
    this.#tries += 1;
    this.#triedAt = performance.now();
    this.peer.join(via);
    this.due();
  }

  #release(standing: Standing): void {
    this.standing = standing;
    this.#isHeld = false;
    this.due();
  }

  // ── turns ───────────────────────────────────────────────────────────────────────────────────

  /** One turn soon, however many ask for it: what waits in the queues before it goes along. */
  due(): void {
    if (this.#isDue || this.#isOver) return;
    this.#isDue = true;
    this.#turns.port1.postMessage(null);
  }

  #turn(): void {
    this.#isDue = false;
    if (this.#isOver) return;
    try {
      this.links.take();
      if (this.#isHeld) return;
      if (this.standing !== 'left') this.#standAnew();
      this.pump();
    } catch (error) {
      this.#die(error);
    }
  }

  #standAnew(): void {
    if (!this.peer.isMember()) this.#seek();
    else if (this.standing !== 'member') this.#becameMember();
  }

  /** Tells the ring that this node leaves it; its data goes to the others while it still runs. */
  leave(): void {
    if (this.peer.isMember()) this.peer.leave(this.peer.node());
    this.standing = 'left';
    this.due();
  }

  #becameMember(): void {
    this.standing = 'member';
    // The others are told anew, so that who comes after may be taken in through this one too.
    this.links.ask();
  }

  /** Fetches what the node wants, until it wants nothing more at this moment. */
  pump(): void {
    if (this.#isHeld) return;
    this.revision += 1;
    let wants: Pumped;
    do {
      wants = this.peer.pump();
      for (const { to, bytes } of wants.packets) {
        this.traffic.sent(bytes);
        this.links.send(to, bytes);
      }
      for (const reply of wants.replies) this.requests.answer(reply, performance.now());
      this.links.dial(wants.dials);
    } while (wants.append && this.#append(wants.append));
    this.links.flush();
    this.#wakeIn(wants.wakeInMs);
  }

  /** True when it is durable already. */
  #append({ batch, bytes, replace }: NonNullable<Pumped['append']>): boolean {
    const { journal } = this.#parts;
    this.journalBytes = bytes.length + (replace ? 0 : this.journalBytes);
    const done = replace ? journal.replace(bytes) : journal.append(bytes);
    if (!done) {
      this.peer.durable(batch);
      return true;
    }
    this.#commit = done.then(
      () => {
        if (this.#isOver) return;
        this.peer.durable(batch);
        this.due();
      },
      (error: unknown) => this.#die(error),
    );
    return false;
  }

  #wakeIn(ms: number | null): void {
    clearTimeout(this.#timer);
    if (ms === null) return;
    this.#timer = self.setTimeout(
      () => {
        if (this.#isOver) return;
        this.peer.wake();
        this.due();
      },
      Math.max(0, Math.ceil(ms)),
    );
  }

  #die(error: unknown): void {
    if (this.#isOver) return;
    const why = error instanceof Error ? error : new Error(String(error));
    void this.end();
    this.#parts.died(why);
  }

  // ── the end ─────────────────────────────────────────────────────────────────────────────────

  /** Says no more, and lets the journal go. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#turns.port1.close();
    this.links.close();
    // What is under way is finished: half an append would be cut off, and it may be whole.
    await this.#commit?.catch(() => {});
    this.#parts.journal.close();
  }
}
