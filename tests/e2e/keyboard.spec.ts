/** What a hand on the keyboard can do, and what a screen reader is told. */

import { expect, test } from '@playwright/test';
import { Playground } from './page';

test('the ring is one Tab stop, arrows walk round it, K kills and restarts', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.node('A').focus();
  await page.keyboard.press('ArrowRight');
  await expect(ring.node('B')).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(ring.node('F')).toBeFocused();
  await expect(page.locator('.ring [tabindex="0"]')).toHaveCount(1);

  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Node F' })).toBeVisible();
  await page.keyboard.press('k');
  await expect(ring.node('F')).toHaveAccessibleName(/crashed/);
  await expect(page.getByRole('status')).toContainText('F crashed');
  await page.keyboard.press('k');
  await expect(ring.node('F')).toHaveAccessibleName(/, up,/);
});

test('Space holds time, a full stop steps on, a comma steps back', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.node('A').focus();
  await page.keyboard.press('Space');
  await expect(ring.button('Play')).toBeVisible();
  // The clock may stand at one millisecond for several events; no two leave one digest.
  const digest = () =>
    page.evaluate(() => {
      type Face = { playground: { digest(): Promise<string> } };
      const element = document.querySelector('dynamo-playground') as unknown as Face;
      return element.playground.digest();
    });
  const seen = [await digest()];
  for (let step = 0; step < 3; step++) {
    await page.keyboard.press('.');
    await expect.poll(digest).not.toBe(seen.at(-1));
    seen.push(await digest());
  }
  await page.keyboard.press(',');
  await expect.poll(digest).toBe(seen.at(-2));
});

test('no letter acts while somebody types', async ({ page }) => {
  const ring = await Playground.open(page);
  const value = page.getByRole('textbox', { name: 'value' });
  await value.fill('');
  await value.pressSequentially('k ,.?');
  await expect(value).toHaveValue('k ,.?');
  await expect(ring.button('Pause')).toBeVisible();
  await expect(page.getByRole('button', { name: /crashed/ })).toHaveCount(0);
});

test('a cut is chosen without a pointer, one way if wished', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.button('Cut…').press('Enter');
  await ring.button('Side of node B').press('Enter');
  await page.getByLabel(/One way/).press('Space');
  await ring.button('Cut').press('Enter');
  await expect(ring.sentence).toContainText('Nothing passes from B to A, C, D, E, F');
  await ring.button('Heal all').press('Enter');
  await expect(ring.button('Heal all')).toBeDisabled();
});
