// Programs of the tests: started, waited for, ended. Every wait has an end.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../../tools/lib/paths.mjs';

/** A folder that is gone after the test. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'dynamo-edge-'));
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/** A program, what it has printed so far, and how it ended; killed when the test is over. */
export class Program {
  out = '';
  ended = null;

  constructor(t, command, args, env = {}) {
    // A group of its own: a runtime's own children die with it.
    const options = { cwd: root, env: { ...process.env, ...env }, detached: true };
    this.child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.out += text;
      });
    }
    this.over = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.ended = { code, signal };
        resolve(this.ended);
      });
    });
    t.after(() => this.kill());
  }

  /** What `pattern` found in the output, once it is there. */
  async said(pattern, ms = 30_000) {
    await until(
      () => pattern.test(this.out) || this.ended,
      ms,
      () => `${pattern} in ${this.out}`,
    );
    const found = pattern.exec(this.out);
    if (!found) throw new Error(`the program ended (${JSON.stringify(this.ended)}): ${this.out}`);
    return found;
  }

  /** SIGKILL, to all of its group. */
  async kill() {
    if (this.ended) return;
    process.kill(-this.child.pid, 'SIGKILL');
    await this.over;
  }

  async stop(ms = 10_000) {
    this.child.kill('SIGTERM');
    await until(
      () => this.ended,
      ms,
      () => `its end after SIGTERM; it said ${this.out}`,
    );
    return this.ended;
  }
}

/** Waits until `isTrue` answers with something true, and gives that. */
export async function until(isTrue, ms, what) {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = await isTrue();
    if (found) return found;
    if (performance.now() > deadline) {
      throw new Error(`waited ${ms} ms for ${typeof what === 'function' ? what() : what}`);
    }
    await sleep(20);
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
