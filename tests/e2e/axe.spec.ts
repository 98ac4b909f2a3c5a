/** No violation that axe can find: each width, each theme, and what opens over the page. */

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { type Face, Playground } from './page';

async function violations(page: Page, rules: string[] = []): Promise<string[]> {
  // Axe's types come with a Playwright of their own; the page is the same thing.
  const axe = new AxeBuilder({ page: page as never });
  const { violations: found } = await (rules.length ? axe.withRules(rules) : axe).analyze();
  return found.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`);
}

/** Siblings, a crashed node, a suspicion and a hint: as much as the stage can show at once. */
const FULL = {
  version: 1,
  title: 'Everything at once',
  seed: 'mallard-42',
  config: { nodes: 6, n: 3, r: 2, w: 2, network: { latency_ms: [20, 70] } },
  script: [
    { at_ms: 0, put: { as: 'p1', key: 'cart:ann', value: 'milk', via: 'A' } },
    { at_ms: 400, cut: { from: ['A', 'B', 'C'], to: ['D', 'E', 'F'] } },
    { at_ms: 500, put: { as: 'p3', key: 'cart:ann', value: 'eggs', via: 'B', context: 'p1' } },
    { at_ms: 500, put: { as: 'p4', key: 'cart:ann', value: 'tea', via: 'E', context: 'p1' } },
    { at_ms: 2400, heal: {} },
    { at_ms: 4000, crash: { node: 'D' } },
    { at_ms: 5000, get: { as: 'g1', key: 'cart:ann', via: 'E' } },
    { at_ms: 5400, get: { as: 'g2', key: 'cart:ann', via: 'F' } },
  ],
  until_ms: 3_600_000,
};

for (const width of [1440, 900, 390]) {
  test(`axe finds nothing at ${width} pixels, in every theme`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.setViewportSize({ width, height: 900 });
    const ring = await Playground.open(page);
    // An analysis is seconds: what differs by width or by theme is looked at in each, once.
    if (width === 1440) expect(await violations(page), 'on opening').toEqual([]);
    await ring.at(FULL, 5440);
    await page.getByRole('button', { name: 'Key cart:ann' }).press('Enter');
    await expect(page.getByRole('tabpanel', { name: 'Key' })).toContainText('siblings');
    expect(await violations(page), 'dark').toEqual([]);
    for (const theme of ['light', 'projector']) {
      await ring.button('All keys').click();
      await page.getByRole('combobox', { name: 'theme' }).selectOption(theme);
      await expect(page.locator('dynamo-playground')).toHaveAttribute('data-theme', theme);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);
      // A theme changes colours, and nothing else that axe looks at.
      expect(await violations(page, ['color-contrast']), theme).toEqual([]);
    }
    // All that opens: the tables over the stage or in the sheet, the cut's form, the guide, keys.
    await ring.button('Cut…').press('Enter');
    const tables =
      width < 720 ? page.getByRole('tab', { name: 'Tables' }) : page.getByText('As tables');
    await tables.press('Enter');
    await expect(page.getByRole('table').first()).toBeVisible();
    if (width === 900) await ring.button('Guide').press('Enter');
    await ring.button('All keys').press('Enter');
    expect(await violations(page), 'opened').toEqual([]);
    // What takes the place of one of them.
    await page.keyboard.press('Escape');
    await ring.button('Add a node…').press('Enter');
    if (width < 720) await page.getByRole('tab', { name: 'Guide' }).press('Enter');
    await ring.button('Share').press('Enter');
    await expect(page.getByRole('textbox', { name: 'link to this moment' })).toBeVisible();
    expect(await violations(page), 'a link').toEqual([]);
    await page.keyboard.press('Escape');
    // The open drawer has the numbers too.
    await page
      .getByRole('button', { name: /^Settings: / })
      .first()
      .press('Enter');
    await page.getByLabel('R', { exact: true }).fill('9');
    await ring.button('Start a ring with these').press('Enter');
    await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
    expect(await violations(page), 'a node more, and settings').toEqual([]);
  });
}

for (const width of [1440, 900, 390]) {
  test(`axe finds nothing in the menu and in the guide of a scenario at ${width} pixels`, async ({
    page,
  }) => {
    test.setTimeout(120_000);
    await page.setViewportSize({ width, height: 844 });
    await Playground.open(page);
    await page.getByRole('button', { name: /^Scenario: / }).press('Enter');
    const menu = page.getByRole('dialog', { name: 'Scenarios' });
    const offer = menu.getByRole('button', { name: /^Sloppy stale read/ }).first();
    await expect(offer).toBeVisible();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(width);
    expect(await violations(page), 'menu').toEqual([]);
    await offer.press('Enter');
    if (width === 900) await page.getByRole('button', { name: 'Guide' }).press('Enter');
    if (width === 390) await page.getByRole('tab', { name: 'Guide' }).press('Enter');
    await expect(page.getByText('Many summaries say')).toBeVisible();
    expect(await violations(page), 'guide').toEqual([]);
  });
}

test('axe finds nothing in a load, in its figures and among the rarer faults', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at({ ...FULL, script: [] }, 0);
  await ring.button('Load…').press('Enter');
  expect(await violations(page), 'form').toEqual([]);
  await ring.button('Start').press('Enter');
  await expect(page.getByRole('table', { name: 'Load so far' })).toBeVisible();
  expect(await violations(page), 'figures').toEqual([]);
  await ring.node('B').press('Enter');
  await page.getByText('Rarer faults').press('Enter');
  expect(await violations(page), 'faults').toEqual([]);
});

test('axe finds nothing in an experiment, in every theme', async ({ page }) => {
  await Playground.open(page);
  await page.getByRole('button', { name: /^Scenario: / }).press('Enter');
  await page.getByRole('button', { name: /^Throughput against machines/ }).press('Enter');
  await expect(page.getByRole('table', { name: 'What each ring served' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  expect(await violations(page), 'dark').toEqual([]);
  for (const theme of ['light', 'projector']) {
    await page.locator('dynamo-playground').evaluate((playground, name) => {
      (playground as HTMLElement).dataset.theme = name;
    }, theme);
    expect(await violations(page, ['color-contrast']), theme).toEqual([]);
  }
});

test('axe finds nothing in an answer to Why?', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(FULL, 5440);
  await page.getByRole('button', { name: 'Key cart:ann' }).press('Enter');
  await page
    .getByRole('button', { name: /^Why\? does it have/ })
    .first()
    .press('Enter');
  await expect(page.getByRole('list', { name: 'Why' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('axe finds nothing in the panel of a start that failed', async ({ page }) => {
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/');
  await expect(page.getByRole('alert')).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('the key list, the tables and the face tell the same two siblings', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(FULL, 5440);
  const state = await page.evaluate(async () => {
    const { playground } = document.querySelector('dynamo-playground') as unknown as {
      playground: Face;
    };
    return playground.scenario();
  });
  expect(JSON.parse(state).script).toHaveLength(FULL.script.length);
  await page.getByRole('button', { name: 'Key cart:ann' }).press('Enter');
  await expect(page.getByRole('heading', { name: '2 siblings' })).toBeVisible();
  await page.getByText('As tables').press('Enter');
  const rows = page.getByRole('table', { name: /^Keys/ }).getByRole('rowheader');
  await expect(rows).toHaveText(['cart:ann', 'cart:ann']);
});
