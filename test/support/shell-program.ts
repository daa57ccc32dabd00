import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A shell script that stands before a program, or in its place. It runs with `$HERE`, a folder of its own. */
export class ShellProgram {
  readonly path: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'shell-program-'));

  constructor(script: string) {
    this.path = join(this.#folder, 'program');
    writeFileSync(this.path, `#!/bin/sh\nHERE='${this.#folder}'\n${script}\n`, { mode: 0o755 });
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }

  /** '': there is no such file (yet) */
  read(name: string): string {
    try {
      return readFileSync(join(this.#folder, name), 'utf8');
    } catch {
      return '';
    }
  }

  remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
