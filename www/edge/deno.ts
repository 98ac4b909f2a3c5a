/**
 * A whole simulated world under Deno, straight from its sources:
 *
 *   deno run --allow-net --allow-read www/edge/deno.ts [PORT]
 */

import { initSync, Sim } from '../pkg/dynamo_playground.js';
import { LOOPBACK } from './origins.ts';
import { worldFace } from './world.ts';

/** As much of Deno's own face as is used here. */
declare const Deno: {
  args: string[];
  exit: (code: number) => never;
  readFileSync: (path: URL) => Uint8Array<ArrayBuffer>;
  serve: (
    options: { hostname: string; port: number; onListen: (at: { port: number }) => void },
    face: (request: Request) => Promise<Response>,
  ) => void;
};

const [given = '7100'] = Deno.args;
const port = Number(given);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`✕ PORT: found ${given}, allowed 0 to 65535`);
  Deno.exit(2);
}
const bytes = Deno.readFileSync(new URL('../pkg/dynamo_playground_bg.wasm', import.meta.url));
initSync({ module: bytes });
const face = worldFace({
  build: (scenario) => new Sim(scenario),
  onTrap: (thrown) => {
    console.error('The module stopped, and this process with it:', thrown);
    setTimeout(() => Deno.exit(70), 100);
  },
  origins: LOOPBACK,
});
const onListen = (at: { port: number }) =>
  console.log(`A simulated world is at http://127.0.0.1:${at.port}`);
Deno.serve({ hostname: '127.0.0.1', port, onListen }, face);
