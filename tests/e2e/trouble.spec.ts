/** When the page cannot start, it says why; when the module traps, it hands on the run. */

import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { type Face, Playground } from './page';

const face = 'dynamo-playground';

test('a module that cannot be fetched is told in a sentence, not in an empty ring', async ({
  page,
}) => {
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The engine did not start');
  await expect(alert).toContainText('could not be loaded');
});

test('a server that sends something else as the module is named as the reason', async ({
  page,
}) => {
  await page.route('**/*.wasm', (route) =>
    route.fulfill({ contentType: 'application/wasm', body: '<!doctype html><p>not here</p>' }),
  );
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('as the WebAssembly module is not one');
});

test('a browser without WebAssembly is told so', async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('This browser has no WebAssembly');
});

test('a browser without workers is told so', async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'Worker'));
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('This browser has no Web Workers');
});

test('a refused scenario leaves the old ring running and says what was found', async ({ page }) => {
  await Playground.open(page);
  const message = await page.evaluate(async (tag) => {
    const { playground } = document.querySelector(tag) as unknown as { playground: Face };
    await playground.ready;
    return playground.load({ version: 1, seed: 1, config: { nodes: 6, n: 0 }, until_ms: 10 }).then(
      () => '',
      (error: Error) => error.message,
    );
  }, face);
  expect(message).toContain('config.n');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Node F, up/ })).toBeVisible();
});

/**
 * Damages the world in the module's own memory before the second command, so that the real module
 * runs into its own panic: each list of the six nodes (room, place, length) is given no length, and
 * looking for a node there is out of bounds. Anything wilder, such as nothing but zeros, traps
 * wherever the compiler laid things out, often without a word.
 * Written before the worker's script, it stands between the two.
 */
const DAMAGE = `
{
  const real = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...args) => {
    const { instance, module } = await real(...args);
    const { exports } = instance;
    let commands = 0;
    const sim_command = (pointer, ...rest) => {
      const words = new Uint32Array(exports.memory.buffer, pointer, 1024);
      if (++commands === 2) {
        for (let i = 2; i < words.length; i++) {
          const isPlace = words[i - 1] > 1024 && words[i - 1] < exports.memory.buffer.byteLength;
          const hasRoom = words[i - 2] === 6 || words[i - 2] === 8;
          if (words[i] === 6 && hasRoom && isPlace) words[i] = 0;
        }
      }
      return exports.sim_command(pointer, ...rest);
    };
    return { instance: { exports: { ...exports, sim_command } }, module };
  };
}
`;

async function damaged(page: Page): Promise<void> {
  await page.route(/\/worker[^/]*\.(js|ts)(\?.*)?$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${DAMAGE}${await response.text()}` });
  });
}

// Reads the clipboard, and follows a worker's script: Chromium's to do.
test('a trap ends the engine, shows what is known, and the run can be handed on and gone back in', {
  tag: '@emulated',
}, async ({ page, context, baseURL }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await damaged(page);
  const ring = await Playground.open(page);
  await ring.hurry();
  await ring.put('milk', 'A');
  await ring.accepted(/p1.*accepted/s);
  const clock = page.getByLabel('Virtual time');
  await expect.poll(async () => Number.parseFloat(await clock.innerText())).toBeGreaterThan(2);
  await ring.button('Pause').click();
  await ring.put('milk, eggs', 'B');

  const panel = page.getByRole('alertdialog', { name: /^The engine stopped at \d+\.\d{3} s$/ });
  await expect(panel).toBeVisible();
  await expect(panel).toBeFocused();
  await expect(page.getByRole('alert')).toHaveCount(0);
  // The panic's own message, with the place in the source, as the hook wrote it.
  await expect(panel).toContainText(/\w+ .*\(\S+\.rs:\d+\)/);
  await expect(panel).toContainText('mallard-42');
  await expect(panel).toContainText(/([0-9a-f]{4} ){3}[0-9a-f]{4}/);
  await expect(page.getByRole('group', { name: 'Checks' })).toContainText('stopped');

  const script = await copiedScript(page);
  expect(script.map((entry) => entry.put.value)).toEqual(['milk', 'milk, eggs']);
  const download = page.waitForEvent('download');
  await ring.button('Save report').click();
  const report = JSON.parse(readFileSync(await (await download).path(), 'utf8'));
  expect(report.scenario.script).toEqual(script);
  expect(report).toMatchObject({ started: true, seed: 'mallard-42' });
  expect(report.build).toMatch(/^[\w-]+$/);
  expect(report.event).toBeGreaterThan(0);

  // Back: another engine, the last whole second, and the ring can be used.
  await page.getByRole('button', { name: /^Back to \d+\.000 s$/ }).click();
  await expect(panel).toHaveCount(0);
  await expect(clock).toHaveText(/\.000/);
  await ring.node('C').click();
  await ring.button('Kill C').click();
  await expect(ring.node('C')).toHaveAccessibleName(/crashed/);

  // What was copied plays in a page that was not damaged.
  const sound = await context.newPage();
  await sound.goto(baseURL ?? '/');
  const ops = await sound.evaluate(
    async ([tag, text]) => {
      const { playground } = document.querySelector(tag ?? '') as unknown as { playground: Face };
      await playground.ready;
      await playground.load(text ?? '');
      await playground.seek(60_000);
      return (await playground.state()).ops;
    },
    [face, JSON.stringify(report.scenario)],
  );
  expect(Object.values(ops).map((op) => op.outcome)).toEqual(['ok', 'ok']);
});

async function copiedScript(page: Page): Promise<{ put: { value: string } }[]> {
  await page.getByRole('button', { name: 'Copy scenario' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  return JSON.parse(text).script;
}

for (const [opener, script] of [
  ['Settings', 'settings-form'],
  ['Scenario', 'catalogue'],
] as const) {
  test(`when the ${script} does not come its panel says so, and the ring goes on`, async ({
    page,
  }) => {
    await page.route(`**/later-${script}*`, (route) => route.abort());
    const ring = await Playground.open(page);
    await page.getByRole('button', { name: new RegExp(`^${opener}: `) }).click();
    const panel = page.getByRole('dialog');
    await expect(panel.getByRole('alert')).toContainText(/could not be loaded.*load the page/);
    await panel.getByRole('button', { name: 'Close' }).click();
    await expect(panel).toBeHidden();
    await ring.put('milk', 'A');
    await ring.hurry();
    await ring.accepted(/p1.*accepted/s);
  });
}
