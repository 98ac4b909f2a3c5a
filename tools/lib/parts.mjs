// Runs named parts one after another, goes on after a failure, and says at the end how each did.

import { Trouble } from './trouble.mjs';

/** `parts` are pairs of a name and its work, which gives an exit status or nothing. */
export async function runParts(parts) {
  const rows = [];
  for (const [name, work] of parts) {
    heading(name);
    const began = performance.now();
    const code = await attempt(work);
    rows.push({ name, code, seconds: (performance.now() - began) / 1000 });
  }
  heading('Summary');
  for (const { name, code, seconds } of rows) {
    console.log(`${code === 0 ? '✓' : '✕'} ${name.padEnd(24)} ${duration(seconds).padStart(12)}`);
  }
  const failed = rows.filter((row) => row.code !== 0).map((row) => row.name);
  const total = rows.reduce((sum, row) => sum + row.seconds, 0);
  console.log(`  ${'in all'.padEnd(24)} ${duration(total).padStart(12)}`);
  if (failed.length > 0) console.error(`\n✕ failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

async function attempt(work) {
  try {
    return (await work()) ?? 0;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    console.error(`✕ ${error.message}`);
    return error.status;
  }
}

export function heading(text) {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(3, 72 - text.length))}`);
}

function duration(seconds) {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}
