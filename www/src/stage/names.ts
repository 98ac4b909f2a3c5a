/** Accessible names: a test finds a thing as a person does. */

import type { App } from '../app/app';
import { count } from '../parts/text';

const STATES = ['up', 'crashed', 'paused', 'left', 'suspected'] as const;
export type NodeLook = (typeof STATES)[number] | 'slow';

export const stateWord = (code: number): (typeof STATES)[number] => STATES[code] ?? 'up';

/** `Node C, up, 12 keys, 3 hints`, and what else is out of the ordinary. */
export function nodeLabel(app: App, index: number): string {
  const { frame } = app;
  const name = app.nodeName(index);
  if (app.link && name !== app.real?.name) {
    // Of another real node nothing is known but what this one believes.
    const belief = stateWord(frame.nodeState(index)) === 'suspected' ? 'suspected' : 'believed up';
    return `Node ${name}, ${belief}`;
  }
  const parts = [
    app.link ? `Node ${name}, this tab` : `Node ${name}`,
    stateWord(frame.nodeState(index)),
    count(frame.nodeKeys(index), 'key'),
    count(frame.nodeHints(index), 'hint'),
  ];
  if (frame.nodeSlow(index) > 1) parts.push(`slow ×${frame.nodeSlow(index)}`);
  const queue = frame.nodeQueue(index);
  if (queue) parts.push(`${queue} waiting`);
  const disk = ['', 'disk lost', 'disk full', 'disk failing', 'disk slow'][frame.nodeDisk(index)];
  if (disk) parts.push(disk);
  return parts.join(', ');
}

export function lookOf(app: App, index: number): NodeLook {
  const state = stateWord(app.frame.nodeState(index));
  return state === 'up' && app.frame.nodeSlow(index) > 1 ? 'slow' : state;
}

const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

/** The next name that the ring has not used, as the engine counts them: A to Z, A1 to Z1 … */
export function freeName(taken: readonly string[]): string {
  for (let round = 0; ; round++) {
    const names = LETTERS.map((letter) => letter + (round || ''));
    const free = names.find((name) => !taken.includes(name));
    if (free) return free;
  }
}
