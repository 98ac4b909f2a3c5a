/** The module's class `Peer`, as its hosts use it: one node of a real ring. */

export interface PeerOptions {
  ring: string;
  /** 32 hex digits. */
  secret: string;
  name: string;
  /** Where others reach this node; left out, nobody dials it. */
  address?: string;
  /** As a scenario's; every node of a ring must have the same. */
  config?: Record<string, unknown>;
  /** With an empty journal: found the ring, or wait to be taken into it. */
  found?: boolean;
}

export interface Version {
  value: Uint8Array;
  metadata: Record<string, string>;
  deleted: boolean;
  clock: Record<string, number>;
}

export interface Reply {
  request: number;
  outcome: 'put' | 'got' | 'failed';
  context?: string;
  coordinator?: string;
  versions?: Version[];
  error?: string;
  reason?: string;
  definite?: boolean;
  needed?: number;
  reached?: number;
}

export interface Append {
  batch: number;
  bytes: Uint8Array;
  /** The journal shall be exactly these bytes. */
  replace: boolean;
}

export interface Dial {
  node: number;
  name: string;
  address: string;
}

export interface Pumped {
  append: Append | null;
  packets: { to: number; bytes: Uint8Array }[];
  replies: Reply[];
  wakeInMs: number | null;
  dials: Dial[];
}

export interface Ring {
  nodes: { name: string; index: number; id: number; address: string }[];
  /** This node's index; none while it is in no ring. */
  self: number | null;
  [more: string]: unknown;
}

export interface Peer {
  node(): number;
  journalKept(): number;
  isMember(): boolean;
  hello(): Uint8Array;
  /** The other side's first message: its node id. Throws a sentence when it may not come in. */
  greet(bytes: Uint8Array): number;
  admits(secret: string): boolean;
  receive(bytes: Uint8Array): void;
  /** Gives the request's number. 0 for `w` or `r`: the ring's. Throws a sentence when refused. */
  put(key: Uint8Array, value: Uint8Array, metadataJson: string, context: string, w: number): number;
  delete(key: Uint8Array, context: string, w: number): number;
  get(key: Uint8Array, r: number): number;
  join(via: number): void;
  wake(): void;
  durable(batch: number): void;
  pump(): Pumped;
  ring(): Ring;
  /** Of another node: what this one believes. */
  nodeView(index: number): { state: string };
  /** The present as numbers; the layout is the module's `frame`. */
  frame(): ArrayLike<number>;
  /** Frames taken, and those that were not, by reason. */
  counts(): Record<string, number>;
  free(): void;
}

export interface PeerClass {
  new (optionsJson: string, journal: Uint8Array): Peer;
  /** The nodes that a packet's frames are for. */
  route(bytes: Uint8Array): ArrayLike<number>;
}
