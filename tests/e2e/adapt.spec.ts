/** As people have set their systems: without motion, in forced colours, at 400% zoom. */

import { expect, type Page, test } from '@playwright/test';
import { Playground } from './page';

const BUSY = {
  version: 1,
  title: 'Busy',
  seed: 'heron-7',
  config: { nodes: 30, n: 3, r: 2, w: 2, network: { latency_ms: [400, 900] } },
  script: [{ at_ms: 5000, put: { as: 'p1', key: 'cart:ann', value: 'milk', via: 'A' } }],
  until_ms: 3_600_000,
};

/** Counts, for each picture, the curves that are drawn: a message is a trail, and a way ahead. */
async function countCurves(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const counted = window as unknown as { pictures: number; curves: number; most: number };
    Object.assign(counted, { pictures: 0, curves: 0, most: 0 });
    const paper = CanvasRenderingContext2D.prototype;
    const { clearRect, quadraticCurveTo } = paper;
    paper.clearRect = function (...args) {
      counted.pictures += 1;
      counted.curves = 0;
      clearRect.apply(this, args);
    };
    paper.quadraticCurveTo = function (...args) {
      counted.curves += 1;
      counted.most = Math.max(counted.most, counted.curves);
      quadraticCurveTo.apply(this, args);
    };
  });
}

const curves = (page: Page) =>
  page.evaluate(() => {
    const { pictures, most } = window as unknown as { pictures: number; most: number };
    return { pictures, most };
  });

const picture = (page: Page) =>
  page.evaluate(() =>
    document.querySelector('dynamo-playground')?.shadowRoot?.querySelector('canvas')?.toDataURL(),
  );

test.describe('without motion', { tag: '@emulated' }, () => {
  test('a message is its whole way, twelve at most, and only events change the picture', async ({
    page,
  }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await countCurves(page);
    const ring = await Playground.open(page);
    await ring.at(BUSY, 5000);
    const messages = page.getByRole('button', { name: /^Node/ });
    await expect(messages).toHaveCount(30);
    await expect.poll(async () => (await curves(page)).most).toBeGreaterThan(12);
    // Twelve messages are twelve trails and at most as many ways ahead.
    expect((await curves(page)).most).toBeLessThanOrEqual(24);

    // Time passes between two events: nothing moves.
    await ring.at({ ...BUSY, script: [] }, 5000.1);
    await expect.poll(() => picture(page)).toBeTruthy();
    const before = await picture(page);
    await page.evaluate(async () => {
      const { playground } = document.querySelector('dynamo-playground') as unknown as {
        playground: { seek(ms: number): Promise<void> };
      };
      await playground.seek(5000.15);
    });
    await expect(page.getByLabel('Virtual time')).toContainText('5.000');
    expect(await picture(page)).toBe(before);
  });

  test('with motion the same moments differ, so the test above can fail', async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await countCurves(page);
    const ring = await Playground.open(page);
    await ring.at(BUSY, 5000);
    await expect.poll(async () => (await curves(page)).most).toBeGreaterThan(24);
  });
});

test('in forced colours bodies are Canvas with an edge of CanvasText, on the canvas too', {
  tag: '@emulated',
}, async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  const ring = await Playground.open(page);
  await ring.node('A').focus();
  const colours = await page.evaluate(() => {
    const root = document.querySelector('dynamo-playground')?.shadowRoot;
    const probe = document.createElement('span');
    root?.append(probe);
    const system = (name: string) => {
      probe.style.color = name;
      return getComputedStyle(probe).color;
    };
    const disc = root?.querySelector('.node .disc');
    const style = disc ? getComputedStyle(disc) : null;
    const found = {
      canvas: system('Canvas'),
      text: system('CanvasText'),
      fill: style?.fill,
      stroke: style?.stroke,
      letter: getComputedStyle(root?.querySelector('.node .nl') as Element).fill,
    };
    probe.remove();
    return found;
  });
  expect(colours.fill).toBe(colours.canvas);
  expect(colours.stroke).toBe(colours.text);
  expect(colours.letter).toBe(colours.text);
  // Gossip is drawn by now; every pixel of it is between the two colours, none has a hue.
  await expect
    .poll(() =>
      page.evaluate(() => {
        const canvas = document
          .querySelector('dynamo-playground')
          ?.shadowRoot?.querySelector('canvas');
        const context = canvas?.getContext('2d');
        if (!canvas || !context) return 'no canvas';
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        let drawn = 0;
        for (let i = 0; i < data.length; i += 4) {
          if ((data[i + 3] ?? 0) < 200) continue;
          drawn += 1;
          const [r = 0, g = 0, b = 0] = data.slice(i, i + 3);
          if (Math.max(r, g, b) - Math.min(r, g, b) > 12) return `a hue: ${r} ${g} ${b}`;
        }
        return drawn > 20 ? 'black and white' : 'nothing yet';
      }),
    )
    .toBe('black and white');
});

test.describe('at 400% zoom', () => {
  test.use({ viewport: { width: 320, height: 256 } });

  test('everything is reached by scrolling down only', async ({ page }) => {
    const ring = await Playground.open(page);
    const sheet = page.getByRole('tablist', { name: 'Details' });
    for (const tab of ['Guide', 'Desk', 'Inspect', 'Checks', 'Tables']) {
      await sheet.getByRole('tab', { name: tab }).press('Enter');
      await expect(sheet.getByRole('tab', { name: tab })).toHaveAttribute('aria-selected', 'true');
      const beyond = await page.evaluate(() => {
        const root = document.querySelector('dynamo-playground')?.shadowRoot;
        const all = [...(root?.querySelectorAll<HTMLElement>('*') ?? [])];
        const sideways = all.filter((it) => {
          const { overflowX } = getComputedStyle(it);
          return /auto|scroll/.test(overflowX) && it.scrollWidth > it.clientWidth + 1;
        });
        const controls = all.filter((it) =>
          it.matches('button, select, input, summary, th, td, [role=button]'),
        );
        const outside = controls.filter((it) => {
          const box = it.getBoundingClientRect();
          if (!box.width || it.closest('thead, .unseen')) return false;
          return box.left < -1 || box.right > 321;
        });
        return [...sideways, ...outside].map((it) => it.outerHTML.slice(0, 80));
      });
      expect(beyond, tab).toEqual([]);
    }
    // The last control of the page comes into view.
    await sheet.getByRole('tab', { name: 'Desk' }).press('Enter');
    await ring.button('Send').scrollIntoViewIfNeeded();
    await expect(ring.button('Send')).toBeInViewport();
    await ring.button('Step on').scrollIntoViewIfNeeded();
    await expect(ring.button('Step on')).toBeInViewport();
    await ring.button('Send').press('Enter');
    await ring.accepted(/p1/);
    // What opens over the page has its last button in reach as well.
    await ring.button('All keys').press('Enter');
    await ring.button('Close').scrollIntoViewIfNeeded();
    await expect(ring.button('Close')).toBeInViewport({ ratio: 1 });
  });
});
