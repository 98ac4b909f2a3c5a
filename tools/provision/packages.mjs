// node_modules, held against the lock file.

import { existsSync, readFileSync } from 'node:fs';
import { inRoot } from '../lib/paths.mjs';
import { must } from '../lib/process.mjs';

export async function provisionPackages() {
  if (isFresh()) return;
  console.log('Installing the npm packages of package-lock.json …');
  await must(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'The npm packages named in package-lock.json could not be installed (npm ci); see above.',
  );
}

/** Is every package of the lock file there in its version? Optional ones may be absent. */
function isFresh() {
  const installed = inRoot('node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const there = packagesOf(installed);
  return Object.entries(packagesOf(inRoot('package-lock.json'))).every(
    ([path, { version, optional }]) =>
      path === '' || (there[path] ? there[path].version === version : optional === true),
  );
}

function packagesOf(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}
