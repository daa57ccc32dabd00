import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { setPriority } from 'node:os';

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `exit 1`, `signal SIGKILL`: for messages. */
export const describeExit = (exit: ChildExit): string =>
  exit.signal ? `signal ${exit.signal}` : `exit ${exit.code}`;

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** stderr must be 'pipe' to be kept (index 2) */
  readonly stdio: StdioOptions;
  /** POSIX niceness, 0…19; encoders and decoders run at 5 so that the frame clock comes first */
  readonly niceness?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** every complete line the child writes to stderr */
  readonly onStderrLine?: (line: string) => void;
}

/** A child process whose end can be awaited and which keeps its last words. Never rejects: a failed spawn is an exit too. */
export class Child {
  readonly process: ChildProcess;
  readonly exited: Promise<ChildExit>;
  #lastLine = '';
  #partial = '';
  #hasExited = false;

  constructor(options: ChildOptions) {
    this.process = spawn(options.command, options.args, {
      stdio: options.stdio,
      windowsHide: true,
      // Ctrl-C goes to the whole foreground group; ours must end in order instead, the encoder last. A group of its own
      // hears only us, and ends by its closed pipes when we are killed.
      detached: process.platform !== 'win32',
      ...(options.env && { env: options.env }),
    });
    this.exited = new Promise((resolve) => {
      this.process.once('error', (error) => {
        this.#lastLine ||= error.message;
        if (this.process.pid === undefined) this.#end(resolve, { code: 127, signal: null });
      });
      // 'close' comes after the pipes are drained, so no output is lost.
      this.process.once('close', (code, signal) => this.#end(resolve, { code, signal }));
    });
    if (options.niceness && this.process.pid !== undefined) {
      try {
        setPriority(this.process.pid, options.niceness);
      } catch {
        // It may have ended already; priority is a courtesy.
      }
    }
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#partial + text).split(/\r\n|\n|\r/);
      this.#partial = (lines.pop() ?? '').slice(-4096);
      for (const line of lines) this.#keep(line, options.onStderrLine);
    });
  }

  /** the last non-empty line of stderr: the reason of a crash, most often */
  get lastLine(): string {
    return this.#partial.trim() || this.#lastLine;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** SIGTERM, then SIGKILL after `graceMs`. Resolves when the process is gone. */
  async stop(graceMs = 1000): Promise<ChildExit> {
    if (!this.#hasExited) this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  #keep(line: string, onLine: ((line: string) => void) | undefined): void {
    if (!line.trim()) return;
    this.#lastLine = line.trim().slice(0, 500);
    onLine?.(line);
  }

  #end(resolve: (exit: ChildExit) => void, exit: ChildExit): void {
    this.#hasExited = true;
    resolve(exit);
  }
}
