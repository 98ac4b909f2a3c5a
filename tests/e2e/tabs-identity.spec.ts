/** Who a tab is: one node lives once, one ring is founded once. */

import { expect, test } from '@playwright/test';
import { Tab } from './tab';

/** Only Chromium can be told to crash; a test that kills is for it alone. */
const killing = (browserName: string) => test.skip(browserName !== 'chromium', 'kills a renderer');

test('nobody lives twice', async ({ context }) => {
  const a = await Tab.found(context);
  const link = await a.invitation();
  const again = await Tab.open(context, `${link}&as=A`);
  await expect(again.page.getByRole('heading', { name: 'This tab is no node' })).toBeVisible();
  await expect(again.page.getByRole('complementary', { name: 'Guide' })).toContainText(
    'A lives in another tab already',
  );
  await again.page.getByRole('button', { name: 'Join as another' }).click();
  await again.isMember();
  expect(await again.name()).toBe('B');
  // Closed, it can be lived again.
  await a.page.getByRole('button', { name: 'Close this node' }).click();
  await expect(a.page.getByRole('button', { name: 'Join as a node' })).toBeVisible();
  const back = await Tab.open(context, `${link}&as=A`);
  await back.isMember();
  expect(await back.name()).toBe('A');
});

test('two tabs that are opened at once do not both found the ring', async ({ context }) => {
  const secret = '00112233445566778899aabbccddeeff';
  const tabs = await Promise.all([1, 2, 3].map(() => Tab.open(context, `/#ring=twin.${secret}`)));
  for (const tab of tabs) await tab.isMember();
  for (const tab of tabs) await tab.sees(3);
});

test('without Web Locks a lease keeps a node from living twice', async ({
  context,
  browserName,
}) => {
  killing(browserName);
  const a = await Tab.found(context);
  const link = `${await a.invitation()}&without=locks,opfs`;
  const b = await Tab.open(context, `${link}&as=Bee`);
  await b.isMember();
  await expect(b.page.getByRole('complementary', { name: 'Guide' })).toContainText('a lease');
  const again = await Tab.open(context, `${link}&as=Bee`);
  await expect(again.page.getByRole('heading', { name: 'This tab is no node' })).toBeVisible({
    timeout: 15_000,
  });
  await again.page.close();
  // One that dies without a word is waited for, as long as its lease runs.
  await b.kill();
  const back = await Tab.open(context, `${link}&as=Bee`);
  await back.isMember();
  expect(await back.name()).toBe('Bee');
});
