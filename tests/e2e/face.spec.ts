/** The automation face: playback speed changes when things are drawn, never what happens. */

import { expect, type Page, test } from '@playwright/test';
import { Playground } from './page';

const SCENARIO = {
  version: 1,
  title: 'Two speeds',
  seed: 'heron-7',
  config: { nodes: 6, n: 3, r: 2, w: 2 },
  script: [
    { at_ms: 300, put: { as: 'p1', key: 'cart:ann', value: 'milk', via: 'A' } },
    { at_ms: 900, crash: { node: 'C', disk: 'keep' } },
    { at_ms: 1200, put: { as: 'p2', key: 'cart:ann', value: 'eggs', via: 'B' } },
    { at_ms: 2100, restart: { node: 'C' } },
    { at_ms: 2600, get: { as: 'g1', key: 'cart:ann', via: 'D' } },
  ],
  until_ms: 4000,
};

/** Plays the whole scenario at one setting of the speed slider and tells the digest at its end. */
async function playAt(page: Page, slider: string): Promise<{ digest: string; now: number }> {
  await page.getByRole('slider', { name: 'Speed' }).fill(slider);
  return page.evaluate(async (scenario) => {
    const { playground } = document.querySelector('dynamo-playground') as unknown as {
      playground: {
        ready: Promise<void>;
        load(scenario: object): Promise<void>;
        run(): Promise<void>;
        pause(): Promise<void>;
        state(): Promise<{ now_ms: number }>;
        digest(): Promise<string>;
      };
    };
    await playground.ready;
    await playground.pause();
    await playground.load(scenario);
    await playground.run();
    for (;;) {
      const { now_ms: now } = await playground.state();
      if (now >= scenario.until_ms) return { digest: await playground.digest(), now };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, SCENARIO);
}

test('two runs at different playback speeds end with the same digest', async ({ page }) => {
  test.setTimeout(60_000);
  await Playground.open(page);
  const fast = await playAt(page, '1000');
  const slow = await playAt(page, '790');
  expect(fast.digest).toMatch(/^[0-9a-f]{16}$/);
  expect(slow).toEqual(fast);
});

test('a seek back and a straight run to the same moment have the same digest', async ({ page }) => {
  await Playground.open(page);
  const [there, back] = await page.evaluate(async (scenario) => {
    const { playground } = document.querySelector('dynamo-playground') as unknown as {
      playground: {
        ready: Promise<void>;
        load(scenario: object): Promise<void>;
        seek(ms: number): Promise<void>;
        pause(): Promise<void>;
        digest(): Promise<string>;
      };
    };
    await playground.ready;
    await playground.pause();
    await playground.load(scenario);
    await playground.seek(1500);
    const straight = await playground.digest();
    await playground.seek(4000);
    await playground.seek(1500);
    return [straight, await playground.digest()];
  }, SCENARIO);
  expect(back).toBe(there);
});

test('a bad command is refused with the engine’s sentence, and the world goes on', async ({
  page,
}) => {
  await Playground.open(page);
  const message = await page.evaluate(async () => {
    const { playground } = document.querySelector('dynamo-playground') as unknown as {
      playground: { ready: Promise<void>; command(c: object): Promise<string> };
    };
    await playground.ready;
    return playground.command({ crash: { node: 'Z', disk: 'keep' } }).then(
      () => '',
      (error: Error) => error.message,
    );
  });
  expect(message).toContain('Z');
  await expect(page.getByRole('button', { name: /^Node A, up/ })).toBeVisible();
});
