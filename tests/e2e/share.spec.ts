/** A link to exactly this moment of a run, made in one page and opened in another. */

import { expect, type Page, test } from '@playwright/test';
import { type Face, Playground } from './page';

const face = <T>(page: Page, ask: (face: Face) => T | Promise<T>): Promise<T> =>
  page.evaluate(`(${ask})(document.querySelector('dynamo-playground').playground)`) as Promise<T>;

/** A put while one of its nodes is down, paused in the middle of what follows. */
async function story(page: Page): Promise<Playground> {
  const ring = await Playground.open(page);
  await face(page, (face) => face.pause());
  await face(page, (face) => face.command({ crash: { node: 'C', disk: 'keep' } }));
  await ring.put('milk', 'A');
  await face(page, (face) => face.seek(123.456789));
  return ring;
}

async function linkOf(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Share' }).click();
  const field = page.getByRole('textbox', { name: 'link to this moment' });
  await expect(field).toHaveValue(/#run=1\./);
  return field.inputValue();
}

/** What is handed over as a file. Not every browser tells a test of its downloads. */
async function savedBy(page: Page, act: () => Promise<void>) {
  await page.evaluate(() => {
    HTMLAnchorElement.prototype.click = async function () {
      const text = await (await fetch(this.href)).text();
      document.body.dataset.saved = JSON.stringify({ name: this.download, text });
    };
  });
  await act();
  const told = page.locator('body[data-saved]');
  const saved = await told.getAttribute('data-saved');
  return JSON.parse(saved ?? '{}') as { name: string; text: string };
}

test('whoever opens the link is at the same moment, sees the same, and can go back', async ({
  page,
  context,
}) => {
  await story(page);
  const link = await linkOf(page);
  const digest = await face(page, (face) => face.digest());
  const other = await context.newPage();
  await other.goto(link);
  await expect(other.getByRole('tab', { name: 'Key' })).toHaveAttribute('aria-selected', 'true');
  await expect(other.getByRole('alert')).toBeHidden();
  expect(await face(other, (face) => face.digest())).toBe(digest);
  expect((await face(other, (face) => face.state())).now_ms).toBeCloseTo(123.456789, 6);
  await expect(other.getByRole('button', { name: /^Node C,/ })).toHaveAttribute(
    'aria-label',
    /crashed/,
  );
  await other.getByRole('button', { name: 'Step back' }).click();
  await expect
    .poll(async () => (await face(other, (face) => face.state())).now_ms)
    .toBeLessThan(123.456);
});

test('what is opened after a link is not what the address leads to any more', async ({ page }) => {
  await story(page);
  await page.goto(await linkOf(page));
  await expect(page.getByRole('button', { name: /^Node A,/ })).toBeVisible();
  await face(page, (face) => face.ready);
  await page.getByRole('button', { name: 'New seed' }).click();
  await expect(page).not.toHaveURL(/#run/);
});

test('a link that is not whole is refused in a sentence, and the page’s own ring runs', async ({
  page,
}) => {
  await story(page);
  const link = await linkOf(page);
  await page.goto('about:blank');
  await page.goto(link.slice(0, -20));
  await expect(page.getByRole('alert')).toContainText('not whole: it was cut short');
  await expect(page.getByRole('button', { name: /^Node A,/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  // Put into the very same tab, the whole one is opened.
  await page.evaluate((whole) => location.assign(whole), link);
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await expect
    .poll(async () => (await face(page, (face) => face.state())).now_ms)
    .toBeCloseTo(123.456789, 6);
  await expect(page.getByRole('alert')).toBeHidden();
});

/** A link that somebody wrote by hand. */
const written = (page: Page, run: object): Promise<string> =>
  page.evaluate(async (text) => {
    const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    const base64 = btoa(String.fromCharCode(...bytes));
    return `/#run=1.${base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`;
  }, JSON.stringify(run));

test('a scenario that the engine refuses is refused with its words', async ({ page }) => {
  await Playground.open(page);
  const scenario = { version: 1, config: { nodes: 0 } };
  const link = await written(page, { scenario, at_ms: 100 });
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByRole('alert')).toContainText(/link is refused: config\.nodes: found 0/);
  await expect(page.getByRole('button', { name: /^Node F,/ })).toBeVisible();
});

test('where the run does not repeat, the page says so', async ({ page }) => {
  const ring = await story(page);
  const scenario = JSON.parse(await face(page, (face) => face.scenario()));
  const digest = '0123456789abcdef';
  const link = await written(page, { scenario, at_ms: 100, digest, build: 'another' });
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByRole('alert')).toContainText(/otherwise than .* \(another\)/);
  await expect(ring.node('A')).toBeVisible();
});

test('by keyboard: open, copy, close; the run is a file that plays alike', async ({ page }) => {
  await story(page);
  const digest = await face(page, (face) => face.digest());
  const share = page.getByRole('button', { name: 'Share' });
  await share.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Share' });
  await expect(panel).toBeFocused();
  await expect(panel.getByRole('button', { name: 'Copy link' })).toBeEnabled();
  await panel.getByRole('button', { name: 'Copy link' }).focus();
  await page.keyboard.press('Enter');
  // Where the browser lets nobody write to its clipboard, the field has it.
  await expect(panel).toContainText(/Copied|Copy them from the field/);
  const saved = await savedBy(page, () =>
    panel.getByRole('button', { name: 'Save run' }).press('Enter'),
  );
  expect(saved.name).toBe('dynamo-run-mallard-42.json');
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(share).toBeFocused();
  await page.evaluate((text) => {
    const host = document.querySelector('dynamo-playground');
    return (host as unknown as { playground: Face }).playground.load(text);
  }, saved.text);
  await face(page, (face) => face.seek(123.456789));
  expect(await face(page, (face) => face.digest())).toBe(digest);
});

for (const width of [320, 390, 720, 899, 900, 1440]) {
  test(`at ${width} pixels there is one way to share, and all of it fits`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await Playground.open(page);
    if (width < 720) await page.getByRole('tab', { name: 'Guide' }).click();
    else if (width < 900) await page.getByRole('button', { name: 'Guide' }).click();
    await expect(page.getByRole('button', { name: 'Share' })).toHaveCount(1);
    await linkOf(page);
    const box = await page.getByRole('dialog', { name: 'Share' }).boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(width);
  });
}
