import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder on which a process finds no more room when the test says so: a file system of its own whose size is changed
 * where mounting is permitted; elsewhere the kernel's limit on the size of a file that this process may write.
 */
export class SmallDisk implements Disposable {
  readonly folder: string;
  readonly #isMounted: boolean;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
    const args = ['-t', 'tmpfs', '-o', 'size=8g,mode=0700', 'tmpfs', this.folder];
    this.#isMounted = spawnSync('mount', args, { stdio: 'ignore' }).status === 0;
  }

  /** From now on at most so many more bytes can be written. @param growing the file that is being written, if one is */
  fill(pid: number, roomBytes: number, growing?: string): void {
    if (this.#isMounted) {
      const { blocks, bfree, bsize } = statfsSync(this.folder);
      this.#resize(String((blocks - bfree) * bsize + roomBytes));
    } else limitFileSize(pid, String((growing ? statSync(growing).size : 0) + roomBytes));
  }

  /** There is room again. */
  empty(pid: number): void {
    if (this.#isMounted) this.#resize('8g');
    else limitFileSize(pid, 'unlimited');
  }

  #resize(size: string): void {
    execFileSync('mount', ['-o', `remount,size=${size}`, this.folder]);
  }

  [Symbol.dispose](): void {
    if (this.#isMounted) execFileSync('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Only the soft limit: it can be raised again. */
function limitFileSize(pid: number, bytes: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}
