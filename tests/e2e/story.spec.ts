/** The story, played in the page by pointer: kill, recover, cut, merge. */

import { expect, test } from '@playwright/test';
import { Playground } from './page';

const NAMES = ['A', 'B', 'C', 'D', 'E', 'F'];

test('a node is clicked dead, the ring recovers, and a cut leaves siblings to merge', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const ring = await Playground.open(page);
  await ring.hurry();

  // A put finds its three nodes.
  await ring.put('milk', 'A');
  await ring.accepted(/p1.*accepted/s);
  const first = await ring.replica(1);
  expect(NAMES).toContain(first);
  const others = NAMES.filter((name) => name !== first);
  const [via] = others;
  if (!via) throw new Error('a ring of one node tells no story');

  // Its first replica is killed on its card.
  await ring.node(first).click();
  await ring.button(`Kill ${first}`).click();
  await expect(ring.node(first)).toHaveAccessibleName(/crashed/);

  // The next put is taken all the same, and somebody holds a hint for the dead node.
  await ring.put('milk, eggs', via);
  await ring.accepted(/p2.*accepted/s);
  const holder = page.getByRole('button', { name: /^Node [A-F], up, .*[1-9]\d* hints?/ });
  await expect(holder.first()).toBeVisible({ timeout: 15_000 });
  const holderName = (await holder.first().getAttribute('aria-label'))?.charAt(5) ?? '';
  await ring.node(holderName).click();
  await expect(page.getByRole('tabpanel')).toContainText(`for ${first}`);

  // Gossip spreads the missing heartbeat until every node suspects it.
  await ring.node(first).click();
  await expect(page.getByRole('tabpanel')).toContainText(`suspected by ${others.join(', ')}`, {
    timeout: 30_000,
  });

  // Restarted, it is handed its hint, and holds the newest value.
  await ring.button(`Restart ${first}`).click();
  await expect(ring.node(first)).toHaveAccessibleName(/, up,/);
  await expect(ring.node(holderName)).toHaveAccessibleName(/, 0 hints/, { timeout: 30_000 });
  await page.getByRole('button', { name: 'Key cart:ann' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('milk, eggs');
  await expect(page.getByRole('heading', { name: 'Newest version' })).toBeVisible();

  // A line drawn across the empty dial cuts the ring; each side takes a put.
  await cutBetween(ring, 'A', 'D');
  await expect(ring.button('Heal all')).toBeEnabled();
  await ring.put('milk, eggs, jam', 'B');
  await ring.accepted(/p3.*accepted/s);
  await ring.put('milk, eggs, tea', 'F');
  await ring.accepted(/p4.*accepted/s);

  // Healed, a get shows both; a put with its context leaves one.
  await ring.button('Heal all').click();
  await expect(ring.button('Heal all')).toBeDisabled();
  // Until the hints are home a get may find its R answers on one side of what was the cut.
  await expect(holder).toHaveCount(0, { timeout: 30_000 });
  await ring.get('A');
  await ring.accepted(/g1.*2 versions/s);
  await ring.button('Merge').click();
  await expect(page.getByLabel('context')).toHaveValue('g1');
  await ring.button('Send').click();
  await ring.accepted(/p5.*accepted/s);
  await ring.get('A');
  await ring.accepted(/g2.*1 version/s);
  await expect(page.getByRole('tabpanel')).toContainText('milk, eggs, jam, tea');
});

/** Draws a line from between A and F, past the middle, to between D and C: A, B, C on one side. */
async function cutBetween(ring: Playground, top: string, bottom: string): Promise<void> {
  const box = async (name: string) => {
    const found = await ring.node(name).boundingBox();
    if (!found) throw new Error(`node ${name} is not drawn`);
    return { x: found.x + found.width / 2, y: found.y + found.height / 2 };
  };
  const a = await box(top);
  const d = await box(bottom);
  const mouse = ring.page.mouse;
  const aside = (d.y - a.y) * 0.16;
  await mouse.move(a.x - aside, a.y + aside);
  await mouse.down();
  await mouse.move((a.x + d.x) / 2, (a.y + d.y) / 2, { steps: 4 });
  await mouse.move(d.x + aside, d.y - aside, { steps: 4 });
  await mouse.up();
}

test('a clogged link is drawn while it holds what is sent, and a heal ends it', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  const clog = { from: ['A'], to: ['C'], for_ms: 5000, one_way: true };
  const script = [{ at_ms: 1000, clog }];
  const scenario = { version: 1, config: { nodes: 7 }, until_ms: 60_000, script };
  const drawn = page.locator('.ring .clog .cuta');
  await ring.at(scenario, 900);
  await expect(drawn).toHaveCount(0);
  await ring.at(scenario, 1500);
  await expect(drawn).toHaveCount(1);
  await expect(page.locator('.lanes')).toContainText('A–C clogged');
  await ring.button('Heal all').click();
  await expect(drawn).toHaveCount(0);
  await expect(ring.button('Heal all')).toBeDisabled();
  await ring.at(scenario, 6001);
  await expect(drawn).toHaveCount(0);
});
