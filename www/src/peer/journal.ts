/** A node's journal in this browser: what was acknowledged is in here before the answer leaves. */

import { indexedJournals } from './indexed';
import { opfsJournals } from './opfs';

export interface Journal {
  /** All of it, from the beginning. */
  bytes: Uint8Array;
  /** Cuts off what a node found to be no entry: the end of an append that was not finished. */
  cut(length: number): void | Promise<void>;
  /** Durable when it returns, or when its promise is fulfilled. */
  append(bytes: Uint8Array): void | Promise<void>;
  /** The journal is these bytes and nothing else, from one moment to the next. */
  replace(bytes: Uint8Array): void | Promise<void>;
  close(): void;
}

export interface Journals {
  kind: 'opfs' | 'indexeddb';
  /** The nodes of a ring that have a journal here. */
  nodes(ring: string): Promise<string[]>;
  open(ring: string, node: string): Promise<Journal>;
  remove(ring: string, node: string): Promise<void>;
}

/**
 * OPFS, where a file is flushed from a worker without a detour; IndexedDB where there is none. It
 * is asked once and for all: a node that were given now the one and now the other would find
 * half of what it said it keeps.
 */
export async function journals(without: readonly string[]): Promise<Journals> {
  if (!without.includes('opfs')) {
    const root = await opfsRoot();
    if (root) return opfsJournals(root);
  }
  return indexedJournals();
}

async function opfsRoot(): Promise<FileSystemDirectoryHandle | null> {
  if (!('FileSystemFileHandle' in self)) return null;
  if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return null;
  // A private window of some browsers has the interface, and refuses to open it.
  return (await navigator.storage?.getDirectory?.().catch(() => null)) ?? null;
}
