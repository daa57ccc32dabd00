import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder whose disk never answers, as that of a network share whose server is gone: a FUSE file system whose daemon (we
 * are it) reads no request. Whoever asks it for anything hangs in the kernel until it is disposed.
 */
export class SilentDisk implements Disposable {
  readonly folder: string;
  readonly #device: number;

  /** @throws Error where mounting is not permitted */
  constructor() {
    this.#device = openSync('/dev/fuse', 'r+');
    this.folder = mkdtempSync(join(tmpdir(), 'silent-disk-'));
    const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
    const { status, stderr } = spawnSync(
      'mount',
      ['-i', '-t', 'fuse', '-o', options, 'silent', this.folder],
      {
        stdio: ['ignore', 'ignore', 'pipe', this.#device],
        encoding: 'utf8',
      },
    );
    if (status === 0) return;
    closeSync(this.#device);
    rmSync(this.folder, { recursive: true });
    throw new Error(`a silent disk could not be mounted: ${stderr}`);
  }

  /** Whether this machine permits one: Linux, root, and FUSE in the kernel. */
  static get isPossible(): boolean {
    try {
      new SilentDisk()[Symbol.dispose]();
      return true;
    } catch {
      return false;
    }
  }

  /** Whoever still waits gets an error. */
  [Symbol.dispose](): void {
    closeSync(this.#device);
    spawnSync('umount', ['-l', this.folder], { stdio: 'ignore' });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
