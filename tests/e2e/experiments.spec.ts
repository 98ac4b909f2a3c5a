/** Experiments: played aside, in engines of their own, while the ring stands as it is. */

import { expect, type Locator, type Page, test } from '@playwright/test';
import { type Face, Playground } from './page';

const opener = (page: Page): Locator => page.getByRole('button', { name: /^Scenario: / });

async function experiment(page: Page, name: string): Promise<Locator> {
  await opener(page).press('Enter');
  await page.keyboard.type(name);
  await expect(page.locator('.offer')).toHaveCount(1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name });
  await expect(panel).toBeFocused();
  return panel;
}

const growth = (page: Page): Promise<Locator> => experiment(page, 'Throughput against machines');
const seeds = (page: Page): Promise<Locator> => experiment(page, 'Try 100 seeds');

test('three to thirty machines serve nearly in proportion, in a table and a chart', async ({
  page,
}) => {
  test.setTimeout(300_000);
  await Playground.open(page);
  const panel = await growth(page);
  await expect(panel.getByRole('status')).toHaveText('10 of 10 rings played', { timeout: 280_000 });
  const rows = panel.getByRole('table', { name: 'What each ring served' }).locator('tbody tr');
  await expect(rows).toHaveCount(10);
  const figures = await rows.evaluateAll((all) =>
    all.map((row) =>
      [...row.children].map((cell) => Number.parseFloat(cell.textContent?.replace(',', '') ?? '')),
    ),
  );
  expect(figures.map(([machines]) => machines)).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27, 30]);
  const [three, twelve, thirty] = [figures[0], figures[3], figures[9]];
  const served = (row: number[] | undefined) => row?.[1] ?? 0;
  expect(served(thirty)).toBeGreaterThan(6 * served(three));
  expect(served(thirty)).toBeGreaterThan(2.25 * served(twelve));
  // The chart has a point for each row, higher for more, and the line says what it is.
  const heights = await panel
    .locator('.chart circle')
    .evaluateAll((points) => points.map((point) => -Number(point.getAttribute('cy'))));
  expect(heights).toHaveLength(10);
  expect(heights).toEqual([...heights].sort((a, b) => a - b));
  await expect(panel.locator('.chart')).toContainText(/nearly linear: \d{3} for each machine/);
  await expect(panel).toContainText('nearly all requests pay for that hop');
});

test('an experiment can be cancelled and gone on with, and the ring plays meanwhile', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  const panel = await growth(page);
  await expect(panel.getByRole('status')).toHaveText(/^[1-9] of 10 rings played$/, {
    timeout: 30_000,
  });
  await panel.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(panel.getByRole('status')).toHaveText(/^\d of 10 rings played, stopped$/);
  await expect(panel.getByRole('alert')).toHaveCount(0);
  const before = await page.getByRole('timer').textContent();
  await expect(page.getByRole('timer')).not.toHaveText(before ?? '');
  await expect(ring.node('A')).toHaveAccessibleName(/, up/);
  await panel.getByRole('button', { name: 'Go on' }).press('Enter');
  await expect(panel.getByRole('button', { name: 'Cancel' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel).toHaveCount(0);
  await expect(opener(page)).toBeFocused();
});

/** Two of three are often down: then a majority is not to be had. */
const THREE = {
  version: 1,
  title: 'Three nodes',
  seed: 'mallard-42',
  config: { nodes: 3, quorum: 'strict', anti_entropy_interval_ms: 2000 },
  script: [],
  until_ms: 60_000,
};

test('a hundred hostile runs of the ring are played, and one opens where it refused', async ({
  page,
}) => {
  test.setTimeout(300_000);
  const ring = await Playground.open(page);
  await ring.at(THREE, 0);
  const panel = await seeds(page);
  await panel.getByLabel('first seed').fill('500');
  await panel.getByRole('button', { name: 'Try 100 seeds' }).press('Enter');
  const status = panel.getByRole('status');
  await expect(status).toContainText('100 of 100 runs played:', { timeout: 280_000 });
  await expect(status).toContainText('none broke a promise');
  const first = panel.locator('tbody tr').first();
  await expect(first).toContainText(/\d+ refused|\d+ unanswered/);
  const seed = Number(await first.getByRole('rowheader').textContent());
  expect(seed).toBeGreaterThanOrEqual(500);
  expect(seed).toBeLessThan(600);
  const at = await first.getByRole('cell').nth(1).textContent();
  await first.getByRole('button', { name: `Open seed ${seed}` }).press('Enter');
  await expect(panel).toHaveCount(0);
  await expect(page.getByRole('timer')).toHaveText(`${at} s`);
  await expect(page.getByRole('tabpanel', { name: 'Op' })).toContainText(/refused|no answer/);
  const scenario = await page.evaluate(() => {
    const { playground } = document.querySelector('dynamo-playground') as unknown as {
      playground: Face;
    };
    return playground.scenario();
  });
  expect(JSON.parse(scenario)).toMatchObject({ seed, config: THREE.config });
});

test('hostile runs can be given up, and what cannot be played says why', async ({ page }) => {
  const ring = await Playground.open(page);
  const panel = await seeds(page);
  await panel.getByLabel('first seed').fill('-1');
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('alert')).toContainText('allowed a whole number from 0 to 1000000');
  await panel.getByLabel('first seed').fill('3');
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('status')).toContainText(/^[1-9]\d* of 100 runs played: /, {
    timeout: 30_000,
  });
  await panel.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(panel.getByRole('status')).toContainText(/runs played, stopped: /);
  await expect(panel.getByRole('alert')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await ring.at({ ...THREE, config: { nodes: 61 } }, 0);
  const again = await seeds(page);
  await again.getByRole('button', { name: 'Try 100 seeds' }).press('Enter');
  await expect(again.getByRole('alert')).toContainText('found 61, allowed at most 60');
});
