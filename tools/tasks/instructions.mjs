// Instructions per message, held against what is committed: `instructions [--update]`.

import { instructions } from '../lib/instructions.mjs';
import { provisionBuild } from '../provision/all.mjs';

export default async function run(args) {
  await provisionBuild();
  return instructions(args.filter((arg) => arg !== '--yes'));
}
