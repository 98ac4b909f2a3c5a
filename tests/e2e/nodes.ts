/** Nodes that are no tabs: programs of this machine, started as the README says. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Programs, and a folder for what they keep; both are gone after `end`. */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'dynamo-tabs-'));
  #programs: { child: ChildProcess; out: string }[] = [];

  /** A task of the runner: `node --ring …`, `edge …`. */
  start(...args: string[]): void {
    // A group of its own, so that whatever it starts ends with it.
    const child = spawn(process.execPath, ['tools/run.mjs', ...args], {
      cwd: root,
      env: { ...process.env, DYNAMO_SECRET: SECRET },
      detached: true,
    });
    const program = { child, out: '' };
    this.#programs.push(program);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        program.out += text;
      });
    }
  }

  /** What the programs have said so far. */
  get out(): string {
    return this.#programs.map((program) => program.out).join('\n');
  }

  end(): void {
    for (const { child } of this.#programs) {
      if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One member of a ring, as `curl` meets it. `at` ends in `/rings/RING`, without a scheme. */
export class Member {
  readonly #at: string;
  readonly #machine: Machine;

  constructor(machine: Machine, at: string) {
    this.#machine = machine;
    this.#at = at;
  }

  /** What a link's `via` names. */
  get socket(): string {
    return `ws://${this.#at}/socket`;
  }

  /** Until it takes requests and knows so many members. */
  async knows(members: number): Promise<void> {
    const end = Date.now() + START_MS;
    for (;;) {
      const view = await this.#ask('GET', '').catch(() => null);
      if (view?.ok && ((await view.json()) as { nodes: object[] }).nodes.length === members) return;
      if (Date.now() > end) {
        throw new Error(`not ${members} members at ${this.#at}: ${this.#machine.out}`);
      }
      await new Promise((wait) => setTimeout(wait, 100));
    }
  }

  #ask(method: string, path: string, body?: string): Promise<Response> {
    const headers = { Authorization: `Bearer ${SECRET}` };
    const signal = AbortSignal.timeout(15_000);
    return fetch(`http://${this.#at}${path}`, { method, body, headers, signal });
  }

  async put(key: string, value: string): Promise<void> {
    const answer = await this.#ask('PUT', `/keys/${encodeURIComponent(key)}`, value);
    if (answer.status !== 204) throw new Error(`${answer.status}: ${await answer.text()}`);
  }

  async get(key: string): Promise<string> {
    const answer = await this.#ask('GET', `/keys/${encodeURIComponent(key)}`);
    return `${answer.status} ${await answer.text()}`;
  }
}
