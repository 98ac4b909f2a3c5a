/** What the inspector tells beyond values and clocks. */

import { expect, test } from '@playwright/test';
import { Playground } from './page';

test('a delete is sent from the desk, and its tombstone is seen at every replica', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await page.getByRole('slider', { name: 'Speed' }).fill('800');
  await ring.put('milk', 'A');
  await ring.accepted(/p1.*accepted/s);
  await ring.button('Delete').click();
  await expect(page.getByLabel('context')).toHaveValue('p1');
  await ring.button('Send').click();
  await ring.accepted(/d1.*delete via A.*accepted/s);
  const panel = page.getByRole('tabpanel', { name: 'Key' });
  await expect(panel.locator('.rr').filter({ hasText: 'deleted' })).toHaveCount(3);
  await expect(panel).toContainText('A delete is a put of a tombstone');
  await ring.get('B');
  await ring.accepted(/g1.*0 versions/s);
});

test('in a ring that suspects by phi, a node tells its phi of each other', async ({ page }) => {
  const ring = await Playground.open(page);
  await page.getByRole('button', { name: /^Settings: / }).click();
  const form = page.getByRole('dialog', { name: 'Settings of the ring' });
  await form.getByLabel('how').selectOption({ label: 'gossip: by phi' });
  await form.getByLabel('phi from').fill('8');
  await ring.button('Start a ring with these').click();
  await ring.hurry();
  await ring.node('A').click();
  const panel = page.getByRole('tabpanel', { name: 'Node' });
  for (const name of ['B', 'C', 'D', 'E', 'F']) {
    await expect(panel).toContainText(new RegExp(`${name} \\d+\\.\\d\\d`));
  }
});

test('a lost disk is rebuilt by anti-entropy: roots are equal again, the cost is told', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  const scenario = {
    version: 1,
    title: 'A disk is lost',
    seed: 'heron-7',
    config: { nodes: 3, n: 3, r: 2, w: 2, read_repair: false, anti_entropy_interval_ms: 2000 },
    script: [
      { at_ms: 100, put: { as: 'p1', key: 'cart:ann', value: 'milk', via: 'A' } },
      { at_ms: 900, crash: { node: 'C', disk: 'lose' } },
      { at_ms: 1000, restart: { node: 'C' } },
    ],
    until_ms: 60_000,
  };
  await ring.at(scenario, 1100);
  const panel = page.getByRole('tabpanel', { name: 'Node' });
  const root = panel.locator('.rr').filter({ hasText: 'Merkle root' }).locator('code');
  await ring.node('C').click();
  await expect(panel).toContainText('Stores 0 keys');
  await expect(root).toHaveCount(0);
  await ring.at(scenario, 12_000);
  await ring.node('C').click();
  await expect(panel).toContainText('Stores 1 key');
  const mended = (await root.textContent()) ?? '';
  expect(mended).toMatch(/^[0-9a-f]{16}$/);
  await ring.node('A').click();
  await expect(panel).toContainText('Node A');
  await expect(root).toHaveText(mended);
  await page.getByRole('tab', { name: 'This ring' }).click();
  const told = page.getByRole('tabpanel', { name: 'This ring' });
  await expect(told).toContainText('Anti-entropy so far');
  await expect(told.locator('.rr').filter({ hasText: 'of these news' })).toContainText('1 record');
});
