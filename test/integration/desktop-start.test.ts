import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isDesktopOpen, runDesktop } from '../../electron/launcher/desktop-start';
import { makeInstallation } from '../support/installation';
import type { Installation } from '../support/installation';
import { waitFor } from '../support/wait-for';

const register = pathToFileURL(
  resolve(import.meta.dirname, '../support/electron-stand-in-register.mjs'),
).href;

let installation: Installation;
beforeEach(() => {
  installation = makeInstallation();
});
afterEach(() => installation[Symbol.dispose]());

/** A program in the place of Electron's binary. */
function electron(script: string): string {
  const path = join(installation.root, 'electron');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const start = (path: string) =>
  runDesktop({
    electron: path,
    appDir: installation.root,
    engineArgs: ['--data-dir', installation.dataDir],
    dataDir: installation.dataDir,
    node: process.execPath,
  });

describe('runDesktop', () => {
  it('runs the built shell until it is closed, and knows meanwhile that it is open', async () => {
    const ended = start(electron(`exec '${process.execPath}' --import '${register}' "$1/out/main.js"`));
    await waitFor(() => isDesktopOpen(installation.dataDir), 'the window to open');
    const file = join(installation.dataDir, 'desktop.json');
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number };
    process.kill(pid, 'SIGTERM');
    expect(await ended).toEqual({ exitCode: 0 });
    expect(isDesktopOpen(installation.dataDir)).toBe(false);
  });

  it('takes a program that ends before its window opens for a reason to use the browser', async () => {
    expect(await start(electron('exit 127'))).toEqual({ reason: 'Electron does not run here (exit 127)' });
    expect(await start(electron('kill -s TRAP $$'))).toEqual({
      reason: 'Electron does not run here (SIGTRAP)',
    });
  });

  it('hands on the end of a desktop that crashed after its window was open', async () => {
    expect(await start(electron('echo window open; exit 5'))).toEqual({ exitCode: 5 });
  });

  it('says so when there is no such program', async () => {
    expect(await start(join(installation.root, 'nothing'))).toEqual({
      reason: expect.stringContaining('ENOENT') as string,
    });
  });
});
