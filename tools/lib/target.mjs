// Where cargo builds.

import { capture } from './process.mjs';

export function targetFolder() {
  const { out } = capture('cargo', ['metadata', '--format-version', '1', '--no-deps', '--offline']);
  return JSON.parse(out).target_directory;
}

/** The command line, as `cargo build --release` leaves it. */
export function program() {
  const ending = process.platform === 'win32' ? '.exe' : '';
  return `${targetFolder()}/release/dynamo-playground${ending}`;
}
