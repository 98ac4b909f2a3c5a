/**
 * A real node's home: identity, journal, links, and the module. It runs in a worker, where a file
 * can be flushed and timers keep time while the page is hidden.
 */

import init from '../../pkg/dynamo_peer.js';
import type { Fatal, Moved, PeerCalls, PeerRequest, Reply, Snapshot } from '../engine/protocol';
import { isTrap, trapText, unstartedText } from '../engine/trap';
import { foundingClaim, type Identity, identify } from './claim';
import { type Journal, type Journals, journals } from './journal';
import { Life } from './life';
import type { RingLink } from './link';
import { type Locks, leases, webLocks } from './locks';
import type { RealView } from './real';
import type { Asked } from './requests';
import { frameOf, type ShownPeer, snapshotOf, stateOf } from './show';

/** A node that leaves stays until the others have what it had; after so long it says so. */
const LEAVING_MS = 30_000;
const LEAVING_STEP_MS = 100;
/** And its last word needs to be heard. */
const LAST_WORD_MS = 1500;

interface Home {
  link: RingLink;
  life: Life;
  me: Identity;
  journal: Journal;
  stores: Journals;
  locks: Locks;
  isPersisted: boolean;
}

let home: Home | null = null;
let panic = '';
const started = init();

// The panic hook writes to the console; the sentence is kept for the panel that people see.
const consoleError = console.error.bind(console);
console.error = (...args: unknown[]) => {
  panic = String(args[0]);
  consoleError(...args);
};

function here(): Home {
  if (!home) throw new Error('this tab is no node of a ring yet');
  return home;
}

const peer = (): ShownPeer => here().life.peer;

// ── the beginning ─────────────────────────────────────────────────────────────────────────────

async function join({ link, prefer }: PeerCalls['join']['in']): Promise<Moved> {
  if (home) throw new Error('this worker has a node already');
  const hasLocks = 'locks' in navigator && !link.without.includes('locks');
  const locks = hasLocks ? webLocks : leases();
  const stores = await journals(link.without);
  const me = await identify(link, prefer, locks, stores);
  me.claim.lost.then((why) => fail({ started: true, message: why }));
  try {
    const others = (await stores.nodes(link.ring)).filter((name) => name !== me.name);
    const journal = await stores.open(link.ring, me.name);
    const life = new Life({
      link,
      name: me.name,
      journal,
      hasOthers: others.length > 0,
      founding: () => foundingClaim(link.ring, locks),
      died: (error) => died(error),
    });
    const isPersisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
    home = { link, life, me, journal, stores, locks, isPersisted };
    // What comes of it the page sees in its own time: a ring may be long in answering.
    life.begin().catch((error: unknown) => died(error));
  } catch (error) {
    me.claim.release();
    throw error;
  }
  return moved(me.name);
}

function moved(name = ''): Moved {
  const { revision, traffic } = here().life;
  return { frame: frameOf(peer(), revision, traffic), moved: true, name };
}

// ── what the page asks ────────────────────────────────────────────────────────────────────────

