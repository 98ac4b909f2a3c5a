/** A ring of real tabs: each its own node and journal, in its own process. */

import { expect, test } from '@playwright/test';
import { Tab } from './tab';

/** Only Chromium can be told to crash; a test that kills is for it alone. */
const killing = (browserName: string) => test.skip(browserName !== 'chromium', 'kills a renderer');

/** A ring of three, and whoever comes later is let in by its link. */
async function three(context: Parameters<typeof Tab.found>[0], suffix = '') {
  const a = await Tab.found(context);
  const link = (await a.invitation()) + suffix;
  const b = await Tab.open(context, link);
  await b.isMember();
  const c = await Tab.open(context, link);
  await c.isMember();
  for (const tab of [a, b, c]) await tab.sees(3);
  return { tabs: [a, b, c] as const, link };
}

test('what is put in one tab is got in another, merged in a third, and deleted', async ({
  context,
}) => {
  const { tabs } = await three(context);
  const [a, b, c] = tabs;
  expect([await a.name(), await b.name(), await c.name()]).toEqual(['A', 'B', 'C']);
  await a.put('cart:ann', 'milk');
  await b.get('cart:ann', /1 version/);
  await expect(b.page.getByRole('tabpanel')).toContainText('milk');
  await b.put('cart:ann', 'milk, eggs');
  await c.get('cart:ann', /1 version/);
  await expect(c.page.getByRole('tabpanel')).toContainText('milk, eggs');
  await c.delete('cart:ann');
  await a.get('cart:ann', /0 versions/);
});

test('a tab that is loaded again is who it was, and has what it had', async ({ context }) => {
  const { tabs } = await three(context);
  const [, b] = tabs;
  await b.put('cart:ann', 'milk');
  await expect.poll(() => b.stored()).toContain('cart:ann');
  await b.page.reload();
  await b.isMember();
  expect(await b.name()).toBe('B');
  expect(await b.stored()).toContain('cart:ann');
  await b.get('cart:ann', /1 version/);
});

test('a tab that is killed while it writes loses nothing that was acknowledged', async ({
  context,
  browserName,
}) => {
  killing(browserName);
  test.setTimeout(120_000);
  const { tabs, link } = await three(context);
  const [a, b, c] = tabs;
  // With a fourth there is somebody to stand in for one that is away.
  const d = await Tab.open(context, link);
  await d.isMember();
  await c.sees(4);
  const accepted: string[] = [];
  await c.putOnAndOn('kill', (key) => accepted.push(key));
  await expect.poll(() => accepted.length).toBeGreaterThan(20);
  await c.kill();
  const lasting = [...accepted];
  // At once, from those who are left.
  const left = [a, b, d];
  for (const [i, key] of lasting.entries()) {
    const through = left[i % left.length] ?? a;
    // On a slow machine a home may answer later than the node that stands in for the dead one: then
    // a sloppy quorum has not found it yet, and the next get does.
    await expect.poll(() => through.read(key), key).toEqual({ outcome: 'ok', values: [key] });
  }
  // Put while it is away: somebody holds hints for it.
  for (let i = 0; i < 12; i++) await a.ask({ put: { key: `away-${i}`, value: `${i}` } });
  const hints = async () => (await Promise.all(left.map((tab) => tab.hints('C')))).flat();
  await expect.poll(hints).not.toEqual([]);
  const missed = await hints();
  const back = await Tab.open(context, link);
  await back.isMember();
  expect(await back.name()).toBe('C');
  await expect.poll(hints, { timeout: 20_000 }).toEqual([]);
  expect(await back.stored()).toEqual(expect.arrayContaining(missed));
  for (const key of lasting) {
    expect((await back.read(key)).values, key).toEqual([key]);
  }
});

test('twenty kills in a row lose nothing that was acknowledged', async ({
  context,
  browserName,
}) => {
  killing(browserName);
  test.setTimeout(180_000);
  const { tabs, link } = await three(context);
  const [a] = tabs;
  let victim = tabs[2];
  const all: string[] = [];
  for (let round = 0; round < 20; round++) {
    const accepted: string[] = [];
    await victim.putOnAndOn(`round${round}`, (key) => accepted.push(key));
    await expect.poll(() => accepted.length, { intervals: [20] }).toBeGreaterThan(10);
    await victim.kill();
    const lasting = [...accepted];
    all.push(...lasting);
    for (const key of lasting) {
      expect((await a.read(key)).values, key).toEqual([key]);
    }
    victim = await Tab.open(context, link);
    await victim.isMember();
    expect(await victim.name()).toBe('C');
    // It coordinated these puts, so each was in its journal before anybody heard of it.
    expect(await victim.stored()).toEqual(expect.arrayContaining(lasting));
  }
  expect(await victim.stored()).toEqual(expect.arrayContaining(all));
});

test('without OPFS the journal is in IndexedDB, and as good', async ({ context, browserName }) => {
  killing(browserName);
  const { tabs, link } = await three(context, '&without=opfs');
  const [a, , c] = tabs;
  const guide = c.page.getByRole('complementary', { name: 'Guide' });
  await expect(guide).toContainText('IndexedDB');
  const accepted: string[] = [];
  await c.putOnAndOn('idb', (key) => accepted.push(key));
  await expect.poll(() => accepted.length).toBeGreaterThan(10);
  await c.kill();
  const lasting = [...accepted];
  const back = await Tab.open(context, link);
  await back.isMember();
  expect(await back.name()).toBe('C');
  await expect
    .poll(() => back.stored(), { timeout: 20_000 })
    .toEqual(expect.arrayContaining(lasting));
  for (const key of lasting) expect((await a.read(key)).values).toEqual([key]);
});

test('a tab that leaves hands all over, and may come back as a new member', async ({ context }) => {
  const { tabs, link } = await three(context);
  const [a, b, c] = tabs;
  const d = await Tab.open(context, link);
  await d.isMember();
  await c.sees(4);
  const keys = Array.from({ length: 12 }, (_, i) => `cart:${i}`);
  for (const key of keys) await c.ask({ put: { key, value: key } });
  await c.page.getByRole('button', { name: 'Leave the ring…' }).click();
  await c.page.getByRole('button', { name: /^Leave / }).click();
  await expect(c.page.getByRole('button', { name: 'Join as a node' })).toBeVisible({
    timeout: 40_000,
  });
  // Three are left for three copies: each has every key.
  for (const tab of [a, b, d]) {
    await tab.sees(3);
    await expect
      .poll(() => tab.stored(), { timeout: 20_000 })
      .toEqual(expect.arrayContaining(keys));
  }
  const back = await Tab.open(context, link);
  await back.isMember();
  await a.sees(4);
});
