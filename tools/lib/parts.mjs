// Runs named parts one after another and says at the end how each did and how long it took. It goes
// on after a failure, unless nothing that follows could work: a part with `{ needed: true }`.

import { Trouble } from './trouble.mjs';

/** `parts` are `[name, work, options]`; the work gives an exit status, or nothing for success. */
export async function runParts(parts) {
  const rows = [];
  for (const [name, work, { needed = false } = {}] of parts) {
    heading(name);
    const began = performance.now();
    const code = await attempt(work);
    rows.push({ name, code, seconds: (performance.now() - began) / 1000 });
    if (needed && code !== 0) break;
  }
  heading('Summary');
  for (const { name, code, seconds } of rows) {
    console.log(`${code === 0 ? '✓' : '✕'} ${name.padEnd(24)} ${duration(seconds).padStart(12)}`);
  }
  const failed = rows.filter((row) => row.code !== 0).map((row) => row.name);
  const skipped = parts.slice(rows.length).map(([name]) => name);
  const total = rows.reduce((sum, row) => sum + row.seconds, 0);
  console.log(`  ${'in all'.padEnd(24)} ${duration(total).padStart(12)}`);
  if (failed.length > 0) console.error(`\n✕ failed: ${failed.join(', ')}`);
  if (skipped.length > 0) console.error(`  not run for want of it: ${skipped.join(', ')}`);
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
