import { expect, test } from 'vitest';
import { newSecret, readLink, writeLink } from './link';

const SECRET = '0123456789abcdef0123456789abcdef';

test('a link that is written is read as it was', () => {
  const via = 'ws://127.0.0.1:7001/rings/teal-7/socket?a=1&b=2';
  const link = readLink(writeLink({ ring: 'teal-7', secret: SECRET, via }));
  expect(link).toEqual({ ring: 'teal-7', secret: SECRET, via, as: '', without: [] });
});

test('a fragment about something else names no ring', () => {
  expect(readLink('')).toBeNull();
  expect(readLink('#scenario=story')).toBeNull();
});

test('who to be, and what to do without, are read where they stand', () => {
  const link = readLink(`#ring=teal.${SECRET}&as=B&without=locks,opfs`);
  expect(link).toMatchObject({ as: 'B', without: ['locks', 'opfs'] });
});

for (const bad of [
  '#ring=teal',
  '#ring=Teal.0123456789abcdef0123456789abcdef',
  '#ring=teal.0123',
  `#ring=teal.${SECRET}&via=http://x/`,
  `#ring=teal.${SECRET}&as=a%20b`,
]) {
  test(`${bad} is refused with a sentence`, () => {
    expect(() => readLink(bad)).toThrow(/not whole/);
  });
}

test('a secret is 128 bits, and another each time', () => {
  expect(newSecret()).toMatch(/^[0-9a-f]{32}$/);
  expect(newSecret()).not.toBe(newSecret());
});
