import { performance } from 'node:perf_hooks';
import type { Y4mFormat } from './y4m-reader';
import type { ElasticSound } from './elastic-sound';
import { HeldPictures } from './held-pictures';

export interface StreamPacerOptions {
  /** how long a sample and a picture wait here, milliseconds */
  readonly bufferMs: number;
  readonly sound: ElasticSound;
  readonly programFps: number;
  /** its time has come; the bytes are valid until it returns */
  readonly onPicture: (bytes: Uint8Array) => void;
  /** there is room for pictures again */
  readonly onRoom: () => void;
  /** monotonic, milliseconds */
  readonly nowMs?: () => number;
}

/** what a server sends at once when we join (the pictures since the last keyframe) is over by then */
const settleMs = 300;
/** farther from where it should be than this, it leaps */
const toleratedSec = 0.5;
/** the mixer's last call is older: nobody listens */
const heardMs = 200;
const checkMs = 50;
const soundRate = 48_000;

/**
 * Evens out what the network makes of a stream. Sound waits in `ElasticSound`, which follows the publisher's clock;
 * pictures wait here and appear with the sound that was made with them. Where nothing is heard they follow a clock of
 * their own.
 */
export class StreamPacer {
  readonly #options: StreamPacerOptions;
  readonly #nowMs: () => number;
  #pictures: HeldPictures | null = null;
  #fps = 0;
  /** stereo samples received since the stream's beginning */
  #samples = 0;
  #firstAtMs: number | null = null;
  #isSettled = false;
  /** where the stream is, seconds, at a moment: for when there is no sound to tell */
  #anchor = { sec: 0, atMs: 0 };
  #renderedAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StreamPacerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** A stream begins. */
  begin(): void {
    this.end();
    this.#samples = 0;
    this.#firstAtMs = null;
    this.#isSettled = false;
  }

  /** No more comes; what waits is forgotten. */
  end(): void {
    clearTimeout(this.#timer);
    this.#pictures = null;
    this.#options.sound.end();
  }

  setFormat({ width, height, fps }: Y4mFormat): void {
    this.#fps = fps;
    const wanted = (this.#options.bufferMs / 1000 + 0.25) * fps + 2;
    this.#pictures = new HeldPictures(width * height * 1.5, wanted);
    // What cannot wait here cannot be waited for.
    const roomMs = ((this.#pictures.capacity - 2) / fps - 0.1) * 1000;
    this.#options.sound.setTarget(Math.min(this.#options.bufferMs, Math.max(40, roomMs)));
    this.#plan();
  }

  /** pictures wait here for their time */
  get isHolding(): boolean {
    return this.#pictures?.first != null;
  }

  /** @returns how many bytes were taken; `onRoom` tells when more will be */
  writePictures(bytes: Uint8Array): number {
    if (!this.#pictures) return bytes.length;
    this.#arrived();
    const taken = this.#pictures.write(bytes);
    // The burst at the beginning is long past.
    if (!this.#isSettled) this.#pictures.clear();
    return this.#isSettled ? taken : taken + this.#pictures.write(bytes.subarray(taken));
  }

  writeSound(samples: Float32Array): void {
    this.#arrived();
    this.#samples += samples.length / 2;
    if (this.#isSettled) this.#options.sound.write(samples);
  }

  /** The mixer has just rendered the sound. */
  rendered(): void {
    this.#renderedAtMs = this.#nowMs();
  }

  #arrived(): void {
    const nowMs = this.#nowMs();
    this.#firstAtMs ??= nowMs;
    if (this.#isSettled || nowMs - this.#firstAtMs < settleMs) return;
    this.#isSettled = true;
    this.#options.sound.begin(soundRate);
    this.#setAnchor(nowMs);
    this.#plan();
  }

  get #newestSec(): number {
    const pictures = this.#pictures && this.#fps > 0 ? this.#pictures.complete / this.#fps : 0;
    return Math.max(pictures, this.#samples / soundRate);
  }

  #setAnchor(nowMs: number): void {
    this.#anchor = { sec: this.#newestSec - this.#options.bufferMs / 1000, atMs: nowMs };
  }

  /** what of the stream is to be seen now, seconds from its beginning */
  #positionSec(nowMs: number): number {
    const { latencyMs } = this.#options.sound;
    if (latencyMs > 0 && nowMs - this.#renderedAtMs < heardMs)
      return this.#samples / soundRate - latencyMs / 1000;
    const sec = this.#anchor.sec + (nowMs - this.#anchor.atMs) / 1000;
    const leadSec = this.#newestSec - sec;
    if (leadSec >= -toleratedSec && leadSec <= this.#options.bufferMs / 1000 + toleratedSec) return sec;
    this.#setAnchor(nowMs);
    return this.#anchor.sec;
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#isSettled && this.#pictures) this.#timer = setTimeout(() => this.#show(), this.#waitMs());
  }

  #waitMs(): number {
    const first = this.#pictures?.first;
    if (!first) return Math.min(checkMs, 1000 / Math.max(1, this.#fps));
    const dueSec = first.index / this.#fps - this.#leadSec;
    return Math.min(checkMs, Math.max(1, (dueSec - this.#positionSec(this.#nowMs())) * 1000));
  }

  /** A picture is seen a tick after it was handed over, sound is mixed with the present one. */
  get #leadSec(): number {
    return 1.25 / this.#options.programFps;
  }

  #show(): void {
    const pictures = this.#pictures;
    if (!pictures) return;
    const untilSec = this.#positionSec(this.#nowMs()) + this.#leadSec;
    const isDue = (index: number): boolean => index / this.#fps <= untilSec;
    let hasRoom = false;
    for (let first = pictures.first; first && isDue(first.index); first = pictures.first) {
      const next = first.index + 1;
      // Late: of those that are due only the last is seen.
      const isLast = next >= pictures.complete || !isDue(next);
      if (isLast) this.#options.onPicture(first.bytes);
      pictures.drop();
      hasRoom = true;
    }
    if (hasRoom) this.#options.onRoom();
    this.#plan();
  }
}
