import { GrowingColumn, GrowingRuns } from './growing-column';
import { fullBox, u32 } from './mp4-boxes';

/** One sample as a fragment names it, in ticks of its track. */
export interface Sample {
  readonly duration: number;
  readonly size: number;
  /** presentation − decode */
  readonly offset: number;
  /** can be begun with */
  readonly isSync: boolean;
}

/** Samples of one track that follow one another in the file. */
export interface SampleRun {
  readonly trackId: number;
  /** decode time of the first, ticks */
  readonly dts: number;
  /** where its first byte lies in the file */
  readonly position: number;
  readonly samples: readonly Sample[];
}

/**
 * Where and when each sample of a track is, as a movie's tables want it (ISO/IEC 14496-12 §8.6 and §8.7): about 4 bytes
 * a sample of sound and 12 a picture with B-frames, so that hours fit into some megabytes. The last sample's duration
 * waits until the next run says when that begins.
 */
export class SampleTable {
  readonly #sizes = new GrowingColumn();
  readonly #durations = new GrowingRuns();
  readonly #offsets = new GrowingRuns();
  /** numbers of the samples that can be begun with, from 1 */
  readonly #syncs = new GrowingColumn();
  /** high and low half of where each run lies */
  readonly #chunks = new GrowingColumn();
  /** first chunk of those with so many samples, how many, description 1 (§8.7.4) */
  readonly #chunkSizes = new GrowingColumn();
  #firstDts: number | null = null;
  #firstOffset = 0;
  /** the newest sample's: decode time and duration so far */
  #lastDts = 0;
  #lastDuration = 0;
  #presentationEnd = 0;
  #hasNegative = false;
  #hasOffset = false;

  get count(): number {
    return this.#sizes.length;
  }
  /** decode time of the first sample, ticks */
  get firstDts(): number {
    return this.#firstDts ?? 0;
  }
  /** presentation − decode time of the first sample, ticks */
  get firstOffset(): number {
    return this.#firstOffset;
  }
  /** from the first sample's decode time on, ticks */
  get duration(): number {
    return this.#firstDts === null ? 0 : this.#lastDts + this.#lastDuration - this.#firstDts;
  }
  /** when the last picture is over, ticks from time 0 */
  get presentationEnd(): number {
    return this.#presentationEnd;
  }
  /** memory that it takes, bytes */
  get heldBytes(): number {
    const columns = [this.#sizes, this.#durations.pairs, this.#offsets.pairs, this.#syncs];
    return [...columns, this.#chunks, this.#chunkSizes].reduce((sum, { heldBytes }) => sum + heldBytes, 0);
  }

  add({ dts, position, samples }: Omit<SampleRun, 'trackId'>): void {
    if (samples.length === 0) return;
    const perChunk = this.#chunkSizes.length > 0 ? this.#chunkSizes.at(-2) : 0;
    this.#chunks.push(Math.floor(position / 2 ** 32), position >>> 0);
    if (perChunk !== samples.length) this.#chunkSizes.push(this.#chunks.length / 2, samples.length, 1);
    let at = dts;
    for (const sample of samples) {
      this.#settle(at);
      this.#sizes.push(sample.size);
      this.#offsets.push(sample.offset);
      if (sample.isSync) this.#syncs.push(this.#sizes.length);
      if (sample.offset !== 0) this.#hasOffset = true;
      if (sample.offset < 0) this.#hasNegative = true;
      if (this.#firstDts === null) this.#firstOffset = sample.offset;
      this.#firstDts ??= at;
      this.#lastDts = at;
      this.#lastDuration = sample.duration;
      at += sample.duration;
      this.#presentationEnd = Math.max(this.#presentationEnd, at + sample.offset);
    }
  }

  /** The sample before one that begins then lasted until then. */
  #settle(dts: number): void {
    if (this.#firstDts === null) return;
    this.#durations.push(Math.max(0, dts - this.#lastDts));
  }

  /** stts, ctts, stss, stsc, stsz, co64 */
  boxes(): Buffer[] {
    const durations = new GrowingRuns();
    for (let at = 0; at < this.#durations.pairs.length; at++)
      durations.pairs.push(this.#durations.pairs.at(at));
    if (this.count > 0) durations.push(this.#lastDuration);
    const isEachSync = this.#syncs.length === this.count;
    return [
      fullBox('stts', 0, 0, u32(durations.length), durations.pairs.bytes()),
      ...(this.#hasOffset
        ? [
            fullBox(
              'ctts',
              this.#hasNegative ? 1 : 0,
              0,
              u32(this.#offsets.length),
              this.#offsets.pairs.bytes(),
            ),
          ]
        : []),
      ...(isEachSync ? [] : [fullBox('stss', 0, 0, u32(this.#syncs.length), this.#syncs.bytes())]),
      fullBox('stsc', 0, 0, u32(this.#chunkSizes.length / 3), this.#chunkSizes.bytes()),
      fullBox('stsz', 0, 0, u32(0, this.count), this.#sizes.bytes()),
      fullBox('co64', 0, 0, u32(this.#chunks.length / 2), this.#chunks.bytes()),
    ];
  }
}
