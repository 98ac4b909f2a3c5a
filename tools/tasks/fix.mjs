// Repairs what a tool can repair. What it leaves, `verify` names.

import { FIX } from '../lib/checks.mjs';
import { runParts } from '../lib/parts.mjs';
import { provisionBuild } from '../provision/all.mjs';
import { provisionLints } from '../provision/rust.mjs';

export default async function fix() {
  const provision = async () => {
    await provisionBuild();
    await provisionLints();
  };
  return runParts([['provision', provision, { needed: true }], ...FIX]);
}
