/** A ring is made anew with other settings; the engine's refusal stands at the field it names. */

import { expect, type Page, test } from '@playwright/test';
import { type Face, Playground } from './page';

const opener = (page: Page) => page.getByRole('button', { name: /^Settings: / });
const panel = (page: Page) => page.getByRole('dialog', { name: 'Settings of the ring' });

const scenarioOf = async (page: Page) =>
  JSON.parse(
    await page.evaluate(() => {
      const { playground } = document.querySelector('dynamo-playground') as unknown as {
        playground: Face;
      };
      return playground.scenario();
    }),
  );

test('by keyboard a ring of five nodes with N 2 is started from the settings', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.node('A').press('k');
  await expect(ring.node('A')).toHaveAccessibleName(/crashed/);
  await opener(page).press('Enter');
  await expect(panel(page)).toBeFocused();
  await panel(page).getByLabel('nodes').fill('5');
  await panel(page).getByLabel('N', { exact: true }).fill('2');
  await panel(page).getByLabel('how').selectOption({ label: 'local: own requests alone' });
  await panel(page).getByLabel('read repair').press('Space');
  await ring.button('Start a ring with these').press('Enter');

  await expect(panel(page)).toHaveCount(0);
  await expect(opener(page)).toBeFocused();
  await expect(opener(page)).toHaveAccessibleName(/N 2 R 2 W 2/);
  await expect(page.getByRole('group', { name: /^Ring of 5 nodes/ })).toBeVisible();
  // What was done in the ring before is not done again.
  await expect(ring.node('A')).toHaveAccessibleName(/, up,/);
  const { seed, script, config } = await scenarioOf(page);
  expect(seed).toBe('mallard-42');
  expect(script).toEqual([]);
  expect(config).toMatchObject({ nodes: 5, n: 2, failure_detection: 'local', read_repair: false });
});

test('what the engine refuses is said at the field, and the ring goes on as it was', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await opener(page).click();
  await panel(page).getByLabel('R', { exact: true }).fill('5');
  await ring.button('Start a ring with these').click();
  const r = panel(page).getByLabel('R', { exact: true });
  await expect(r).toBeFocused();
  await expect(r).toHaveAttribute('aria-invalid', 'true');
  await expect(r).toHaveAccessibleDescription(/found 5, allowed 1 to 3/);
  await page.keyboard.press('Escape');
  await expect(panel(page)).toHaveCount(0);
  await expect(opener(page)).toHaveAccessibleName(/N 3 R 2 W 2/);
});

test('a script that a smaller ring cannot play is refused, and can be left out', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  const script = [{ at_ms: 500, crash: { node: 'F' } }];
  const scenario = { version: 1, title: 'F dies', seed: 's', config: {}, script, until_ms: 60_000 };
  await ring.at(scenario, 600);
  await expect(ring.node('F')).toHaveAccessibleName(/crashed/);
  await opener(page).click();
  await panel(page).getByLabel('nodes').fill('4');
  await ring.button('Start a ring with these').click();
  await expect(panel(page).getByRole('alert')).toContainText('script[0].crash.node');
  await panel(page).getByLabel('with the scenario’s own script, 1 entry').click();
  await ring.button('Start a ring with these').click();
  await expect(page.getByRole('group', { name: /^Ring of 4 nodes/ })).toBeVisible();
  expect((await scenarioOf(page)).config.nodes).toBe(4);
});

test('random tokens of strategy 1 cut the ring into as many parts, and keys are served', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await opener(page).click();
  await panel(page).getByLabel('strategy').selectOption('1');
  await panel(page).getByLabel('tokens each').fill('4');
  await ring.button('Start a ring with these').click();
  await expect(page.getByRole('group', { name: 'Ring of 6 nodes, 24 partitions' })).toBeVisible();
  const widths = await page
    .locator('.ring .cell .base')
    .evaluateAll((cells) => cells.map((cell) => (cell as SVGPathElement).getTotalLength()));
  expect(widths).toHaveLength(24);
  expect(Math.max(...widths)).toBeGreaterThan(2 * Math.min(...widths));
  await page.getByRole('slider', { name: 'Speed' }).fill('800');
  await ring.put('milk', 'A');
  await ring.accepted(/p1.*accepted/s);
});

