/** A key in a path: bytes, percent-encoded. */

import { Refusal } from './answer.ts';

/** The bytes of a path's last segment, which is what follows `/keys/`. */
export function keyBytes(segment: string): Uint8Array {
  if (segment === '') throw new Refusal(400, 'key: found nothing, allowed at least one byte');
  if (segment.includes('/')) throw new Refusal(400, 'key: found a /, which is written %2F');
  const bytes: number[] = [];
  for (let at = 0; at < segment.length; ) {
    const char = segment[at] ?? '';
    if (char !== '%') {
      bytes.push(...new TextEncoder().encode(char));
      at += 1;
      continue;
    }
    const hex = segment.slice(at + 1, at + 3);
    if (!/^[0-9a-fA-F]{2}$/.test(hex)) {
      throw new Refusal(400, `key: found %${hex}, allowed % and two hex digits`);
    }
    bytes.push(Number.parseInt(hex, 16));
    at += 3;
  }
  return Uint8Array.from(bytes);
}
