/**
 * Metadata as headers, both ways. A header's name is in lower case whatever was sent. A value that
 * is not plain ASCII travels as RFC 8187 has it: `X-Dynamo-Meta-Who*: UTF-8''J%C3%BCrgen`.
 */

import { Refusal } from './answer.ts';

const PREFIX = 'x-dynamo-meta-';
const CONTENT_TYPE = 'content-type';
const TOKEN = /^[!#$%&'+\-.^_`|~0-9a-z]+$/;
const PLAIN = /^[\x20-\x7e]*$/;
const EXTENDED = /^UTF-8'[^']*'(.*)$/i;

/** What a put's headers say of its value. */
export function metadataOf(headers: Headers): Record<string, string> {
  const metadata: Record<string, string> = {};
  const type = headers.get('Content-Type');
  if (type) metadata[CONTENT_TYPE] = type;
  for (const [header, value] of headers) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    if (name === '' || name === CONTENT_TYPE) {
      throw new Refusal(400, `X-Dynamo-Meta-${name}: found this name, allowed any other`);
    }
    if (name.endsWith('*')) metadata[name.slice(0, -1)] = extended(name, value);
    else metadata[name] = utf8(value);
  }
  return metadata;
}

function extended(name: string, value: string): string {
  try {
    return decodeURIComponent(EXTENDED.exec(value)?.[1] ?? '%');
  } catch {
    throw new Refusal(400, `X-Dynamo-Meta-${name}: found ${value}, allowed UTF-8''percent-encoded`);
  }
}

/** Node gives a header's bytes as Latin-1, workerd as UTF-8. Most clients mean the latter. */
function utf8(value: string): string {
  const isDecoded = [...value].some((char) => char > '\xff');
  if (PLAIN.test(value) || isDecoded) return value;
  const bytes = Uint8Array.from(value, (char) => char.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return value;
  }
}

/** The headers of a version, as pairs. A name that no header can have is left to the JSON. */
export function metadataHeaders(metadata: Record<string, string>): [string, string][] {
  const pairs: [string, string][] = [];
  const type = metadata[CONTENT_TYPE] ?? '';
  pairs.push(['Content-Type', type && PLAIN.test(type) ? type : 'application/octet-stream']);
  for (const [name, value] of Object.entries(metadata)) {
    if (name === CONTENT_TYPE || !TOKEN.test(name)) continue;
    if (PLAIN.test(value) && value.trim() === value) pairs.push([`X-Dynamo-Meta-${name}`, value]);
    else pairs.push([`X-Dynamo-Meta-${name}*`, `UTF-8''${percent(value)}`]);
  }
  return pairs;
}

/** Also what `encodeURIComponent` leaves and RFC 8187 does not. Half a pair becomes U+FFFD. */
function percent(value: string): string {
  const whole = new TextDecoder().decode(new TextEncoder().encode(value));
  return encodeURIComponent(whole).replace(/[!'()*]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
