// What comes from others: licences, sources, and what is known to be wrong with it.
//
// Known faults are asked of databases elsewhere. Where those cannot be reached, that is said, and
// it is no failure: the code did not change.

import { pathWith, provisionCargoTool, VERSIONS } from '../provision/cargotools.mjs';
import { capture, status } from './process.mjs';
import { Trouble } from './trouble.mjs';

const KEPT = ['bans', 'licenses', 'sources'];

export async function cargoDeny() {
  if (!(await provisionCargoTool('cargo-deny'))) {
    const line = `cargo install cargo-deny --version ${VERSIONS['cargo-deny']} --locked`;
    console.log(`– skipped: cargo-deny is not here. Install it with\n\n    ${line}\n`);
    return 0;
  }
  const env = { PATH: pathWith() };
  const kept = await status('cargo', ['deny', '--locked', 'check', ...KEPT], { env });
  if (!capture('cargo', ['deny', 'fetch', 'db'], { env }).ok) {
    console.log('– skipped: the database of advisories (RustSec) cannot be reached from here.');
    return kept;
  }
  const known = await status('cargo', ['deny', 'check', '--disable-fetch', 'advisories'], { env });
  return kept || known;
}

export async function npmAudit() {
  const verdict = readAudit(capture('npm', ['audit', '--json']).out);
  console.log(verdict.text);
  return verdict.code;
}

/** npm answers with a report, or with an error of the network in the same place. */
export function readAudit(out) {
  let report;
  try {
    report = JSON.parse(out);
  } catch {
    throw new Trouble(`npm audit did not answer with JSON: ${out.slice(0, 200)}`);
  }
  const counts = report.metadata?.vulnerabilities;
  if (!counts) {
    const why = report.message ?? report.error?.summary ?? 'no reason given';
    return { code: 0, text: `– skipped: npm’s advisories cannot be reached from here: ${why}` };
  }
  const found = Object.entries(counts).filter(([kind, count]) => kind !== 'total' && count > 0);
  const listed = found.map(([kind, count]) => `${count} ${kind}`).join(', ');
  const names = Object.keys(report.vulnerabilities ?? {}).join(', ');
  const isBad = counts.high + counts.critical > 0;
  const text = found.length === 0 ? '✓ nothing known' : `${listed}: ${names}`;
  return { code: isBad ? 1 : 0, text };
}
