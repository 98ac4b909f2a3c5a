/** What people ask "Why?" about, and what W asks when they name nothing. */

import type { About, LogEvent, NodeView } from '../engine/types';
import type { Selection } from './app';

/** What an inspector shows, as far as a question needs it. */
export interface Shown {
  selection: Selection;
  node: NodeView | null;
  /** Of those that a timeline shows, oldest first. */
  marks: readonly LogEvent[];
  /** The newest operation, where none is chosen. */
  newestOp: string;
  nodeIndex(name: string): number;
}

/** The question that stands next to what is chosen; nothing where nothing has happened. */
export function aboutOf(shown: Shown): About | null {
  const { selection, marks } = shown;
  if (selection.event) return { event: selection.event.id };
  const newest = (fits: (event: LogEvent) => boolean): About | null => {
    const event = marks.findLast((one) => one.notable && fits(one));
    return event ? { event: event.id } : null;
  };
  switch (selection.tab) {
    case 'op': {
      const op = selection.op || shown.newestOp;
      return op ? { op } : null;
    }
    case 'key':
      return selection.key ? { key: selection.key } : null;
    case 'node':
      return ofNode(shown) ?? newest(({ node, peer }) => [node, peer].includes(selection.node));
    case 'ring':
      return newest(() => true);
  }
}

/** A hint that it holds, or else whom it suspects, or else who suspects it. */
function ofNode({ node, nodeIndex }: Shown): About | null {
  if (!node) return null;
  const [hint] = node.hints;
  if (hint) return { hint: { holder: node.index, target: nodeIndex(hint.for), key: hint.key } };
  const [suspicion] = node.suspects;
  if (suspicion) return { belief: { node: node.index, whom: nodeIndex(suspicion.node) } };
  const [by] = node.suspected_by;
  return by === undefined ? null : { belief: { node: nodeIndex(by), whom: node.index } };
}

/** Two questions are one when they are about the same. */
export const sameAbout = (one: About, other: About): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
