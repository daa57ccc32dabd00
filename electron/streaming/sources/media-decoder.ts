import type { Readable } from 'node:stream';
import { audioSampleRate } from '../interfaces/audio-input';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { FrameArena, LiveRing } from '../interfaces/layer';
import { Child, describeExit } from '../lib/child';
import type { ChildExit } from '../lib/child';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import type { MediaInfo } from './media-info';
import { decoderArgs } from './media-plan';
import type { Passage, VideoPlan } from './media-plan';
import { PictureRing } from './picture-ring';
import { SampleRing } from './sample-ring';

export interface DecoderOptions {
  readonly ffmpeg: FfmpegBuild;
  readonly arena: FrameArena;
  readonly info: MediaInfo;
  /** null: sound only */
  readonly plan: VideoPlan | null;
  readonly passage: Passage;
  /** a line that FFmpeg calls an error: the file is damaged there */
  readonly onDamage: (reason: string) => void;
}

/** How a decoder ended by itself. `errorLine`: the last thing FFmpeg called an error, '' when nothing was. */
export interface DecoderEnd extends ChildExit {
  readonly errorLine: string;
  readonly pictures: number;
}

/** sound that may wait when nothing but sound is decoded */
const soundOnlyAhead = 2 * audioSampleRate;
const readyPictures = 6;
const readySamples = audioSampleRate / 5;

/**
 * One FFmpeg that decodes one file for one picture size, pictures and sound in one process, counted from one instant.
 * `start` resolves when enough is decoded to begin. The pictures' pipe is read only as fast as the compositor frees
 * slots; the sound's pipe is never held back while there are pictures, because FFmpeg would then stand still for both.
 */
export class MediaDecoder extends BaseComponent {
  readonly sound: SampleRing | null;
  readonly ended: Promise<DecoderEnd>;
  readonly #options: DecoderOptions;
  readonly #ring: PictureRing | null;
  readonly #pollMs: number;
  #child: Child | undefined;
  #resolveEnded!: (end: DecoderEnd) => void;
  #pictures: Readable | undefined;
  #sounds: Readable | undefined;
  #rest: Buffer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #errorLine = '';
  #isSoundDone: boolean;
  #isSoundBehind = false;
  #onProgress: () => void = () => undefined;

  /** @throws RangeError when the arena is full */
  constructor(options: DecoderOptions) {
    super();
    this.#options = options;
    this.#ring = options.plan && new PictureRing(options.arena, options.plan);
    this.sound = options.info.audioStream === null ? null : new SampleRing();
    this.#isSoundDone = this.sound === null;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    // An eighth of the ring: often enough to keep it full, and one wake-up then reads several pictures.
    const ringMs = this.#ring ? (this.#ring.capacity / this.#ring.format.fps) * 1000 : 400;
    this.#pollMs = Math.min(40, Math.max(4, ringMs / 8));
  }

  get pid(): number | undefined {
    return this.#child?.process.pid;
  }

  /** The pictures, for a program that shows the first of them at `startFrame`. */
  view(startFrame: number): LiveRing | null {
    return this.#ring?.view(startFrame) ?? null;
  }

  /** Gives the pictures' memory back: stopped, and nobody reads any more. */
  free(): void {
    this.#ring?.free();
  }

  /** @throws StudioError when it ended before there was anything to show */
  protected override async onStart(signal: AbortSignal): Promise<void> {
    const { ffmpeg, info, plan, passage } = this.#options;
    const child = new Child({
      command: ffmpeg.path,
      args: decoderArgs(ffmpeg, info, plan, passage),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      niceness: 5,
      onStderrLine: (line) => this.#hear(line),
    });
    this.#child = child;
    this.#readPictures(child);
    this.#readSound(child);
    void child.exited.then((exit) => {
      this.#ring?.end();
      this.#isSoundDone = true;
      clearTimeout(this.#timer);
      this.#resolveEnded({ ...exit, errorLine: this.#errorLine, pictures: this.#ring?.complete ?? 0 });
      this.#onProgress();
    });
    await this.#enoughToBegin(child, signal);
  }

  protected override async onStop(): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    // Nothing it still has to say is wanted: without readers its pipes would hold 'close' back.
    this.#pictures?.destroy();
    this.#sounds?.destroy();
    await child.stop(200);
  }

