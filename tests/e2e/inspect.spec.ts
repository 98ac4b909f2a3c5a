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
  await form.getByLabel('how').selectOption({ label: 'gossip: late for how regular it was' });
  await form.getByLabel('phi from').fill('8');
  await ring.button('Start a ring with these').click();
  await ring.hurry();
  await ring.node('A').click();
  const panel = page.getByRole('tabpanel', { name: 'Node' });
  for (const name of ['B', 'C', 'D', 'E', 'F']) {
    await expect(panel).toContainText(new RegExp(`${name} \\d+\\.\\d\\d`));
  }
});
