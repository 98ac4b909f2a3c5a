// What no client of ours sends: half requests, nonsense, sockets that break off. The node lives.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { bundleNode } from '../../tools/lib/edge.mjs';
import { folder, Program } from './support/programs.mjs';
import { Client, freePort, SECRET } from './support/ring.mjs';

const BEARER = `Authorization: Bearer ${SECRET}`;
const KEY = '/rings/ducks/keys/k';
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
const SOCKET = [
  'GET /rings/ducks/socket HTTP/1.1',
  'Host: h',
  ...UPGRADE,
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];
const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;
const put = (...lines) => head(`PUT ${KEY} HTTP/1.1`, 'Host: h', ...lines);

const HOSTILE = {
  'a body that never ends': [put(BEARER, 'Content-Length: 1000'), 'abc'],
  'a body that nobody asked for': [put('Content-Length: 1000'), 'abc'],
  'a body far too long': [put(BEARER, 'Content-Length: 100000000'), 'x'.repeat(100_000)],
  'chunks far too long': [
    put(BEARER, 'Transfer-Encoding: chunked'),
    `200000\r\n${'x'.repeat(1 << 21)}`,
  ],
  'a chunk that is none': [put(BEARER, 'Transfer-Encoding: chunked'), '5\r\nhello\r\nzz\r\n'],
  'an address that is none': [head('GET // HTTP/1.1', 'Host: h')],
  'a socket at an address that is none': [head('GET // HTTP/1.1', 'Host: h', ...UPGRADE)],
  'a socket elsewhere': [head('GET /rings/x/socket HTTP/1.1', 'Host: h', ...UPGRADE)],
  'a socket without a key': [head('GET /rings/ducks/socket HTTP/1.1', 'Host: h', ...UPGRADE)],
  'a host that is none': [head('GET / HTTP/1.1', 'Host: %%%/')],
  'a header far too long': [head('GET / HTTP/1.1', 'Host: h', `X: ${'y'.repeat(100_000)}`)],
  'methods of old': [head('TRACE / HTTP/1.1', 'Host: h'), head('CONNECT h:1 HTTP/1.1', 'Host: h')],
  'no HTTP at all': ['\x00\x01\x02\r\n\r\n'],
  'a socket full of noise': [head(...SOCKET), '\xff'.repeat(5_000)],
  'a socket whose frame is far too long': [
    head(...SOCKET),
    '\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff',
  ],
};

/** Writes the pieces, waits a little, and breaks off: politely, or not at all. */
function send(port, pieces, isReset) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      for (const piece of pieces) socket.write(Buffer.from(piece, 'latin1'));
      setTimeout(() => {
        if (isReset) socket.resetAndDestroy();
        else socket.destroy();
        resolve();
      }, 60);
    });
    socket.on('error', () => {});
    socket.resume();
  });
}

test('hostile requests and sockets harm nobody', async (t) => {
  const port = await freePort();
  const flags = ['--ring', 'ducks', '--name', 'A', '--listen', `127.0.0.1:${port}`];
  const alone = ['--n', '1', '--r', '1', '--w', '1', '--data', folder(t)];
  const args = [await bundleNode(), ...flags, ...alone];
  const program = new Program(t, process.execPath, args, { DYNAMO_SECRET: SECRET });
  await program.said(/Node A at/);
  const client = new Client(`http://127.0.0.1:${port}/rings/ducks`);
  for (const [what, pieces] of Object.entries(HOSTILE)) {
    for (const isReset of [false, true]) {
      await send(port, pieces, isReset);
      assert.equal(program.ended, null, `${what}: ${program.out}`);
    }
    assert.equal((await client.put(what, what)).status, 204, what);
  }
  for (const what of Object.keys(HOSTILE)) assert.equal((await client.get(what)).text, what);
  assert.equal((await client.get('k')).status, 404, 'nothing of it was taken');
  assert.doesNotMatch(program.out, /Error/, 'and none of it is a fault of the host');
});
