import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ReadyLine } from '../../shared/contract/engine-file';
import { launcherKillMs } from '../streaming/lib/stop-limits';
import {
  attachedVariable,
  engineArgsVariable,
  nodeVariable,
  shellMessageSchema,
  windowOpenLine,
} from './desktop-contract';
import type { HostedState } from './desktop-contract';
import { EngineProcess } from './engine-process';
import type { EngineState } from './engine-state';
import { watchStarter } from './starter-watch';
import { printEngine } from './supervise';

export interface DesktopStart {
  /** Electron's binary */
  readonly electron: string;
  /** the folder Electron is started on: its package.json names out/main.js */
  readonly appDir: string;
  /** the engine's entry, `out/engine.js` */
  readonly script: string;
  readonly engineArgs: readonly string[];
  readonly dataDir: string;
  /** the Node that runs the engine */
  readonly node: string;
  /** the shell crashed for the last time, and the engine goes on without it */
  readonly onShellGivenUp: (ready: ReadyLine) => void;
}

/** A shell that crashes this often is not tried again … */
const maxCrashes = 3;
/** … unless it ran for so long in between. */
const stableMs = 60_000;

interface ShellEnd {
  readonly code: number | null;
  readonly reason: string;
}

/**
 * One engine and the desktop shell in front of it, side by side: a crash of Electron costs the window, which is opened
 * again, and never the stream. When the shell ends in order, so does the engine.
 */
class DesktopSession {
  readonly #start: DesktopStart;
  #shell: ChildProcess | undefined;
  #engine: EngineProcess | undefined;
  #didOpen = false;
  #wasAsked = false;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(start: DesktopStart) {
    this.#start = start;
  }

  async run(): Promise<{ exitCode: number } | { reason: string }> {
    let crashes = 0;
    for (;;) {
      const startedAt = performance.now();
      const end = await this.#runShell();
      if (this.#wasAsked || end.code === 0) return { exitCode: 0 };
      if (!this.#didOpen) return { reason: `Electron does not run here (${end.reason})` };
      crashes = performance.now() - startedAt >= stableMs ? 1 : crashes + 1;
      process.stderr.write(`The window crashed (${end.reason}).\n`);
      if (crashes > maxCrashes) return this.#goOnWithoutShell(end);
    }
  }

  /** The first time in order; the second time is from somebody who will not wait. */
  end(): void {
    this.#shell?.kill(this.#wasAsked ? 'SIGKILL' : 'SIGTERM');
    if (this.#wasAsked) this.#engine?.kill();
    this.#wasAsked = true;
    this.#killTimer ??= setTimeout(() => this.#shell?.kill('SIGKILL'), launcherKillMs);
    void this.#engine?.stop();
  }

  endIfNotAsked(): void {
    if (!this.#wasAsked) this.end();
  }

  async release(): Promise<void> {
    await this.#engine?.stop();
    clearTimeout(this.#killTimer);
  }

  async #runShell(): Promise<ShellEnd> {
    const { electron, appDir, dataDir, engineArgs, node } = this.#start;
    const { ELECTRON_RUN_AS_NODE: _unused, ...env } = process.env;
    const shell = spawn(electron, [appDir], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        ...env,
        STUDIO_DATA_DIR: dataDir,
        // Not as arguments: Chromium would read some of them as its own switches.
        [engineArgsVariable]: JSON.stringify(engineArgs),
        [nodeVariable]: node,
        [attachedVariable]: '1',
      },
    });
    this.#shell = shell;
    shell.on('message', (message) => {
      if (shellMessageSchema.safeParse(message).success) this.#provideEngine();
    });
    if (shell.stdout)
      createInterface({ input: shell.stdout }).on('line', (line) => {
        if (line === windowOpenLine) this.#didOpen = true;
        else process.stdout.write(`${line}\n`);
      });
    return new Promise((resolve) => {
      shell.once('error', (error) => resolve({ code: null, reason: error.message }));
      shell.once('close', (code, signal) => resolve({ code, reason: signal ?? `exit ${code ?? 'unknown'}` }));
    });
  }

  /** The shell asks when its window is there, and again when the user wants another try. */
  #provideEngine(): void {
    if (this.#wasAsked) return;
    if (this.#engine && this.#engine.state.state !== 'ended') return this.#tellShell();
    const { node, script, engineArgs } = this.#start;
    const engine = new EngineProcess({ node, script, args: engineArgs });
    this.#engine = engine;
    printEngine(engine, false);
    engine.events.on('state', () => this.#tellShell());
    // What went wrong arrives as a state; the rejection adds nothing.
    engine.start().catch(() => undefined);
  }

  #tellShell(): void {
    const state = this.#engine?.state;
    if (state?.state !== 'running' && state?.state !== 'ended') return;
    const hosted: HostedState = state;
    // A shell that is just going does not listen any more: nothing to report.
    if (this.#shell?.connected) this.#shell.send(hosted, () => undefined);
  }

  async #goOnWithoutShell({ code }: ShellEnd): Promise<{ exitCode: number }> {
    const engine = this.#engine;
    if (!engine || engine.state.state === 'ended') return { exitCode: code ?? 1 };
    let wasTold = false;
    const tellOnce = (state: EngineState): void => {
      if (wasTold || state.state !== 'running') return;
      wasTold = true;
      this.#start.onShellGivenUp(state.ready);
    };
    tellOnce(engine.state);
    engine.events.on('state', tellOnce);
    const { exitCode } = await engine.ended;
    return { exitCode };
  }
}

/**
 * Runs the desktop until it is closed.
 * @returns its exit code, or why no window came up (missing libraries, no usable sandbox)
 */
export async function runDesktop(start: DesktopStart): Promise<{ exitCode: number } | { reason: string }> {
  const session = new DesktopSession(start);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (): void => session.end();
  for (const signal of signals) process.on(signal, onSignal);
  const unwatch = watchStarter(() => session.endIfNotAsked());
  try {
    return await session.run();
  } finally {
    unwatch();
    await session.release();
    for (const signal of signals) process.off(signal, onSignal);
  }
}
