// Node itself. Imported before anything else, so it keeps to what old versions understand.

const MAJOR = 20;
const MINOR = 19;

export function demandNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MAJOR || (major === MAJOR && minor >= MINOR)) return;
  console.error(
    `✕ Node ${MAJOR}.${MINOR} or newer is needed; this is ${process.versions.node}. ` +
      `Install it with:\n\n    ${installLine()}\n`,
  );
  process.exit(1);
}

function installLine() {
  if (process.platform === 'darwin') return 'brew install node';
  if (process.platform === 'win32') return 'winget install OpenJS.NodeJS.LTS';
  return 'npx --yes n 20   # or your distribution’s package of Node 20';
}
