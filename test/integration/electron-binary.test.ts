import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { obtainElectron } from '../../electron/launcher/electron-binary';
import { waitFor } from '../support/wait-for';

let folder: string;
let packageDir: string;
let dataDir: string;
const dayMs = 24 * 60 * 60 * 1000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'studio-electron-'));
  packageDir = join(folder, 'electron');
  dataDir = join(folder, 'data');
  mkdirSync(packageDir);
  writeFileSync(join(packageDir, 'package.json'), '{"name":"electron","version":"45.4.1"}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the package's installer does, after `delayMs`. */
function installer(delayMs: number): string {
  return `const fs = require('node:fs'), path = require('node:path');
  fs.appendFileSync(path.join(__dirname, 'tries'), 'x');
  setTimeout(() => {
    fs.mkdirSync(path.join(__dirname, 'dist'));
    fs.writeFileSync(path.join(__dirname, 'dist', 'electron'), '');
    fs.writeFileSync(path.join(__dirname, 'path.txt'), 'electron');
  }, ${delayMs});`;
}
const refusing = `require('node:fs').appendFileSync(require('node:path').join(__dirname, 'tries'), 'x');
  console.error('Error: getaddrinfo ENOTFOUND github.com\\n    at stack'); process.exit(1);`;
const tries = async (): Promise<number> =>
  existsSync(join(packageDir, 'tries'))
    ? (await import('node:fs')).readFileSync(join(packageDir, 'tries')).length
    : 0;

describe('obtainElectron', () => {
  it('takes what is there without asking anybody', async () => {
    mkdirSync(join(packageDir, 'dist'));
    writeFileSync(join(packageDir, 'dist', 'electron'), '');
    chmodSync(join(packageDir, 'dist', 'electron'), 0o755);
    writeFileSync(join(packageDir, 'path.txt'), 'electron');
    expect(await obtainElectron({ packageDir, dataDir })).toEqual({
      path: join(packageDir, 'dist', 'electron'),
    });
  });

  it('downloads it when it is missing', async () => {
    writeFileSync(join(packageDir, 'install.js'), installer(0));
    expect(await obtainElectron({ packageDir, dataDir })).toEqual({
      path: join(packageDir, 'dist', 'electron'),
    });
  });

  it('remembers a refusal for a day, for this version', async () => {
    writeFileSync(join(packageDir, 'install.js'), refusing);
    let nowMs = 1_000_000;
    const search = { packageDir, dataDir, nowMs: () => nowMs };
    const refusal = { reason: 'Electron could not be downloaded (Error: getaddrinfo ENOTFOUND github.com)' };
    expect(await obtainElectron(search)).toEqual(refusal);
    expect(await obtainElectron(search)).toEqual(refusal);
    expect(await tries()).toBe(1);
    nowMs += dayMs;
    await obtainElectron(search);
    expect(await tries()).toBe(2);
    writeFileSync(join(packageDir, 'package.json'), '{"name":"electron","version":"45.5.0"}');
    await obtainElectron(search);
    expect(await tries()).toBe(3);
  });

  it('does not wait for a slow download, which serves the next start', async () => {
    writeFileSync(join(packageDir, 'install.js'), installer(1500));
    const said: string[] = [];
    const search = { packageDir, dataDir, waitMs: 100, say: (text: string) => said.push(text) };
    expect(await obtainElectron(search)).toEqual({ reason: 'Electron could not be downloaded within 0.1 s' });
    await waitFor(() => said.some((text) => text.includes('next start')), 'the download to end');
    expect(await obtainElectron(search)).toEqual({ path: join(packageDir, 'dist', 'electron') });
  });

  it('ends a download with its starter', async () => {
    writeFileSync(join(packageDir, 'install.js'), installer(2000));
    const lifetime = new AbortController();
    await obtainElectron({ packageDir, dataDir, waitMs: 300, signal: lifetime.signal });
    lifetime.abort();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(existsSync(join(packageDir, 'path.txt'))).toBe(false);
  });
});
