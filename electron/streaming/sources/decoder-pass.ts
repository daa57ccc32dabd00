import type { Readable } from 'node:stream';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { Child } from '../lib/child';
import type { ChildExit } from '../lib/child';
import type { MediaInfo } from './media-info';
import { decoderArgs } from './media-plan';
import type { Passage, VideoPlan } from './media-plan';

/** Where a pass puts what it decodes. All are called in the order of the file. */
export interface PassSinks {
  readonly onPictures: (bytes: Buffer) => void;
  readonly onSound: (bytes: Buffer) => void;
  readonly onSoundEnd: () => void;
  /** FFmpeg met something that it could not decode. @returns whether it counts */
  readonly onDamage: (reason: string) => boolean;
}

export interface PassEnd extends ChildExit {
  /** the last damage that counted, '' when there was none */
  readonly errorLine: string;
  /** its last words of any kind */
  readonly lastLine: string;
}

/** One FFmpeg that decodes one file once: pictures and sound from one process, counted from one instant. */
export class DecoderPass {
  readonly ended: Promise<PassEnd>;
  readonly #child: Child;
  readonly #pictures: Readable | null;
  readonly #sound: Readable | null;
  readonly #sinks: PassSinks;
  #errorLine = '';
  #isStopped = false;

  constructor(
    ffmpeg: FfmpegBuild,
    info: MediaInfo,
    plan: VideoPlan | null,
    passage: Passage,
    sinks: PassSinks,
  ) {
    this.#sinks = sinks;
    this.#child = new Child({
      command: ffmpeg.path,
      args: decoderArgs(ffmpeg, info, plan, passage),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      niceness: 5,
      onStderrLine: (line) => this.#hear(line),
    });
    this.#pictures = this.#child.process.stdout;
    this.#pictures?.on('error', () => undefined); // the exit tells
    this.#pictures?.on('data', sinks.onPictures);
    this.#sound = (this.#child.process.stdio[3] as Readable | null | undefined) ?? null;
    this.#sound?.on('error', () => undefined);
    this.#sound?.on('data', sinks.onSound);
    this.#sound?.on('end', sinks.onSoundEnd);
    this.ended = this.#child.exited.then((exit) => ({
      ...exit,
      errorLine: this.#errorLine,
      lastLine: this.#child.lastLine,
    }));
  }

  get pid(): number | undefined {
    return this.#child.hasExited ? undefined : this.#child.process.pid;
  }

  pausePictures(): void {
    this.#pictures?.pause();
  }

  resumePictures(): void {
    this.#pictures?.resume();
  }

  pauseSound(): void {
    this.#sound?.pause();
  }

  resumeSound(): void {
    this.#sound?.resume();
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    // Nothing it still has to say is wanted: unread pipes would hold its end back.
    this.#pictures?.destroy();
    this.#sound?.destroy();
    await this.#child.stop(200);
  }

  #hear(line: string): void {
    // What it says of the pipes that we close ourselves is no news.
    if (this.#isStopped) return;
    const reason = damageIn(line);
    if (reason !== null && this.#sinks.onDamage(reason)) this.#errorLine = reason;
  }
}

/** What a line of `-v level+warning` says about damage in the file; null: nothing. */
export function damageIn(line: string): string | null {
  const [, level, text] = /\[(warning|error|fatal|panic)\] (.*)/.exec(line) ?? [];
  if (text === undefined || (level === 'warning' && !/corrupt/i.test(text))) return null;
  return text.trim().slice(0, 300);
}
