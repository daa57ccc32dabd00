import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Child } from '../../electron/streaming/lib/child';
import { programPath } from './requires';

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exited = new Promise((resolve) => process.once('exit', resolve));
  process.kill('SIGTERM');
  const timer = setTimeout(() => process.kill('SIGKILL'), 2000);
  await exited;
  clearTimeout(timer);
}

/** A window of one plain colour. */
export interface PlainWindow {
  readonly id: number;
  close(): Promise<void>;
}

/** A real X server without a screen, on a display of its own. */
export class XServer {
  readonly display: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #process: ChildProcess;
  readonly #home: string;
  readonly #windows = new Set<ChildProcess>();

  private constructor(process: ChildProcess, display: string, home: string) {
    this.#process = process;
    this.display = display;
    this.#home = home;
    const { WAYLAND_DISPLAY: _wayland, XDG_SESSION_TYPE: _session, ...env } = globalThis.process.env;
    this.env = { ...env, DISPLAY: display, HOME: home, XAUTHORITY: join(home, 'none') };
  }

  static async start(width = 640, height = 480): Promise<XServer> {
    const home = mkdtempSync(join(tmpdir(), 'x-server-'));
    const screen = `${width}x${height}x24`;
    const child = spawn(
      programPath('Xvfb'),
      ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp', '-noreset'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    );
    const display = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
      (child.stdio[3] as Readable).on('data', (part: Buffer) => {
        text += part.toString();
        if (text.includes('\n')) resolve(`:${text.trim()}`);
      });
    });
    return new XServer(child, display, home);
  }

  /** @param color as X names it */
  async paintRoot(color: string): Promise<void> {
    await this.run('xsetroot', '-solid', color);
  }

  /** @param script for a shell, whose output it shows; nothing unless given */
  async openWindow(
    title: string,
    color: string,
    place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
    script = 'exec sleep 600',
  ): Promise<PlainWindow> {
    const args = [
      '-T',
      title,
      '-class',
      'Plain',
      '-bg',
      color,
      '-fg',
      color,
      '-cr',
      color,
      '-bc',
      '-b',
      '0',
      '-bw',
      '0',
    ];
    const process = spawn(programPath('xterm'), [...args, '+sb', '-e', 'sh', '-c', script], {
      env: this.env,
      stdio: 'ignore',
    });
    this.#windows.add(process);
    const found = await this.run('xdotool', 'search', '--sync', '--onlyvisible', '--name', `^${title}$`);
    const id = Number(found.trim().split('\n').at(-1));
    await this.run('xdotool', 'windowsize', '--sync', `${id}`, `${place.width}`, `${place.height}`);
    await this.run('xdotool', 'windowmove', `${id}`, `${place.x}`, `${place.y}`);
    return {
      id,
      close: async () => {
        this.#windows.delete(process);
        await ended(process);
      },
    };
  }

  /** As a window manager marks a window that it shows (ICCCM 4.1.3.1): only such windows are offered for sharing. */
  async markShown({ id }: PlainWindow): Promise<void> {
    await this.run('xprop', '-id', `${id}`, '-f', 'WM_STATE', '32c', '-set', 'WM_STATE', '1');
  }

  async run(program: 'xdotool' | 'xsetroot' | 'xprop', ...args: string[]): Promise<string> {
    const child = new Child({
      ...{ command: programPath(program), args, env: this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.process.stdout?.setEncoding('utf8').on('data', (part: string) => (text += part));
    const { code } = await child.exited;
    if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${child.lastLine}`);
    return text;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#windows].map(ended));
    await ended(this.#process);
    rmSync(this.#home, { recursive: true, force: true });
  }
}
