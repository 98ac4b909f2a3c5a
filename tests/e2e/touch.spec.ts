/** On a phone: the ring on top, the rest a tab away, and what is touched comes up. */

import { expect, test } from '@playwright/test';
import { Playground } from './page';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

test('a node is tapped, killed on its card, and a put is taken all the same', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.node('C').tap();
  await ring.button('Kill C').tap();
  await expect(ring.node('C')).toHaveAccessibleName(/crashed/);
  await page.getByRole('tab', { name: 'Desk' }).tap();
  await page.getByRole('slider', { name: 'Speed' }).fill('800');
  await ring.button('Send').tap();
  await ring.accepted(/p1.*accepted/s);
});

test('nothing that is touched is smaller than a finger', async ({ page }) => {
  const ring = await Playground.open(page);
  await expect(ring.button('Send')).toBeVisible();
  const small = await page.evaluate(() => {
    const root = document.querySelector('dynamo-playground')?.shadowRoot;
    const targets = [
      ...(root?.querySelectorAll<HTMLElement>('button, select, input, .node .hit') ?? []),
    ];
    return targets
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 24))
      .map(({ target, box }) => `${target.outerHTML.slice(0, 60)} ${box.width}x${box.height}`);
  });
  expect(small).toEqual([]);
});
