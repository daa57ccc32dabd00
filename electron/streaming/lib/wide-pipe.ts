import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WidePipe {
  /** for the child's `stdio`; null: a plain 'pipe' must do, to be given to `adopt` */
  readonly childEnd: Socket | null;
  /** After the spawn: our copy of the child's end is closed, or its stdout is read when there is no child end. */
  adopt(stdout: NodeJS.ReadableStream | null): void;
  resume(): void;
  /** Every byte was handed on and the other end is closed, or it was destroyed. */
  readonly ended: Promise<void>;
  /** Nothing is read any more; whoever still writes gets a broken pipe. */
  destroy(): void;
}

/**
 * A pipe from a child process for raw pictures. A plain 'pipe' of Node's is read in pieces of 64 KiB, each in a buffer
 * of its own; this one is read into one large buffer again and again (measured: half the CPU, a third of the reads).
 * It is a socket pair, made by connecting to a socket in a folder of our own, since Node has no other way to make one.
 * Where that does not work (Windows), it falls back to the plain pipe.
 * @param onBytes the bytes are valid until it returns; `false` stops the reading until `resume`
 */
export async function openWidePipe(
  bufferBytes: number,
  onBytes: (bytes: Buffer) => boolean,
): Promise<WidePipe> {
  const pair = process.platform === 'win32' ? null : await socketPair(bufferBytes, onBytes).catch(() => null);
  if (pair)
    return {
      childEnd: pair.far,
      adopt: () => void pair.far.destroy(),
      resume: () => void pair.near.resume(),
      ended: new Promise((resolve) => pair.near.once('close', resolve)),
      destroy: () => {
        pair.far.destroy();
        pair.near.destroy();
      },
    };
  let plain: NodeJS.ReadableStream | null = null;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    childEnd: null,
    adopt: (stdout) => {
      plain = stdout;
      stdout?.on('error', () => undefined);
      stdout?.once('close', end);
      stdout?.on('data', (bytes: Buffer) => {
        if (!onBytes(bytes)) stdout.pause();
      });
    },
    resume: () => void plain?.resume(),
    ended,
    destroy: () => {
      (plain as Socket | null)?.destroy();
      end();
    },
  };
}

async function socketPair(
  bufferBytes: number,
  onBytes: (bytes: Buffer) => boolean,
): Promise<{ near: Socket; far: Socket }> {
  // Only we can enter the folder, so nobody else can be the one that connects.
  const folder = mkdtempSync(join(tmpdir(), 'studio-pipe-'));
  const path = join(folder, 's');
  const server = createServer({ pauseOnConnect: true });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const buffer = Buffer.allocUnsafeSlow(bufferBytes);
    const near = connect({
      path,
      onread: { buffer, callback: (length) => onBytes(buffer.subarray(0, length)) },
    });
    // The child's exit tells what happened to the other end.
    near.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      near.once('connect', resolve);
      near.once('error', reject);
    });
    const far = await accepted;
    far.on('error', () => undefined);
    return { near, far };
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
