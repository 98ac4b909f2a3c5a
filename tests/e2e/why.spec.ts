/** "Why?": from what is there back to the act that began it, each sentence a way to its moment. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { Playground } from './page';

const read = (name: string): object =>
  JSON.parse(
    readFileSync(fileURLToPath(new URL(`../scenarios/${name}.json`, import.meta.url)), 'utf8'),
  );
const STORY = read('story');

const sentences = (page: Page): Locator =>
  page.getByRole('list', { name: 'Why' }).getByRole('listitem');

const ask = (page: Page, what: RegExp): Promise<void> =>
  page.getByRole('button', { name: what }).first().press('Enter');

test('a hint is traced to the crash and to the put, and each sentence goes to its moment', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await ring.at(STORY, 3600);
  await ring.node('F').press('Enter');
  await ask(page, /^Why\? is there a hint for C/);
  await expect(sentences(page)).toHaveText([
    /C crashed/,
    /p2: a client puts cart:ann through E/,
    /C does not answer E/,
    /F stands in for C/,
    /F keeps cart:ann apart, with a hint for C/,
  ]);
  await sentences(page).first().getByRole('button').click();
  await expect(page.getByRole('timer')).toHaveText('2.000 s');
  await expect(ring.node('C')).toHaveAccessibleName(/crashed/);
  // The chosen event stands in the log, and the answer stays to go on from.
  await expect(page.getByRole('list', { name: 'Chosen event' })).toContainText('C crashed');
  await expect(sentences(page)).toHaveCount(5);
  await sentences(page).nth(4).getByRole('button').click();
  await expect(page.getByRole('timer')).toHaveText(/^2\.71\d s$/);
});

test('siblings are traced to the puts that did not know of each other', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(STORY, 36_000);
  await page.getByRole('button', { name: 'Key cart:ann' }).press('Enter');
  await ask(page, /^Why\? does it have these versions/);
  await expect(sentences(page).filter({ hasText: 'having seen what g1 returned' })).toHaveCount(2);
});

test('a suspicion, a refusal and a repair each have an answer', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(STORY, 20_000);
  await ring.node('C').press('Enter');
  await ask(page, /^Why A\? does A suspect C/);
  await expect(sentences(page).first()).toContainText('C crashed');
  await ring.at(read('refused'), 22_000);
  await page.getByRole('tab', { name: 'Op' }).click();
  await page.getByRole('button', { name: 'late', exact: true }).first().press('Enter');
  await ask(page, /^Why\? did late end so/);
  await expect(sentences(page).last()).toContainText('late is refused');
  expect(await sentences(page).count()).toBeLessThanOrEqual(5);
  await ring.at(read('read-repair'), 23_000);
  await page
    .getByRole('region', { name: 'Events' })
    .getByRole('listitem')
    .filter({ hasText: 'was stale' })
    .first()
    .getByRole('button', { name: /^Why\?/ })
    .press('Enter');
  await expect(sentences(page).filter({ hasText: 'C crashed' })).toHaveCount(1);
});

test('W asks of the focused node, and the answer is said', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(STORY, 3600);
  await ring.node('F').focus();
  await page.keyboard.press('w');
  await expect(page.getByRole('tabpanel', { name: 'Node' })).toContainText('Node F');
  await expect(sentences(page)).toHaveCount(5);
  await expect(page.getByTestId('live')).toContainText('C crashed');
  await expect(ring.node('F')).toBeFocused();
});
