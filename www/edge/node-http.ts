/** A face (`Request` in, `Response` out) behind Node's own HTTP server. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

/** `address` is the other side's; what is shared out per client is counted by it. */
export type Face = (request: Request, address: string) => Promise<Response>;

/** A client that sends this slowly is holding a socket, not asking for something. */
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;

export function httpServer(face: Face): Server {
  const options = { requestTimeout: REQUEST_MS, headersTimeout: HEADERS_MS };
  return createServer(options, (incoming, outgoing) => {
    answer(face, incoming, outgoing).catch((error: unknown) => {
      console.error(error);
      if (!outgoing.headersSent) outgoing.writeHead(500, { 'Content-Type': 'application/json' });
      outgoing.end('{"error":"a bug in this host; its log says more"}\n');
    });
  });
}

async function answer(face: Face, incoming: IncomingMessage, outgoing: ServerResponse) {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const request = toRequest(incoming, gone.signal);
  if (!request) {
    outgoing.writeHead(400, { 'Content-Type': 'application/json', Connection: 'close' });
    outgoing.end('{"error":"the request line or a header is malformed"}\n');
    return;
  }
  const response = await face(request, incoming.socket.remoteAddress ?? '');
  const body = response.body ? Buffer.from(await response.arrayBuffer()) : null;
  const headers: Record<string, string> = Object.fromEntries(response.headers);
  // What of the body was never read would be taken for the next request.
  if (!incoming.complete) headers.connection = 'close';
  if (body) headers['content-length'] = String(body.length);
  outgoing.writeHead(response.status, headers);
  outgoing.end(incoming.method === 'HEAD' ? undefined : body);
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | null {
  const { method = 'GET', url = '/' } = incoming;
  const headers = new Headers();
  try {
    for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
      headers.append(incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '');
    }
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const body = hasBody ? (Readable.toWeb(incoming) as ReadableStream) : null;
    const target = `http://${headers.get('Host') || 'localhost'}${url.startsWith('/') ? url : '/'}`;
    return new Request(target, { method, headers, body, signal, duplex: 'half' } as RequestInit);
  } catch {
    return null;
  }
}
