/** Nodes of a ring that are processes of this machine, started as the README says. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export const SECRET = '00112233445566778899aabbccddeeff';
const root = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 60_000;

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

export class RingProcess {
  out = '';
  readonly url: string;
  /** What a link's `via` and another node's `--join` name. */
  readonly at: string;
  readonly socket: string;
  #child: ChildProcess;

  constructor(args: string[], ring: string, port: number) {
    this.at = `127.0.0.1:${port}`;
    this.url = `http://${this.at}/rings/${ring}`;
    this.socket = `ws://${this.at}/rings/${ring}/socket`;
    // A group of its own, so that whatever it starts ends with it.
    this.#child = spawn(process.execPath, ['tools/run.mjs', ...args], {
      cwd: root,
      env: { ...process.env, DYNAMO_SECRET: SECRET },
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.out += text;
      });
    }
  }

  /** Until it takes requests and knows so many members. */
  async knows(members: number): Promise<void> {
    const end = Date.now() + START_MS;
    for (;;) {
      const view = await this.ask('GET', '').catch(() => null);
      if (view?.ok && ((await view.json()) as { nodes: object[] }).nodes.length === members) return;
      if (Date.now() > end) throw new Error(`not ${members} members at ${this.url}: ${this.out}`);
      await new Promise((wait) => setTimeout(wait, 100));
    }
  }

  ask(method: string, path: string, body?: string): Promise<Response> {
    const headers = { Authorization: `Bearer ${SECRET}` };
    return fetch(this.url + path, { method, body, headers, signal: AbortSignal.timeout(15_000) });
  }

  async put(key: string, value: string): Promise<void> {
    const answer = await this.ask('PUT', `/keys/${encodeURIComponent(key)}`, value);
    if (answer.status !== 204) throw new Error(`${answer.status}: ${await answer.text()}`);
  }

  async get(key: string): Promise<string> {
    const answer = await this.ask('GET', `/keys/${encodeURIComponent(key)}`);
    return `${answer.status} ${await answer.text()}`;
  }

  kill(): void {
    if (this.#child.pid && this.#child.exitCode === null) process.kill(-this.#child.pid, 'SIGKILL');
  }
}