interface Command {
  put?: { key: string; value: string; context?: string };
  get?: { key: string };
  delete?: { key: string; context?: string };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function command(json: string): Moved {
  const { put, get, delete: gone } = JSON.parse(json) as Command;
  const { life } = here();
  const context = life.requests.contextOf(put?.context ?? gone?.context);
  const { r, w } = peer().ring();
  const add = (asked: Asked, request: number, need: number) => {
    const name = life.requests.add(asked, request, performance.now(), need);
    life.due();
    return moved(name);
  };
  if (put) {
    const request = peer().put(bytes(put.key), bytes(put.value), '', context, 0);
    return add({ kind: 'put', ...put }, request, w);
  }
  if (gone) return add({ kind: 'delete', ...gone }, peer().delete(bytes(gone.key), context, 0), w);
  if (get) return add({ kind: 'get', ...get }, peer().get(bytes(get.key), 0), r);
  throw new Error(
    'A real ring takes put, get and delete: what else befalls it is not ours to say.',
  );
}

function snapshot(ask: PeerCalls['snapshot']['in']): Snapshot {
  const { life } = here();
  return { ...snapshotOf(peer(), ask, life.requests, real()), revision: life.revision };
}

function real(): RealView {
  const { link, life, me, stores, locks, isPersisted } = here();
  return {
    ring: link.ring,
    name: me.name,
    standing: life.standing,
    storage: stores.kind,
    held: locks.kind,
    isSecure: self.isSecureContext,
    isPersisted,
    journalBytes: life.journalBytes,
    links: life.links.view(),
    ...life.links.counts(),
    refusal: life.links.refusal,
  };
}

const NOT_TAKEN_OVER =
  'The others have not taken over all that it has: keep this tab open, and leave again later.';

const pause = (ms: number) => new Promise((wait) => setTimeout(wait, ms));

/** Places of its own, or records whose heir has not said yet that it has them. */
const holds = (): boolean => {
  const { homes, keys } = peer().state();
  return homes > 0 || Object.keys(keys).length > 0;
};

/** The others are told, take over, and then nothing is kept here. */
async function leave(): Promise<Moved> {
  const { life, stores, link, me } = here();
  const others = peer().ring().nodes.length - 1;
  life.leave();
  for (let waited = 0; others > 0 && holds(); waited += LEAVING_STEP_MS) {
    if (waited >= LEAVING_MS) throw new Error(NOT_TAKEN_OVER);
    await pause(LEAVING_STEP_MS);
  }
  await pause(LAST_WORD_MS);
  const last = moved(me.name);
  await life.end();
  await stores.remove(link.ring, me.name);
  me.claim.release();
  return last;
}

function remove(name: string): Moved {
  peer().leave(peer().nodeNamed(name));
  here().life.due();
  return moved();
}

async function close(): Promise<null> {
  const { life, me } = here();
  await life.end();
  me.claim.release();
  return null;
}

type Handlers = {
  [K in keyof PeerCalls]: (
    args: PeerCalls[K]['in'],
  ) => PeerCalls[K]['out'] | Promise<PeerCalls[K]['out']>;
};

const HANDLERS: Handlers = {
  join,
  leave,
  remove: (a) => remove(a.name),
  close,
  tick: () => moved(),
  command: (a) => command(a.json),
  snapshot,
  event: (a) =>
    peer()
      .events(a.id, 1)
      .find((event) => event.id === a.id) ?? null,
  state: () => stateOf(peer(), peer().ring(), here().life.requests, here().me.name),
};

// ── the end, and the post ─────────────────────────────────────────────────────────────────────

function died(error: unknown): void {
  const why = error instanceof Error ? error : new Error(String(error));
  const message = isTrap(why)
    ? trapText(why, panic)
    : `Its journal could not be written: ${why.message}.`;
  fail({ started: true, message });
}

/** Whoever comes after needs the identity: it is let go before the page is told. */
function fail(fatal: Fatal): void {
  void home?.life.end();
  home?.me.claim.release();
  home = null;
  send({ id: 0, fatal });
  self.close();
}

function send(reply: Reply): void {
  const value = 'value' in reply ? (reply.value as Partial<Moved> | null) : null;
  const buffer = value?.frame instanceof Float64Array ? value.frame.buffer : null;
  self.postMessage(reply, { transfer: buffer ? [buffer] : [] });
}

self.onmessage = async (message: MessageEvent<PeerRequest>) => {
  const { id, call, args } = message.data;
  try {
    await started;
  } catch (thrown) {
    send({ id, fatal: { started: false, message: unstartedText(thrown) } });
    self.close();
    return;
  }
  // One handler per call; the request's type ties its arguments to it.
  const handle = HANDLERS[call] as ((args: PeerRequest['args']) => unknown) | undefined;
  try {
    if (!handle)
      throw new Error(`A real ring has no “${call}”: it has one present, and no past to go to.`);
    send({ id, ok: true, value: await handle(args) });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (isTrap(error)) fail({ started: true, message: trapText(error, panic) });
    else send({ id, ok: false, error: error.message });
  }
};
