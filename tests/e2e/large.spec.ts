/** Hundreds of nodes: dots without letters, thin cells, flows for single signs, no freeze. */

import { expect, test } from '@playwright/test';
import { Playground } from './page';

const NODES = 200;

test('with 200 nodes the page goes on, and answers to what is done', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at({ version: 1, config: { nodes: NODES }, until_ms: 60_000, script: [] }, 1000);
  await expect(page.getByRole('button', { name: /^Node /, exact: true })).toHaveCount(NODES);
  await expect(page.locator('.ring .nl, .ring .own')).toHaveCount(0);
  await ring.button('Play').click();
  const clock = page.getByLabel('Virtual time');
  await expect.poll(async () => Number.parseFloat(await clock.innerText())).toBeGreaterThan(1.05);
  // Frames keep coming: half of them within a tenth of a second, also on two busy cores.
  const median = await page.evaluate(async () => {
    const lengths: number[] = [];
    let before = performance.now();
    for (let i = 0; i < 40; i++) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      lengths.push(now - before);
      before = now;
    }
    return lengths.sort((a, b) => a - b)[20] ?? 0;
  });
  expect(median).toBeLessThan(100);

  await ring.node('B').focus();
  await page.keyboard.press('k');
  await expect(ring.node('B')).toHaveAccessibleName(/crashed/);
  await ring.put('milk', 'A');
  await ring.hurry();
  await ring.accepted(/p1.*accepted/s);
  await ring.button('Pause').click();
  await expect(ring.button('Play')).toBeVisible();
});

test('a click among a thousand dots means the nearest one, and in the dial none', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await ring.at({ version: 1, config: { nodes: 1000 }, until_ms: 60_000, script: [] }, 1000);
  const chosen = page.getByRole('tabpanel').getByRole('heading', { level: 2 });
  for (const name of ['D', 'K19', 'Z37']) {
    await ring.node(name).click();
    await expect(chosen).toHaveText(`Node ${name}`);
  }
  // Beside a dot, where nothing is drawn; the rows are further from each other than that.
  const box = await ring.node('M').locator('.dot').boundingBox();
  if (!box) throw new Error('node M is not drawn');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height + 2);
  await expect(chosen).toHaveText('Node M');
  const dial = await page.locator('.ring .dial').boundingBox();
  if (!dial) throw new Error('there is no dial');
  await page.mouse.click(dial.x + dial.width * 0.4, dial.y + dial.height * 0.4);
  await expect(chosen).toHaveText('This ring');
});

test('a large ring that is cut in two tells of the wrong ones by their number', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  const config = { nodes: NODES, suspect_after_ms: 2000 };
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const name = (i: number) => `${letters[i % 26]}${Math.floor(i / 26) || ''}`;
  const names = Array.from({ length: NODES }, (_, i) => name(i));
  const cut = { from: names.slice(0, 100), to: names.slice(100) };
  const script = [{ at_ms: 1000, cut }];
  await ring.at({ version: 1, config, until_ms: 60_000, script }, 8000);
  await expect(page.getByRole('list', { name: 'Beliefs' })).toContainText('of 200 nodes');
  await expect(page.locator('.lanes')).toContainText('100 nodes | 100 nodes');
  await expect(page.locator('.ring .wrong')).toHaveCount(1);
  await page.getByText('As tables').press('Enter');
  const membership = page.getByRole('table', { name: /^Membership/ });
  await expect(membership).toHaveAccessibleName(/the first 60 of 200/);
  const [, , wrong, who] = await membership
    .getByRole('row')
    .nth(1)
    .locator('th, td')
    .allInnerTexts();
  expect(Number(wrong)).toBeGreaterThan(12);
  expect(who).toMatch(new RegExp(`^(\\w+, ){3}\\w+ and ${Number(wrong) - 4} more$`));
  const table = page.getByRole('table', { name: /^Ring/ });
  await expect(table.getByRole('row').nth(1)).toContainText(`${wrong} of 199`);
});

