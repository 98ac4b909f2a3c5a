/** Where a ring's secret comes from, and where a founder keeps it. */

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { BadFlag } from './flags.ts';

const SECRET = /^[0-9a-f]{32}$/;

/** From the file, else from `DYNAMO_SECRET`; nothing when neither is given. */
export function readSecret(file: string | undefined): string | undefined {
  if (file !== undefined) return checked(`--secret-file ${file}`, contents(file));
  const { DYNAMO_SECRET: given } = process.env;
  return given === undefined ? undefined : checked('DYNAMO_SECRET', given);
}

/** The secret kept in `file`, made when there is none yet. Only its owner may read it. */
export function keptSecret(file: string): string {
  if (existsSync(file)) return checked(file, contents(file));
  const secret = randomBytes(16).toString('hex');
  keepSecret(file, secret);
  return secret;
}

export function keepSecret(file: string, secret: string): void {
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new BadFlag(`--secret-file: ${why}`);
  }
}

function checked(where: string, text: string): string {
  const secret = text.trim();
  // What was found is a secret, or nearly one: it is not printed.
  if (SECRET.test(secret)) return secret;
  throw new BadFlag(`${where}: found ${secret.length} characters, allowed 32 hex digits (0-9 a-f)`);
}
