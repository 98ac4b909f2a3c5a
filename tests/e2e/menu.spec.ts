/** The menu: every scenario of the suite, found, opened and told by its sentence. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { Playground } from './page';

const folder = fileURLToPath(new URL('../scenarios/', import.meta.url));
const FILES = readdirSync(folder).filter((file) => file.endsWith('.json'));
const titleOf = (file: string): string => JSON.parse(readFileSync(folder + file, 'utf8')).title;

const opener = (page: Page): Locator => page.getByRole('button', { name: /^Scenario: / });
const menu = (page: Page): Locator => page.getByRole('dialog', { name: 'Scenarios' });

async function open(page: Page): Promise<Locator> {
  await opener(page).press('Enter');
  const all = menu(page);
  await expect(all.getByRole('heading', { name: 'Infamous traces' })).toBeVisible();
  return all;
}

test('every scenario opens from the menu and says what to watch for', async ({ page }) => {
  test.setTimeout(180_000);
  await Playground.open(page);
  const guide = page.getByRole('complementary', { name: 'Guide' });
  expect(FILES.length).toBeGreaterThan(39);
  for (const file of FILES) {
    const title = titleOf(file);
    const all = await open(page);
    await all.getByRole('button').filter({ hasText: title }).first().click();
    await expect(menu(page)).toHaveCount(0);
    await expect(guide, file).toContainText(title);
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
});

test('the nineteen behaviours stand in order, each with its section of the paper', async ({
  page,
}) => {
  await Playground.open(page);
  const all = await open(page);
  const heads = all.getByRole('heading', { level: 4 });
  const numbered = await heads.filter({ has: page.locator('b') }).allInnerTexts();
  const numbers = numbered.map((text) => Number.parseInt(text, 10));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  for (const text of numbered) expect(text).toMatch(/§\d/);
});

test('a search, arrows and Enter are enough, and Escape gives the focus back', async ({ page }) => {
  await Playground.open(page);
  const all = await open(page);
  await expect(all.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('doomstone');
  await expect(all.locator('.offer')).toHaveCount(1);
  await page.keyboard.press('ArrowDown');
  await expect(all.locator('.offer')).toBeFocused();
  await page.keyboard.press('Enter');
  const guide = page.getByRole('complementary', { name: 'Guide' });
  await expect(guide.getByRole('heading', { name: 'Doomstone' })).toBeVisible();
  // More about it than the sentence.
  await expect(guide).toContainText('riak_kv #679');
  await expect(opener(page)).toBeFocused();
  await expect(opener(page)).toHaveText('Scenario: Doomstone');
  await opener(page).press('Enter');
  await page.keyboard.type('no such thing');
  await expect(all.getByRole('status')).toHaveText('No scenario has all these words.');
  await page.keyboard.press('Escape');
  await expect(menu(page)).toHaveCount(0);
  await expect(opener(page)).toBeFocused();
});

test('what is expected of a run is told as it comes', async ({ page }) => {
  const ring = await Playground.open(page);
  const scenario = JSON.parse(readFileSync(`${folder}stale-read.json`, 'utf8'));
  const told = page.getByRole('list', { name: 'Expected so far' }).getByRole('listitem');
  await ring.at(scenario, 3900);
  await expect(told).toHaveCount(0);
  await ring.at(scenario, 4000);
  await expect(told).toHaveCount(1);
  await expect(told).toContainText('4.000 s, holds');
  await expect(told).toContainText('stale returned "milk", wanted "milk"');
});
