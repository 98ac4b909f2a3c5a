import { expect, test } from 'vitest';
import { identify } from './claim';
import type { Journals } from './journal';
import type { RingLink } from './link';
import type { Claim, Locks } from './locks';
import { syllables } from './names';

const LINK: RingLink = { ring: 'teal', secret: '', via: '', as: '', without: [] };

function browser(journals: string[]) {
  const held = new Set<string>();
  const locks: Locks = {
    kind: 'lock',
    async claim(name): Promise<Claim | null> {
      if (held.has(name)) return null;
      held.add(name);
      return { release: () => held.delete(name), lost: new Promise(() => {}) };
    },
  };
  const stores = { nodes: async () => journals } as unknown as Journals;
  const open = (link: Partial<RingLink> = {}, prefer = '') =>
    identify({ ...LINK, ...link }, prefer, locks, stores).then((one) => one.name);
  return { open, held };
}

test('new tabs are A, B, C, each once', async () => {
  const { open } = browser([]);
  expect([await open(), await open(), await open()]).toEqual(['A', 'B', 'C']);
});

test('a node whose tab is gone is lived again before a new one comes to be', async () => {
  const { open, held } = browser(['A', 'B']);
  held.add('dynamo/teal/A');
  expect([await open(), await open()]).toEqual(['B', 'C']);
});

test('a tab that is loaded again is who it was', async () => {
  const { open } = browser(['A', 'B', 'C']);
  expect(await open({}, 'B')).toBe('B');
  expect(await open({}, 'B'), 'a copy of that tab is somebody else').toBe('A');
});

test('who is asked for by name lives once', async () => {
  const { open } = browser(['A']);
  expect(await open({ as: 'A' })).toBe('A');
  await expect(open({ as: 'A' })).rejects.toThrow('A lives in another tab already');
});

test('beside nodes of other machines a tab is called by no letter', async () => {
  const { open } = browser([]);
  expect(await open({ via: 'ws://127.0.0.1:7001/' })).toMatch(/^[A-Z][a-z]{3}$/);
  expect(syllables(() => 0).next().value).toBe('Baba');
});
