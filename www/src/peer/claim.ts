/** Who this tab is: one identity lives once, and one whose tab is gone is lived again. */

import type { Journals } from './journal';
import type { RingLink } from './link';
import type { Claim, Locks } from './locks';
import { letters, syllables } from './names';

export interface Identity {
  name: string;
  claim: Claim;
}

/** A page that is loaded again may be faster than the browser gives its old lock back. */
const RELOAD_MS = 1500;
/** As many tabs as anybody opens of one ring. */
const TRIES = 64;

const lockName = (ring: string, node: string) => `dynamo/${ring}/${node}`;

/**
 * `prefer` is whom this very tab was before it was loaded again. Throws a sentence when the link
 * asks for somebody who lives in another tab.
 */
export async function identify(
  { ring, via, as }: RingLink,
  prefer: string,
  locks: Locks,
  journals: Journals,
): Promise<Identity> {
  const take = async (name: string, waitMs: number) => {
    const claim = await locks.claim(lockName(ring, name), waitMs);
    return claim && { name, claim };
  };
  // A lease of a tab that died is waited out; a lock comes back with the tab's end.
  const patience = locks.kind === 'lease' ? 2 * RELOAD_MS + 5000 : RELOAD_MS;
  if (as) {
    const mine = await take(as, patience);
    if (mine) return mine;
    throw new Error(
      `${as} lives in another tab already, and one node lives once. Close that tab first.`,
    );
  }
  const known = (await journals.nodes(ring)).sort();
  if (prefer && known.includes(prefer)) {
    const mine = await take(prefer, patience);
    if (mine) return mine;
  }
  for (const name of known) {
    const mine = await take(name, 0);
    if (mine) return mine;
  }
  let tries = 0;
  for (const name of via ? syllables() : letters()) {
    if (tries++ === TRIES) break;
    if (known.includes(name)) continue;
    const mine = await take(name, 0);
    if (mine) return mine;
  }
  throw new Error(`This browser has ${TRIES} tabs of this ring already.`);
}

/** Two tabs that find nobody must not both found the ring: the other waits, and then joins. */
export function foundingClaim(ring: string, locks: Locks): Promise<Claim | null> {
  return locks.claim(`${lockName(ring, '')}founding`, 60_000);
}
