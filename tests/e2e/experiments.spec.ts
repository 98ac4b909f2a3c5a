/** Experiments: played aside, in engines of their own, while the ring stands as it is. */

import { expect, type Locator, type Page, test } from '@playwright/test';
import { Playground } from './page';

const opener = (page: Page): Locator => page.getByRole('button', { name: /^Scenario: / });

async function growth(page: Page): Promise<Locator> {
  await opener(page).press('Enter');
  await page.keyboard.type('throughput');
  await expect(page.locator('.offer')).toHaveCount(1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Throughput against machines' });
  await expect(panel).toBeFocused();
  return panel;
}

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
