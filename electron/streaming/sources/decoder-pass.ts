import type { Readable } from 'node:stream';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { Child } from '../lib/child';
import type { ChildExit } from '../lib/child';
import { openWidePipe } from '../lib/wide-pipe';
import type { WidePipe } from '../lib/wide-pipe';
import type { MediaInfo } from './media-info';
import { decoderArgs } from './media-plan';
import type { Passage, VideoPlan } from './media-plan';

/** Where a pass puts what it decodes. All are called in the order of the file. */
export interface PassSinks {
  /** the bytes are valid until it returns; `false` holds the rest back until `resumePictures` */
  readonly onPictures: (bytes: Buffer) => boolean;
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

const pipeBytes = 1024 * 1024;

/** One FFmpeg that decodes one file once: pictures and sound from one process, counted from one instant. */
export class DecoderPass {
  /** it is gone, and everything it wrote was handed on */
  readonly ended: Promise<PassEnd>;
  readonly #child: Child;
  readonly #pictures: WidePipe | null;
  readonly #sound: Readable | null;
  readonly #sinks: PassSinks;
  #errorLine = '';
  #isStopped = false;

  /** @param plan null: sound only */
  static async start(
    ffmpeg: FfmpegBuild,
    info: MediaInfo,
    plan: VideoPlan | null,
    passage: Passage,
    sinks: PassSinks,
  ): Promise<DecoderPass> {
    const pictures = plan && (await openWidePipe(pipeBytes, sinks.onPictures));
    return new DecoderPass(ffmpeg, decoderArgs(ffmpeg, info, plan, passage), pictures, sinks);
  }

  private constructor(
    ffmpeg: FfmpegBuild,
    args: readonly string[],
    pictures: WidePipe | null,
    sinks: PassSinks,
  ) {
    this.#sinks = sinks;
    this.#pictures = pictures;
    this.#child = new Child({
      command: ffmpeg.path,
      args,
      stdio: ['ignore', pictures ? (pictures.childEnd ?? 'pipe') : 'ignore', 'pipe', 'pipe'],
      niceness: 5,
      onStderrLine: (line) => this.#hear(line),
    });
    pictures?.adopt(this.#child.process.stdout);
    this.#sound = (this.#child.process.stdio[3] as Readable | null | undefined) ?? null;
    this.#sound?.on('error', () => undefined); // the exit tells
    this.#sound?.on('data', sinks.onSound);
    this.#sound?.on('end', sinks.onSoundEnd);
    this.ended = this.#end();
  }

  get pid(): number | undefined {
    return this.#child.hasExited ? undefined : this.#child.process.pid;
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

  async #end(): Promise<PassEnd> {
    const exit = await this.#child.exited;
    await this.#pictures?.ended;
    return { ...exit, errorLine: this.#errorLine, lastLine: this.#child.lastLine };
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
