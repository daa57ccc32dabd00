import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomic } from './data-folder';

const fileSchema = z.object({
  version: z.literal(1),
  /** unix ms */
  at: z.number(),
  bestKbps: z.number().positive(),
  limitKbps: z.number().positive().nullable(),
});
/** What went to other computers in the last stream, all destinations together. */
export type UploadFigures = Pick<z.infer<typeof fileSchema>, 'bestKbps' | 'limitKbps'>;

/** one connection's totals; only those to other computers count */
export interface UploadReading {
  readonly bytes: number;
  readonly droppedFrames: number;
}

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
  readonly droppedFrames: number;
}

/** Long enough for bursts to even out, short enough to see a bad minute. */
const windowMs = 15_000;

/**
 * How much the connection to the world has carried: the most of any 15 s of the last stream, and, where frames had to be
 * dropped, what went through while they were. Measured on real streams only: nothing is sent for the sake of measuring.
 */
export class UploadRecord {
  readonly #path: string;
  #samples: Sample[] = [];
  #figures: UploadFigures | null = null;
  #isNew = false;

  /** @param path its file; a cache that may be deleted */
  constructor(path: string) {
    this.#path = path;
  }

  get figures(): UploadFigures | null {
    return this.#figures;
  }

  load(): void {
    try {
      const { bestKbps, limitKbps } = fileSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      this.#figures = { bestKbps, limitKbps };
    } catch {
      this.#figures = null;
    }
  }

  /** @param readings of the live connections to other computers, about twice a second; none: the stream is over */
  sample(readings: readonly UploadReading[], atMs: number): void {
    if (readings.length === 0) return this.#end();
    const sum = (pick: (reading: UploadReading) => number): number =>
      readings.reduce((total, reading) => total + pick(reading), 0);
    const sample = {
      atMs,
      bytes: sum(({ bytes }) => bytes),
      droppedFrames: sum(({ droppedFrames }) => droppedFrames),
    };
    const last = this.#samples.at(-1);
    // A connection more or less, or made anew: another measurement.
    if (last && (sample.bytes < last.bytes || sample.droppedFrames < last.droppedFrames)) this.#samples = [];
    this.#samples.push(sample);
    const [first] = this.#samples;
    if (!first || atMs - first.atMs < windowMs) return;
    this.#measure(first, sample);
    this.#samples.shift();
  }

  #measure(first: Sample, last: Sample): void {
    const kbps = Math.round(((last.bytes - first.bytes) * 8) / (last.atMs - first.atMs));
    if (kbps <= 0) return;
    const isHeldBack = last.droppedFrames > first.droppedFrames;
    const before = this.#isNew ? this.#figures : null;
    const limits = [before?.limitKbps ?? null, isHeldBack ? kbps : null].filter((limit) => limit !== null);
    this.#figures = {
      bestKbps: Math.max(before?.bestKbps ?? 0, kbps),
      limitKbps: limits.length > 0 ? Math.min(...limits) : null,
    };
    this.#isNew = true;
  }

  /** Also to be called when the studio stops. */
  #end(): void {
    this.#samples = [];
    if (!this.#isNew || !this.#figures) return;
    this.#isNew = false;
    try {
      const file = { version: 1, at: Date.now(), ...this.#figures };
      writeFileAtomic(this.#path, `${JSON.stringify(file)}\n`);
    } catch {
      // Measured again the next time.
    }
  }
}
