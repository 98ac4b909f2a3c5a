/** What this tab's client has asked of its node, and what it was told: the desk's list. */

import type { Reply, Version as Told } from '../../edge/peer';
import type { OpView, Value, Version } from '../engine/types';

/** The newest of them are kept: as many as the simulation lists. */
const KEPT = 50;
const TEXT_MAX = 4096;

export interface Asked {
  kind: OpView['kind'];
  key: string;
  value?: string;
  /** The name of an earlier operation, whose context goes along. */
  context?: string;
}

interface Kept {
  view: OpView;
  request: number;
  /** The context as text, once there is an answer. */
  context: string;
}

export class Requests {
  #all: Kept[] = [];
  #counts = { put: 0, get: 0, delete: 0 };
  #total = 0;
  #via: string;

  constructor(via: string) {
    this.#via = via;
  }

  /** The context that an earlier answer carried; throws when there is none. */
  contextOf(name: string | undefined): string {
    if (!name) return '';
    const one = this.#all.find((kept) => kept.view.id === name);
    if (!one?.context) throw new Error(`${name} has no answer whose context could go along.`);
    return one.context;
  }

  /** Keeps a request that the node has taken, and names it. */
  add(asked: Asked, request: number, now: number, need: number): string {
    const id = `${asked.kind.charAt(0)}${++this.#counts[asked.kind]}`;
    const view: OpView = {
      id,
      via: this.#via,
      started_ms: now,
      outcome: 'pending',
      need,
      got: 0,
      answers: [],
      versions: [],
      ...asked,
    };
    this.#all.push({ view, request, context: '' });
    this.#total += 1;
    if (this.#all.length > KEPT) this.#all.shift();
    return id;
  }

  /** The names of the answered ones. */
  answer(reply: Reply, now: number): void {
    const kept = this.#all.find((one) => one.request === reply.request);
    if (kept?.view.outcome !== 'pending') return;
    const { view } = kept;
    view.latency_ms = now - view.started_ms;
    view.coordinator = reply.coordinator;
    view.versions = (reply.versions ?? []).map(shown);
    kept.context = reply.context ?? '';
    if (reply.outcome === 'failed') {
      view.outcome = reply.definite ? 'refused' : 'timeout';
      view.error = reply.error ?? why(reply);
      view.definite = reply.definite ?? false;
      view.need = reply.needed ?? view.need;
      view.got = reply.reached ?? 0;
    } else {
      view.outcome = 'ok';
      view.got = view.need;
    }
  }

  /** Newest first, as the simulation lists them. */
  views(): OpView[] {
    return this.#all.map((one) => one.view).reverse();
  }

  get total(): number {
    return this.#total;
  }

  get isWaiting(): boolean {
    return this.#all.some((one) => one.view.outcome === 'pending');
  }
}

function why({ reason, needed, reached }: Reply): string {
  const counted = needed ? `: ${reached ?? 0} of ${needed} nodes` : '';
  return `${reason ?? 'failed'}${counted}`;
}

export function shown(version: Told): Version {
  const { clock, deleted, metadata } = version;
  const some = Object.keys(metadata).length > 0 ? { metadata } : {};
  if (deleted) return { clock, deleted, ...some };
  return { clock, value: textOr64(version.value), ...some };
}

/** Text where it is text. */
function textOr64(bytes: Uint8Array): Value {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const few = bytes.subarray(0, TEXT_MAX);
    return { base64: btoa(String.fromCharCode(...few)) };
  }
}
