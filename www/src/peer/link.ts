/**
 * The link to a ring of real nodes: `#ring=NAME.SECRET`, and `&via=ws://…` where it can be reached
 * over a socket too. All of it stands in the fragment, which no browser sends to a server.
 */

export interface RingLink {
  ring: string;
  /** 32 hex digits. */
  secret: string;
  /** The address of a node to begin with; empty in a ring of tabs alone. */
  via: string;
  /** Whom this tab must be; empty when it may be anybody who does not live yet. */
  as: string;
  /** What to do without although the browser has it: `locks`, `opfs`. For tests. */
  without: string[];
}

const RING = /^([a-z0-9-]{1,32})\.([0-9a-f]{32})$/;
const NAME = /^[A-Za-z0-9_-]{1,16}$/;

/** Nothing when the fragment names no ring; throws a sentence when it names one badly. */
export function readLink(fragment: string): RingLink | null {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  const named = fields.get('ring');
  if (named === null) return null;
  const [, ring = '', secret = ''] = RING.exec(named) ?? [];
  if (!secret) {
    throw new Error(
      'This link to a ring is not whole: after “ring=” come a name, a full stop, 32 hex digits.',
    );
  }
  const via = fields.get('via') ?? '';
  if (via && !/^wss?:\/\//.test(via)) {
    throw new Error('This link is not whole: after “via=” it needs an address that begins ws://.');
  }
  const as = fields.get('as') ?? '';
  if (as && !NAME.test(as)) {
    throw new Error('This link is not whole: after “as=” it needs 1 to 16 letters or digits.');
  }
  const without = (fields.get('without') ?? '').split(',').filter(Boolean);
  return { ring, secret, via, as, without };
}

/** What one hands on: the ring, never who oneself is. */
export function writeLink({
  ring,
  secret,
  via,
}: Pick<RingLink, 'ring' | 'secret' | 'via'>): string {
  const address = via ? `&via=${encodeURI(via).replaceAll('&', '%26')}` : '';
  return `#ring=${ring}.${secret}${address}`;
}

/** A ring that nobody has: 128 random bits that only its link carries. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
