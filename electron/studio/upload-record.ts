import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { replaceFile } from '../streaming/lib/replace-file';
import { Turns } from '../streaming/lib/turns';

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
  readonly id: string;
  readonly bytes: number;
  readonly droppedFrames: number;
}

interface Sample {
  readonly atMs: number;
  readonly readings: readonly UploadReading[];
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
  readonly #turns = new Turns();

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
    const last = this.#samples.at(-1);
    // A connection more or less, or made anew: another measurement. What one has sent before it left says nothing of it.
    if (last && !isContinued(last.readings, readings)) this.#samples = [];
    const sample = { atMs, readings };
    this.#samples.push(sample);
    const [first] = this.#samples;
    if (!first || atMs - first.atMs < windowMs) return;
    this.#measure(first, sample);
    this.#samples.shift();
  }

  #measure(first: Sample, last: Sample): void {
    const sum = ({ readings }: Sample, pick: (reading: UploadReading) => number): number =>
      readings.reduce((total, reading) => total + pick(reading), 0);
    const bytes = sum(last, (reading) => reading.bytes) - sum(first, (reading) => reading.bytes);
    const kbps = Math.round((bytes * 8) / (last.atMs - first.atMs));
    if (kbps <= 0) return;
    const isHeldBack =
      sum(last, ({ droppedFrames }) => droppedFrames) > sum(first, ({ droppedFrames }) => droppedFrames);
    const before = this.#isNew ? this.#figures : null;
    const limits = [before?.limitKbps ?? null, isHeldBack ? kbps : null].filter((limit) => limit !== null);
    this.#figures = {
      bestKbps: Math.max(before?.bestKbps ?? 0, kbps),
      limitKbps: limits.length > 0 ? Math.min(...limits) : null,
    };
    this.#isNew = true;
  }

  /** Resolves when all that was measured is on disk. */
  async saved(): Promise<void> {
    await this.#turns.over();
  }

  #end(): void {
    this.#samples = [];
    if (!this.#isNew || !this.#figures) return;
    this.#isNew = false;
    const text = `${JSON.stringify({ version: 1, at: Date.now(), ...this.#figures })}\n`;
    // What cannot be kept is measured again the next time.
    this.#turns.take(() => replaceFile(this.#path, text)).catch(() => undefined);
  }
}

/** @returns whether these are the very connections of before, each with what it had sent and more */
const isContinued = (before: readonly UploadReading[], now: readonly UploadReading[]): boolean =>
  before.length === now.length &&
  now.every(({ id, bytes, droppedFrames }) => {
    const former = before.find((reading) => reading.id === id);
    return former !== undefined && bytes >= former.bytes && droppedFrames >= former.droppedFrames;
  });
