// @ts-check
// What every command needs before it can run: the packages of the lock file, and a build of the present sources.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isBuildNeeded } from './build-stamp.mjs';
import { install, isInstallNeeded } from './install.mjs';
import { withLock } from './lock.mjs';
import { root } from './root.mjs';
import { BootstrapError, say } from './say.mjs';

/** @returns {Promise<void>} */
async function build() {
  say('Building…');
  const code = await new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'scripts', 'build.mjs')], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    child.once('error', () => resolve(1));
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) throw new BootstrapError('The build failed; what is wrong stands above.');
}

/**
 * Installs and builds what is missing; does nothing, quickly, when all is there.
 * @throws {BootstrapError} with one sentence
 */
export async function bootstrap({ needsBuild = true } = {}) {
  const isReady = () => !isInstallNeeded() && !(needsBuild && isBuildNeeded());
  if (isReady()) return;
  await withLock(
    join(root, '.cache', 'bootstrap.lock'),
    async () => {
      if (isInstallNeeded()) await install();
      if (needsBuild && isBuildNeeded()) await build();
    },
    { onWait: () => say('Another start is installing or building; waiting for it…') },
  );
}
