/** Plays experiments, one after another, in a module of their own. */

import init, { hostileScenario, throughput, trySeed } from '../../pkg/dynamo_swarm.js';
import type { Reply, SwarmCalls, SwarmRequest } from '../engine/protocol';
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

const HANDLERS: { [K in keyof SwarmCalls]: (args: SwarmCalls[K]['in']) => SwarmCalls[K]['out'] } = {
  trySeed: (a) => trySeed(a.scenario, a.seed),
  hostileScenario: (a) => hostileScenario(a.scenario, a.seed),
  throughput: (a) => throughput(a.machines),
};

self.onmessage = async ({ data: { id, call, args } }: MessageEvent<SwarmRequest>) => {
  try {
    await started;
  } catch (thrown) {
    send({ id, fatal: { started: false, message: unstartedText(thrown) } });
    self.close();
    return;
  }
  // One handler per call; the request's type ties its arguments to it.
  const play = HANDLERS[call] as (args: SwarmRequest['args']) => unknown;
  try {
    send({ id, ok: true, value: play(args) });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (!isTrap(error)) return send({ id, ok: false, error: error.message });
    send({ id, fatal: { started: true, message: trapText(error, panic) } });
    self.close();
  }
};
