// The static site: dist/, which any host can serve under any path.

import { must } from '../lib/process.mjs';
import { reportSizes } from '../lib/sizes.mjs';
import { ensureWasm } from '../lib/wasm.mjs';
import { provisionBuild } from '../provision/all.mjs';

export default async function build() {
  await provisionBuild();
  await ensureWasm({ optimised: true });
  const args = ['vite', 'build', 'www', '--config', 'www/vite.config.ts', '--logLevel', 'warn'];
  await must('npx', args, 'The page does not build; see above.');
  return reportSizes();
}
