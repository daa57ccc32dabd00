// @ts-check
// Plain old syntax on purpose: this file must still parse on the Node versions it turns away.

/**
 * The range Vite, ESLint and sharp agree on: ^20.19 || >=22.12.
 * @param {string} version e.g. `20.20.2`
 */
export function isSupportedNode(version) {
  const parts = version.replace(/^v/, '').split('.').map(Number);
  const major = parts[0] || 0;
  const minor = parts[1] || 0;
  if (major === 20) return minor >= 19;
  if (major === 22) return minor >= 12;
  return major > 22;
}

/** Ends the process with one sentence when this Node cannot run the project. */
export function requireSupportedNode() {
  if (isSupportedNode(process.versions.node)) return;
  process.stderr.write(
    'Stream Manager Studio needs Node 20.19 or newer (or 22.12 or newer in the 22 line); this is Node ' +
      process.versions.node +
      '. Install a current one from https://nodejs.org and run the command again.\n',
  );
  process.exit(1);
}
