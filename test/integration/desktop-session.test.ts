import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isDesktopOpen } from '../../electron/launcher/desktop-open';
import { runDesktop } from '../../electron/launcher/desktop-session';
import { engineFileSchema } from '../../shared/contract/engine-file';
import { makeInstallation } from '../support/installation';
import type { Installation } from '../support/installation';
import { isAlive } from '../support/program';
import { waitFor } from '../support/wait-for';

const register = pathToFileURL(
  resolve(import.meta.dirname, '../support/electron-stand-in-register.mjs'),
).href;

let installation: Installation;
beforeEach(() => {
  installation = makeInstallation();
  givenUp = [];
});
afterEach(() => installation[Symbol.dispose]());

/** A program in the place of Electron's binary. */
function electron(script: string): string {
  const path = join(installation.root, 'electron');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const shellProgram = () => electron(`exec '${process.execPath}' --import '${register}' "$1/out/main.js"`);

const pidIn = (name: string): number | undefined => {
  try {
    const { pid } = JSON.parse(readFileSync(join(installation.dataDir, name), 'utf8')) as { pid: number };
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
};
const engineUp = () => waitFor(() => pidIn('engine.json'), 'the engine to be ready');
const shellUp = (former?: number) =>
  waitFor(() => {
    const pid = pidIn('desktop.json');
    return pid === former ? undefined : pid;
  }, 'the window to open');

let givenUp: string[];
const start = (path: string) =>
  runDesktop({
    electron: path,
    appDir: installation.root,
    script: join(installation.root, 'out', 'engine.js'),
    onShellGivenUp: ({ uiUrl }) => givenUp.push(uiUrl),
    engineArgs: ['--data-dir', installation.dataDir],
    dataDir: installation.dataDir,
    node: process.execPath,
  });

describe('runDesktop', () => {
  it('runs the built shell until it is closed, and knows meanwhile that it is open', async () => {
    const ended = start(shellProgram());
    const shell = await shellUp();
    expect(isDesktopOpen(installation.dataDir)).toBe(true);
    const engine = await engineUp();
    process.kill(shell, 'SIGTERM');
    expect(await ended).toEqual({ exitCode: 0 });
    expect(isDesktopOpen(installation.dataDir)).toBe(false);
    expect(isAlive(engine)).toBe(false);
  });

  it('opens the window again when the shell crashes, while the same engine goes on', async () => {
    const ended = start(shellProgram());
    const first = await shellUp();
    const engine = await engineUp();
    process.kill(first, 'SIGKILL');
    const second = await shellUp(first);
    expect(isAlive(second)).toBe(true);
    expect(pidIn('engine.json')).toBe(engine);
    // It ends by its own wish, and the new shell hears of that and closes.
    process.kill(engine, 'SIGTERM');
    expect(await ended).toEqual({ exitCode: 0 });
    expect(isAlive(second)).toBe(false);
    expect(givenUp).toEqual([]);
  });

  it('goes on without a window that keeps crashing', async () => {
    const ended = start(shellProgram());
    let shell: number | undefined;
    for (let crash = 0; crash < 4; crash++) {
      shell = await shellUp(shell);
      await engineUp();
      process.kill(shell, 'SIGKILL');
    }
    await waitFor(() => givenUp.length > 0, 'the window to be given up');
    const engine = await engineUp();
    const text = readFileSync(join(installation.dataDir, 'engine.json'), 'utf8');
    expect(givenUp).toEqual([engineFileSchema.parse(JSON.parse(text)).uiUrl]);
    process.kill(engine, 'SIGTERM');
    expect(await ended).toEqual({ exitCode: 0 });
  });

  it('takes a program that ends before its window opens for a reason to use the browser', async () => {
    expect(await start(electron('exit 127'))).toEqual({ reason: 'Electron does not run here (exit 127)' });
    expect(await start(electron('kill -s TRAP $$'))).toEqual({
      reason: 'Electron does not run here (SIGTRAP)',
    });
  });

  it('hands on the end of a desktop that keeps crashing before it asks for an engine', async () => {
    expect(await start(electron('echo window open; exit 5'))).toEqual({ exitCode: 5 });
  });

  it('says so when there is no such program', async () => {
    expect(await start(join(installation.root, 'nothing'))).toEqual({
      reason: expect.stringContaining('ENOENT') as string,
    });
  });
});
