/**
 * One at a time: a Web Lock, which the browser itself gives back when a tab dies; or, where a page
 * has no secure context and so no Web Locks, a lease in IndexedDB that must be renewed.
 */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

export interface Claim {
  release(): void;
  /** Fulfilled with a sentence when it is held no longer, although it was not released. */
  lost: Promise<string>;
}

export interface Locks {
  kind: 'lock' | 'lease';
  /** Nothing when another holds it, and goes on to for so long. */
  claim(name: string, waitMs: number): Promise<Claim | null>;
}

export const webLocks: Locks = {
  kind: 'lock',
  claim(name, waitMs) {
    const options = waitMs > 0 ? { signal: AbortSignal.timeout(waitMs) } : { ifAvailable: true };
    return new Promise((resolve, reject) => {
      let isHeld = false;
      let tell: (why: string) => void = () => {};
      const lost = new Promise<string>((told) => {
        tell = told;
      });
      const held = navigator.locks.request(name, options, (lock) => {
        if (!lock) return resolve(null);
        isHeld = true;
        return new Promise<void>((release) => resolve({ release, lost }));
      });
      held.catch((error: unknown) => {
        if (isHeld) tell('Another tab has taken the lock of this node.');
        // It waited for as long as it was told to.
        else if (isTimeout(error)) resolve(null);
        else reject(error);
      });
    });
  },
};

const isTimeout = (error: unknown): boolean =>
  error instanceof DOMException && ['TimeoutError', 'AbortError'].includes(error.name);

interface Leases extends DBSchema {
  leases: { key: string; value: { holder: string; until: number } };
}

/** A tab that dies without a word is believed alive for so long. */
export const LEASE_MS = 6000;
const RENEW_MS = 1500;
const RETRY_MS = 200;

export function leases(): Locks {
  const opened = openDB<Leases>('dynamo-leases', 1, {
    upgrade: (db) => void db.createObjectStore('leases'),
  });
  return {
    kind: 'lease',
    async claim(name, waitMs) {
      const db = await opened;
      const holder = `${Date.now()}-${Math.random()}`;
      const until = Date.now() + waitMs;
      while (!(await take(db, name, holder))) {
        if (Date.now() >= until) return null;
        await new Promise((wait) => setTimeout(wait, RETRY_MS));
      }
      return kept(db, name, holder);
    },
  };
}

/** One transaction: two tabs cannot both find it free. */
async function take(db: IDBPDatabase<Leases>, name: string, holder: string): Promise<boolean> {
  const step = db.transaction('leases', 'readwrite', { durability: 'strict' });
  const lease = await step.store.get(name);
  const now = Date.now();
  // A lease from a future that no lease reaches was written before the clock was set back.
  const isAnothers = lease && lease.holder !== holder;
  const isFree = !isAnothers || lease.until < now || lease.until > now + 2 * LEASE_MS;
  if (isFree) await step.store.put({ holder, until: now + LEASE_MS }, name);
  await step.done;
  return isFree;
}

function kept(db: IDBPDatabase<Leases>, name: string, holder: string): Claim {
  let tell: (why: string) => void = () => {};
  const lost = new Promise<string>((told) => {
    tell = told;
  });
  let renewed = performance.now();
  const renew = async () => {
    // Asleep for longer than the lease: it is not renewed but lost, whoever has it now.
    const isLate = performance.now() - renewed > LEASE_MS;
    if (isLate || !(await take(db, name, holder).catch(() => false))) {
      clearInterval(timer);
      tell('The lease of this node ran out, and another tab may live it now.');
    } else {
      renewed = performance.now();
    }
  };
  const timer = setInterval(renew, RENEW_MS);
  return {
    lost,
    release() {
      clearInterval(timer);
      void db.delete('leases', name);
    },
  };
}
