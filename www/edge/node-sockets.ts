/** WebSockets under Node, as links use them: those that come in and those that are dialled. */

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { type Connect, type Link, type Links, PACKET_BYTES_MAX, type Wire } from './links.ts';
import { isAllowed } from './origins.ts';
import type { PeerHost } from './peerhost.ts';
import { Buckets } from './rate.ts';

const DIAL_MS = 5_000;
/** A socket that does not answer a ping until the next one is given up. */
const PING_MS = 15_000;
/** New sockets from one address. */
const RATE = { perSecond: 20, burst: 60 };
const OPTIONS = { maxPayload: PACKET_BYTES_MAX, perMessageDeflate: false };

export interface Sockets {
  server: Server;
  host: () => PeerHost;
  origins: readonly string[];
}

/** Takes the sockets that ask for the ring's place. */
export function acceptSockets({ server, host, origins }: Sockets): void {
  const sockets = new WebSocketServer({ noServer: true, ...OPTIONS });
  const buckets = new Buckets(RATE);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const [pathname] = (request.url ?? '').split('?');
    if (pathname !== `/rings/${host().ring}/socket`) return refuse(socket, '404 Not Found');
    if (!isAllowed(request.headers.origin ?? null, origins)) return refuse(socket, '403 Forbidden');
    if (buckets.take(request.socket.remoteAddress ?? '') > 0) {
      return refuse(socket, '429 Too Many Requests', 'Retry-After: 1\r\n');
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const { links } = host();
      attach(opened, links, links.add(wireOf(opened)));
    });
  });
}

/** Dials for the links of a host. */
export const dial: Connect = (target, failed, links) => {
  let socket: WebSocket;
  try {
    socket = new WebSocket(target.address, { ...OPTIONS, handshakeTimeout: DIAL_MS });
  } catch {
    // An address that is none: it came from another node.
    setImmediate(failed);
    return;
  }
  const early = () => failed();
  socket.once('error', early);
  socket.once('open', () => {
    socket.off('error', early);
    attach(socket, links, links.add(wireOf(socket), target));
  });
};

function attach(socket: WebSocket, links: Links, link: Link | null): void {
  socket.on('error', (error: Error & { code?: string }) => {
    const isLong = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    if (link && isLong) links.oversized(link);
  });
  if (!link) return;
  let isAnswering = true;
  const heart = setInterval(() => {
    if (!isAnswering) return socket.terminate();
    isAnswering = false;
    socket.ping();
  }, PING_MS);
  socket.on('pong', () => {
    isAnswering = true;
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    isAnswering = true;
    links.message(link, isBinary ? data : data.toString());
  });
  socket.on('close', () => {
    clearInterval(heart);
    links.closed(link);
  });
}

function wireOf(socket: WebSocket): Wire {
  return {
    send: (bytes) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    },
    close: (code, reason) => socket.close(code, reason),
    queued: () => socket.bufferedAmount,
  };
}

function refuse(socket: Duplex, status: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`);
}
