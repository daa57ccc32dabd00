import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { commands } from '../../shared/contract/commands';
import type { CommandInput, CommandName, CommandOutput } from '../../shared/contract/commands';
import { serverMessageSchema } from '../../shared/contract/messages';
import type { Snapshot } from '../../shared/contract/snapshot';
import { WebSocket } from 'ws';
import { paths } from '../../electron/streaming/lib/paths';
import type { RunSummary } from '../../electron/studio/summary';

export interface EngineRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real engine process, as the launcher starts it, on a data folder of its own and free ports. */
export class TestEngine implements AsyncDisposable {
  readonly dataDir: string;
  readonly process: ChildProcess;
  readonly ended: Promise<EngineRun>;
  uiUrl = '';
  rtmpUrl = '';
  #stdout = '';
  #stderr = '';
  readonly #ownsDataDir: boolean;

  constructor(
    args: readonly string[],
    options: {
      dataDir?: string;
      env?: NodeJS.ProcessEnv;
      stdin?: string;
      /** nobody has been through the first steps of this studio */
      isFirstStart?: boolean;
    } = {},
  ) {
    this.#ownsDataDir = options.dataDir === undefined;
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'engine-'));
    // The first steps would stand before everything else in the window; who tests them leaves them.
    if (this.#ownsDataDir && options.isFirstStart !== true)
      writeFileSync(join(this.dataDir, 'settings.json'), JSON.stringify({ isFirstRunDone: true }));
    this.process = spawn(process.execPath, [paths.engine, '--data-dir', this.dataDir, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LOG_LEVEL: 'info', ...options.env },
    });
    this.process.stdin?.on('error', () => undefined);
    if (options.stdin !== undefined) this.process.stdin?.end(options.stdin);
    this.process.stdout?.setEncoding('utf8').on('data', (part: string) => (this.#stdout += part));
    this.process.stderr?.setEncoding('utf8').on('data', (part: string) => (this.#stderr += part));
    this.ended = new Promise((resolve) =>
      this.process.once('close', (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr })),
    );
  }

  /** Starts an engine with small, quick defaults and waits until it is ready. */
  static async ready(
    args: readonly string[] = [],
    options: ConstructorParameters<typeof TestEngine>[1] = {},
  ): Promise<TestEngine> {
    const engine = new TestEngine(
      ['--http', '0', '--rtmp', '0', '--profile', 'superfast-2t', ...args],
      options,
    );
    await engine.untilReady();
    return engine;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get origin(): string {
    return new URL(this.uiUrl).origin;
  }

  get token(): string {
    return new URLSearchParams(new URL(this.uiUrl).hash.slice(1)).get('token') ?? '';
  }

  get pid(): number {
    return this.process.pid ?? -1;
  }

  async untilReady(timeoutMs = 40_000): Promise<void> {
    let hasEnded = false;
    void this.ended.then(() => (hasEnded = true));
    await vi.waitFor(
      () => {
        const line = /^ready (\S+) (\S+)$/m.exec(this.#stdout);
        if (hasEnded && !line) throw new Error(`the engine ended: ${this.#stderr.slice(-2000)}`);
        if (!line?.[1] || !line[2]) throw new Error(`not ready yet: ${this.#stderr.slice(-2000)}`);
        [this.uiUrl, this.rtmpUrl] = [line[1], line[2]];
      },
      { timeout: timeoutMs, interval: 50 },
    );
  }

  async call<Name extends CommandName>(
    command: Name,
    input: CommandInput<Name>,
  ): Promise<CommandOutput<Name>> {
    const response = await fetch(`${this.origin}/api/call`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ command, input }),
    });
    const body: unknown = await response.json();
    if (!response.ok) throw Object.assign(new Error(`${command}: ${JSON.stringify(body)}`), { wire: body });
    return commands[command].output.parse(body) as CommandOutput<Name>;
  }

  /** The whole state as a window sees it on connecting. */
  snapshot(): Promise<Snapshot> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`${this.origin.replace('http', 'ws')}/ws`);
      socket.once('error', reject);
      socket.once('open', () =>
        socket.send(JSON.stringify({ type: 'hello', version: 1, token: this.token })),
      );
      socket.once('message', (data) => {
        const message = serverMessageSchema.parse(JSON.parse(Buffer.from(data as ArrayBuffer).toString()));
        socket.close();
        if (message.type === 'welcome') resolve(message.snapshot);
        else reject(new Error(`expected welcome, found ${message.type}`));
      });
    });
  }

  /** Waits until the state fulfils what `check` expects. */
  async until(check: (snapshot: Snapshot) => void, timeoutMs = 20_000): Promise<Snapshot> {
    return vi.waitFor(
      async () => {
        const snapshot = await this.snapshot();
        check(snapshot);
        return snapshot;
      },
      { timeout: timeoutMs, interval: 100 },
    );
  }

  /** value of a metric line; labels as they stand, e.g. `rtmp_bandwidth_bytes{direction="sent"}` */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.origin}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line ? Number(line.slice(name.length + 1)) : Number.NaN;
  }

  /** Waits until the program has gone on by so many frames. */
  async advance(frames: number): Promise<void> {
    const from = await this.metric('compositor_ticks_total');
    await vi.waitFor(
      async () => expect(await this.metric('compositor_ticks_total')).toBeGreaterThanOrEqual(from + frames),
      {
        timeout: 30_000,
        interval: 100,
      },
    );
  }

  /** pids of all living descendants */
  children(): number[] {
    return descendants(this.pid);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<EngineRun> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal);
    return this.ended;
  }

  readSummary(path: string): RunSummary {
    return JSON.parse(readFileSync(path, 'utf8')) as RunSummary;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await this.stop();
    clearTimeout(timer);
    if (this.#ownsDataDir) rmSync(this.dataDir, { recursive: true, force: true });
  }
}

export function descendants(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z') continue;
      parents.set(Number(parent), [...(parents.get(Number(parent)) ?? []), Number(name)]);
    } catch {
      // It ended while we were looking.
    }
  }
  const children = parents.get(pid) ?? [];
  return children.flatMap((child) => [child, ...descendants(child)]);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** what a process was started with, words separated by NUL; empty when it is gone */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
