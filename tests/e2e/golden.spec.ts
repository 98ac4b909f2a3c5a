/** One digest: the page's engine ends every scenario where the native one does. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { Playground } from './page';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const golden: Record<string, string> = JSON.parse(read('golden.json'));

test('every scenario ends in its golden digest in the page', async ({ page }) => {
  await Playground.open(page);
  const scenarios = Object.keys(golden).map((name) => [name, read(`scenarios/${name}.json`)]);
  const digests = await page.evaluate(async (texts) => {
    const { playground } = document.querySelector('dynamo-playground') as unknown as {
      playground: {
        ready: Promise<void>;
        load(scenario: string): Promise<void>;
        seek(ms: number): Promise<void>;
        pause(): Promise<void>;
        digest(): Promise<string>;
      };
    };
    await playground.ready;
    const found: [string, string][] = [];
    for (const [name, text] of texts as [string, string][]) {
      await playground.load(text);
      await playground.pause();
      await playground.seek(JSON.parse(text).until_ms);
      found.push([name, await playground.digest()]);
    }
    return found;
  }, scenarios);
  expect(Object.fromEntries(digests)).toEqual(golden);
});
