/** A journal in a Durable Object's SQLite: rows in the order in which they were appended. */

import { joined } from './answer.ts';
import type { Journal } from './peerhost.ts';

/** A row holds at most 2 MB. */
const ROW_BYTES_MAX = 1 << 20;

export class JournalTable implements Journal {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec('CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY, bytes BLOB)');
  }

  async load(): Promise<Uint8Array> {
    const rows = this.#storage.sql.exec<{ bytes: ArrayBuffer }>(
      'SELECT bytes FROM journal ORDER BY id',
    );
    const chunks = [...rows].map(({ bytes }) => new Uint8Array(bytes));
    return joined(
      chunks,
      chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    );
  }

  async cut(length: number): Promise<void> {
    const whole = await this.load();
    await this.append(whole.subarray(0, length), true);
  }

  async append(bytes: Uint8Array, replace: boolean): Promise<void> {
    this.#storage.transactionSync(() => {
      if (replace) this.#storage.sql.exec('DELETE FROM journal');
      for (let at = 0; at < bytes.length; at += ROW_BYTES_MAX) {
        const row = bytes.slice(at, at + ROW_BYTES_MAX);
        this.#storage.sql.exec('INSERT INTO journal (bytes) VALUES (?)', row.buffer);
      }
    });
    await this.#storage.sync();
  }
}
