/** A journal in IndexedDB: one record an append, in the order of their keys. */

import { type DBSchema, deleteDB, openDB } from 'idb';
import type { Journal, Journals } from './journal';

interface Appends extends DBSchema {
  appends: { key: number; value: Uint8Array };
}

const PREFIX = 'dynamo-journal/';
/** A transaction is over when what it wrote is on the disk, not when the system has heard of it. */
const STRICT = { durability: 'strict' } as const;

export function indexedJournals(): Journals {
  const name = (ring: string, node: string) => `${PREFIX}${ring}/${node}`;
  return {
    kind: 'indexeddb',
    async nodes(ring) {
      const all = (await indexedDB.databases()).map((one) => one.name ?? '');
      const prefix = name(ring, '');
      return all.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
    },
    open: (ring, node) => open(name(ring, node)),
    remove: (ring, node) => deleteDB(name(ring, node)),
  };
}

async function open(name: string): Promise<Journal> {
  const db = await openDB<Appends>(name, 1, {
    upgrade: (fresh) => void fresh.createObjectStore('appends', { autoIncrement: true }),
  });
  const bytes = joined(await db.getAll('appends'));
  const replace = async (whole: Uint8Array) => {
    const step = db.transaction('appends', 'readwrite', STRICT);
    await step.store.clear();
    await step.store.add(whole);
    await step.done;
  };
  return {
    bytes,
    cut: (length) => (length === bytes.length ? undefined : replace(bytes.slice(0, length))),
    async append(more) {
      const step = db.transaction('appends', 'readwrite', STRICT);
      await step.store.add(more);
      await step.done;
    },
    replace,
    close: () => db.close(),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
