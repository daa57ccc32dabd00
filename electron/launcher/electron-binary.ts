import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/**
 * Since version 42 or so Electron's npm package is a few files only; the binary (≈ 110 MB) comes from GitHub when it
 * is first wanted. Where GitHub is not reachable that fails at once, or hangs behind a firewall that drops packets.
 */
const refusalFile = 'electron-refused.json';
const refusalSchema = z.object({ version: z.string(), at: z.number(), reason: z.string() });
/** how long a refusal is believed */
const refusalMs = 24 * 60 * 60 * 1000;
/** a download that is still going after the wait may go on beside the running studio for this long */
const backgroundMs = 15 * 60 * 1000;

export type ElectronResult = { readonly path: string } | { readonly reason: string };

export interface ElectronSearch {
  /** the folder of the `electron` package */
  readonly packageDir: string;
  readonly dataDir: string;
  readonly node?: string;
  /** how long a start may wait for the download; default 10 s */
  readonly waitMs?: number;
  readonly nowMs?: () => number;
  readonly say?: (text: string) => void;
  /** ends a download that still goes on */
  readonly signal?: AbortSignal;
}

/** @returns undefined in a package, where no node_modules/electron exists */
export function electronPackageDir(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return undefined;
  }
}

/** The installed binary, as `electron/index.js` finds it, but without its download. */
export async function installedElectron(packageDir: string): Promise<string | undefined> {
  try {
    const name = (await readFile(join(packageDir, 'path.txt'), 'utf8')).trim();
    const path = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(packageDir, 'dist'), name);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

async function readVersion(packageDir: string): Promise<string> {
  const text = await readFile(join(packageDir, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

async function freshRefusal(dataDir: string, version: string, nowMs: number): Promise<string | undefined> {
  try {
    const text = await readFile(join(dataDir, refusalFile), 'utf8');
    const refusal = refusalSchema.parse(JSON.parse(text));
    const ageMs = nowMs - refusal.at;
    return refusal.version === version && ageMs >= 0 && ageMs < refusalMs ? refusal.reason : undefined;
  } catch {
    return undefined;
  }
}

async function remember(dataDir: string, refusal: z.infer<typeof refusalSchema>): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, refusalFile), `${JSON.stringify(refusal)}\n`);
}

interface Download {
  /** empty when it succeeded, else what the installer said */
  readonly done: Promise<string>;
}

/** Runs the package's own installer, which checks what it downloads against the checksums it ships. */
function download({ packageDir, node = process.execPath, signal }: ElectronSearch): Download {
  const child = spawn(node, [join(packageDir, 'install.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  const end = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(end, backgroundMs);
  signal?.addEventListener('abort', end);
  process.once('exit', end);
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(0, 4000)));
  const done = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => {
      resolve(code === 0 ? '' : (words.split('\n').find((line) => line.trim()) ?? 'no reason given').trim());
    });
  }).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    process.off('exit', end);
  });
  return { done };
}

/**
 * Electron's binary: there already, or downloaded within the wait. A refusal is remembered for a day in the data
 * folder, so that only one start waits for it. A download that is merely slow goes on, for the next start.
 */
export async function obtainElectron(search: ElectronSearch): Promise<ElectronResult> {
  const { packageDir, dataDir, waitMs = 10_000, nowMs = Date.now, say } = search;
  const installed = await installedElectron(packageDir);
  if (installed) return { path: installed };
  const version = await readVersion(packageDir);
  const refused = await freshRefusal(dataDir, version, nowMs());
  if (refused) return { reason: refused };
  say?.('Downloading the desktop window (Electron, once)…');
  const { done } = download(search);
  let timer: NodeJS.Timeout | undefined;
  const outcome = await Promise.race([
    done,
    new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), waitMs))),
  ]);
  clearTimeout(timer);
  if (outcome === '') {
    const path = await installedElectron(packageDir);
    if (path) return { path };
  }
  const reason =
    outcome === undefined
      ? `Electron could not be downloaded within ${waitMs / 1000} s`
      : `Electron could not be downloaded (${outcome || 'the installer left no program'})`;
  await remember(dataDir, { version, at: nowMs(), reason });
  if (outcome === undefined) {
    void done.then(async (error) => {
      if (error) return;
      await rm(join(dataDir, refusalFile), { force: true });
      say?.('The desktop window has been downloaded; the next start will use it.');
    });
  }
  return { reason };
}
