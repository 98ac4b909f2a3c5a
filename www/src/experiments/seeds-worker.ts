/** Plays hostile runs, one after another, in a module of its own. */

import init, { hostileScenario, trySeed } from '../../pkg/dynamo_swarm.js';
import type { Reply, SwarmRequest } from '../engine/protocol';
import { isTrap, trapText, unstartedText } from '../engine/trap';

const started = init();
let panic = '';

// The panic hook writes to the console; the sentence is what broke.
const consoleError = console.error.bind(console);
console.error = (...args: unknown[]) => {
  panic = String(args[0]);
  consoleError(...args);
};

const send = (reply: Reply): void => self.postMessage(reply);

self.onmessage = async ({ data: { id, call, args } }: MessageEvent<SwarmRequest>) => {
  try {
    await started;
  } catch (thrown) {
    send({ id, fatal: { started: false, message: unstartedText(thrown) } });
    self.close();
    return;
  }
  const play = call === 'trySeed' ? trySeed : hostileScenario;
  try {
    send({ id, ok: true, value: play(args.scenario, args.seed) });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (!isTrap(error)) return send({ id, ok: false, error: error.message });
    send({ id, fatal: { started: true, message: trapText(error, panic) } });
    self.close();
  }
};
