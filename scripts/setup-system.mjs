// @ts-check
// `npm run setup:system`: installs the system programs the tests use. Debian and root; elsewhere it says what to install.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap/root.mjs';
import { BootstrapError, runCommand, say } from './bootstrap/say.mjs';

const packages = readFileSync(join(root, 'scripts', 'system-packages.txt'), 'utf8')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line && !line.startsWith('#'));

/** @param {string} name */
function isInstalled(name) {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' });
  return query.status === 0 && query.stdout.includes('install ok installed');
}

/** @param {string[]} args */
function aptGet(args) {
  const result = spawnSync('apt-get', ['-q', '-o', 'Acquire::Retries=3', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return result.status === 0;
}

await runCommand(async () => {
  const isDebian = existsSync('/etc/debian_version');
  const missing = isDebian ? packages.filter((name) => !isInstalled(name)) : packages;
  if (isDebian && missing.length === 0) return say('All system programs for the tests are installed.');
  const command = `apt-get install ${missing.join(' ')}`;
  if (!isDebian)
    throw new BootstrapError(
      `Please install these programs by your system's own means: FFmpeg (with ffprobe) and Chromium. On Debian: ${command}`,
    );
  if (process.getuid?.() !== 0)
    throw new BootstrapError(`Only root may install system packages. Please run: sudo ${command}`);
  say(`Installing ${missing.join(', ')}…`);
  if (!aptGet(['update']) || !aptGet(['install', '-y', '--no-install-recommends', ...missing]))
    throw new BootstrapError(`Installing the system packages failed. Please run: ${command}`);
});
