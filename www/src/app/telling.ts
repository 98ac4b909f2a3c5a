/** Which of the events of one moment tells people most: the sentence under the ring is its text. */

import type { LogEvent } from '../engine/types';

/** What explains comes before what merely happened; kinds not named here lie between. */
const RANK: Record<string, number> = {
  fault: 9,
  'false-dominance': 8,
  'stand-in': 7,
  'hint-stored': 7,
  'hint-delivered': 7,
  'read-repair': 6,
  suspect: 5,
  trust: 5,
  overloaded: 5,
  expect: 4,
  forward: 3,
  answer: 2,
  client: 1,
};
const BETWEEN = 3;

const rank = (event: LogEvent): number => {
  // Siblings are what the story is about; any other answer is a formality.
  if (event.kind === 'answer' && /versions:/.test(event.text)) return 8;
  return RANK[event.kind] ?? BETWEEN;
};

/** The one that explains most, of several as good the newest. */
export function foremost(events: readonly LogEvent[]): LogEvent | null {
  let best: LogEvent | null = null;
  for (const event of events) {
    if (event.notable && (!best || rank(event) >= rank(best))) best = event;
  }
  return best;
}

/** Of the newest notable event and what lies so near before it that it is one moment to people. */
export function telling(marks: readonly LogEvent[], moment: number): LogEvent | null {
  const near: LogEvent[] = [];
  let newest: LogEvent | null = null;
  for (let i = marks.length - 1; i >= 0; i--) {
    const event = marks[i];
    if (!event?.notable) continue;
    newest ??= event;
    if (newest.at_ms - event.at_ms > moment) break;
    near.unshift(event);
  }
  return foremost(near);
}
