import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withLocalsInPlace } from '../../tools/lib/locals.mjs';

// (func (param i32) (result i32) (local i32 i64 i32)): the third local is the pointer to a frame.
// 10 + 16 - (the global, 64, less 16) + 2 is what it answers for 10.
const BODY = [
  [0x03, 0x01, 0x7f, 0x01, 0x7e, 0x01, 0x7f],
  [0x20, 0x00, 0x41, 0x10, 0x6a, 0x21, 0x01],
  [0x23, 0x00, 0x41, 0x10, 0x6b, 0x21, 0x03],
  [0x42, 0x02, 0x21, 0x02],
  [0x20, 0x01, 0x20, 0x03, 0x6b, 0x20, 0x02, 0xa7, 0x6a, 0x0b],
].flat();

function moduleOf(body) {
  const section = (id, bytes) => [id, bytes.length, ...bytes];
  const hex = (text) => [...Buffer.from(text, 'hex')];
  return Buffer.from([
    ...hex('0061736d01000000'),
    ...section(1, hex('0160017f017f')),
    ...section(3, [1, 0]),
    ...section(6, hex('017f0141c0000b')),
    ...section(7, hex('0101660000')),
    ...section(10, [1, body.length, ...body]),
  ]);
}

const play = (module, argument) =>
  new WebAssembly.Instance(new WebAssembly.Module(module)).exports.f(argument);

test('a function does what it did, with its locals at the numbers of all functions', () => {
  const before = moduleOf(BODY);
  const after = withLocalsInPlace(before);
  assert.equal(play(before, 10), -20);
  assert.equal(play(after, 10), -20);
  // The frame at 8, what is left of its type after it, the other type at 24: 23 declared before it.
  const declared = Buffer.from([0x02, 0x17, 0x7f, 0x01, 0x7e]);
  const frame = Buffer.from([0x23, 0x00, 0x41, 0x10, 0x6b, 0x21, 0x08]);
  const rest = Buffer.from([0x20, 0x09, 0x20, 0x08, 0x6b, 0x20, 0x18, 0xa7, 0x6a, 0x0b]);
  for (const bytes of [declared, frame, rest]) assert(after.includes(bytes), bytes.toString('hex'));
});

test('a function of parameters alone stays as it is', () => {
  const module = moduleOf([0x00, 0x20, 0x00, 0x0b]);
  assert.deepEqual(withLocalsInPlace(module), module);
});

test('each instruction is passed over whole, whatever bytes are in it', () => {
  // Bytes of numbers that look like instructions about locals: 1.5 and tables and constants.
  const passed = [
    [0x44, 0x20, 0x01, 0x21, 0x01, 0x22, 0x01, 0x20, 0x01, 0x1a],
    [0x43, 0x20, 0x01, 0x21, 0x01, 0x1a],
    [0x41, 0xa0, 0x81, 0x01, 0x1a],
    [0x42, 0xa1, 0x81, 0xa2, 0x01, 0x1a],
    [0x02, 0x40, 0x41, 0x00, 0x0e, 0x02, 0x00, 0x00, 0x00, 0x0b],
    [0x41, 0x20, 0x41, 0x21, 0x41, 0x22, 0x1c, 0x01, 0x7f, 0x1a],
    [0x43, 0x20, 0x01, 0x21, 0x01, 0xfc, 0x00, 0x1a],
  ];
  const body = [0x01, 0x01, 0x7f, ...passed.flat(), 0x20, 0x00, 0x22, 0x01, 0x0b];
  const after = withLocalsInPlace(moduleOf(body));
  assert(after.includes(Buffer.from(passed.flat())), 'what is passed over was changed');
  assert.equal(play(moduleOf(body), 7), 7);
  assert.equal(play(after, 7), 7);
});

test('what is not known is refused', () => {
  assert.throws(() => withLocalsInPlace(moduleOf([0x00, 0xfd, 0x0c, 0x0b])), /not known/);
  assert.throws(() => withLocalsInPlace(moduleOf([0x00, 0xfc, 0x20, 0x0b])), /not known/);
  assert.throws(() => withLocalsInPlace(moduleOf(BODY).subarray(0, 60)), /ends in the middle/);
});
