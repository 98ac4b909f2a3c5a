/** A node joins and a node leaves, by pointer and by keyboard. */

import { expect, type Page, test } from '@playwright/test';
import { Playground } from './page';

const form = (page: Page) => page.getByRole('form', { name: 'Add a node' });

test('a node is added by keyboard, and is drawn, listed and known', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.button('Add a node…').press('Enter');
  await expect(form(page).getByLabel('name')).toHaveValue('G');
  await form(page).getByLabel('who is told').selectOption('C');
  await ring.button('Join').press('Enter');
  await expect(ring.node('G')).toHaveAccessibleName(/, up,/);
  await expect(page.getByRole('heading', { name: 'Node G' })).toBeVisible();
  // Who has not heard of it yet does not take it for failed.
  await expect(page.getByRole('tabpanel', { name: 'Node' })).toContainText(/suspected by\s+nobody/);
  await expect(page.getByRole('list', { name: 'Beliefs' })).toHaveCount(0);
  await expect(page.getByRole('group', { name: /^Ring of 7 nodes/ })).toBeVisible();
  await expect(page.getByLabel('Events')).toContainText('C is told that G joins.');
  await ring.hurry();
  await expect(page.getByLabel('Events')).toContainText(/Partition \d+ passes from [A-F] to G/);
  // The next one is offered the next letter.
  await ring.button('Add a node…').press('Enter');
  await expect(form(page).getByLabel('name')).toHaveValue('H');
  await form(page).getByLabel('name').press('Escape');
  await expect(form(page)).toHaveCount(0);
  await expect(ring.button('Add a node…')).toBeFocused();
});

test('a weight that is no number is refused in the engine’s words, and the form stays', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await ring.button('Add a node…').click();
  await form(page).getByLabel('weight').fill('heavy');
  await ring.button('Join').click();
  await expect(page.getByRole('alert')).toContainText('join.weight: found "heavy"');
  await expect(form(page)).toBeVisible();
  await expect(page.getByRole('group', { name: /^Ring of 6 nodes/ })).toBeVisible();
});

test('a node leaves from its card, and its place on the ring stays empty', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.node('B').click();
  await ring.button('Leave the ring').click();
  await expect(page.getByLabel('Events')).toContainText('B is to leave the ring.');
  await ring.hurry();
  await expect(ring.node('B')).toHaveAccessibleName(/, left,/, { timeout: 20_000 });
});
