/** A node joins and a node leaves, by pointer and by keyboard. */

import { expect, type Page, test } from '@playwright/test';
import { Playground } from './page';

/** Twelve keys at rest, and nobody who asks for anything. */
const CARTS = {
  version: 1,
  title: 'Twelve carts',
  seed: 'mallard-42',
  config: { nodes: 6, anti_entropy: false, network: { latency_ms: [20, 70] } },
  script: Array.from({ length: 12 }, (_, i) => ({
    at_ms: i * 10,
    put: { key: `cart:${i}`, value: 'milk and eggs' },
  })),
  until_ms: 3_600_000,
};

interface Totals {
  places: number;
  keys: number;
}

/** What the open plan says in all. */
async function plannedIn(page: Page): Promise<Totals> {
  const plan = page.getByRole('table', { name: 'What would move' });
  const all = plan.getByRole('row').filter({ hasText: 'In all' }).getByRole('cell');
  const [places, keys] = await all.allTextContents();
  return { places: Number(places), keys: Number(keys) };
}

/** What has moved since the ring began. */
const moved = (page: Page): Promise<Totals> =>
  page.evaluate(async () => {
    const { playground } = document.querySelector('dynamo-playground') as unknown as {
      playground: { state(): Promise<{ counters: Record<string, number> }> };
    };
    const { counters } = await playground.state();
    return { places: counters.homes_passed ?? -1, keys: counters.records_transferred ?? -1 };
  });

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
  const card = page.getByRole('tabpanel', { name: 'Node' });
  await expect(card).toContainText(/came\s+joined, C was told, \d+\.\d{3} s/);
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
  await ring.button('Leave the ring…').click();
  await expect(page.getByRole('table', { name: 'What would move' })).toContainText(
    /B gives [AC-F]/,
  );
  await ring.button('Let B leave').click();
  await expect(page.getByLabel('Events')).toContainText('B is to leave the ring.');
  await ring.hurry();
  await expect(ring.node('B')).toHaveAccessibleName(/, left,/, { timeout: 20_000 });
  await page.getByRole('tab', { name: 'This ring' }).click();
  await expect(page.getByRole('list', { name: 'Who came and went' })).toContainText(
    /B\s+left, it was told itself, \d+\.\d{3} s/,
  );
});

test('what the plan of a join says in all is what then moves, by keyboard', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(CARTS, 2000);
  expect(await moved(page)).toEqual({ places: 0, keys: 0 });
  await ring.button('Add a node…').press('Enter');
  const join = ring.button('Join');
  await expect(join).toHaveAccessibleDescription(
    /^\d+ copies of partitions would move, with \d+ keys/,
  );
  await expect(page.locator('.ring .cell.lift').first()).toBeAttached();
  const plan = await plannedIn(page);
  expect(plan.places).toBeGreaterThan(0);
  expect(plan.keys).toBeGreaterThan(0);
  await join.press('Enter');
  await ring.hurry();
  await ring.button('Play').press('Enter');
  await expect.poll(() => moved(page), { timeout: 30_000 }).toEqual(plan);
});

test('what the plan of a leave says in all is what then moves, by pointer', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(CARTS, 2000);
  await ring.node('B').click();
  await ring.button('Leave the ring…').click();
  await expect(page.getByRole('table', { name: 'What would move' })).toBeVisible();
  const plan = await plannedIn(page);
  expect(plan.keys).toBeGreaterThan(0);
  await ring.button('Let B leave').click();
  await ring.hurry();
  await ring.button('Play').click();
  await expect.poll(() => moved(page), { timeout: 30_000 }).toEqual(plan);
  await expect(ring.node('B')).toHaveAccessibleName(/, left,/);
});

test('another weight is another plan, and a plan that cannot be is refused', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(CARTS, 2000);
  await ring.button('Add a node…').click();
  await expect(page.getByRole('table', { name: 'What would move' })).toBeVisible();
  const { places } = await plannedIn(page);
  await form(page).getByLabel('weight').fill('2');
  await expect.poll(async () => (await plannedIn(page)).places).toBeGreaterThan(places);
  await form(page).getByLabel('name').fill('A');
  await expect(form(page)).toContainText(/join\.(name|via): found "A"/);
  // The ring goes on to be drawn as it is once the panel is closed.
  await form(page).getByLabel('name').press('Escape');
  await expect(page.locator('.ring .cell.lift')).toHaveCount(0);
});
