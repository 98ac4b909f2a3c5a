/**
 * The story as a list that ticks itself: each task looks at the engine's state and at nothing
 * else, in order, and keeps the moment it was met, so that going back unticks it.
 */

import type { Place, Snapshot } from '../engine/protocol';
import type { LogEvent, OpView, Ring, WorldState } from '../engine/types';

export interface Facts {
  now: number;
  state: WorldState;
  ring: Ring;
  ops: readonly OpView[];
  /** Whether nodes that are up and not `about` all suspect it. */
  allSuspect(about: number): boolean;
  firstReplica(key: string): number | null;
  events: readonly LogEvent[];
}

export function factsOf(
  snap: Snapshot,
  events: readonly LogEvent[],
  places: ReadonlyMap<string, Place>,
): Facts {
  return {
    ...{ now: snap.now, state: snap.state, ring: snap.ring, ops: snap.ops, events },
    allSuspect: (about) => {
      const name = snap.ring.nodes[about]?.name ?? '';
      const up = Object.entries(snap.state.nodes).filter(
        ([other, node]) => other !== name && node.state === 'up',
      );
      if (up.length === 0) return false;
      if (up.every(([, node]) => node.suspects))
        return up.every(([, node]) => node.suspects?.includes(name));
      // In a large ring it is told about whom anybody is wrong.
      const isWrong = snap.beliefs.some((belief) => belief.about === about);
      return snap.state.nodes[name]?.state === 'crashed' && !isWrong;
    },
    firstReplica: (key) => places.get(key)?.first ?? null,
  };
}

interface Story {
  key: string;
  victim: number;
  since: number;
}

export interface Task {
  text: string;
  how: string;
  met(facts: Facts, story: Story): boolean;
}

const okSince = (facts: Facts, kind: 'put' | 'get', story: Story): OpView[] =>
  facts.ops.filter(
    (op) =>
      op.kind === kind &&
      op.outcome === 'ok' &&
      op.started_ms >= story.since &&
      (!story.key || op.key === story.key),
  );

const nameOf = (facts: Facts, node: number): string => facts.ring.nodes[node]?.name ?? '';

function hintsFor(facts: Facts, node: number): number {
  const name = nameOf(facts, node);
  const nodes = Object.values(facts.state.nodes);
  return nodes.reduce((sum, n) => sum + n.hints.filter((h) => h.for === name).length, 0);
}

export const TASKS: readonly Task[] = [
  {
    text: 'Put something in the cart',
    how: 'In the desk below the ring: Send.',
    met(facts, story) {
      const put = okSince(facts, 'put', story).at(-1);
      if (put) story.key = put.key;
      return put !== undefined;
    },
  },
  {
    text: 'Kill its first replica',
    how: 'Click the node that wears ①, then Kill.',
    met(facts, story) {
      const first = facts.firstReplica(story.key);
      if (first === null) return false;
      story.victim = first;
      return facts.state.nodes[nameOf(facts, first)]?.state === 'crashed';
    },
  },
  {
    text: 'Put again: accepted, with a hint',
    how: 'Another node stands in and keeps the copy apart, in an envelope.',
    met: (facts, story) =>
      okSince(facts, 'put', story).length > 0 && hintsFor(facts, story.victim) > 0,
  },
  {
    text: 'Wait until every node suspects it',
    how: 'Nobody is told: its heartbeat grows stale. Turn the speed up.',
    met: (facts, story) => facts.allSuspect(story.victim),
  },
  {
    text: 'Restart it, and watch the hint go home',
    how: 'Click it, then Restart.',
    met: (facts, story) =>
      facts.state.nodes[nameOf(facts, story.victim)]?.state === 'up' &&
      hintsFor(facts, story.victim) === 0,
  },
  {
    text: 'Cut the ring in two',
    how: 'Drag a line across the empty dial, or use Cut…',
    met: (facts) => (facts.ring.cuts?.length ?? 0) > 0,
  },
  {
    text: 'Put on either side of the cut',
    how: 'Choose a node of each side as via. Both are accepted.',
    met(facts, story) {
      const cut = facts.ring.cuts?.[0];
      if (!cut) return false;
      const side = (op: OpView) => {
        const at = facts.ring.nodes.findIndex((n) => n.name === (op.coordinator ?? op.via));
        return cut.from.includes(at) ? 'from' : cut.to.includes(at) ? 'to' : '';
      };
      const sides = new Set(okSince(facts, 'put', story).map(side));
      return sides.has('from') && sides.has('to');
    },
  },
  {
    text: 'Heal the cut',
    how: 'Heal all, at the top right of the stage.',
    met: (facts) => (facts.ring.cuts?.length ?? 0) === 0,
  },
  {
    text: 'Get the cart: two siblings',
    how: 'Neither version covers the other, so you get both.',
    met: (facts, story) => okSince(facts, 'get', story).some((op) => op.versions.length > 1),
  },
  {
    text: 'Merge them with a put',
    how: 'Keep the get’s context: the new version covers both.',
    met: (facts, story) =>
      okSince(facts, 'put', story).some((put) => {
        const context = facts.ops.find((op) => op.id === put.context);
        return (context?.versions.length ?? 0) > 1;
      }),
  },
];

export class Progress {
  #met: number[] = [];
  #story: Story = { key: '', victim: -1, since: 0 };

  get done(): number {
    return this.#met.length;
  }

  reset(): void {
    this.#met = [];
    this.#story = { key: '', victim: -1, since: 0 };
  }

  look(facts: Facts): void {
    while (this.#met.length && (this.#met.at(-1) ?? 0) > facts.now) this.#met.pop();
    this.#story.since = this.#met.at(-1) ?? 0;
    for (;;) {
      const task = TASKS[this.#met.length];
      if (!task?.met(facts, this.#story)) return;
      this.#met.push(facts.now);
      this.#story.since = facts.now;
    }
  }
}
