// A C linker: rustc calls `cc` to link what runs on this machine.

import { capture, which } from '../lib/process.mjs';
import { Trouble } from '../lib/trouble.mjs';

/** What each package manager calls it, in the order in which they are looked for. */
const LINES = [
  ['apt-get', 'sudo apt-get update && sudo apt-get install -y build-essential'],
  ['dnf', 'sudo dnf install -y gcc'],
  ['pacman', 'sudo pacman -S --needed base-devel'],
  ['zypper', 'sudo zypper install -y gcc'],
  ['apk', 'sudo apk add build-base'],
];

export function demandLinker() {
  // Microsoft's linker is found by rustc itself, and it says what to install when it is not there.
  if (process.platform === 'win32') return;
  if (capture('cc', ['--version']).ok) return;
  throw new Trouble(
    `A C linker (cc) is needed and was not found. Install it with:\n\n    ${installLine()}\n`,
  );
}

function installLine() {
  if (process.platform === 'darwin') return 'xcode-select --install';
  const known = LINES.find(([manager]) => which(manager));
  return known ? known[1] : 'your system’s package of gcc or clang';
}
