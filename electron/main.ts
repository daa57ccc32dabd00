// The desktop's entry, run by Electron. Everything that streams runs in the engine, a process of its own.
import { app } from 'electron';
import { join } from 'node:path';
import { DesktopShell } from './desktop/shell';
import { LauncherEngine, OwnEngine } from './desktop/engine-host';
import { findEngineNode } from './desktop/engine-node';
import { parseLauncherArgs } from './launcher/engine-args';
import { attachedVariable, engineArgsSchema, engineArgsVariable } from './launcher/desktop-contract';
import { paths } from './streaming/lib/paths';

/** From a clone the launcher hands the options over; a package is started with them. */
const handedOver = process.env[engineArgsVariable];
const { engineArgs, dataDir } = parseLauncherArgs(
  handedOver ? engineArgsSchema.parse(JSON.parse(handedOver)) : app.isPackaged ? process.argv.slice(1) : [],
);

// Beside the studio's own data, and what the single-instance lock is about: one window per data folder.
app.setPath('userData', join(dataDir, 'desktop'));

const ownEngine = (): OwnEngine =>
  new OwnEngine({
    node: findEngineNode({
      env: process.env,
      platform: process.platform,
      resourcesPath: process.resourcesPath,
      isPackaged: app.isPackaged,
    }),
    script: paths.engine,
    // Keys of a person who sits at a desktop lie where that desktop keeps secrets.
    args: ['--key-store', 'system', ...engineArgs],
  });

if (!app.requestSingleInstanceLock()) {
  app.quit();
} else {
  const shell = new DesktopShell({
    engine: process.env[attachedVariable] ? new LauncherEngine() : ownEngine(),
    dataDir,
    preload: join(paths.root, 'out', 'preload.cjs'),
    icon: join(paths.resources, 'icons', 'icon.png'),
  });
  app.on('second-instance', () => shell.focus());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  void app.whenReady().then(() => shell.open());
}