test('where signs would be a crowd they are flows with counts, and the page says so', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  const busy = { gossip_interval_ms: 200, network: { latency_ms: [300, 600] } };
  const scenario = (config: object) => ({ version: 1, config, until_ms: 60_000, script: [] });
  await ring.at(scenario({ nodes: NODES, ...busy }), 3000);
  const note = page.locator('p', { hasText: /^[\d,]+ messages in flight/ });
  await expect(note).toBeVisible();
  await expect(note).toContainText('drawn as flows');
  const told = Number.parseInt((await note.innerText()).replaceAll(',', ''), 10);
  expect(told).toBeGreaterThan(200);
  expect(told).toBeLessThan(1500);
  await page.getByText('As tables').press('Enter');
  const table = page.getByRole('table', { name: /^Messages/ });
  await expect(table).toHaveAccessibleName(new RegExp(`${told} in flight`));
  await page.getByText('As tables').press('Enter');

  // A put among them is still a sign, and the page says how many are none.
  await ring.put('milk', 'A');
  await expect(note).toContainText(/in flight\s+[\d,]+ as flows/);
  // A click means the node, as it does among signs.
  await ring.node('B').click();
  await expect(page.getByRole('tabpanel').getByRole('heading', { level: 2 })).toHaveText('Node B');

  // A moment with few is drawn one by one again, and so is a crowd whose kinds are hidden.
  await ring.at(scenario({ nodes: NODES, ...busy }), 3000);
  await expect(note).toBeVisible();
  for (const kind of ['gossip', 'news', 'Merkle hashes', 'Merkle hashes’ answer']) {
    const shown = page.getByRole('button', { name: kind, exact: true, pressed: true });
    if (await shown.count()) await shown.click();
  }
  await expect(note).toHaveCount(0);
  await ring.at(scenario({ nodes: NODES }), 100);
  await expect(note).toHaveCount(0);
});

for (const [width, height] of [
  [390, 844],
  [667, 375],
  [844, 390],
  [768, 760],
  [1440, 900],
] as const) {
  test.describe(`${width} by ${height}`, () => {
    test.use({ viewport: { width, height } });

    test('what says that messages are flows covers neither ring, sentence nor button', async ({
      page,
    }) => {
      const ring = await Playground.open(page);
      const config = { nodes: 1000, network: { latency_ms: [300, 600] } };
      await ring.at({ version: 1, config, until_ms: 60_000, script: [] }, 3000);
      await expect(page.locator('p', { hasText: /messages in flight.*flows/ })).toBeVisible();
      const clear = await page.evaluate(() => {
        const root = document.querySelector('dynamo-playground')?.shadowRoot;
        const base = root?.querySelector<SVGPathElement>('.ring .cell .base');
        const said = root?.querySelector('.flows');
        const note = said?.getBoundingClientRect();
        const sentence = root?.querySelector('.say')?.getBoundingClientRect();
        if (!root || !base || !said || !note || !sentence)
          throw new Error('a part of the stage is missing');
        const bezel = base.getBoundingClientRect();
        const middle = { x: bezel.x + bezel.width / 2, y: bezel.y + bezel.height / 2 };
        const aside = Math.max(note.left - middle.x, middle.x - note.right, 0);
        const above = Math.max(note.top - middle.y, middle.y - note.bottom, 0);
        const words = document.createRange();
        words.selectNodeContents(said);
        const lines = [...words.getClientRects()];
        const tools = [...root.querySelectorAll('.tools button')];
        const covers = (one: DOMRect, other: DOMRect) =>
          one.left < other.right &&
          other.left < one.right &&
          one.top < other.bottom &&
          other.top < one.bottom;
        // Whether the line counts to what an element bounds, browsers do not agree on.
        const radius = (base.getBBox().height + Number(base.getAttribute('stroke-width'))) / 2;
        return {
          ring: Math.hypot(aside, above) - radius,
          sentence: Math.max(sentence.top - note.bottom, note.top - sentence.bottom),
          covered: tools
            .filter((tool) => lines.some((line) => covers(line, tool.getBoundingClientRect())))
            .map((tool) => tool.textContent),
        };
      });
      expect(clear.ring).toBeGreaterThan(0);
      expect(clear.sentence).toBeGreaterThanOrEqual(0);
      expect(clear.covered).toEqual([]);
    });
  });
}