test('a write buffer is set, filled, and its node tells what a crash would take', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await opener(page).press('Enter');
  const disks = panel(page).getByRole('group', { name: 'Disks' });
  await expect(disks.getByRole('checkbox')).toHaveCount(0);
  await disks.getByLabel('write buffer').fill('20');
  await disks.getByLabel('flush, in ms').fill('5000');
  await disks.getByRole('checkbox', { name: 'one replica writes to its disk first' }).check();
  await ring.button('Start a ring with these').press('Enter');
  await expect(panel(page)).toHaveCount(0);
  const { config } = await scenarioOf(page);
  const buffered = { write_buffer: 20, write_buffer_flush_ms: 5000, durable_replica: true };
  expect(config).toMatchObject(buffered);
  // Three homes have the put, one of them durably.
  const script = [{ at_ms: 1000, put: { as: 'p', key: 'cart:ann', value: 'milk', via: 'A' } }];
  await ring.at({ version: 1, seed: 's', config, script, until_ms: 60_000 }, 2000);
  const kept: number[] = [];
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) {
    await ring.node(name).press('Enter');
    const gauge = page.getByRole('meter', { name: 'Write buffer' });
    await expect(page.getByRole('heading', { name: `Node ${name}`, exact: true })).toBeVisible();
    await expect(gauge).toHaveAttribute('aria-valuemax', '20');
    kept.push(Number(await gauge.getAttribute('aria-valuenow')));
  }
  expect(kept.sort()).toEqual([0, 0, 0, 0, 1, 1]);
});

/** Two blind puts of a ring under this versioning, and what is then on the key's cards. */
async function twoBlindPuts(page: Page, versioning: string): Promise<string[]> {
  const ring = await Playground.open(page);
  await opener(page).click();
  await panel(page).getByLabel('versioning').selectOption(versioning);
  await ring.button('Start a ring with these').click();
  await expect(panel(page)).toHaveCount(0);
  expect((await scenarioOf(page)).config.versioning).toBe(versioning);
  await page.getByRole('slider', { name: 'Speed' }).fill('800');
  await ring.put('milk', 'A');
  await ring.accepted(/p1.*accepted/s);
  await page.getByLabel('value').fill('tea');
  await page.getByLabel('context').selectOption('');
  await ring.button('Send').click();
  await ring.accepted(/p2.*accepted/s);
  // The copies that W did not wait for are on their way.
  await expect
    .poll(() => page.getByRole('tabpanel', { name: 'Key' }).locator('.rr .chip').count())
    .toBeGreaterThanOrEqual(3);
  return page.getByRole('tabpanel', { name: 'Key' }).locator('.card .val').allTextContents();
}

test('in a dotted ring two blind puts through one node stay side by side', async ({ page }) => {
  expect((await twoBlindPuts(page, 'dotted')).sort()).toEqual(['milk', 'tea']);
  const key = page.getByRole('tabpanel', { name: 'Key' });
  await expect(key.getByRole('heading', { name: '2 siblings' })).toBeVisible();
  await expect(key).toContainText('Each version has a dot of its own');
  await page.getByText('As tables').press('Enter');
  const rows = page.getByRole('table', { name: /^Keys/ }).getByRole('rowheader');
  await expect(rows).toHaveText(['cart:ann', 'cart:ann']);
});

test('where the last write wins, the card says that no clock decided', async ({ page }) => {
  expect(await twoBlindPuts(page, 'last-write-wins')).toEqual(['tea']);
  const key = page.getByRole('tabpanel', { name: 'Key' });
  await expect(key).toContainText('overwritten by');
  await expect(key).toContainText('the greatest wall-clock stamp of a coordinator wins');
});
