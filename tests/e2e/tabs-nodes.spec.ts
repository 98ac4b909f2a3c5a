/** A tab in one ring with nodes that are no tabs: what is put on either side is on both. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { freePort, RingProcess, SECRET } from './nodes';
import { Tab } from './tab';

const RING = 'ducks';

test('a tab and two Node processes are one ring, and a tab that was away catches up', async ({
  context,
}) => {
  test.setTimeout(180_000);
  const data = mkdtempSync(join(tmpdir(), 'dynamo-tabs-'));
  const processes: RingProcess[] = [];
  const start = async (name: string, via?: RingProcess) => {
    const port = await freePort();
    const listen = ['--listen', `127.0.0.1:${port}`, '--data', join(data, name)];
    const joining = via ? ['--join', via.at] : [];
    const args = ['node', '--ring', RING, '--name', name, ...listen, ...joining];
    const one = new RingProcess(args, RING, port);
    processes.push(one);
    await one.knows(processes.length);
    return one;
  };
  try {
    const a = await start('A');
    const b = await start('B', a);
    const link = `/#ring=${RING}.${SECRET}&via=${a.socket}`;
    const tab = await Tab.open(context, link);
    await tab.isMember();
    const name = await tab.name();
    await tab.sees(3);
    for (const one of [a, b]) await one.knows(3);

    await tab.put('cart:ann', 'milk');
    for (const one of [a, b]) expect(await one.get('cart:ann')).toBe('200 milk');
    await b.put('cart:bob', 'bread');
    await tab.get('cart:bob', /1 version/);
    await expect(tab.page.getByRole('tabpanel')).toContainText('bread');

    // Closed; the others go on without it.
    await tab.page.close();
    for (let i = 0; i < 6; i++) await a.put(`away-${i}`, `${i}`);
    const back = await Tab.open(context, link);
    await back.isMember();
    expect(await back.name()).toBe(name);
    expect(await back.stored()).toEqual(expect.arrayContaining(['cart:ann', 'cart:bob']));
    for (let i = 0; i < 6; i++) {
      const answer = await back.ask({ get: { key: `away-${i}` } });
      expect(answer).toEqual({ outcome: 'ok', values: [`${i}`] });
    }
    // Having been read, they are its own again: read repair.
    const missed = Array.from({ length: 6 }, (_, i) => `away-${i}`);
    await expect.poll(() => back.stored()).toEqual(expect.arrayContaining(missed));
  } finally {
    for (const one of processes) one.kill();
    rmSync(data, { recursive: true, force: true });
  }
});

test('a link with another secret lets nobody in', async ({ context }) => {
  test.setTimeout(120_000);
  const data = mkdtempSync(join(tmpdir(), 'dynamo-tabs-'));
  const port = await freePort();
  const listen = ['--listen', `127.0.0.1:${port}`, '--data', data];
  const a = new RingProcess(['node', '--ring', RING, '--name', 'A', ...listen], RING, port);
  try {
    await a.knows(1);
    const wrong = SECRET.replace(/^../, 'ff');
    const tab = await Tab.open(context, `/#ring=${RING}.${wrong}&via=${a.socket}`);
    const ways = tab.page.getByRole('list', { name: 'Ways' }).getByRole('listitem');
    await expect(ways).toContainText('refused', { timeout: 15_000 });
    await a.knows(1);
  } finally {
    a.kill();
    rmSync(data, { recursive: true, force: true });
  }
});
