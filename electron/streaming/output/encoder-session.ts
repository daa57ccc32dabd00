import { Child } from '../lib/child';
import type { ChildExit } from '../lib/child';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { frameHeader, matroskaHeader } from '../media/matroska';
import { codedForms } from './coded-stream';
import type { CodedPicture } from './coded-stream';
import { pictureSize, videoArguments } from './profiles';
import type { VideoFormat, VideoProfile } from './profiles';
import { EncoderTimeline } from './timeline';

export interface EncodedPicture extends Omit<CodedPicture, 'dtsMs' | 'ptsMs'> {
  /** the program frame it shows */
  readonly frameIndex: number;
  /** its place in decode order on the same scale; may lie before the session's first frame */
  readonly dtsIndex: number;
}

export interface EncoderSessionOptions {
  readonly build: FfmpegBuild;
  readonly profile: VideoProfile;
  readonly format: VideoFormat;
  /** the program frame it will begin with: keyframes are on the program's grid; 0 unless given */
  readonly firstIndex?: number;
  /** `VideoConfig.data` */
  readonly onConfig: (data: Uint8Array) => void;
  readonly onPicture: (picture: EncodedPicture) => void;
  readonly onWarning: (line: string) => void;
}

/** One FFmpeg process that encodes one run of pictures. It is started by the constructor and used once. */
export class EncoderSession {
  readonly #options: EncoderSessionOptions;
  readonly #child: Child;
  #timeline: EncoderTimeline | undefined;
  #written = 0;
  #received = 0;
  #fault: string | undefined;

  constructor(options: EncoderSessionOptions) {
    const { format } = options;
    this.#options = options;
    this.#child = new Child({
      command: options.build.path,
      args: videoArguments(options.build, options.profile, format, options.firstIndex),
      stdio: ['pipe', 'pipe', 'pipe'],
      niceness: 5,
      onStderrLine: options.onWarning,
    });
    const { process } = this.#child;
    // A dead reader of stdin shows as EPIPE; the exit tells why, and each write's callback has run.
    process.stdin?.on('error', () => undefined);
    // A wrapper script's child may outlive it: closing the pipe ends that one, too.
    process.once('exit', () => process.stdin?.destroy());
    const { onConfig, profile } = options;
    const onPicture = (picture: CodedPicture): void => this.#onPicture(picture);
    const reader = codedForms[profile.codec].open({ onConfig, onPicture }, format.fps);
    process.stdout?.on('data', (chunk: Buffer) => {
      if (this.#fault) return;
      try {
        reader.push(chunk);
      } catch (error) {
        this.kill(error instanceof Error ? error.message : String(error));
      }
    });
    // The process loads and opens its input while the first picture is still being made.
    process.stdin?.write(matroskaHeader({ ...format, ...pictureSize(format) }));
  }

  get pid(): number | undefined {
    return this.#child.process.pid;
  }

  /** pictures written so far, and how many of them have come out */
  get written(): number {
    return this.#written;
  }

  get received(): number {
    return this.#received;
  }

  get exited(): Promise<ChildExit> {
    return this.#child.exited;
  }

  /** why it ended, in the process's or our own words */
  get lastLine(): string {
    return this.#fault ?? this.#child.lastLine;
  }

  /**
   * Sends a picture without copying it. `onWritten` is called exactly once, when FFmpeg has it or never will: the memory
   * is read until then.
   * @returns false when the process takes nothing any more
   */
  write(index: number, data: Uint8Array, onWritten: () => void): boolean {
    const stdin = this.#child.process.stdin;
    if (!stdin || stdin.destroyed || stdin.writableEnded) {
      onWritten();
      return false;
    }
    this.#timeline ??= new EncoderTimeline(this.#options.format.fps, index);
    this.#written++;
    stdin.cork();
    stdin.write(frameHeader(this.#timeline.encoderUs(index), data.length));
    stdin.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength), onWritten);
    stdin.uncork();
    return true;
  }

  /** No more pictures: lets FFmpeg deliver what it holds, at most `graceMs`. Resolves when it is gone. */
  async finish(graceMs: number): Promise<void> {
    this.#child.process.stdin?.end();
    const timer = setTimeout(() => this.kill('did not finish in time'), graceMs);
    try {
      await this.#child.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it at once. */
  kill(reason: string): void {
    this.#fault ??= reason;
    this.#child.process.stdin?.destroy();
    this.#child.process.kill('SIGKILL');
  }

  #onPicture({ dtsMs, ptsMs, ...picture }: CodedPicture): void {
    if (!this.#timeline) throw new RangeError('a picture came out before one went in');
    this.#received++;
    const [dtsIndex, frameIndex] = [this.#timeline.index(dtsMs), this.#timeline.index(ptsMs)];
    this.#options.onPicture({ ...picture, dtsIndex, frameIndex });
  }
}
