/** What a get found, as an answer: nothing 404, one value 200, siblings 300. */

import { joined, json } from './answer.ts';
import { metadataHeaders } from './metadata.ts';
import type { Version } from './peer.ts';

/** Values are bytes of somebody else's: no browser is to take one for a page of ours. */
const GUARDED = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'X-Content-Type-Options': 'nosniff',
};

export function versionsAnswer(versions: readonly Version[], asJson: boolean): Response {
  const [first] = versions;
  if (!first) return json({ error: 'there is nothing under this key' }, 404);
  if (versions.every((version) => version.deleted)) {
    return json({ error: 'what was under this key is deleted' }, 404);
  }
  if (versions.length > 1) return asJson ? listed(versions) : multipart(versions);
  const headers = new Headers([...Object.entries(GUARDED), ...metadataHeaders(first.metadata)]);
  return new Response(first.value as Uint8Array<ArrayBuffer>, { status: 200, headers });
}

function listed(versions: readonly Version[]): Response {
  const entries = versions.map(({ value, metadata, deleted, clock }) => {
    return { value_base64: base64(value), metadata, deleted, clock };
  });
  return json(entries, 300);
}

/** One part for each sibling. A deleted one is empty and says so. */
function multipart(versions: readonly Version[]): Response {
  const boundary = `sibling-${crypto.randomUUID()}`;
  const chunks: Uint8Array[] = [];
  const write = (text: string) => chunks.push(new TextEncoder().encode(text));
  for (const { value, metadata, deleted, clock } of versions) {
    write(`--${boundary}\r\n`);
    for (const [name, text] of metadataHeaders(metadata)) write(`${name}: ${text}\r\n`);
    write(`X-Dynamo-Clock: ${JSON.stringify(clock)}\r\n`);
    write(`X-Dynamo-Deleted: ${deleted}\r\n\r\n`);
    chunks.push(value);
    write('\r\n');
  }
  write(`--${boundary}--\r\n`);
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const type = `multipart/mixed; boundary="${boundary}"`;
  const headers = { ...GUARDED, 'Content-Type': type };
  const body = joined(chunks, length) as Uint8Array<ArrayBuffer>;
  return new Response(body, { status: 300, headers });
}

export function base64(bytes: Uint8Array): string {
  let binary = '';
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}
