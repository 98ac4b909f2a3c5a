/** What every face of an edge host needs: answers, and a body that is read only so far. */

/** An answer in place of the one that was asked for. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** What the JSON body says besides `error`. */
  readonly more: Record<string, unknown>;

  constructor(
    status: number,
    error: string,
    headers: Record<string, string> = {},
    more: Record<string, unknown> = {},
  ) {
    super(error);
    this.status = status;
    this.headers = headers;
    this.more = more;
  }

  answer(): Response {
    return json({ error: this.message, ...this.more }, this.status, this.headers);
  }
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const all = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers };
  return new Response(`${JSON.stringify(value)}\n`, { status, headers: all });
}

export function text(line: string, status = 200): Response {
  return new Response(`${line}\n`, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  });
}

/** Runs a face; what it throws as a [`Refusal`] is the answer. */
export async function answered(request: Request, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    await drain(request);
    return thrown.answer();
  }
}

/** A connection with unread bytes is closed, under a client that meant to use it again. */
const DRAINED_BYTES_MAX = 1 << 16;

async function drain(request: Request): Promise<void> {
  const length = Number(request.headers.get('Content-Length') ?? DRAINED_BYTES_MAX + 1);
  if (!request.body || request.bodyUsed || !(length <= DRAINED_BYTES_MAX)) return;
  await request.arrayBuffer().catch(() => undefined);
}

export function wrongMethod(found: string, allowed: string): Refusal {
  return new Refusal(405, `method: found ${found}, allowed ${allowed}`, { Allow: allowed });
}

/** The whole body, or 413 as soon as it is known to be longer. The rest of it is never read. */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array> {
  const tooLong = () => new Refusal(413, `body: longer than ${bytesMax} bytes`);
  if (Number(request.headers.get('Content-Length') ?? 0) > bytesMax) throw tooLong();
  if (!request.body) return new Uint8Array();
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks, length);
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel().catch(() => undefined);
      throw tooLong();
    }
    chunks.push(value);
  }
}

export function joined(chunks: Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** The secret of `Authorization: Bearer`, or nothing. */
export function bearer(request: Request): string | null {
  const found = /^Bearer +(\S+) *$/i.exec(request.headers.get('Authorization') ?? '');
  return found?.[1] ?? null;
}

/** Equal texts, in a time that depends on their lengths only. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [new TextEncoder().encode(one), new TextEncoder().encode(other)];
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i % b.length] ?? 0);
  return difference === 0;
}

export function noSecret(): Refusal {
  const why = 'the secret is wanted as Authorization: Bearer';
  return new Refusal(401, why, { 'WWW-Authenticate': 'Bearer' });
}
