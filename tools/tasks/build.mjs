// The static site: dist/, which any host can serve under any path.

import { tool } from '../lib/process.mjs';
import { reportSizes } from '../lib/sizes.mjs';
import { Trouble } from '../lib/trouble.mjs';
import { ensureWasm } from '../lib/wasm.mjs';
import { provisionBuild } from '../provision/all.mjs';

export default async function build() {
  await provisionBuild();
  await ensureWasm({ optimised: true });
  const args = ['build', 'www', '--config', 'www/vite.config.ts', '--logLevel', 'warn'];
  if ((await tool('vite', args)) !== 0) throw new Trouble('The page does not build; see above.');
  return reportSizes();
}
