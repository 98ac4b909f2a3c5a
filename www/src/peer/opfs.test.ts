import { expect, test } from 'vitest';
import { openJournal, type SyncFile } from './opfs';

/** A file that a test can cut short, as a kill would, or fill up. */
class Memory implements SyncFile {
  data: number[] = [];
  room = Number.POSITIVE_INFINITY;
  onWrite: () => void = () => {};

  read(into: AllowSharedBufferSource, { at = 0 } = {}): number {
    const target = ArrayBuffer.isView(into)
      ? new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
      : new Uint8Array(into);
    const bytes = this.data.slice(at, at + target.length);
    target.set(bytes);
    return bytes.length;
  }
  write(from: AllowSharedBufferSource, { at = 0 } = {}): number {
    this.onWrite();
    const bytes = (from as Uint8Array).slice(0, Math.max(0, this.room - at));
    while (this.data.length < at) this.data.push(0);
    this.data.splice(at, bytes.length, ...bytes);
    return bytes.length;
  }
  truncate(size: number): void {
    this.data.length = size;
  }
  getSize(): number {
    return this.data.length;
  }
  flush(): void {}
  close(): void {}
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (words: string) => new TextEncoder().encode(words);

test('what was appended is there when the journal is opened again', () => {
  const [a, b] = [new Memory(), new Memory()];
  const journal = openJournal(a, b);
  journal.append(bytes('one '));
  journal.append(bytes('two'));
  expect(text(openJournal(a, b).bytes)).toBe('one two');
});

test('a journal that is cut goes on from there', () => {
  const [a, b] = [new Memory(), new Memory()];
  openJournal(a, b).append(bytes('whole, torn'));
  const journal = openJournal(a, b);
  journal.cut('whole'.length);
  journal.append(bytes(' again'));
  expect(text(openJournal(a, b).bytes)).toBe('whole again');
});

test('a journal written anew takes the place of the old one, again and again', () => {
  const [a, b] = [new Memory(), new Memory()];
  const journal = openJournal(a, b);
  for (const words of ['first', 'second', 'third']) {
    journal.append(bytes('more and more'));
    journal.replace(bytes(words));
    journal.append(bytes('!'));
    expect(text(openJournal(a, b).bytes)).toBe(`${words}!`);
  }
});

test('a kill at any write of a replacement leaves the old journal or the new one, whole', () => {
  for (let kill = 1; kill <= 3; kill++) {
    const [a, b] = [new Memory(), new Memory()];
    const journal = openJournal(a, b);
    journal.append(bytes('old'));
    let writes = 0;
    const die = () => {
      writes += 1;
      if (writes === kill) throw new Error('killed');
    };
    a.onWrite = die;
    b.onWrite = die;
    const act = () => journal.replace(bytes('new'));
    if (kill < 3) expect(act).toThrow('killed');
    else act();
    a.onWrite = () => {};
    b.onWrite = () => {};
    expect(text(openJournal(a, b).bytes)).toBe(kill < 3 ? 'old' : 'new');
  }
});

test('a write for which there is no room is refused, and the journal stays whole', () => {
  const [a, b] = [new Memory(), new Memory()];
  const journal = openJournal(a, b);
  journal.append(bytes('kept'));
  a.room = a.data.length + 2;
  expect(() => journal.append(bytes('lost'))).toThrow(/2 of 4 bytes/);
  expect(text(openJournal(a, b).bytes)).toBe('kept');
});
