// How a WebAssembly module is written: sections, and numbers of seven bits to a byte.

import { strict as assert } from 'node:assert';

export const HEADER_BYTES = 8;

/** The sections that are read here, by what they hold. */
export const SECTION = { custom: 0, types: 1, imports: 2, functions: 3, code: 10 };

export function* sections(module) {
  for (const read = reader(module, HEADER_BYTES); !read.isAtEnd(); ) {
    const from = read.at();
    const id = read.number();
    const body = read.bytes();
    yield { id, body, whole: module.subarray(from, read.at()) };
  }
}

export function bodyOf(parts, id) {
  const body = parts.find((part) => part.id === id)?.body;
  assert(body, `the module has no section ${id}`);
  return body;
}

export function functionBodies(code) {
  const read = reader(code);
  return Array.from({ length: read.number() }, () => read.bytes());
}

export function sized(bytes) {
  return Buffer.concat([number(bytes.length), bytes]);
}

/** WebAssembly's numbers (LEB128): seven bits to a byte, the lowest first. */
export function number(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

export function reader(buffer, from = 0) {
  let at = from;
  const number = () => {
    let value = 0;
    for (let place = 1; ; place *= 128) {
      assert(at < buffer.length, 'the module ends in the middle of a number');
      const byte = buffer[at++];
      value += (byte & 127) * place;
      if (byte < 128) return value;
    }
  };
  const pass = (length) => {
    at += length;
    assert(at <= buffer.length, 'the module ends in the middle of a section');
  };
  const bytes = () => {
    const length = number();
    pass(length);
    return buffer.subarray(at - length, at);
  };
  return { number, bytes, pass, at: () => at, isAtEnd: () => at >= buffer.length };
}
