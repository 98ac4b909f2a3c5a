/**
 * A journal of two files of the origin's private file system, of which one is in force: the one
 * with the higher generation in a whole head. A new journal is written beside the old one and gets
 * its head last, so that at every moment one of the two is whole.
 */

import type { Journal, Journals } from './journal';

const FOLDER = 'dynamo';
const MAGIC = 0x44594e4a;
const HEAD_BYTES = 12;
/** The handles of a tab that was killed are given back by the browser, not at once. */
const OPEN_TRIES = 50;
const OPEN_PAUSE_MS = 100;

export function opfsJournals(root: FileSystemDirectoryHandle): Journals {
  const folder = async (ring: string, create: boolean) => {
    const all = await root.getDirectoryHandle(FOLDER, { create });
    return all.getDirectoryHandle(ring, { create });
  };
  return {
    kind: 'opfs',
    async nodes(ring) {
      try {
        const names: string[] = [];
        for await (const name of (await folder(ring, false)).keys()) names.push(name);
        return names;
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
    async open(ring, node) {
      const home = await (await folder(ring, true)).getDirectoryHandle(node, { create: true });
      return openJournal(await openFile(home, '0'), await openFile(home, '1'));
    },
    async remove(ring, node) {
      await (await folder(ring, true)).removeEntry(node, { recursive: true });
    },
  };
}

const isMissing = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'NotFoundError';

async function openFile(home: FileSystemDirectoryHandle, name: string): Promise<SyncFile> {
  const file = await home.getFileHandle(name, { create: true });
  for (let tries = 1; ; tries++) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (tries === OPEN_TRIES) throw error;
      await new Promise((wait) => setTimeout(wait, OPEN_PAUSE_MS));
    }
  }
}

/** What of a synchronous access handle is used here. */
export type SyncFile = Pick<
  FileSystemSyncAccessHandle,
  'read' | 'write' | 'flush' | 'truncate' | 'getSize' | 'close'
>;

export function openJournal(first: SyncFile, second: SyncFile): Journal {
  const generations = [generationOf(first), generationOf(second)] as const;
  let [live, spare] = generations[1] > generations[0] ? [second, first] : [first, second];
  let generation = Math.max(...generations);
  if (generation === 0) {
    generation = 1;
    live.truncate(0);
    writeHead(live, generation);
  }
  // What the other file still has is older, or was not finished.
  spare.truncate(0);
  let end = live.getSize();
  const bytes = new Uint8Array(end - HEAD_BYTES);
  live.read(bytes, { at: HEAD_BYTES });
  return {
    bytes,
    cut(length) {
      end = HEAD_BYTES + length;
      live.truncate(end);
      live.flush();
    },
    append(more) {
      writeAll(live, more, end);
      live.flush();
      end += more.length;
    },
    replace(whole) {
      spare.truncate(0);
      writeAll(spare, whole, HEAD_BYTES);
      spare.flush();
      generation += 1;
      writeHead(spare, generation);
      [live, spare] = [spare, live];
      end = HEAD_BYTES + whole.length;
      spare.truncate(0);
    },
    close() {
      live.close();
      spare.close();
    },
  };
}

/** Writes may be short, as when there is no more room. */
function writeAll(file: SyncFile, bytes: Uint8Array, at: number): void {
  const written = file.write(bytes as Uint8Array<ArrayBuffer>, { at });
  if (written === bytes.length) return;
  // What is half there must not be taken for an entry's beginning by the next one.
  file.truncate(at);
  throw new Error(`only ${written} of ${bytes.length} bytes could be written`);
}

function writeHead(file: SyncFile, generation: number): void {
  const head = new DataView(new ArrayBuffer(HEAD_BYTES));
  head.setUint32(0, MAGIC);
  head.setUint32(4, generation);
  head.setUint32(8, ~generation >>> 0);
  writeAll(file, new Uint8Array(head.buffer), 0);
  file.flush();
}

/** 0 when the head is not whole. */
function generationOf(file: SyncFile): number {
  const head = new DataView(new ArrayBuffer(HEAD_BYTES));
  if (file.read(head, { at: 0 }) !== HEAD_BYTES || head.getUint32(0) !== MAGIC) return 0;
  const generation = head.getUint32(4);
  return head.getUint32(8) === ~generation >>> 0 ? generation : 0;
}
