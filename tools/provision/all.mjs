// What every task that builds needs, checked in the order in which a person would have to mend it.

import { demandLinker } from './compiler.mjs';
import { provisionCrates } from './crates.mjs';
import { provisionPackages } from './packages.mjs';
import { provisionRust } from './rust.mjs';

export async function provisionBuild() {
  demandLinker();
  await provisionRust();
  await provisionPackages();
  await provisionCrates();
}
