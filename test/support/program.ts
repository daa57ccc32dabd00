import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { waitFor } from './wait-for';

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A Node program under test: what it has said so far, and its end. Ended with the scope it was made in. */
export class Program implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly exited: Promise<ProgramExit>;
  stdout = '';
  stderr = '';
  /** what it sent over its IPC channel */
  readonly messages: { call: string; args: unknown[] }[] = [];

  /** @param args for Node: options, script, the script's own */
  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin: 'ignore' | 'pipe' = 'ignore') {
    // A screen that the machine may have is not for tests to open browsers on.
    const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...inherited } = process.env;
    this.process = spawn(process.execPath, args, {
      stdio: [stdin, 'pipe', 'pipe', 'ipc'],
      env: { ...inherited, ...env },
    });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.process.on('message', (message) => this.messages.push(message as { call: string; args: unknown[] }));
    this.exited = new Promise((resolve) => {
      this.process.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** The first match of its stdout, as soon as there is one. */
  async line(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    return waitFor(
      () => pattern.exec(this[stream]) ?? undefined,
      () => `${stream} to match ${String(pattern)}; stdout: ${this.stdout} stderr: ${this.stderr}`,
    );
  }

  /** The arguments of the first such call that was reported, as soon as there is one. */
  async call(name: string, matches: (args: unknown[]) => boolean = () => true): Promise<unknown[]> {
    const message = await waitFor(
      () => this.messages.find(({ call, args }) => call === name && matches(args)),
      () => `a call of ${name}; calls: ${JSON.stringify(this.messages)} stderr: ${this.stderr}`,
    );
    return message.args;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
