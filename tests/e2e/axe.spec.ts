/** No violation that axe can find, at each width and in each theme. */

import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { Playground } from './page';

for (const width of [1440, 900, 390]) {
  test(`axe finds nothing at ${width} pixels, calm and with a key, in every theme`, async ({
    page,
  }) => {
    test.setTimeout(90_000);
    await page.setViewportSize({ width, height: 900 });
    const ring = await Playground.open(page);
    const violations = async () => {
      // Axe's types come with a Playwright of their own; the page is the same thing.
      const { violations: found } = await new AxeBuilder({ page: page as never }).analyze();
      return found.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`);
    };
    expect(await violations()).toEqual([]);
    await ring.button('Send').click();
    await expect(page.getByRole('button', { name: 'Key cart:ann' })).toBeVisible();
    expect(await violations()).toEqual([]);
    // A phone has no room for the theme's button yet.
    if (width < 720) return;
    for (const theme of ['light', 'projector']) {
      await page.getByRole('button', { name: /^Theme/ }).click();
      await expect(
        page.getByRole('button', { name: new RegExp(`^Theme: ${theme}`) }),
      ).toBeVisible();
      expect(await violations()).toEqual([]);
    }
  });
}
