// Who does not know the secret gets nothing; who sends nonsense harms nobody. On both hosts.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { WebSocket } from 'ws';
import { bundleNode, bundleWorker, startWorkerd } from '../../tools/lib/edge.mjs';
import { startPeer } from '../wasm/support/load.mjs';
import { folder, Program, until } from './support/programs.mjs';
import { Client, freePort, SECRET } from './support/ring.mjs';

const { Peer } = startPeer();
const OTHER = 'ffffffffffffffffffffffffffffffff';
const WAIT_MS = 20_000;
let programs;

before(async () => {
  programs = { node: await bundleNode(), worker: await bundleWorker() };
});

const HOSTS = {
  async Node(t) {
    const at = `127.0.0.1:${await freePort()}`;
    const flags = ['--ring', 'edge', '--name', 'A', '--listen', at, '--data', folder(t)];
    const env = { DYNAMO_SECRET: SECRET };
    const program = new Program(t, process.execPath, [programs.node, ...flags], env);
    await program.said(/Node A at/);
    return `${at}/rings/edge`;
  },
  async workerd(t) {
    const bindings = { DYNAMO_SECRET: SECRET, RING: 'edge', NODES: 'A' };
    const script = programs.worker;
    const { runtime, url } = await startWorkerd({ script, folder: folder(t), bindings });
    t.after(() => runtime.dispose());
    return `${url.replace('http://', '')}/nodes/A/rings/edge`;
  },
};

/** A socket to a node, and all that came over it. */
class Socket {
  messages = [];
  closed = null;

  constructor(t, at, headers = {}) {
    this.socket = new WebSocket(`ws://${at}/socket`, { headers });
    this.socket.on('message', (data) => this.messages.push(new Uint8Array(data)));
    this.socket.on('unexpected-response', (_, { statusCode }) => {
      this.closed = statusCode;
    });
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => {
      this.closed ??= code;
    });
    t.after(() => this.socket.terminate());
  }

  async hello() {
    await until(() => this.messages.length > 0 || this.closed, WAIT_MS, 'a greeting');
    return this.messages[0];
  }

  send(bytes) {
    this.socket.send(bytes);
  }

  async end() {
    await until(() => this.closed !== null, WAIT_MS, 'the end of the socket');
    return this.closed;
  }
}

const peer = (secret, name = 'X') =>
  new Peer(JSON.stringify({ ring: 'edge', secret, name }), new Uint8Array());

/** Greeted from both sides, as a node that wants to join. */
async function greeted(t, at) {
  const socket = new Socket(t, at);
  const me = peer(SECRET);
  const them = me.greet(await socket.hello());
  socket.send(me.hello());
  me.join(them);
  return { socket, packets: pumped(me) };
}

/** The packets of a node whose journal never fails and is never read again. */
function pumped(me) {
  const found = [];
  for (let turn = 0; turn < 20; turn++) {
    const { append, packets } = me.pump();
    if (append) me.durable(append.batch);
    found.push(...packets.map(({ bytes }) => bytes));
  }
  return found;
}

for (const [where, serve] of Object.entries(HOSTS)) {
  test(`without the secret it is 401, whatever is asked (${where})`, async (t) => {
    const at = await serve(t);
    for (const secret of ['', OTHER, SECRET.slice(1), `${SECRET}0`]) {
      const client = new Client(`http://${at}`, secret);
      assert.equal((await client.put('k', 'v')).status, 401);
      assert.equal((await client.get('k')).status, 401);
      assert.equal((await client.delete('k')).status, 401);
      assert.equal((await client.ask('GET')).status, 401);
    }
    const query = await fetch(`http://${at}/keys/k?secret=${SECRET}`);
    assert.equal(query.status, 401, 'a secret in an address is none');
  });

  test(`a socket with another secret is closed and nothing passes (${where})`, async (t) => {
    const at = await serve(t);
    const client = new Client(`http://${at}`);
    const { packets } = await greeted(t, at);
    const before = (await client.view()).counts.taken;
    assert.ok(packets.length > 0, 'there is a packet that would be taken from a friend');
    const wrong = new Socket(t, at);
    const stranger = peer(OTHER, 'Y');
    await assert.rejects(async () => stranger.greet(await wrong.hello()), /secret/);
    wrong.send(stranger.hello());
    for (const packet of packets) wrong.send(packet);
    assert.equal(await wrong.end(), 4401);
    const silent = new Socket(t, at);
    await silent.hello();
    for (const packet of packets) silent.send(packet);
    assert.equal(await silent.end(), 4401, 'a packet is no greeting');
    const { counts, transport } = await client.view();
    assert.equal(counts.taken, before);
    assert.ok(transport.sockets_refused >= 2);
  });

  test(`a page that is not on the list gets no socket (${where})`, async (t) => {
    const at = await serve(t);
    assert.equal(await new Socket(t, at, { Origin: 'https://evil.example' }).end(), 403);
  });

  test(`mangled and oversized packets are counted, and the node lives (${where})`, async (t) => {
    const at = await serve(t);
    const client = new Client(`http://${at}`);
    const { socket, packets } = await greeted(t, at);
    const [packet] = packets;
    socket.send(new Uint8Array());
    socket.send(crypto.getRandomValues(new Uint8Array(1_000)));
    socket.send(packet.subarray(0, packet.length - 1));
    for (let at = 0; at < packet.length; at++) {
      const damaged = packet.slice();
      damaged[at] ^= 0x41;
      socket.send(damaged);
    }
    const mangled = async () => (await client.view()).transport.packets_mangled;
    await until(async () => (await mangled()) >= 3, WAIT_MS, 'mangled packets to be counted');
    socket.send(new Uint8Array((5 << 18) + 1));
    assert.equal(await socket.end(), 1009);
    const { transport } = await client.view();
    assert.ok(transport.packets_oversized >= 1);
    const again = await greeted(t, at);
    for (const bytes of again.packets) again.socket.send(bytes);
    await until(async () => (await client.view()).nodes.length === 2, WAIT_MS, 'a node to join');
  });
}
