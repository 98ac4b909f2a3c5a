/** As people have set their systems: without motion, in forced colours, at 400% zoom. */

import { expect, type Page, test, type Worker } from '@playwright/test';
import { Playground } from './page';

const BUSY = {
  version: 1,
  title: 'Busy',
  seed: 'heron-7',
  config: { nodes: 30, n: 3, r: 2, w: 2, network: { latency_ms: [400, 900] } },
  script: [{ at_ms: 5000, put: { as: 'p1', key: 'cart:ann', value: 'milk', via: 'A' } }],
  until_ms: 3_600_000,
};

/** The worker that draws the messages: the page never sees the canvas that it draws on. */
async function painter(page: Page): Promise<Worker> {
  const isPainter = (worker: Worker) => worker.url().includes('painter');
  return page.workers().find(isPainter) ?? page.waitForEvent('worker', { predicate: isPainter });
}

interface Counted {
  curves: number;
  /** Of the picture that has most of them. */
  most: number;
}

/** Counts, for each picture, the curves that are drawn: a message is a trail, and a way ahead. */
async function countCurves(page: Page): Promise<() => Promise<number>> {
  const worker = await painter(page);
  await worker.evaluate(() => {
    const counted = Object.assign(self as unknown as Counted, { curves: 0, most: 0 });
    const paper = OffscreenCanvasRenderingContext2D.prototype;
    const { clearRect, quadraticCurveTo } = paper;
    paper.clearRect = function (...args) {
      counted.curves = 0;
      clearRect.apply(this, args);
    };
    paper.quadraticCurveTo = function (...args) {
      counted.curves += 1;
      counted.most = Math.max(counted.most, counted.curves);
      quadraticCurveTo.apply(this, args);
    };
  });
  return () => worker.evaluate(() => (self as unknown as Counted).most);
}

const picture = (page: Page) =>
  page.evaluate(async () => {
    // The worker draws in frames of its own, after the page has told it.
    for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame);
    const { shadowRoot } = document.querySelector('dynamo-playground') ?? {};
    return shadowRoot?.querySelector('canvas')?.toDataURL();
  });

/**
 * How many pixels are drawn on, and how many of them have a hue. Firefox waits ten seconds for a
 * canvas that was given away and has not been shown yet, so some frames go by first, and one such
 * wait fits into the time a test has for it.
 */
const drawn = (page: Page) =>
  page.evaluate(async () => {
    for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame);
    const canvas = document.querySelector('dynamo-playground')?.shadowRoot?.querySelector('canvas');
    const copy = document.createElement('canvas');
    const context = copy.getContext('2d');
    const counted = { pixels: 0, coloured: 0 };
    if (!canvas?.width || !context) return counted;
    copy.width = canvas.width;
    copy.height = canvas.height;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, copy.width, copy.height);
    for (let i = 0; i < data.length; i += 4) {
      if ((data[i + 3] ?? 0) < 200) continue;
      const [red = 0, green = 0, blue = 0] = data.subarray(i, i + 3);
      counted.pixels += 1;
      if (Math.max(red, green, blue) - Math.min(red, green, blue) > 12) counted.coloured += 1;
    }
    return counted;
  });

/** Waits until messages are drawn. */
const untilDrawn = (page: Page) =>
  expect.poll(async () => (await drawn(page)).pixels, { timeout: 20_000 }).toBeGreaterThan(20);

test.describe('without motion', { tag: '@emulated' }, () => {
  test('a message is its whole way, twelve at most, and only events change the picture', async ({
    page,
  }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const ring = await Playground.open(page);
    const most = await countCurves(page);
    await ring.at(BUSY, 5000);
    const messages = page.getByRole('button', { name: /^Node/ });
    await expect(messages).toHaveCount(30);
    await expect.poll(most).toBeGreaterThan(12);
    // Twelve messages are twelve trails and at most as many ways ahead.
    expect(await most()).toBeLessThanOrEqual(24);

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
    const ring = await Playground.open(page);
    const most = await countCurves(page);
    await ring.at(BUSY, 5000);
    await expect.poll(most).toBeGreaterThan(24);
  });
});

for (const width of [720, 768, 859, 1024]) {
  test(`at ${width} pixels no control covers another or leaves the window`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await Playground.open(page);
    const wrong = await page.evaluate(() => {
      const { shadowRoot } = document.querySelector('dynamo-playground') ?? {};
      const find = '.desk :is(button, input, select), .transport :is(button, input)';
      const found = [...(shadowRoot?.querySelectorAll<HTMLElement>(find) ?? [])];
      const all = found
        .map((one) => ({ box: one.getBoundingClientRect(), name: one.ariaLabel ?? one.innerText }))
        .filter(({ box }) => box.width > 0);
      const outside = all.filter(({ box }) => box.left < 0 || box.right > innerWidth);
      const covered = all.filter(({ box: one }, i) =>
        all.slice(0, i).some(({ box: other }) => {
          const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
          return (
            across > 1 && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1
          );
        }),
      );
      return {
        count: all.length,
        out: outside.map((o) => o.name),
        covered: covered.map((o) => o.name),
      };
    });
    expect(wrong.count).toBeGreaterThan(14);
    expect(wrong.out).toEqual([]);
    expect(wrong.covered).toEqual([]);
  });
}

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
  await untilDrawn(page);
  expect((await drawn(page)).coloured).toBe(0);
});

test('messages are drawn by a worker, so that drawing never holds up the page', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await ring.at(BUSY, 5000);
  await untilDrawn(page);
  const why = await page.evaluate(() => {
    const canvas = document.querySelector('dynamo-playground')?.shadowRoot?.querySelector('canvas');
    try {
      return canvas?.getContext('2d') ? 'the page has it' : 'nobody has it';
    } catch (error) {
      return (error as DOMException).name;
    }
  });
  expect(why, 'the canvas was given away').toBe('InvalidStateError');
});

test('when the worker that draws fails, the page says so and goes on', async ({ page }) => {
  await page.route('**/painter*', async (route) => {
    const response = await route.fetch();
    const failing = "setTimeout(() => { throw new Error('out of ink'); }, 1000);";
    await route.fulfill({ response, body: `${await response.text()}\n${failing}` });
  });
  const ring = await Playground.open(page);
  await expect(page.getByRole('alert')).toContainText(/no longer drawn.*out of ink/);
  await ring.put('milk', 'A');
  await ring.hurry();
  await ring.accepted(/p1.*accepted/s);
});

test.describe('where no worker can draw', () => {
  test('the page draws the messages itself', async ({ page }) => {
    await page.addInitScript(() => {
      // As in a browser that does not know of it.
      delete (HTMLCanvasElement.prototype as { transferControlToOffscreen?: unknown })
        .transferControlToOffscreen;
    });
    const ring = await Playground.open(page);
    await ring.at(BUSY, 5000);
    await untilDrawn(page);
    expect(page.workers().filter((worker) => worker.url().includes('painter'))).toEqual([]);
  });

  test('the page draws them too when the worker’s script does not come', async ({ page }) => {
    let asked = 0;
    await page.route('**/painter*', (route) => {
      asked += 1;
      return route.abort();
    });
    const ring = await Playground.open(page);
    await ring.at(BUSY, 5000);
    await untilDrawn(page);
    expect(asked).toBe(1);
  });
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
