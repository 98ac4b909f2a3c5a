/** By finger: the ring on top, the rest a tab away, what is touched comes up, nothing is small. */

import { expect, type Page, test } from '@playwright/test';
import { Playground } from './page';

/** What can be hit, as what is really hit: a label stands for its box, a circle for its sign. */
async function smallerThan(page: Page, least: number): Promise<string[]> {
  return page.evaluate((px) => {
    const root = document.querySelector('dynamo-playground')?.shadowRoot;
    const selector = 'button, select, input, summary, textarea, .node .hit, .key .hit';
    const targets = [...(root?.querySelectorAll<HTMLElement>(selector) ?? [])];
    return targets
      .map((target) => ({ target, hit: target.closest('label.check, label.f') ?? target }))
      .map(({ target, hit }) => ({ target, box: hit.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && Math.min(box.width, box.height) < px - 0.5)
      .map(({ target, box }) => {
        const size = `${box.width.toFixed(0)}×${box.height.toFixed(0)}`;
        return `${target.className} ${target.outerHTML.slice(0, 60)} ${size}`;
      });
  }, least);
}

async function everywhere(page: Page, least: number): Promise<void> {
  const ring = await Playground.open(page);
  await expect(ring.button('Send')).toBeVisible();
  expect(await smallerThan(page, least), 'on opening').toEqual([]);
  await ring.put('milk', 'A');
  await ring.hurry();
  await ring.accepted(/p1.*accepted/s);
  expect(await smallerThan(page, least), 'with an answer').toEqual([]);
  await ring.node('C').click();
  await expect(page.getByRole('heading', { name: 'Node C' })).toBeVisible();
  expect(await smallerThan(page, least), 'with a node').toEqual([]);
  await ring.button('All keys').click();
  expect(await smallerThan(page, least), 'with the keys').toEqual([]);
  await page.keyboard.press('Escape');
  await ring.button('Cut…').click();
  expect(await smallerThan(page, least), 'with the cut').toEqual([]);
  await ring.button('Load…').click();
  expect(await smallerThan(page, least), 'with a load').toEqual([]);
  await ring.button('Load…').click();
  await page.getByText('Rarer faults').click();
  expect(await smallerThan(page, least), 'with the rarer faults').toEqual([]);
  await page.getByRole('button', { name: /^Scenario: / }).click();
  await expect(page.getByRole('heading', { name: 'Infamous traces' })).toBeVisible();
  expect(await smallerThan(page, least), 'with the menu').toEqual([]);
  await page.keyboard.press('Escape');
  const sheet = page.getByRole('tablist', { name: 'Details' });
  if ((await sheet.count()) === 0) return;
  for (const tab of ['Guide', 'Inspect', 'Checks', 'Tables', 'Desk']) {
    await sheet.getByRole('tab', { name: tab }).click();
    expect(await smallerThan(page, least), tab).toEqual([]);
  }
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('a node is tapped, killed on its card, and a put is taken all the same', async ({
    page,
  }) => {
    const ring = await Playground.open(page);
    await ring.node('C').tap();
    await ring.button('Kill C').tap();
    await expect(ring.node('C')).toHaveAccessibleName(/crashed/);
    await page.getByRole('tab', { name: 'Desk' }).tap();
    await page.getByRole('slider', { name: 'Speed' }).fill('800');
    await ring.button('Send').tap();
    await ring.accepted(/p1.*accepted/s);
  });

  test('what has no room in the bars stands in the guide', async ({ page }) => {
    const ring = await Playground.open(page);
    await page.getByRole('tab', { name: 'Guide' }).tap();
    await expect(ring.button('New seed')).toBeVisible();
    await expect(ring.button(/^Settings: N 3 R 2 W 2/)).toBeVisible();
    await page.getByRole('combobox', { name: 'theme' }).selectOption('light');
    await expect(page.locator('dynamo-playground')).toHaveAttribute('data-theme', 'light');
    await ring.button('round').tap();
    await expect(ring.button('round')).toHaveAttribute('aria-pressed', 'true');
  });
});

for (const width of [390, 900, 1440]) {
  test.describe(`${width} pixels wide`, () => {
    test.describe('by finger', () => {
      test.use({ viewport: { width, height: 900 }, hasTouch: true });
      test(`nothing is smaller than a finger at ${width}`, async ({ page }) => {
        await everywhere(page, 44);
      });
    });
    test.describe('by mouse', () => {
      test.use({ viewport: { width, height: 900 } });
      test(`nothing is smaller than 24 pixels at ${width}`, async ({ page }) => {
        await everywhere(page, 24);
      });
    });
  });
}
