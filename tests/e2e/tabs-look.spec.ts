/** A real ring on each width: no violation that axe can find, and nothing of time travel. */

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { Tab } from './tab';

async function violations(page: Page): Promise<string[]> {
  // Axe's types come with a Playwright of their own; the page is the same thing.
  const { violations: found } = await new AxeBuilder({ page: page as never }).analyze();
  return found.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`);
}

test.skip(({ browserName }) => browserName !== 'chromium', 'axe reads the same document anywhere');

for (const width of [1440, 900, 390]) {
  test(`axe finds nothing in a real ring at ${width} pixels`, async ({ context }) => {
    test.setTimeout(120_000);
    const tab = await Tab.found(context);
    const other = await Tab.open(context, await tab.invitation());
    await other.isMember();
    await tab.sees(2);
    const { page } = tab;
    await page.setViewportSize({ width, height: 900 });
    if (width < 720) await page.getByRole('tab', { name: 'Guide' }).click();
    if (width === 900) await page.getByRole('button', { name: 'Guide' }).click();
    await expect(page.getByRole('heading', { name: 'This tab is node A' })).toBeVisible();
    expect(await violations(page), 'the guide').toEqual([]);
    if (width < 720) await page.getByRole('tab', { name: 'Tables' }).click();
    else await page.getByText('As tables').press('Enter');
    await expect(page.getByRole('row', { name: /^B .*believed up/ })).toBeVisible();
    // Another node is inspected with the keyboard.
    await page.getByRole('button', { name: 'Node B, believed up' }).press('Enter');
    await expect(page.getByRole('tabpanel').last()).toContainText('a channel between tabs');
    expect(await violations(page), 'the tables and another node').toEqual([]);
  });
}

test('what a real ring has not is not there', async ({ context }) => {
  const tab = await Tab.found(context);
  const { page } = tab;
  await expect(page.getByRole('region', { name: 'Time' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Cut…' })).toHaveCount(0);
  await expect(page.getByRole('group', { name: 'Checks' })).toHaveCount(0);
  await page.getByRole('button', { name: /^Node A, this tab/ }).press('k');
  await expect(page.getByRole('button', { name: /^Node A, this tab, up/ })).toBeVisible();
  // And it says what it cannot do alone.
  await expect(page.getByRole('complementary', { name: 'Guide' })).toContainText('It is alone');
});

test('a link that is not whole is told so, and the simulation is there', async ({ page }) => {
  await page.goto('/#ring=teal.123');
  await expect(page.getByRole('alert')).toContainText('This link to a ring is not whole');
  await expect(page.getByRole('button', { name: /^Node A, up/ })).toBeVisible();
});

test('on a phone the scenario menu makes a tab a node, and its guide says so', async ({
  context,
}) => {
  const tab = await Tab.open(context, '/');
  const { page } = tab;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: /^Scenario: / }).click();
  await page.getByRole('button', { name: 'A new ring of tabs' }).click();
  await page.getByRole('tab', { name: 'Guide' }).click();
  await tab.isMember();
  // The page knows the ring again, without its link.
  await page.goto('/');
  await page.getByRole('button', { name: /^Scenario: / }).click();
  await expect(page.getByRole('button', { name: /^Ring \w+-\d+/ })).toBeVisible();
});

test('a tab that is closed is suspected in time, and people may take it out', async ({
  context,
}) => {
  test.setTimeout(90_000);
  const tab = await Tab.found(context);
  const link = await tab.invitation();
  const others = [await Tab.open(context, link), await Tab.open(context, link)];
  for (const other of others) await other.isMember();
  await tab.sees(3);
  await others[1]?.page.close();
  const { page } = tab;
  const gone = page.getByRole('button', { name: /^Node [BC], suspected$/ });
  await expect(gone).toBeVisible({ timeout: 30_000 });
  await gone.press('Enter');
  await page.getByRole('button', { name: /^Take [BC] out of the ring$/ }).click();
  await tab.sees(2);
});
