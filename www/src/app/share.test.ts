import { expect, test } from 'vitest';
import { LINK_MAX, pack, type Run, readRun, writeRun } from './share';

const run: Run = {
  scenario: {
    version: 1,
    seed: 'mallard-42',
    config: { nodes: 6 },
    script: [{ at_ms: 4025.000001, put: { as: 'p1', key: 'cart:ann', value: 'milk ✓' } }],
  },
  at_ms: 4025.123456,
  digest: '9f2c000000000001',
  build: 'a',
  selection: { tab: 'key', node: -1, key: 'cart:ann', op: 'p1' },
};

/** A fragment that packs this text. */
const packed = async (text: string): Promise<string> => `#run=1.${await pack(text)}`;

test('a link gives back the run that it was made of', async () => {
  const link = await writeRun(run);
  expect(link).toMatch(/^#run=1\.[\w-]+$/);
  expect(await readRun(link)).toEqual(run);
});

test('a lesson of forty commands takes less than 2,000 characters', async () => {
  const script = Array.from({ length: 40 }, (_, i) => ({
    at_ms: 1000 * i + 137.25,
    put: { as: `p${i}`, key: `cart:${'abc'[i % 3]}`, value: `item ${i}`, via: 'ABCDEF'[i % 6] },
  }));
  const link = await writeRun({ ...run, scenario: { ...run.scenario, script } });
  expect(link.length).toBeLessThan(2000);
});

test('a run that is too long for a link says how long it is, and what to do', async () => {
  // Noise: hardly any of it packs.
  const noise = Array.from({ length: 20_000 }, (_, i) => Math.imul(i ^ 0x5bd1, 0x9e3779b1) >>> 0);
  const long = { ...run, scenario: { ...run.scenario, note: noise.join() } };
  const most = LINK_MAX.toLocaleString('en');
  await expect(writeRun(long)).rejects.toThrow(new RegExp(`takes .* at most ${most}.* Save it`));
});

test('a link that was cut short or changed is refused, never opened as another', async () => {
  const link = await writeRun(run);
  for (let end = 0; end < link.length; end++) {
    await expect(readRun(link.slice(0, end)), `${end} characters`).rejects.toThrow('This link');
  }
  for (const odd of ['#run=', '#run=x', '#run=1.', '#run=1.!!', '#run=1.AAAA', `${link}&x=1`]) {
    await expect(readRun(odd), odd).rejects.toThrow('not whole');
  }
});

test('a format of another page is named', async () => {
  const link = (await writeRun(run)).replace('#run=1.', '#run=2.');
  await expect(readRun(link)).rejects.toThrow('has format 2; this page reads format 1');
});

test('what a link packs is held to its form; what is odd in a selection is left out', async () => {
  const refused = [
    ['null', 'no scenario'],
    ['[]', 'no scenario'],
    ['{"scenario":"x","at_ms":1}', 'no scenario'],
    ['{"scenario":{},"at_ms":"1"}', 'milliseconds'],
    ['{"scenario":{},"at_ms":-1}', 'milliseconds'],
    ['{"scenario":{}}', 'milliseconds'],
    ['{"scenario":', 'cut short'],
  ] as const;
  for (const [text, why] of refused) {
    await expect(readRun(await packed(text)), text).rejects.toThrow(why);
  }
  const odd = '{"scenario":{},"at_ms":1,"selection":{"tab":"no","node":"x","key":5}}';
  const { selection } = await readRun(await packed(odd));
  expect(selection).toEqual({ tab: 'ring', node: Number.NaN, key: '5', op: '' });
});

test('a few bytes that would be unpacked into very many are refused before they are', async () => {
  const link = await packed(' '.repeat(50_000_000));
  expect(link.length).toBeLessThan(LINK_MAX * 2);
  await expect(readRun(link)).rejects.toThrow('cut short, or changed');
});
