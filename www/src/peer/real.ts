/** What only a real node can tell: how it lives in this browser, and which ways lead to it. */

import type { Standing } from './life';
import type { LinkView } from './links';

export interface RealView {
  ring: string;
  /** This tab's node. */
  name: string;
  standing: Standing;
  storage: 'opfs' | 'indexeddb';
  /** What keeps this identity from living twice. */
  held: 'lock' | 'lease';
  isSecure: boolean;
  /** The browser has promised not to clear it when space is short. */
  isPersisted: boolean;
  journalBytes: number;
  links: LinkView[];
  /** Packets and greetings that were not taken. */
  refused: number;
  dropped: number;
  refusal: string;
}
