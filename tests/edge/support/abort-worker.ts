// The worker as it is, and one thing more: an object can be told to end where it stands.

import { NodeObject as Base } from '../../../www/edge/worker.ts';

export { default, WorldObject } from '../../../www/edge/worker.ts';

export class NodeObject extends Base {
  override fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === '/rings/edge/abort') this.ctx.abort('the test says so');
    return super.fetch(request);
  }
}
