// Every test, or some parts: `npm test -- rust wasm`. What follows `--` or begins with a dash goes
// to the runner of a part that is asked for alone: `npm test -- e2e --grep hint`.

import { runParts } from '../lib/parts.mjs';
import { EXTRA, PARTS } from '../lib/testing.mjs';
import { Trouble } from '../lib/trouble.mjs';
import { ensureWasm } from '../lib/wasm.mjs';
import { provisionBuild } from '../provision/all.mjs';

const ALL = { ...PARTS, ...EXTRA };
/** The others play the built module. */
const WITHOUT_MODULE = [
  ...['tools', 'rust', 'swarm', 'saboteurs', 'instructions', 'engines', 'wasm-pack'],
];

export default async function test(args) {
  const names = args.filter((one) => Object.hasOwn(ALL, one));
  const rest = args.filter((one) => !names.includes(one) && one !== '--yes');
  const stranger = rest.find((one) => !one.startsWith('-'));
  if (names.length === 0 && stranger) {
    const allowed = Object.keys(ALL).join(', ');
    throw new Trouble(`test: found ${stranger}, allowed ${allowed}`, 2);
  }
  if (names.length !== 1 && rest.length > 0) {
    throw new Trouble(`test: ${rest.join(' ')} needs exactly one part to go to`, 2);
  }
  const chosen = names.length > 0 ? names : Object.keys(PARTS);
  const parts = chosen.map((name) => [name, () => ALL[name](rest)]);
  const isNative = (name) => WITHOUT_MODULE.includes(name);
  const needsModule = !chosen.every(isNative);
  return runParts([
    ['provision', provisionBuild, { needed: true }],
    ...parts.filter(([name]) => isNative(name)),
    ...(needsModule ? [['wasm module', () => ensureWasm(), { needed: true }]] : []),
    ...parts.filter(([name]) => !isNative(name)),
  ]);
}
