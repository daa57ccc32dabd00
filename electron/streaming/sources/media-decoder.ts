import { setTimeout as delay } from 'node:timers/promises';
import { audioSampleRate } from '../interfaces/audio-input';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { FrameArena, LiveRing } from '../interfaces/layer';
import { describeExit } from '../lib/child';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import { DecoderPass } from './decoder-pass';
import type { PassEnd } from './decoder-pass';
import type { MediaInfo } from './media-info';
import type { Passage, VideoPlan } from './media-plan';
import { PassCache } from './pass-cache';
import { PictureRing } from './picture-ring';
import { SampleRing } from './sample-ring';

export interface DecoderOptions {
  readonly ffmpeg: FfmpegBuild;
  readonly arena: FrameArena;
  readonly info: MediaInfo;
  /** null: sound only */
  readonly plan: VideoPlan | null;
  readonly passage: Passage;
  /** asked at the end of each pass */
  readonly isLooping: () => boolean;
  /** FFmpeg met something that it could not decode; it goes on */
  readonly onDamage: (reason: string) => void;
  /** a pass through the whole file ended, to be followed by another; its exact length */
  readonly onPass: (pass: { readonly seconds: number; readonly isDamaged: boolean }) => void;
}

const noBytes = Buffer.alloc(0);
const soundBytes = 8;
/** sound decoded ahead when there are no pictures to set the pace */
const soundOnlyAhead = 2 * audioSampleRate;
const readyPictures = 6;
const readySamples = audioSampleRate / 5;
/** sound that outlasts the pictures of a pass by more than this makes the last picture stay; less is cut off */
const toleratedTailSec = 0.1;

/** sound that was not listened to for so long is not decoded up to the present: decoding goes on at the present */
const leapSamples = 5 * audioSampleRate;
/** free slots that are worth waking up for */
const refillRoom = (ring: PictureRing): number => Math.max(1, ring.capacity / 4);

/**
 * Decodes one file for one picture size. `start` resolves when enough is decoded to begin.
 *
 * Pictures are read only as fast as the compositor frees slots; sound is never held back while there are pictures,
 * because FFmpeg would then stand still for both. A loop is made of passes, each ended at a whole picture with sound
 * cut or filled to exactly that instant: FFmpeg's own `-stream_loop` slides by up to a frame a pass, and jumps in files
 * whose sound and picture differ in length. A short clip is kept decoded and costs no process from its second pass on.
 */
export class MediaDecoder extends BaseComponent {
  readonly sound: SampleRing | null;
  /** it ended, by itself or because it was stopped */
  readonly ended: Promise<PassEnd>;
  readonly #options: DecoderOptions;
  readonly #ring: PictureRing | null;
  #resolveEnded!: (end: PassEnd) => void;
  #pass: DecoderPass | undefined;
  #cache: PassCache | undefined;
  #running: Promise<void> | undefined;
  #rest: Buffer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #end: PassEnd | undefined;
  #isSoundDone = false;
  #isSoundBehind = false;
  #isPassDamaged = false;
  #isLeaping = false;
  #onProgress: () => void = () => undefined;

  /** @throws RangeError when the arena is full */
  constructor(options: DecoderOptions) {
    super();
    this.#options = options;
    this.#ring = options.plan && new PictureRing(options.arena, options.plan);
    this.sound = options.info.audioStream === null ? null : new SampleRing();
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /** the process that decodes now; undefined: none is needed or it is gone */
  get pid(): number | undefined {
    return this.#pass?.pid;
  }

  /** The pictures, for a program that shows the first of them at `startFrame`, and none beyond `heldPicture`. */
  view(startFrame: number, heldPicture?: number): LiveRing | null {
    return this.#ring?.view(startFrame, heldPicture) ?? null;
  }

  /** Gives the pictures' memory back: stopped, and nobody reads any more. */
  free(): void {
    this.#ring?.free();
  }

  /** @throws StudioError when it ended before there was anything to show; retryable when FFmpeg crashed */
  protected override async onStart(signal: AbortSignal): Promise<void> {
    this.#running = this.#run();
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        if (signal.aborted) reject(signal.reason as Error);
        else if (this.#hasEnough() || this.#end) resolve();
      };
      signal.addEventListener('abort', settle, { once: true });
      this.#onProgress = settle;
      settle();
    });
    this.#onProgress = () => undefined;
    if (this.#end && !this.#hasAnything()) throw this.#nothingDecoded(this.#end);
  }

