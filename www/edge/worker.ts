/** The edge on Cloudflare's workerd: worlds and nodes, each in a Durable Object. */

import { DurableObject } from 'cloudflare:workers';
import { initSync, Sim } from '../pkg/dynamo_playground.js';
import module from '../pkg/dynamo_playground_bg.wasm';
import { answered, isSame } from './answer.ts';
import { checkReady, type Env, origins, route } from './worker-env.ts';
import { worldFace } from './world.ts';

initSync({ module });

export { NodeObject } from './worker-node.ts';

/** One object that runs whole simulated worlds. */
export class WorldObject extends DurableObject<Env> {
  readonly #face = worldFace({
    build: (scenario) => new Sim(scenario),
    onTrap: () => this.ctx.abort('the module stopped'),
    admits: (secret) => isSame(secret, this.env.DYNAMO_SECRET ?? ''),
    origins: origins(this.env),
  });

  override fetch(request: Request): Promise<Response> {
    return this.#face(request);
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return answered(request, async () => {
      checkReady(env);
      return route(request, env);
    });
  },
} satisfies ExportedHandler<Env>;
