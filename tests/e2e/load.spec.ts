/** Clients that keep asking: started by hand, measured in front of everybody. */

import { expect, type Page, test } from '@playwright/test';
import { type Face, Playground } from './page';

const RING = {
  version: 1,
  title: 'A ring under load',
  seed: 'mallard-42',
  config: { nodes: 6, n: 3, r: 2, w: 2 },
  script: [],
  until_ms: 3_600_000,
};

const seek = (page: Page, ms: number): Promise<void> =>
  page.evaluate(async (at) => {
    const { playground } = document.querySelector('dynamo-playground') as unknown as {
      playground: Face;
    };
    await playground.pause();
    await playground.seek(at);
  }, ms);

test('a load is started by keyboard, and its 99.9th percentile is told', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(RING, 0);
  await ring.button('Load…').press('Enter');
  const form = page.getByRole('form', { name: 'Start a load' });
  await form.getByLabel('requests per s').fill('100');
  await form.getByLabel('for, in s').fill('10');
  await form.getByLabel('Zipf exponent').fill('0.99');
  await form.getByRole('button', { name: 'Start' }).press('Enter');
  await expect(form).toHaveCount(0);
  await seek(page, 12_000);
  const table = page.getByRole('table', { name: 'Load so far' });
  const reads = table.getByRole('row').filter({ has: page.getByText('reads', { exact: true }) });
  const figures = (await reads.getByRole('cell').allInnerTexts()).map(Number);
  const [answers = 0, mean = 0, p99 = 0, p999 = 0] = figures;
  expect(answers).toBeGreaterThan(400);
  expect(mean).toBeGreaterThan(0);
  expect(p99).toBeGreaterThan(mean);
  expect(p999).toBeGreaterThanOrEqual(p99);
  await expect(page.getByRole('tabpanel', { name: 'This ring' })).toContainText(
    /\d+\.\d answers a second/,
  );
  // It is a command like any other: before it there is nothing to tell, and later the same again.
  await seek(page, 0);
  await expect(table).toHaveCount(0);
  await seek(page, 12_000);
  await expect(reads.getByRole('cell').first()).toHaveText(String(answers));
});

test('carts are merged by whoever writes, and a refused load says why and stays', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await ring.at(RING, 0);
  await ring.button('Load…').press('Enter');
  const form = page.getByRole('form', { name: 'Start a load' });
  await form.getByLabel('clients').fill('0');
  await form.getByRole('button', { name: 'Start' }).press('Enter');
  await expect(page.getByRole('alert')).toContainText('workload.clients');
  await expect(form).toBeVisible();
  await form.getByLabel('clients').fill('8');
  await form.getByLabel('keys').fill('1');
  await form.getByLabel('how').selectOption('each after its answer');
  await form.getByLabel('shopping carts').check();
  await form.getByRole('button', { name: 'Start' }).press('Enter');
  await expect(form).toHaveCount(0);
  await seek(page, 5000);
  await expect(page.getByRole('table', { name: 'Load so far' })).toBeVisible();
  await expect(page.getByRole('tabpanel', { name: 'This ring' })).toContainText(
    /\d+\.\d\d% of the reads that found something saw one version/,
  );
});

test('a load stands in the timeline, and what it was not served is asked about by name', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  const crash = (node: string) => ({ at_ms: 500, crash: { node } });
  const workload = { clients: 10, keys: 20, for_ms: 5000, ops_per_second: 20 };
  const script = [crash('B'), crash('C'), { at_ms: 1000, workload }];
  const config = { ...RING.config, quorum: 'primaries' };
  await ring.at({ ...RING, config, script }, 900);
  const bar = page.getByText('10 clients, 20 requests a second');
  await expect(bar).toHaveCount(0);
  await seek(page, 4000);
  await expect(bar).toBeVisible();
  await expect(page.getByText('B, C crashed')).toBeVisible();
  const failed = page.getByRole('list', { name: 'Not served' }).getByRole('listitem');
  await expect(failed).toHaveCount(5);
  await failed.first().getByRole('button', { name: /^Why/ }).press('Enter');
  const why = page.getByRole('list', { name: 'Why' }).getByRole('listitem');
  await expect(why.filter({ hasText: /B crashed|C crashed/ }).first()).toBeVisible();
  await expect(why.last()).toContainText(/^[\d.]+ load \d+ is refused/);
  const name = (await failed.first().getByRole('button').first().textContent()) ?? '';
  await failed.first().getByRole('button', { name, exact: true }).press('Enter');
  await expect(page.getByRole('tabpanel', { name: 'Op' })).toContainText(name);
});

test('hints for many nodes stand in one stack that counts both', async ({ page }) => {
  const ring = await Playground.open(page);
  const down = ['B', 'C', 'D', 'E', 'F', 'G'].map((node) => ({ at_ms: 500, crash: { node } }));
  const put = (i: number) => ({
    at_ms: 1000 + 50 * i,
    put: { key: `key-${i}`, value: 'v', via: 'A' },
  });
  const script = [...down, ...Array.from({ length: 14 }, (_, i) => put(i))];
  await ring.at({ ...RING, config: { nodes: 9, n: 3, r: 1, w: 1 }, script }, 4000);
  const stack = page.locator('.stack[data-holder="0"]');
  await expect(stack).toHaveCount(1);
  await expect(stack).toContainText(/^\s*for [4-6] nodes ×\d+\s*$/);
});

test('a quorum that is strict is chosen in the settings and told by the ring', async ({ page }) => {
  const ring = await Playground.open(page);
  await page
    .getByRole('button', { name: /^Settings: / })
    .first()
    .press('Enter');
  await page.getByLabel('who counts').selectOption('strict: the first N alone count');
  await ring.button('Start a ring with these').press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Settings: / })).toContainText('strict');
  await expect(page.getByRole('tabpanel', { name: 'This ring' })).toContainText(
    'others may still hold hints',
  );
});

test('a disk is backed up, and comes back as old as it was then', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(RING, 1000);
  await ring.node('B').press('Enter');
  await page.getByText('Rarer faults').press('Enter');
  await ring.button('Back up its disk').press('Enter');
  await ring.button('Kill, disk of the backup').press('Enter');
  await expect(ring.node('B')).toHaveAccessibleName(/crashed/);
  await ring.button('Restart B').press('Enter');
  await expect(ring.node('B')).toHaveAccessibleName(/^Node B, up/);
  await page.getByText('Rarer faults').press('Enter');
  await ring.button('Disk full').press('Enter');
  await expect(ring.node('B')).toHaveAccessibleName(/disk full/);
  await ring.button('Heal all').press('Enter');
  await expect(ring.node('B')).not.toHaveAccessibleName(/disk full/);
});
