/** The story by keyboard alone: every way there is walked with Tab, arrows, letters and Enter. */

import { expect, type Locator, type Page, test } from '@playwright/test';
import { Playground } from './page';

const NAMES = ['A', 'B', 'C', 'D', 'E', 'F'];
const TABS_MAX = 90;

class Keyboard {
  readonly page: Page;
  readonly ring: Playground;

  constructor(ring: Playground) {
    this.ring = ring;
    this.page = ring.page;
  }

  press(key: string): Promise<void> {
    return this.page.keyboard.press(key);
  }

  /** Tab by Tab, on or back, as somebody does who knows the page and has nothing else. */
  async to(goal: Locator, key?: string): Promise<void> {
    await expect(goal).toBeVisible();
    // Looked up once: to find a thing by role and name is dear, and this asks at each press.
    const thing = await goal.elementHandle();
    let way = key ?? '';
    for (let i = 0; i < TABS_MAX; i++) {
      const lies = await thing?.evaluate((it) => {
        const at = (it.getRootNode() as ShadowRoot).activeElement;
        if (at === it) return 'here';
        const isBefore = at && at.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_PRECEDING;
        return isBefore ? 'before' : 'after';
      });
      if (lies === 'here') return;
      way ||= lies === 'before' ? 'Shift+Tab' : 'Tab';
      await this.press(way);
    }
    throw new Error(`${goal} was not reached in ${TABS_MAX} presses of ${way}`);
  }

  async enter(name: string): Promise<void> {
    await this.to(this.ring.button(name));
    await this.press('Enter');
  }

  /** One Tab stop for the ring, arrows inside it. */
  async toNode(name: string): Promise<void> {
    await this.to(this.page.locator('.ring [tabindex="0"]'));
    await this.to(this.ring.node(name), 'ArrowRight');
  }

  async via(name: string): Promise<void> {
    await this.to(this.page.getByLabel('via'));
    await this.page.keyboard.type(name);
    await expect(this.page.getByLabel('via')).toHaveValue(name);
  }

  async put(value: string, name: string): Promise<void> {
    await this.enter('Put');
    await this.via(name);
    await this.to(this.page.getByRole('textbox', { name: 'value' }));
    await this.press('ControlOrMeta+a');
    await this.page.keyboard.type(value);
    await this.press('Enter');
  }

  async get(name: string): Promise<void> {
    await this.enter('Get');
    await this.via(name);
    await this.to(this.page.getByRole('textbox', { name: 'key' }));
    await this.press('Enter');
  }
}

test('the whole story is played without a pointer', async ({ page }) => {
  test.setTimeout(240_000);
  await page.addInitScript(() => {
    const seen = window as unknown as { pointed: number };
    seen.pointed = 0;
    for (const kind of ['pointerdown', 'mousedown', 'touchstart']) {
      window.addEventListener(kind, () => seen.pointed++, { capture: true });
    }
  });
  const ring = await Playground.open(page);
  const keys = new Keyboard(ring);

  await keys.put('milk', 'A');
  await ring.accepted(/p1.*accepted/s);
  const first = await ring.replica(1);
  const others = NAMES.filter((name) => name !== first);
  const via = others[0] ?? '';

  // The first replica dies under K; the brackets make time go faster, and slower.
  await keys.toNode(first);
  await keys.press('k');
  await expect(ring.node(first)).toHaveAccessibleName(/crashed/);
  const speed = page.getByRole('slider', { name: 'Speed' });
  for (let i = 0; i < 3; i++) await keys.press(']');
  await expect(speed).toHaveAttribute('aria-valuetext', /800 ms/);
  await keys.put('milk, eggs', via);
  await ring.accepted(/p2.*accepted/s);
  const holder = page.getByRole('button', { name: /^Node [A-F], up, .*[1-9]\d* hints?/ });
  await expect(holder.first()).toBeVisible({ timeout: 15_000 });

  // Enter inspects it, until all the others suspect it; K starts it again.
  await keys.toNode(first);
  await keys.press('Enter');
  for (let i = 0; i < 4; i++) await keys.press(']');
  await expect(speed).toHaveValue('1000');
  await expect(page.getByRole('tabpanel')).toContainText(`suspected by ${others.join(', ')}`, {
    timeout: 30_000,
  });
  await keys.press('k');
  await expect(ring.node(first)).toHaveAccessibleName(/, up,/);
  await expect(holder).toHaveCount(0, { timeout: 30_000 });
  for (let i = 0; i < 3; i++) await keys.press('[');

  // The cut is a form.
  await keys.enter('Cut…');
  for (const name of ['A', 'B', 'C']) {
    await keys.to(ring.button(`Side of node ${name}`));
    await keys.press('Space');
  }
  await keys.enter('Cut');
  await expect(ring.sentence).toContainText('A, B, C');
  await keys.put('milk, eggs, jam', 'B');
  await ring.accepted(/p3.*accepted/s);
  await keys.put('milk, eggs, tea', 'F');
  await ring.accepted(/p4.*accepted/s);

  await keys.enter('Heal all');
  await expect(ring.button('Heal all')).toBeDisabled();
  // Until the hints are home a get may find its R answers on one side of what was the cut.
  await expect(holder).toHaveCount(0, { timeout: 30_000 });
  await keys.get('A');
  await ring.accepted(/g1.*2 versions/s);
  await keys.enter('Merge');
  await expect(page.getByLabel('context')).toHaveValue('g1');
  await keys.enter('Send');
  await ring.accepted(/p5.*accepted/s);
  await keys.get('A');
  await ring.accepted(/g2.*1 version/s);
  await expect(page.getByRole('tabpanel')).toContainText('milk, eggs, jam, tea');
  expect(await page.evaluate(() => (window as unknown as { pointed: number }).pointed)).toBe(0);
});
