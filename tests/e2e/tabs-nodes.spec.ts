/** A tab in one ring with nodes that are no tabs: what is put on either side is on both. */

import { type BrowserContext, expect, test } from '@playwright/test';
import { freePort, Machine, Member, SECRET } from './nodes';
import { Tab } from './tab';

test.describe.configure({ timeout: 180_000 });

let machine: Machine;
test.beforeEach(() => {
  machine = new Machine();
});
test.afterEach(() => machine.end());

/** A node of a ring under Node, which founds it or joins it. */
async function nodeProcess(name: string, via?: string): Promise<{ at: string; member: Member }> {
  const at = `127.0.0.1:${await freePort()}`;
  const data = `${machine.folder}/${name}`;
  const joining = via ? ['--join', via] : [];
  machine.start(
    'node',
    '--ring',
    'ducks',
    '--name',
    name,
    '--listen',
    at,
    '--data',
    data,
    ...joining,
  );
  return { at, member: new Member(machine, `${at}/rings/ducks`) };
}

/** The tab joins, gives and takes, is closed, and returns when it has missed some puts. */
async function joins(context: BrowserContext, ring: string, members: readonly Member[]) {
  const [first, last] = [members[0], members.at(-1)];
  if (!first || !last) throw new Error('a ring has a member');
  for (const member of members) await member.knows(members.length);
  const link = `/#ring=${ring}.${SECRET}&via=${first.socket}`;
  const tab = await Tab.open(context, link);
  await tab.isMember();
  const name = await tab.name();
  await tab.sees(members.length + 1);
  for (const member of members) await member.knows(members.length + 1);

  await tab.put('cart:ann', 'milk');
  for (const member of members) expect(await member.get('cart:ann')).toBe('200 milk');
  await last.put('cart:bob', 'bread');
  await tab.get('cart:bob', /1 version/);
  await expect(tab.page.getByRole('tabpanel')).toContainText('bread');
  const had = await tab.stored();

  // Closed; the others go on without it.
  await tab.page.close();
  const missed = Array.from({ length: 6 }, (_, i) => `away-${i}`);
  for (const key of missed) await first.put(key, `of ${key}`);
  const back = await Tab.open(context, link);
  await back.isMember();
  expect(await back.name()).toBe(name);
  expect(await back.stored()).toEqual(expect.arrayContaining(had));
  return { back, missed };
}

async function reads(tab: Tab, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const answer = await tab.read(key);
    expect(answer).toEqual({ outcome: 'ok', values: [`of ${key}`] });
  }
}

test('a tab and two Node processes are one ring, and a tab that was away catches up', async ({
  context,
}) => {
  const a = await nodeProcess('A');
  await a.member.knows(1);
  const b = await nodeProcess('B', a.at);
  const { back, missed } = await joins(context, 'ducks', [a.member, b.member]);
  await reads(back, missed);
  // Three nodes, so each key is at home in the tab; having been read, it is there: read repair.
  await expect.poll(() => back.stored()).toEqual(expect.arrayContaining(missed));
});

test('a tab and three Durable Objects are one ring, and a tab that was away catches up', async ({
  context,
}) => {
  const port = await freePort();
  machine.start('edge', '--port', String(port), '--data', `${machine.folder}/edge`);
  const at = (name: string) => `127.0.0.1:${port}/nodes/${name}/rings/edge`;
  const members = ['A', 'B', 'C'].map((name) => new Member(machine, at(name)));
  const { back, missed } = await joins(context, 'edge', members);
  // Four nodes, so somebody stood in for it: what it missed and is at home there is handed over.
  await expect
    .poll(async () => (await back.stored()).filter((key) => key.startsWith('away')).length, {
      timeout: 20_000,
    })
    .toBeGreaterThan(0);
  await reads(back, missed);
});

test('a link with another secret lets nobody in', async ({ context }) => {
  const { member } = await nodeProcess('A');
  await member.knows(1);
  const wrong = SECRET.replace(/^../, 'ff');
  const tab = await Tab.open(context, `/#ring=ducks.${wrong}&via=${member.socket}`);
  const ways = tab.page.getByRole('list', { name: 'Ways' }).getByRole('listitem');
  await expect(ways).toContainText('no answer', { timeout: 15_000 });
  await member.knows(1);
});
