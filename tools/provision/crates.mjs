// The crates of Cargo.lock, fetched in a step of its own: a network that fails is then named as
// such, and the builds after it run offline.

import { wasmTarget } from '../lib/paths.mjs';
import { capture, must } from '../lib/process.mjs';

export async function provisionCrates() {
  const host = /host: (\S+)/.exec(capture('rustc', ['-vV']).out)[1];
  const targets = ['--target', host, '--target', wasmTarget];
  if (capture('cargo', ['fetch', '--offline', ...targets]).ok) return;
  console.log('Fetching the crates of Cargo.lock …');
  await must(
    'cargo',
    ['fetch', ...targets],
    'The crates named in Cargo.lock could not be fetched (cargo fetch); see above.',
  );
}
