// The modules as a page gets them, started under Node.

import { readFileSync } from 'node:fs';
import * as peerFace from '../../../www/pkg/dynamo_peer.js';
import * as face from '../../../www/pkg/dynamo_playground.js';
import * as swarmFace from '../../../www/pkg/dynamo_swarm.js';

const read = (name) => readFileSync(new URL(`../../../www/pkg/${name}_bg.wasm`, import.meta.url));

export const bytes = read('dynamo_playground');
export const peerBytes = read('dynamo_peer');
export const swarmBytes = read('dynamo_swarm');

/** The generated face, its module started. Starting twice is the same module. */
export function start() {
  face.initSync({ module: bytes });
  return face;
}

export function startPeer() {
  peerFace.initSync({ module: peerBytes });
  return peerFace;
}

export function startSwarm() {
  swarmFace.initSync({ module: swarmBytes });
  return swarmFace;
}
