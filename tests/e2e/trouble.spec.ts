/** When the page cannot start, it says why. */

import { expect, test } from '@playwright/test';

test('a module that cannot be fetched is told in a sentence, not in an empty ring', async ({
  page,
}) => {
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The engine did not start');
  await expect(alert).toContainText('could not be loaded');
});

test('a refused scenario leaves the old ring running and says what was found', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('button', { name: /^Node A, up/ })).toBeVisible();
  const message = await page.evaluate(async () => {
    const { playground } = document.querySelector('dynamo-playground') as unknown as {
      playground: { ready: Promise<void>; load(s: object): Promise<void> };
    };
    await playground.ready;
    return playground.load({ version: 1, seed: 1, config: { nodes: 6, n: 0 }, until_ms: 10 }).then(
      () => '',
      (error: Error) => error.message,
    );
  });
  expect(message).toContain('config.n');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Node F, up/ })).toBeVisible();
});
