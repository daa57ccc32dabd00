import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { parseEndedLine, parseReadyLine } from '../../shared/contract/engine-file';
import type { ReadyLine } from '../../shared/contract/engine-file';
import { Child } from '../streaming/lib/child';
import { BaseComponent } from '../streaming/lib/component';
import { Emitter } from '../streaming/lib/emitter';
import { launcherKillMs } from '../streaming/lib/stop-limits';
import { inputDescriptor, pinPorts } from './engine-args';
import { nextEngineState } from './engine-state';
import type { EngineEvent, EngineState } from './engine-state';
import { readableLine } from './log-line';

export interface EngineProcessOptions {
  /** a real Node, never Electron's: libvips and Electron's GLib do not live in one process */
  readonly node: string;
  /** the engine's entry, `out/engine.js` */
  readonly script: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** what the engine is to read on `inputDescriptor`. Its stdin is its lifeline: closed with us, it ends (`--parent-pipe`) */
  readonly input?: string;
  /** default 30 s: an engine that has not said "ready" by then is ended and counted as crashed */
  readonly readyTimeoutMs?: number;
  /** default `launcherKillMs`: an engine that has not ended by then is killed, so that a stop takes 5 s at most */
  readonly stopGraceMs?: number;
}

export interface EngineProcessEvents {
  state: EngineState;
  /** stdout, except the ready line */
  outputLine: string;
  stderrLine: string;
}

/** What an engine that could not be brought up leaves its starter with. */
export class EngineStartError extends Error {
  readonly exitCode: number;
  constructor(reason: string, exitCode: number) {
    super(reason);
    this.name = 'EngineStartError';
    this.exitCode = exitCode;
  }
}

/**
 * Keeps one engine running: starts it, waits for its ready line, starts it again when it crashes (0.5 s later, at most
 * 3 s), stops it. `start` resolves when it is ready for the first time and rejects with an EngineStartError when it
 * will not be; `ended` resolves when it has ended for good.
 */
export class EngineProcess extends BaseComponent {
  readonly events = new Emitter<EngineProcessEvents>();
  readonly ended: Promise<EngineState & { state: 'ended' }>;
  readonly #options: EngineProcessOptions;
  #state: EngineState = { state: 'idle' };
  #child: Child | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastReady: ReadyLine | undefined;
  /** what the engine that runs said it ends with */
  #toldExitCode: number | null = null;

  constructor(options: EngineProcessOptions) {
    super();
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.events.on('state', (state) => {
        if (state.state === 'ended') resolve(state);
      });
    });
  }

  get state(): EngineState {
    return this.#state;
  }

  /** the running engine's process id */
  get pid(): number | undefined {
    return this.#child?.process.pid;
  }

  protected onStart(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        settle();
        reject(signal.reason as Error);
      };
      const off = this.events.on('state', (state) => {
        if (state.state === 'running') {
          settle();
          resolve();
        } else if (state.state === 'ended') {
          settle();
          reject(
            new EngineStartError(state.reason ?? 'The engine ended before it was ready.', state.exitCode),
          );
        }
      });
      const settle = (): void => {
        off();
        signal.removeEventListener('abort', onAbort);
      };
      signal.addEventListener('abort', onAbort);
      this.#apply({ type: 'start' });
    });
  }

  protected async onStop(): Promise<void> {
    const child = this.#child;
    this.#apply({ type: 'stop' });
    if (!child) return;
    // Windows has no signals that a process could answer; the end of its lifeline says the same.
    if (process.platform === 'win32') child.process.stdin?.end();
    await child.stop(this.#options.stopGraceMs ?? launcherKillMs);
  }

  /** Ends the engine at once, for whoever will not wait for `stop`. */
  kill(): void {
    this.#child?.process.kill('SIGKILL');
  }

  #apply(event: EngineEvent): void {
    const next = nextEngineState(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (next.state === 'starting') this.#spawn();
    if (next.state === 'waiting')
      this.#timer = setTimeout(() => this.#apply({ type: 'retry' }), next.delayMs);
    this.events.emit('state', next);
  }

  #spawn(): void {
    const { node, script, input, env } = this.#options;
    const args = this.#lastReady ? pinPorts(this.#options.args, this.#lastReady) : [...this.#options.args];
    let didTimeOut = false;
    this.#toldExitCode = null;
    const readyTimeoutMs = this.#options.readyTimeoutMs ?? 30_000;
    const child = new Child({
      command: node,
      args: [script, ...args, '--parent-pipe'],
      stdio: ['pipe', 'pipe', 'pipe', ...(input === undefined ? [] : ['pipe' as const])],
      ...(env && { env }),
      onStderrLine: (line) => this.events.emit('stderrLine', line),
    });
    this.#child = child;
    // A child that is gone does not read any more: nothing to report.
    child.process.stdin?.on('error', () => undefined);
    const pipe = child.process.stdio[inputDescriptor];
    if (pipe instanceof Writable) pipe.on('error', () => undefined).end(input);
    if (child.process.stdout)
      createInterface({ input: child.process.stdout }).on('line', (line) => this.#onOutput(line));
    // A grandchild that outlives the engine would hold its pipes open, and with them its place.
    child.process.once('exit', () => {
      setTimeout(() => {
        child.process.stdout?.destroy();
        child.process.stderr?.destroy();
      }, 1500).unref();
    });
    this.#timer = setTimeout(() => {
      didTimeOut = true;
      child.process.kill('SIGKILL');
    }, readyTimeoutMs);
    void child.exited.then((found) => {
      this.#child = undefined;
      const exit = this.#toldExitCode === null ? found : { code: this.#toldExitCode, signal: null };
      const lastLine = didTimeOut
        ? `it was not ready within ${readyTimeoutMs / 1000} s`
        : // Who was killed had no last words; the log's last line is about something else.
          (exit.signal === null && readableLine(child.lastLine)?.text) || '';
      this.#apply({ type: 'exited', exit, lastLine, nowMs: Date.now() });
    });
  }

  #onOutput(line: string): void {
    const exitCode = parseEndedLine(line);
    if (exitCode !== null) {
      this.#toldExitCode = exitCode;
      return;
    }
    const ready = parseReadyLine(line);
    if (!ready) return this.events.emit('outputLine', line);
    this.#lastReady = ready;
    this.#apply({ type: 'ready', ready, nowMs: Date.now() });
  }
}