  #readPictures(child: Child): void {
    const stream = child.process.stdout;
    if (!stream || !this.#ring) return void stream?.resume();
    this.#pictures = stream;
    stream.on('error', () => undefined); // the exit tells
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  #readSound(child: Child): void {
    const stream = child.process.stdio[3] as Readable | null | undefined;
    if (!stream) return;
    this.#sounds = stream;
    stream.on('error', () => undefined);
    stream.on('end', () => {
      this.#isSoundDone = true;
      this.#publish();
    });
    stream.on('data', (chunk: Buffer) => {
      this.sound?.write(chunk);
      this.#publish();
      if (!this.#ring && (this.sound?.ahead ?? 0) > soundOnlyAhead) {
        stream.pause();
        this.#poll();
      }
    });
  }

  #take(chunk: Buffer): void {
    const ring = this.#ring;
    if (!ring) return;
    const taken = ring.write(chunk);
    this.#publish();
    if (taken === chunk.length && ring.room > 0) return;
    this.#rest = taken < chunk.length ? chunk.subarray(taken) : undefined;
    this.#pictures?.pause();
    this.#poll();
  }

  /** A picture is shown only once its sound is there too, so that a program running at any speed hears what it sees. */
  #publish(): void {
    const ring = this.#ring;
    if (ring) {
      const heard = this.#isSoundDone
        ? ring.complete
        : Math.floor(((this.sound?.written ?? 0) * ring.format.fps) / audioSampleRate);
      // A file may hold its sound far behind its pictures, or end it before them: with every slot full FFmpeg stands
      // still and no sound can come any more, so pictures go on without it until it has caught up.
      const isStuck = ring.room === 0 && (ring.isStarving || heard < ring.complete - ring.capacity / 2);
      if (heard >= ring.complete) this.#isSoundBehind = false;
      else if (isStuck) this.#isSoundBehind = true;
      ring.publish(this.#isSoundBehind ? ring.complete : heard);
    }
    this.#onProgress();
  }

  #poll(): void {
    if (this.lifetime.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#resume(), this.#pollMs);
  }

  #resume(): void {
    const ring = this.#ring;
    if (!ring) {
      if ((this.sound?.ahead ?? 0) > soundOnlyAhead / 2) return this.#poll();
      this.#sounds?.resume();
      return;
    }
    this.#publish();
    // Several pictures at once are cheaper than one at a time.
    if (ring.room < Math.max(1, ring.capacity / 4)) return this.#poll();
    const rest = this.#rest;
    this.#rest = undefined;
    this.#pictures?.resume();
    if (rest) this.#take(rest);
  }

  #hear(line: string): void {
    const match = /\[(?:error|fatal|panic)\] (.*)/.exec(line);
    if (!match?.[1]) return;
    this.#errorLine = match[1].trim().slice(0, 300);
    this.#options.onDamage(this.#errorLine);
  }

  #hasEnough(): boolean {
    const ring = this.#ring;
    if (ring) return ring.published >= Math.min(readyPictures, ring.capacity - 1);
    return (this.sound?.written ?? 0) >= readySamples;
  }

  async #enoughToBegin(child: Child, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        if (signal.aborted) reject(signal.reason as Error);
        else if (this.#hasEnough() || child.hasExited) resolve();
      };
      signal.addEventListener('abort', settle, { once: true });
      this.#onProgress = settle;
      settle();
    });
    this.#onProgress = () => undefined;
    const hasAnything = this.#ring ? this.#ring.complete > 0 : (this.sound?.written ?? 0) > 0;
    if (hasAnything) return;
    if (!child.hasExited) return; // stopped meanwhile
    const exit = await child.exited;
    if (exit.signal) {
      const details = { role: 'media decoder', exit: describeExit(exit), lastLine: child.lastLine };
      throw new StudioError('ffmpeg-crashed', details, { retryable: true });
    }
    const { path } = this.#options.passage;
    const reason = this.#errorLine || child.lastLine || 'nothing in it could be decoded';
    throw new StudioError('media-decode-failed', { path, reason });
  }
}
