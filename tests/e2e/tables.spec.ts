/** The tables beside the picture, and the one voice: what is drawn is also said, and calmly. */

import { expect, type Locator, type Page, test } from '@playwright/test';
import { Playground } from './page';

const SCENARIO = {
  version: 1,
  title: 'A crash and a hint',
  seed: 'heron-7',
  config: { nodes: 6, n: 3, r: 2, w: 2, network: { latency_ms: [20, 70] } },
  script: [
    { at_ms: 100, put: { as: 'p1', key: 'cart:ann', value: 'milk', via: 'A' } },
    { at_ms: 800, crash: { node: 'B' } },
    { at_ms: 900, put: { as: 'p2', key: 'cart:ann', value: 'milk, eggs', via: 'E' } },
  ],
  until_ms: 3_600_000,
};

const named = (page: Page, name: RegExp): Locator => page.getByRole('table', { name });

test('the tables are opened by keyboard and say what the ring shows', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.at(SCENARIO, 1500);
  await page.getByText('As tables').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'As tables' })).toBeVisible();

  const nodes = named(page, /^Ring, 6 nodes, 64 partitions/).getByRole('row');
  await expect(nodes).toHaveCount(7);
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) {
    const [, state, keys, hints] = (await ring.named(name)).split(', ');
    const row = nodes.filter({ has: page.getByRole('rowheader', { name, exact: true }) });
    await expect(row.getByRole('cell').nth(0)).toHaveText(state ?? '');
    await expect(row.getByRole('cell').nth(2)).toHaveText(keys?.split(' ')[0] ?? '');
    const held = hints?.startsWith('0') ? 'none' : `${hints?.split(' ')[0]} for B`;
    await expect(row.getByRole('cell').nth(3)).toHaveText(held);
  }

  const keys = named(page, /^Keys/);
  const newest = keys.getByRole('row').filter({ hasText: 'milk, eggs' });
  await expect(newest).toHaveCount(1);
  const place = page.getByRole('button', { name: 'Key cart:ann' });
  await expect(place).toBeAttached();
  await expect(newest.getByRole('cell').first()).toHaveText(/^\d+$/);
  await expect(keys).toContainText('for B');

  await expect(named(page, /^Messages, \d+ in flight/)).toBeVisible();
  const matrix = named(page, /^Membership/);
  await expect(matrix.getByRole('columnheader')).toHaveText([
    'Node',
    'A is up',
    'B is crashed',
    ...['C', 'D', 'E', 'F'].map((name) => `${name} is up`),
  ]);
  // Nobody is told: whoever has not missed its heartbeat yet is wrong about it, and that is said.
  await expect(matrix.getByRole('cell', { name: 'up, wrong' }).first()).toBeVisible();
});

/** Notes when anything below an element changes, in the page's own time. */
async function watch(element: Locator): Promise<() => Promise<{ at: number; text: string }[]>> {
  await element.evaluate((node) => {
    const seen: { at: number; text: string }[] = [];
    (window as unknown as { seen: typeof seen }).seen = seen;
    const note = () => seen.push({ at: performance.now(), text: node.textContent?.trim() ?? '' });
    const options = { childList: true, subtree: true, characterData: true };
    new MutationObserver(note).observe(node, options);
  });
  return () =>
    element
      .page()
      .evaluate(() => (window as unknown as { seen: { at: number; text: string }[] }).seen);
}

function gaps(times: readonly { at: number }[]): number[] {
  return times.slice(1).map((one, i) => one.at - (times[i]?.at ?? 0));
}

/** A timer may come a little early against the clock that observes it; never by as much as this. */
const SECOND_MS = 980;

test('the tables change at most once a second, however fast the ring runs', async ({ page }) => {
  const ring = await Playground.open(page);
  await ring.hurry();
  await page.getByText('As tables').press('Enter');
  const seen = await watch(page.getByRole('region', { name: 'As tables' }));
  await expect.poll(async () => (await seen()).length, { timeout: 20_000 }).toBeGreaterThan(3);
  expect(Math.min(...gaps(await seen()))).toBeGreaterThan(SECOND_MS);
});

