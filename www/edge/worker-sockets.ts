/** WebSockets on workerd, as links use them. */

import type { Target } from './dialler.ts';
import type { Connect, Links, Wire } from './links.ts';
import { type Env, nodes, objectOf, SIBLING } from './worker-env.ts';

/** Dials for the links of a host: a node of this deployment by its binding, others by address. */
export function dial(env: Env): Connect {
  return (target, failed, links) => {
    open(env, target).then(
      (socket) => attach(socket, target, links),
      () => failed(),
    );
  };
}

async function open(env: Env, target: Target): Promise<WebSocket> {
  const headers = { Upgrade: 'websocket' };
  const inside = { headers: { ...headers, [SIBLING]: '1' } };
  const isHere = nodes(env).includes(target.name);
  const response = isHere
    ? await objectOf(env, target.name).fetch(`http://node/rings/${env.RING}/socket`, inside)
    : await fetch(target.address.replace(/^ws/, 'http'), { headers });
  if (response.webSocket) return response.webSocket;
  await response.body?.cancel();
  throw new Error(`no socket but ${response.status}`);
}

function attach(socket: WebSocket, target: Target, links: Links): void {
  socket.binaryType = 'arraybuffer';
  socket.accept();
  const link = links.add(wireOf(socket), target);
  if (!link) return;
  socket.addEventListener('message', ({ data }) => links.message(link, bytesOf(data)));
  socket.addEventListener('close', ({ code, reason }) => {
    links.closed(link);
    close(socket, code, reason);
  });
  socket.addEventListener('error', () => links.closed(link));
}

export function wireOf(socket: WebSocket): Wire {
  return {
    send: (bytes) => {
      // One that is closing throws; that it is gone is told by its close event.
      if (socket.readyState === WebSocket.READY_STATE_OPEN) socket.send(bytes);
    },
    close: (code, reason) => close(socket, code, reason),
    // workerd does not tell: it holds up the sender itself.
    queued: () => 0,
  };
}

/** Some codes are told to us and may not be said: 1005 and 1006 above all. */
export function close(socket: WebSocket, code: number, reason: string): void {
  const isLegal = code === 1000 || (code >= 1001 && code <= 1003) || (code >= 1007 && code <= 1014);
  try {
    socket.close(isLegal || code >= 3000 ? code : 1000, reason);
  } catch {
    // Closed already.
  }
}

export function bytesOf(data: ArrayBuffer | string): Uint8Array | string {
  return typeof data === 'string' ? data : new Uint8Array(data);
}
