import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { ShellProgram } from './shell-program';

/** A real FFmpeg that is killed before it has said anything, as long as the test wants that. */
export class MuteFfmpeg {
  readonly build: FfmpegBuild;
  readonly #program: ShellProgram;

  constructor(real: FfmpegBuild) {
    this.#program = new ShellProgram(`[ -e "$HERE/mute" ] && kill -KILL $$\nexec '${real.path}' "$@"`);
    this.build = { ...real, path: this.#program.path };
  }

  set isMute(isMute: boolean) {
    if (isMute) this.#program.write('mute', '');
    else this.#program.remove('mute');
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
  }
}
