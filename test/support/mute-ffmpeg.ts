import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';

/** A real FFmpeg that is killed before it has said anything, as long as the test wants that. */
export class MuteFfmpeg {
  readonly build: FfmpegBuild;
  readonly #folder = mkdtempSync(join(tmpdir(), 'mute-ffmpeg-'));
  readonly #mark = join(this.#folder, 'mute');

  constructor(real: FfmpegBuild) {
    const path = join(this.#folder, 'ffmpeg');
    writeFileSync(path, `#!/bin/sh\n[ -e '${this.#mark}' ] && kill -KILL $$\nexec '${real.path}' "$@"\n`, {
      mode: 0o755,
    });
    this.build = { ...real, path };
  }

  set isMute(isMute: boolean) {
    if (isMute) writeFileSync(this.#mark, '');
    else rmSync(this.#mark, { force: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
