import { ensureWasm } from '../lib/wasm.mjs';
import { provisionBuild } from '../provision/all.mjs';

export default async function wasm() {
  await provisionBuild();
  await ensureWasm();
}
