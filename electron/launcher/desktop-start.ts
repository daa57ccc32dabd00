import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  desktopFileName,
  desktopFileSchema,
  engineArgsVariable,
  nodeVariable,
  windowOpenLine,
} from './desktop-contract';
import { watchStarter } from './starter-watch';

export interface DesktopStart {
  /** Electron's binary */
  readonly electron: string;
  /** the folder Electron is started on: its package.json names out/main.js */
  readonly appDir: string;
  readonly engineArgs: readonly string[];
  readonly dataDir: string;
  /** the Node that runs the engine */
  readonly node: string;
}

/** Whether a desktop window on this data folder is open: then a second start only has to knock. */
export function isDesktopOpen(dataDir: string): boolean {
  try {
    const { pid } = desktopFileSchema.parse(JSON.parse(readFileSync(join(dataDir, desktopFileName), 'utf8')));
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs the desktop until it is closed.
 * @returns its exit code, or why no window came up (missing libraries, no usable sandbox)
 */
export async function runDesktop(start: DesktopStart): Promise<{ exitCode: number } | { reason: string }> {
  const { ELECTRON_RUN_AS_NODE: _unused, ...env } = process.env;
  const child = spawn(start.electron, [start.appDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...env,
      STUDIO_DATA_DIR: start.dataDir,
      // Not as arguments: Chromium would read some of them as its own switches.
      [engineArgsVariable]: JSON.stringify(start.engineArgs),
      [nodeVariable]: start.node,
    },
  });
  let didOpen = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === windowOpenLine) didOpen = true;
    else process.stdout.write(`${line}\n`);
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let wasAsked = false;
  const onSignal = (): void => {
    child.kill(wasAsked ? 'SIGKILL' : 'SIGTERM');
    wasAsked = true;
  };
  for (const signal of signals) process.on(signal, onSignal);
  const unwatch = watchStarter(() => {
    if (!wasAsked) onSignal();
  });
  const end = await new Promise<{ code: number | null; reason: string }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, reason: error.message }));
    child.once('close', (code, signal) => resolve({ code, reason: signal ?? `exit ${code ?? 'unknown'}` }));
  });
  for (const signal of signals) process.off(signal, onSignal);
  unwatch();
  if (wasAsked || end.code === 0) return { exitCode: 0 };
  if (didOpen) return { exitCode: end.code ?? 1 };
  return { reason: `Electron does not run here (${end.reason})` };
}
