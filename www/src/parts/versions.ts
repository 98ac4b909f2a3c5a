/** Which version covers which: read off the clocks that the engine hands out. */

import type { KeyView, OpView, Version } from '../engine/types';
import { clockText } from './text';

export function covers(a: Version, b: Version): boolean {
  return Object.entries(b.clock).every(([actor, counter]) => (a.clock[actor] ?? 0) >= counter);
}

const same = (a: Version, b: Version): boolean => clockText(a.clock) === clockText(b.clock);

/** Every version that somebody holds and that no other covers, once: what a get could meet. */
export function alive(view: KeyView): Version[] {
  const found = new Map<string, Version>();
  for (const holder of view.holders) {
    for (const version of holder.versions) found.set(clockText(version.clock), version);
  }
  const all = [...found.values()];
  return all.filter((v) => !all.some((other) => other !== v && covers(other, v)));
}

/** The put or delete that made a version, when it is among the newest requests. */
export const makerOf = (version: Version, ops: readonly OpView[]): OpView | undefined =>
  ops.find((op) => op.kind !== 'get' && op.versions.some((made) => same(made, version)));

export interface Covered {
  version: Version;
  op: OpView;
}

/** What was put before and is covered by what is there now, oldest first. */
export function history(view: KeyView, ops: readonly OpView[], most: number): Covered[] {
  const now = alive(view);
  const covered: Covered[] = [];
  for (const op of ops) {
    const [version] = op.versions;
    if (op.kind === 'get' || op.key !== view.key || !version) continue;
    const isPast = now.some((one) => !same(one, version) && covers(one, version));
    if (isPast) covered.unshift({ version, op });
  }
  return covered.slice(-most);
}
