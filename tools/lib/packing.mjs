// The order of a module's functions, for how well it packs. A packer says where it has seen the
// same bytes before, and the nearer that is the shorter it says so: what is alike stands together.

import { strict as assert } from 'node:assert';
import {
  bodyOf,
  functionBodies,
  HEADER_BYTES,
  number,
  reader,
  SECTION,
  sections,
  sized,
} from './binary.mjs';

const FUNCTION = 0;
const FUNCTION_NAMES = 1;

// Two functions are as alike as they have sequences of so many bytes in common; those that very
// many have say nothing.
const SEQUENCE_BYTES = 5;
const HAVE_IT_MAX = 1000;

/**
 * The module, with a name for every function that says its place in an order in which what is
 * alike stands together. To move them is wasm-opt's: `--reorder-functions-by-name`.
 */
export function namedByLikeness(module) {
  const parts = [...sections(module)];
  const imported = functionsImported(bodyOf(parts, SECTION.imports));
  const order = byLikeness(functionBodies(bodyOf(parts, SECTION.code)));
  const names = [];
  order.forEach((index, place) => {
    names[index] = [imported + index, String(place).padStart(6, '0')];
  });
  const kept = parts.filter((part) => !isNames(part)).map(({ whole }) => whole);
  return Buffer.concat([module.subarray(0, HEADER_BYTES), ...kept, nameSection(names)]);
}

/** The places of these bodies in the order that keeps what is alike together, each once. */
export function byLikeness(bodies) {
  const sequences = bodies.map(sequencesOf);
  const having = new Map();
  sequences.forEach((ones, index) => {
    for (const one of ones) {
      if (having.has(one)) having.get(one).push(index);
      else having.set(one, [index]);
    }
  });
  const left = new Set(bodies.keys());
  const order = [];
  for (let next = 0; next !== undefined; ) {
    left.delete(next);
    order.push(next);
    next = likest(sequences[next], having, left, bodies) ?? left.values().next().value;
  }
  return order;
}

/** Which of those left has the most in common with these sequences, for its size. */
function likest(sequences, having, left, bodies) {
  const shared = new Map();
  for (const one of sequences) {
    const others = having.get(one);
    if (others.length > HAVE_IT_MAX) continue;
    for (const other of others) {
      if (left.has(other)) shared.set(other, (shared.get(other) ?? 0) + 1);
    }
  }
  let best;
  let most = 0;
  for (const [other, count] of shared) {
    const likeness = count / Math.sqrt(bodies[other].length);
    if (likeness > most) [best, most] = [other, likeness];
  }
  return best;
}

function sequencesOf(body) {
  const all = new Set();
  for (let at = 0; at + SEQUENCE_BYTES <= body.length; at++) {
    all.add(body.readUIntBE(at, SEQUENCE_BYTES));
  }
  return all;
}

function isNames({ id, body }) {
  return id === SECTION.custom && reader(body).bytes().toString() === 'name';
}

/** Modules here import functions alone; of anything else the length would have to be known. */
function functionsImported(body) {
  const read = reader(body);
  const count = read.number();
  for (let one = 0; one < count; one++) {
    read.bytes();
    read.bytes();
    assert.equal(read.number(), FUNCTION, 'the module imports something other than functions');
    read.number();
  }
  return count;
}

function nameSection(names) {
  const entries = names.flatMap(([index, name]) => [number(index), sized(Buffer.from(name))]);
  const functions = sized(Buffer.concat([number(names.length), ...entries]));
  const kind = sized(Buffer.from('name'));
  const body = Buffer.concat([kind, number(FUNCTION_NAMES), functions]);
  return Buffer.concat([number(SECTION.custom), sized(body)]);
}