  protected override async onStop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#pass?.stop();
    await this.#running;
    this.#resolveEnded({ code: 0, signal: null, errorLine: '', lastLine: '' });
  }

  async #run(): Promise<void> {
    const { passage, isLooping } = this.#options;
    let positionSec = passage.positionSec;
    let end: PassEnd;
    for (;;) {
      const isWhole = positionSec === 0;
      const before = this.#positionSec();
      end = await this.#decode(positionSec);
      if (this.lifetime.aborted) return;
      if (this.#isLeaping) {
        positionSec = this.#leap(before - positionSec);
        continue;
      }
      // Nothing, or no good end: another pass would only fail again.
      if (!isLooping() || end.code !== 0 || this.#positionSec() === before) break;
      await this.#closePass();
      if (this.lifetime.aborted) return;
      if (isWhole)
        this.#options.onPass({ seconds: this.#positionSec() - before, isDamaged: this.#isPassDamaged });
      if (isWhole && this.#cache?.pictures && !this.#isPassDamaged) {
        await this.#replay(this.#cache);
        break;
      }
      positionSec = 0;
    }
    if (this.lifetime.aborted) return;
    this.#ring?.end();
    this.#end = end;
    this.#resolveEnded(end);
    this.#onProgress();
  }

  async #decode(positionSec: number): Promise<PassEnd> {
    const { ffmpeg, info, plan, passage, isLooping } = this.#options;
    const cache = isLooping() && positionSec === 0 && this.#fitsCache() ? new PassCache() : undefined;
    const before = this.#positionSec();
    this.#cache = cache;
    this.#isPassDamaged = false;
    this.#isSoundDone = this.sound === null;
    const pass = await DecoderPass.start(
      ffmpeg,
      info,
      plan,
      { path: passage.path, positionSec },
      {
        onPictures: (bytes) => {
          cache?.addPictures(bytes);
          return this.#takePictures(bytes);
        },
        onSound: (bytes) => {
          cache?.addSound(bytes);
          this.#takeSound(bytes);
        },
        onSoundEnd: () => {
          this.#isSoundDone = true;
          this.#publish();
        },
        onDamage: (reason) => {
          // Joined in the middle, a decoder complains until its first whole picture: that is no damage.
          if (positionSec > 0 && this.#positionSec() === before) return false;
          this.#isPassDamaged = true;
          this.#options.onDamage(reason);
          return true;
        },
      },
    );
    this.#pass = pass;
    // Stopped before there was anything to stop.
    if (this.lifetime.aborted) await pass.stop();
    const end = await pass.ended;
    clearTimeout(this.#timer);
    this.#isSoundDone = true;
    // A pipe that is at its end is done even while it is paused: the last bytes may still be waiting for a free slot.
    const rest = this.#rest;
    this.#rest = undefined;
    let written = 0;
    if (rest)
      await this.#fill(() => {
        written += this.#ring?.write(rest.subarray(written)) ?? rest.length;
        return written >= rest.length;
      });
    this.#publish();
    cache?.close();
    return end;
  }

  #fitsCache(): boolean {
    const { info } = this.#options;
    const ring = this.#ring;
    const pictures = ring ? ring.frameBytes * ring.format.fps : 0;
    return PassCache.fits(info.durationSec, pictures, this.sound ? audioSampleRate * soundBytes : 0);
  }

  /** Ends a pass at a whole picture, sound and picture at the same instant. */
  async #closePass(): Promise<void> {
    const { sound } = this;
    const ring = this.#ring;
    if (!ring) return;
    ring.dropPartial();
    if (!sound) return;
    const tailSec = sound.written / audioSampleRate - this.#positionSec();
    if (tailSec > toleratedTailSec) {
      const until = Math.round((sound.written * ring.format.fps) / audioSampleRate);
      await this.#fill(() => ring.complete >= until || !ring.repeatLast());
    }
    sound.moveTo(this.#soundDue());
  }

  /** A short clip, as long as it loops: from memory, at the reader's pace. */
  async #replay(cache: PassCache): Promise<void> {
    const ring = this.#ring;
    const pictures = cache.pictures ?? Buffer.alloc(0);
    const step = ring ? ring.frameBytes : 0;
    while (!this.lifetime.aborted) {
      let heard = 0;
      let shown = 0;
      await this.#fill(() => {
        if (ring) {
          if (shown + step > pictures.length) return true;
          const taken = ring.write(pictures.subarray(shown, shown + step));
          shown += taken;
          const due = Math.max(0, this.#soundDue() - (this.sound?.written ?? 0)) * soundBytes;
          this.sound?.write(cache.sound.subarray(heard, heard + due));
          heard += due;
          return false;
        }
        if (heard >= cache.sound.length) return true;
        this.sound?.write(cache.sound.subarray(heard, heard + readySamples * soundBytes));
        heard += readySamples * soundBytes;
        return false;
      });
      await this.#closePass();
      const passSamples = cache.sound.length / soundBytes;
      if (!ring && this.sound) this.sound.skip(Math.floor(this.sound.behind / passSamples) * passSamples);
      if (!this.#options.isLooping()) return;
    }
  }

  /** @param startSec where on the ring's time line the file's beginning lies @returns where in the file to go on */
  #leap(startSec: number): number {
    this.#isLeaping = false;
    const { sound } = this;
    const { durationSec } = this.#options.info;
    sound?.skip(sound.behind);
    const positionSec = this.#positionSec() - startSec;
    if (!this.#options.isLooping()) return positionSec;
    return durationSec ? positionSec % durationSec : 0;
  }

  /** Calls `step` while there is room for more, waits while there is none, until it says that it is done. */
  async #fill(step: () => boolean): Promise<void> {
    while (!this.lifetime.aborted) {
      while (this.#hasRoom()) {
        const isDone = step();
        this.#publish();
        if (isDone) return;
      }
      await delay(this.#waitMs(), undefined, { signal: this.lifetime }).catch(() => undefined);
    }
  }

  #hasRoom(): boolean {
    return this.#ring ? this.#ring.room > 0 : (this.sound?.ahead ?? 0) < soundOnlyAhead;
  }

  /** Until a real-time reader has made room for several pictures: one at a time would cost a wake-up each. */
  #waitMs(): number {
    const ring = this.#ring;
    if (!ring) return 200;
    return Math.min(120, Math.max(8, ((refillRoom(ring) - ring.room) / ring.format.fps) * 1000));
  }

  #positionSec(): number {
    return this.#ring
      ? this.#ring.complete / this.#ring.format.fps
      : (this.sound?.written ?? 0) / audioSampleRate;
  }

  /** the sample that belongs to the end of the last whole picture */
  #soundDue(): number {
    return Math.round(this.#positionSec() * audioSampleRate);
  }

  /** @returns whether more may come */
  #takePictures(bytes: Buffer): boolean {
    const ring = this.#ring;
    if (!ring) return true;
    const taken = this.#rest ? 0 : ring.write(bytes);
    this.#publish();
    if (taken === bytes.length && ring.room > 0) return true;
    // The bytes are the pipe's own and will be written over.
    if (taken < bytes.length) this.#rest = Buffer.concat([this.#rest ?? noBytes, bytes.subarray(taken)]);
    this.#poll();
    return false;
  }

  #takeSound(bytes: Buffer): void {
    this.sound?.write(bytes);
    this.#publish();
    if (this.#ring || this.#hasRoom()) return;
    this.#pass?.pauseSound();
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
    this.#timer = setTimeout(() => this.#resume(), this.#waitMs());
  }

  #resume(): void {
    const ring = this.#ring;
    if (!ring) {
      if ((this.sound?.ahead ?? 0) > soundOnlyAhead / 2) return this.#poll();
      if ((this.sound?.behind ?? 0) > leapSamples) {
        this.#isLeaping = true;
        void this.#pass?.stop();
        return;
      }
      this.#pass?.resumeSound();
      return;
    }
    this.#publish();
    if (ring.room < refillRoom(ring)) return this.#poll();
    const rest = this.#rest;
    this.#rest = undefined;
    if (!rest || this.#takePictures(rest)) this.#pass?.resumePictures();
  }

  #hasEnough(): boolean {
    const ring = this.#ring;
    if (ring) return ring.published >= Math.min(readyPictures, ring.capacity - 1);
    return (this.sound?.written ?? 0) >= readySamples;
  }

  #hasAnything(): boolean {
    return this.#ring ? this.#ring.complete > 0 : (this.sound?.written ?? 0) > 0;
  }

  #nothingDecoded(end: PassEnd): StudioError {
    const { path } = this.#options.passage;
    if (end.signal) {
      const details = { role: 'media decoder', exit: describeExit(end), lastLine: end.lastLine };
      return new StudioError('ffmpeg-crashed', details, { retryable: true });
    }
    const reason = end.errorLine || end.lastLine || 'nothing in it could be decoded';
    return new StudioError('media-decode-failed', { path, reason });
  }
}
