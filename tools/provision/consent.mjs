// Asking before something is installed outside the repository.

import { createInterface } from 'node:readline/promises';

/** True where nobody has to be asked: in CI, with `--yes`, or after a yes at the prompt. */
export async function consent(question) {
  if (process.env.CI || process.argv.includes('--yes')) return true;
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [Y/n] `);
  terminal.close();
  return /^\s*(y|yes)?\s*$/i.test(answer);
}
