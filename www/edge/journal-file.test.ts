import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JournalFile, lockFolder } from './journal-file';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dynamo-journal-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('what was appended is there when it is loaded again, in order', async () => {
  const journal = new JournalFile(join(folder, 'new', 'A'));
  expect(await journal.load()).toHaveLength(0);
  await journal.append(bytes('one '), false);
  await journal.append(bytes('two '), false);
  await journal.close();
  const again = new JournalFile(join(folder, 'new', 'A'));
  expect(text(await again.load())).toBe('one two ');
  await again.append(bytes('three'), false);
  expect(text(await again.load())).toBe('one two three');
  await again.close();
});

test('a torn end is cut off, and what comes next stands where it stood', async () => {
  const journal = new JournalFile(folder);
  await journal.load();
  await journal.append(bytes('good'), false);
  appendFileSync(join(folder, 'journal'), 'torn');
  expect(await journal.load()).toHaveLength(8);
  await journal.cut(4);
  await journal.append(bytes(' and more'), false);
  expect(readFileSync(join(folder, 'journal'), 'utf8')).toBe('good and more');
  await journal.close();
});

test('a replaced journal is exactly what it was replaced with, and grows from there', async () => {
  const journal = new JournalFile(folder);
  await journal.load();
  await journal.append(bytes('much that is old'), false);
  await journal.append(bytes('new'), true);
  await journal.append(bytes('er'), false);
  expect(readFileSync(join(folder, 'journal'), 'utf8')).toBe('newer');
  expect(existsSync(join(folder, 'journal.new'))).toBe(false);
  await journal.close();
});

test('only the owner may read a journal', async () => {
  const journal = new JournalFile(folder);
  await journal.load();
  await journal.append(bytes('x'), true);
  expect(statSync(join(folder, 'journal')).mode & 0o777).toBe(0o600);
  await journal.close();
});

test('an append to a journal that is closed fails', async () => {
  await expect(new JournalFile(folder).append(bytes('x'), false)).rejects.toThrow('not open');
});

test('a folder has one owner, and is free when it lets go', () => {
  const letGo = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(`held by the running process ${process.pid}`);
  letGo();
  lockFolder(folder)();
});

test('a lock left by a process that is gone, or that had the same number, is taken over', () => {
  // Linux numbers processes up to 2^22.
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 2 ** 30, started: '1' }));
  lockFolder(folder)();
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, started: 'earlier' }));
  lockFolder(folder)();
});
