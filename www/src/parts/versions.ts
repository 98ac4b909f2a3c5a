/** Which version covers which: read off the clocks that the engine hands out. */

import type { KeyView, OpView, Version } from '../engine/types';
import { clockText, valueText } from './text';

/** How versions are held against each other; the paper's is the first. */
export type Versioning = 'vector-clock' | 'record-clock' | 'dotted' | 'last-write-wins';

export function covers(a: Version, b: Version): boolean {
  return Object.entries(b.clock).every(([actor, counter]) => (a.clock[actor] ?? 0) >= counter);
}

/** Siblings may share a clock: then what they say tells them apart. */
export const nameOf = (version: Version): string =>
  `${clockText(version.clock)} ${version.deleted ?? false} ${valueText(version.value)}`;
const same = (a: Version, b: Version): boolean => nameOf(a) === nameOf(b);

/** Every version that somebody holds and that no other covers, once: what a get could meet. */
export function alive(view: KeyView): Version[] {
  if (view.alive) return view.alive;
  const found = new Map<string, Version>();
  for (const holder of view.holders) {
    for (const version of holder.versions) found.set(nameOf(version), version);
  }
  const all = [...found.values()];
  return all.filter((v) => !all.some((other) => covers(other, v) && !covers(v, other)));
}

/** The put or delete that made a version, when it is among the newest requests. */
export const makerOf = (version: Version, ops: readonly OpView[]): OpView | undefined =>
  ops.find((op) => op.kind !== 'get' && op.versions.some((made) => same(made, version)));

export interface Covered {
  version: Version;
  op: OpView;
}

/** What was put before and is covered by what is there now, oldest first. Where the clocks that are
 * shown do not tell, it is what was accepted and is not there any more. */
export function history(
  view: KeyView,
  ops: readonly OpView[],
  most: number,
  versioning: Versioning = 'vector-clock',
): Covered[] {
  // A record's clock is all its siblings': it names none of them.
  if (versioning === 'record-clock') return [];
  const now = alive(view);
  const covered: Covered[] = [];
  for (const op of ops) {
    const [version] = op.versions;
    if (op.kind === 'get' || op.key !== view.key || !version) continue;
    const isPast =
      versioning === 'vector-clock'
        ? now.some((one) => !same(one, version) && covers(one, version))
        : op.outcome === 'ok' && !now.some((one) => same(one, version));
    if (isPast) covered.unshift({ version, op });
  }
  return covered.slice(-most);
}
