/** A journal in a folder of its own: one file that grows, and a lock so that one node owns it. */

import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal } from './peerhost.ts';

/** What people keep in a ring is for its owner's eyes. */
const OWN = 0o600;

export class JournalFile implements Journal {
  readonly #folder: string;
  readonly #path: string;
  #file: FileHandle | null = null;
  #length = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, 'journal');
  }

  async load(): Promise<Uint8Array> {
    await this.#file?.close();
    mkdirSync(this.#folder, { recursive: true });
    const file = await open(this.#path, constants.O_RDWR | constants.O_CREAT, OWN);
    this.#file = file;
    syncFolder(this.#folder);
    const bytes = await file.readFile();
    this.#length = bytes.length;
    return bytes;
  }

  async cut(length: number): Promise<void> {
    await this.#opened().truncate(length);
    await this.#opened().sync();
    this.#length = length;
  }

  async append(bytes: Uint8Array, replace: boolean): Promise<void> {
    if (replace) return this.#replace(bytes);
    const file = this.#opened();
    await writeAll(file, bytes, this.#length);
    await file.datasync();
    this.#length += bytes.length;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  /** Whoever looks, at whatever moment, finds the old journal or the new one, whole. */
  async #replace(bytes: Uint8Array): Promise<void> {
    const beside = `${this.#path}.new`;
    const fresh = await open(beside, 'w+', OWN);
    await writeAll(fresh, bytes, 0);
    await fresh.sync();
    await rename(beside, this.#path);
    syncFolder(this.#folder);
    await this.#file?.close();
    this.#file = fresh;
    this.#length = bytes.length;
  }

  #opened(): FileHandle {
    if (this.#file) return this.#file;
    throw new Error('the journal is not open');
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/** A file's name is durable when its folder is. Windows has no such thing, and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Takes a folder for this process, or throws who has it. Gives the way to let go of it. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lock');
  const mine = JSON.stringify(identity(process.pid));
  for (let tries = 0; tries < 3; tries++) {
    if (hasMade(path, mine)) return () => letGo(path, mine);
    const holder = readHolder(path);
    if (holder && isAlive(holder)) {
      throw new Error(`${folder}: held by the running process ${holder.pid}`);
    }
    // Left by a process that was killed. Whoever else sees that too may be a step ahead.
    if (holder) letGo(path, JSON.stringify(holder));
  }
  throw new Error(`${folder}: the lock could not be taken`);
}

interface Identity {
  pid: number;
  /** When the process started: numbers of processes come again. Empty where it is not told. */
  started: string;
}

function identity(pid: number): Identity {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything; the start is the 20th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, started: fields[19] ?? '' };
  } catch {
    return { pid, started: '' };
  }
}

function isAlive({ pid, started }: Identity): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return started === identity(pid).started;
}

/** The lock appears with its contents, or not at all. */
function hasMade(path: string, text: string): boolean {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, text);
  try {
    linkSync(beside, path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  } finally {
    unlinkSync(beside);
  }
}

function readHolder(path: string): Identity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Identity;
  } catch {
    return null;
  }
}

function letGo(path: string, text: string): void {
  try {
    if (readFileSync(path, 'utf8') === text) unlinkSync(path);
  } catch {
    // Gone already.
  }
}
