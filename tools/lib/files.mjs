// Listing files, and one fingerprint over many of them.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { inRoot } from './paths.mjs';

/** Every file below `path` (itself, when it is one), relative to the root, in a fixed order. */
export function filesUnder(path, ending = '') {
  const absolute = inRoot(path);
  if (!existsSync(absolute)) return [];
  if (statSync(absolute).isFile()) return path.endsWith(ending) ? [path] : [];
  const names = readdirSync(absolute).sort();
  return names.flatMap((name) => filesUnder(`${path}/${name}`, ending));
}

/** A hash over names and contents: it changes when any of the files does. */
export function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((one) => filesUnder(one))) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(inRoot(path)))
      .update('\0');
  }
  return hash.digest('hex');
}