test('one polite voice says at most a sentence a second, and gathers the rest', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  const voice = page.getByTestId('live');
  await expect(voice).toHaveAttribute('aria-live', 'polite');
  const seen = await watch(voice);
  // Listened to in the page: a sentence may have gone again before a question from outside.
  const hears = (words: string) =>
    expect
      .poll(async () => (await seen()).some(({ text }) => text.includes(words)), {
        timeout: 20_000,
      })
      .toBe(true);
  // Eight tenths of the ring's time to a second: the crash and the suspicion, ten seconds later,
  // are never gathered into one sentence.
  await ring.at({ ...SCENARIO, title: 'Crowd' }, 0);
  await page.getByRole('slider', { name: 'Speed' }).fill('800');
  await ring.button('Play').press('Enter');
  await hears('B crashed');
  // From here on many things at once: a crowd of events.
  await ring.hurry();
  await hears('suspects B');
  const said = (await seen()).filter((one) => one.text !== '');
  expect(said.length).toBeGreaterThan(2);
  expect(Math.min(...gaps(said))).toBeGreaterThan(SECOND_MS);
  for (const { text } of said) expect(text).toMatch(/^\S.*\.$/);
  // What was not recited is counted.
  expect(said.some(({ text }) => /\(and \d+ more\)\.$/.test(text))).toBe(true);
  expect(said.some(({ text }) => text.startsWith('B crashed'))).toBe(true);
});

test('a screen reader finds landmarks, names and states, and the ring as one group', async ({
  page,
}) => {
  const ring = await Playground.open(page);
  await ring.at(SCENARIO, 1500);
  for (const [role, name] of [
    ['main', 'Stage'],
    ['complementary', 'Guide'],
    ['complementary', 'Inspector'],
    ['region', 'Time'],
    ['toolbar', 'Scenario'],
    ['toolbar', 'Transport'],
    ['form', 'Client desk'],
    ['group', 'Ring of 6 nodes, 64 partitions'],
    ['slider', 'Moment'],
    ['slider', 'Speed'],
  ] as const) {
    await expect(page.getByRole(role, { name }), `${role} ${name}`).toHaveCount(1);
  }
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Dynamo playground');
  const standIn = page.getByRole('button', { name: /^Node [A-F], up, 0 keys, 1 hint$/ });
  await expect(standIn).toHaveCount(1);
  await expect(ring.node('B')).toHaveAccessibleName('Node B, crashed, 1 key, 0 hints');
  // The ring is its nodes and keys; the bezel's letters are for eyes, and tables tell them.
  const heard = await page.getByRole('group', { name: /^Ring of/ }).ariaSnapshot();
  expect(heard.split('\n').filter((line) => !/^\s*- (group|button) "/.test(line))).toEqual([]);
  // What a check's sign shows is said as well.
  const checks = page.getByRole('list', { name: 'Checks' }).getByRole('listitem');
  await expect(checks.first()).toHaveText(
    /^\s*Acknowledged writes survive\s+holds, armed since 0\.\d s\s*$/,
  );

  // No control goes without a name, and what is drawn only is hidden from whoever cannot see it.
  const nameless = await page.evaluate(() => {
    const root = document.querySelector('dynamo-playground')?.shadowRoot;
    const controls = root?.querySelectorAll('button, select, input, summary, [role=button]') ?? [];
    return [...controls]
      .filter((it) => {
        const labels = (it as HTMLInputElement).labels;
        const label = labels?.length ? labels[0]?.textContent : it.textContent;
        return !(it.getAttribute('aria-label') || label?.trim());
      })
      .map((it) => it.outerHTML.slice(0, 80));
  });
  expect(nameless).toEqual([]);
});
