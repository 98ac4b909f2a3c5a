// The numbers of a module's locals, for how well it packs. A compiler counts them on from a
// function's parameters, so what does the same in two functions is written differently once they
// have not equally many. Here each kind of local begins at one number everywhere, and the pointer
// to a function's frame, which most use most, is the first.

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

const I32 = 0x7f;
const FUNCTION_TYPE = 0x60;

// Most functions have fewer parameters, and most have fewer locals of 32 bits than are between.
// What is left out is declared like the rest, in one number, and never used.
const FIRST = 8;
const FIRST_OF_OTHER_TYPES = 24;

const LOCAL_GET = 0x20;
const LOCAL_TEE = 0x22;
const GLOBAL_GET = 0x23;
const I32_SUB = 0x6b;
const PREFIX = 0xfc;

/** The module, with its locals renumbered: no instruction is added, left out or moved. */
export function withLocalsInPlace(module) {
  const parts = [...sections(module)];
  const parameters = parametersOf(bodyOf(parts, SECTION.types), bodyOf(parts, SECTION.functions));
  const bodies = functionBodies(bodyOf(parts, SECTION.code));
  assert.equal(bodies.length, parameters.length, 'the module has other functions than it says');
  const written = bodies.map((body, index) => sized(renumbered(body, parameters[index])));
  const code = sized(Buffer.concat([number(bodies.length), ...written]));
  const kept = parts.map(({ id, whole }) => {
    return id === SECTION.code ? Buffer.concat([Buffer.from([SECTION.code]), code]) : whole;
  });
  return Buffer.concat([module.subarray(0, HEADER_BYTES), ...kept]);
}

/** The types of each function's parameters. */
function parametersOf(types, functions) {
  const readTypes = reader(types);
  const known = Array.from({ length: readTypes.number() }, () => {
    assert.equal(readTypes.number(), FUNCTION_TYPE, 'a type is not that of a function');
    const parameters = [...readTypes.bytes()];
    readTypes.bytes();
    return parameters;
  });
  const readFunctions = reader(functions);
  return Array.from({ length: readFunctions.number() }, () => known[readFunctions.number()]);
}

function renumbered(body, parameters) {
  const read = reader(body);
  const types = [...parameters];
  for (let left = read.number(); left > 0; left--) {
    const count = read.number();
    types.push(...Array(count).fill(read.number()));
  }
  const code = [...instructions(body, read)];
  const { places, declared } = placed(types, parameters.length, frameOf(code, parameters.length));
  const runs = declared.flatMap(([count, type]) => [number(count), number(type)]);
  const bytes = code.map(({ opcode, local, whole }) => {
    return local === undefined ? whole : Buffer.from([opcode, ...number(places[local])]);
  });
  return Buffer.concat([number(declared.length), ...runs, ...bytes]);
}

/** The first local that is set to a global less something: no other global is ever lessened. */
function frameOf(code, from) {
  const at = code.findIndex(({ opcode, local }, index) => {
    const isSet = local >= from && opcode > LOCAL_GET;
    return isSet && code[index - 1].opcode === I32_SUB && code[index - 3]?.opcode === GLOBAL_GET;
  });
  return code[at]?.local;
}

/** Where each local goes, parameters staying, and what the function then has to declare. */
function placed(types, from, frame) {
  const places = types.map((_, local) => local);
  const declared = [];
  let next = from;
  const place = (locals, type, first) => {
    if (locals.length === 0) return;
    const start = Math.max(next, first);
    // What is not used is of the type before it, where there is one: a run less to declare.
    const before = declared.at(-1);
    if (before) before[0] += start - next;
    declared.push([locals.length + (before ? 0 : start - next), type]);
    locals.forEach((local, index) => {
      places[local] = start + index;
    });
    next = start + locals.length;
  };
  const own = [...types.keys()].slice(from);
  const small = own.filter((local) => types[local] === I32 && local !== frame);
  place(frame === undefined ? small : [frame, ...small], I32, FIRST);
  for (const type of new Set(own.map((local) => types[local]).filter((type) => type !== I32))) {
    place(
      own.filter((local) => types[local] === type),
      type,
      FIRST_OF_OTHER_TYPES,
    );
  }
  return { places, declared };
}

/** Each instruction of a body, and which local it is about, if any. */
function* instructions(body, read) {
  while (!read.isAtEnd()) {
    const from = read.at();
    const opcode = body[from];
    read.pass(1);
    const local = opcode >= LOCAL_GET && opcode <= LOCAL_TEE ? read.number() : undefined;
    if (local === undefined) passImmediates(opcode, read);
    yield { opcode, local, whole: body.subarray(from, read.at()) };
  }
}

// How many numbers follow those from the first opcode to the second, and those after the prefix.
// Vectors, threads, exceptions and tail calls are not here: no module has them.
const NUMBERS = new Map(
  [
    [0x00, 0x01, 0],
    [0x02, 0x04, 1],
    [0x05, 0x05, 0],
    [0x0b, 0x0b, 0],
    [0x0c, 0x0d, 1],
    [0x0f, 0x0f, 0],
    [0x10, 0x10, 1],
    [0x11, 0x11, 2],
    [0x1a, 0x1b, 0],
    [0x23, 0x26, 1],
    [0x28, 0x3e, 2],
    [0x3f, 0x42, 1],
    [0x45, 0xc4, 0],
    [0xd0, 0xd0, 1],
    [0xd1, 0xd1, 0],
    [0xd2, 0xd2, 1],
  ].flatMap(([from, to, numbers]) => {
    return Array.from({ length: to - from + 1 }, (_, after) => [from + after, numbers]);
  }),
);
const NUMBERS_AFTER_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];
const BRANCH_TABLE = 0x0e;
const SELECT_OF_TYPE = 0x1c;
const F32_CONST = 0x43;
const F64_CONST = 0x44;

function passImmediates(opcode, read) {
  if (opcode === F32_CONST) return read.pass(4);
  if (opcode === F64_CONST) return read.pass(8);
  if (opcode === SELECT_OF_TYPE) return read.bytes();
  for (let left = numbersAfter(opcode, read); left > 0; left--) read.number();
}

function numbersAfter(opcode, read) {
  if (opcode === BRANCH_TABLE) return read.number() + 1;
  const isPrefix = opcode === PREFIX;
  const numbers = isPrefix ? NUMBERS_AFTER_PREFIX[read.number()] : NUMBERS.get(opcode);
  assert(numbers !== undefined, 'the module has an instruction that is not known here');
  return numbers;
}
