// Starting other programs: streamed to the terminal, or captured.

import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { inRoot, root } from './paths.mjs';
import { Trouble } from './trouble.mjs';

const windows = process.platform === 'win32';

/** Runs a program with our terminal; resolves with its exit status. */
export function status(command, args, { env = {}, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: 'inherit',
      // npm and npx are scripts on Windows, which only its shell can start.
      shell: windows,
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

/** Runs a program with our terminal and keeps what it printed: `{ code, out }`. */
export function tee(command, args, { env = {}, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['inherit', 'pipe', 'inherit'],
      shell: windows,
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      process.stdout.write(text);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: signal ? 1 : (code ?? 1), out }));
  });
}

/** Runs a program that must succeed; `sorry` is the sentence when it does not. */
export async function must(command, args, sorry, options = {}) {
  const code = await status(command, args, options);
  if (code !== 0) throw new Trouble(sorry ?? `${command} ${args.join(' ')} failed (${code}).`);
}

/** Runs a tool of node_modules; npx takes half a second more, and fetches what is not there. */
export function tool(name, args, { env = {} } = {}) {
  const PATH = `${inRoot('node_modules/.bin')}${delimiter}${process.env.PATH}`;
  return status(name, args, { env: { ...env, PATH } });
}

/** Runs a program quietly: `{ ok, out }`. A program that is not there is not ok. */
export function capture(command, args, { env = {}, cwd = root } = {}) {
  const done = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: windows,
  });
  return { ok: done.status === 0, out: done.stdout ?? '', err: done.stderr ?? '' };
}

/** The path of a program on PATH, or undefined. */
export function which(name) {
  const endings = windows ? ['.exe', '.cmd', ''] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      if (folder && isProgram(path)) return path;
    }
  }
  return undefined;
}

export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** npm starts us through a shell that keeps a SIGTERM for itself: when it has gone, we go too. */
export function endWithParent() {
  const parent = process.ppid;
  const look = () => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  };
  const timer = setInterval(look, 500).unref();
}
