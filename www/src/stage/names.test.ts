import { expect, test } from 'vitest';
import { freeName } from './names';

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

test('a newcomer is offered the first letter that nobody has, then letters with numbers', () => {
  expect(freeName(['A', 'B', 'C'])).toBe('D');
  expect(freeName(['A', 'C'])).toBe('B');
  expect(freeName(LETTERS)).toBe('A1');
  expect(freeName([...LETTERS, 'A1'])).toBe('B1');
});
