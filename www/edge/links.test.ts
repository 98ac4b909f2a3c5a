import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { backoff, type Target } from './dialler';
import { type Link, type LinkOwner, Links, PACKET_BYTES_MAX, type Wire } from './links';

const ME = 1;
const bytes = (...of: number[]) => Uint8Array.from(of);

/** Greets `[7, id]`; a packet is the ids that it is for. */
class Owner implements LinkOwner {
  readonly received: Uint8Array[] = [];
  readonly told: [number, boolean][] = [];
  isReady = () => true;
  node = () => ME;
  hello = () => bytes(7, ME);
  route = (packet: Uint8Array) => packet;
  receive = (packet: Uint8Array) => void this.received.push(packet);
  linked = (...told: [number, boolean]) => void this.told.push(told);
  greet = (hello: Uint8Array) => {
    if (hello[0] !== 7) throw new Error('the ring or its secret is another');
    return hello[1] ?? 0;
  };
}

class FakeWire implements Wire {
  readonly sent: Uint8Array[] = [];
  closed: number | null = null;
  waiting = 0;
  send = (packet: Uint8Array) => void this.sent.push(packet);
  queued = () => this.waiting;
  close = (code: number) => {
    this.closed = code;
  };
}

let owner: Owner;
let links: Links;
let dialled: { target: Target; failed: () => void }[];

beforeEach(() => {
  vi.useFakeTimers();
  owner = new Owner();
  dialled = [];
  links = new Links(owner, (target, failed) => dialled.push({ target, failed }));
});

afterEach(() => vi.useRealTimers());

function linked(node: number, target: Target | null = null): { wire: FakeWire; link: Link } {
  const wire = new FakeWire();
  const link = links.add(wire, target) as Link;
  links.message(link, bytes(7, node));
  wire.sent.length = 0;
  return { wire, link };
}

test('both sides say first who they are', () => {
  const wire = new FakeWire();
  links.add(wire);
  expect(wire.sent).toEqual([bytes(7, ME)]);
});

test('nothing passes a socket that has not greeted, and a wrong greeting ends it', () => {
  const wire = new FakeWire();
  const link = links.add(wire) as Link;
  links.message(link, bytes(ME, ME));
  expect(wire.closed).toBe(4401);
  links.message(link, bytes(ME));
  expect(owner.received).toEqual([]);
  expect(links.counters.sockets_refused).toBe(1);
  expect(links.nodes()).toEqual([]);
});

test('a socket that stays silent is given up', () => {
  const wire = new FakeWire();
  links.add(wire);
  vi.advanceTimersByTime(5_001);
  expect(wire.closed).toBe(4408);
});

test('a socket to oneself is none', () => {
  const wire = new FakeWire();
  const link = links.add(wire) as Link;
  links.message(link, bytes(7, ME));
  expect(wire.closed).toBe(4401);
});

test('a packet for us comes in, one for a linked node is passed on, others are counted', () => {
  const two = linked(2);
  const three = linked(3);
  links.message(two.link, bytes(ME));
  links.message(two.link, bytes(3));
  links.message(two.link, bytes(9));
  expect(owner.received).toEqual([bytes(ME)]);
  expect(three.wire.sent).toEqual([bytes(3)]);
  expect(links.counters).toMatchObject({ packets_relayed: 1, packets_unroutable: 1 });
});

test('mangled, oversized and textual messages are counted, and the node lives', () => {
  const { link } = linked(2);
  links.message(link, bytes());
  expect(links.counters.packets_mangled).toBe(1);
  links.message(link, bytes(ME));
  expect(owner.received).toHaveLength(1);
  links.message(link, new Uint8Array(PACKET_BYTES_MAX + 1));
  expect(links.counters.packets_oversized).toBe(1);
  expect(links.nodes()).toEqual([]);
  const again = linked(2);
  links.message(again.link, 'text');
  expect(again.wire.closed).toBe(1003);
});

test('a link that sends without end is slowed, not obeyed', () => {
  const { link } = linked(2);
  for (let i = 0; i < 30_000; i++) links.message(link, bytes(ME));
  expect(owner.received.length).toBeLessThan(21_000);
  expect(links.counters.packets_hurried).toBeGreaterThan(9_000);
});

test('packets that a slow link cannot take are dropped and counted', () => {
  const { wire } = linked(2);
  wire.waiting = 6 * PACKET_BYTES_MAX;
  links.send(2, bytes(2));
  expect(wire.sent).toEqual([]);
  expect(links.counters.packets_dropped).toBe(1);
});

test('a packet for a node without a link goes to others, one of whom may have one', () => {
  const two = linked(2);
  links.send(9, bytes(9));
  expect(two.wire.sent).toEqual([bytes(9)]);
  links.closed(two.link);
  links.send(9, bytes(9));
  expect(links.counters.packets_unroutable).toBe(1);
});

test('of two sockets to one node the newest is used, and the other one when that is gone', () => {
  const first = linked(2);
  const second = linked(2);
  links.send(2, bytes(2));
  expect([first.wire.sent.length, second.wire.sent.length]).toEqual([0, 1]);
  links.closed(second.link);
  links.send(2, bytes(2));
  expect(first.wire.sent.length).toBe(1);
  expect(owner.told).toEqual([
    [2, true],
    [2, true],
    [2, true],
  ]);
  links.closed(first.link);
  expect(owner.told.at(-1)).toEqual([2, false]);
});

test('there is room for so many sockets and no more', () => {
  for (let i = 0; i < 256; i++) links.add(new FakeWire());
  const wire = new FakeWire();
  expect(links.add(wire)).toBe(null);
  expect(wire.closed).toBe(1013);
});

test('who is wanted is dialled, and again, later and later, until reached', () => {
  const target = { address: 'ws://a', name: 'A' };
  links.want([target]);
  expect(dialled).toHaveLength(1);
  let waited = 0;
  for (let i = 0; i < 12; i++) {
    dialled.at(-1)?.failed();
    const before = dialled.length;
    while (dialled.length === before) {
      vi.advanceTimersByTime(50);
      waited += 50;
      expect(waited).toBeLessThan(120_000);
    }
  }
  expect(waited).toBeGreaterThan(20_000);
  linked(2, dialled.at(-1)?.target ?? null);
  const { length } = dialled;
  vi.advanceTimersByTime(60_000);
  expect(dialled).toHaveLength(length);
});

test('a link that is lost is dialled again, and one that came from there is as good', () => {
  const target = { address: 'ws://a', name: 'A', node: 2 };
  links.want([target]);
  const { link } = linked(2, target);
  links.closed(link);
  linked(2);
  vi.advanceTimersByTime(60_000);
  expect(dialled).toHaveLength(1);
  links.want([]);
  expect(links.nodes()).toEqual([2]);
});

test('the wait before another try is jittered and bounded', () => {
  const waits = Array.from({ length: 200 }, () => backoff(3));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(400);
  expect(Math.max(...waits)).toBeLessThanOrEqual(800);
  expect(new Set(waits).size).toBeGreaterThan(100);
  expect(backoff(1_000)).toBeLessThanOrEqual(10_000);
});
