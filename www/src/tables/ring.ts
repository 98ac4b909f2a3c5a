/** Nodes and the parts of the hash space they own. */

import type { TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { WorldNode } from '../engine/types';
import { nodeLabel, stateWord } from '../stage/names';
import { listOf, ROWS_MAX, table } from './parts';

/** What another real node stores: no other one can tell. */
const UNKNOWN = ['only it knows', 'only it knows'];
const HEADS = ['Node', 'State', 'Partitions', 'Keys', 'Hints held', 'Suspected by'];
/** As many partitions as anybody would read out. */
const PARTITIONS_MAX = 128;

export function ringTable(app: App): TemplateResult {
  const ring = app.snap?.ring;
  const nodes = ring?.nodes ?? [];
  const owned = new Map<number, number[]>();
  ring?.owners.forEach((owner, partition) => {
    owned.set(owner, [...(owned.get(owner) ?? []), partition]);
  });
  const states = Object.entries(app.snap?.state.nodes ?? {});
  const row = (i: number) => {
    const mine = owned.get(i) ?? [];
    const name = app.nodeName(i);
    const by = suspectedBy(app, states, i);
    const few = (ring?.partitions ?? 0) <= PARTITIONS_MAX;
    if (app.link && name !== app.real?.name) {
      const parts = few ? `${mine.length}: ${mine.join(', ')}` : mine.length;
      return [name, nodeLabel(app, i).split(', ').slice(1).join(', '), parts, ...UNKNOWN, by];
    }
    return [
      name,
      stateOf(app, i),
      few ? `${mine.length}: ${mine.join(', ')}` : mine.length,
      app.frame.nodeKeys(i),
      hintsOf(app, name),
      by,
    ];
  };
  const rows = nodes.slice(0, ROWS_MAX).map((_, i) => row(i));
  const parts = ring ? `, ${ring.partitions} partitions clockwise from twelve` : '';
  return table(`Ring, ${nodes.length} nodes${parts}`, HEADS, rows, nodes.length);
}

function stateOf(app: App, i: number): string {
  const parts: string[] = [stateWord(app.frame.nodeState(i))];
  if (app.frame.nodeSlow(i) > 1) parts.push(`slow ×${app.frame.nodeSlow(i)}`);
  if (app.frame.nodeDiskLost(i)) parts.push('disk lost');
  return parts.join(', ');
}

/** By whom; in a large ring, where that is not told, by how many of all the others. */
function suspectedBy(app: App, states: readonly [string, WorldNode][], i: number): string {
  const name = app.nodeName(i);
  if (states.every(([, { suspects }]) => suspects))
    return listOf(states.filter(([, { suspects }]) => suspects?.includes(name)).map(([by]) => by));
  const about = app.snap?.beliefs.find((belief) => belief.about === i);
  const isDown = stateWord(app.frame.nodeState(i)) === 'crashed';
  if (!about) return isDown ? 'all others' : listOf([]);
  const many = isDown ? about.others - about.wrong : about.wrong;
  return `${many} of ${about.others}`;
}

function hintsOf(app: App, name: string): string {
  const hints = app.snap?.state.nodes[name]?.hints ?? [];
  const owners = new Map<string, number>();
  for (const hint of hints) owners.set(hint.for, (owners.get(hint.for) ?? 0) + 1);
  return listOf(
    [...owners].map(([owner, count]) => `${count} for ${owner}`),
    'none',
  );
}
