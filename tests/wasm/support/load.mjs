// The module as a page gets it, started under Node.

import { readFileSync } from 'node:fs';
import * as face from '../../../www/pkg/dynamo_playground.js';

export const bytes = readFileSync(
  new URL('../../../www/pkg/dynamo_playground_bg.wasm', import.meta.url),
);

/** The generated face, its module started. Starting twice is the same module. */
export function start() {
  face.initSync({ module: bytes });
  return face;
}
