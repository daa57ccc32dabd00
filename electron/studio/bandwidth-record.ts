import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { bandwidthResultSchema } from '../../shared/contract/link';
import type { BandwidthResult } from '../../shared/contract/link';
import { replaceFile } from '../streaming/lib/replace-file';
import { Turns } from '../streaming/lib/turns';

const mostResults = 50;
const fileSchema = z.object({
  version: z.literal(1),
  results: z.array(bandwidthResultSchema).max(mostResults),
});

/** What the last test of each destination's connection found; outlives the studio. */
export class BandwidthRecord {
  readonly #path: string;
  readonly #turns = new Turns();
  #results: readonly BandwidthResult[] = [];

  /** @param path its file; a cache that may be deleted */
  constructor(path: string) {
    this.#path = path;
  }

  /** the newest last */
  get results(): readonly BandwidthResult[] {
    return this.#results;
  }

  load(): void {
    try {
      this.#results = fileSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8'))).results;
    } catch {
      this.#results = [];
    }
  }

  /** In place of the one before; it counts from now on. */
  put(result: BandwidthResult): void {
    const others = this.#results.filter(({ destinationId }) => destinationId !== result.destinationId);
    this.#results = [...others, result].slice(-mostResults);
    const text = `${JSON.stringify({ version: 1, results: this.#results })}\n`;
    // What cannot be kept is measured again another day.
    this.#turns.take(() => replaceFile(this.#path, text)).catch(() => undefined);
  }

  /** Resolves when all is on disk. */
  async saved(): Promise<void> {
    await this.#turns.over();
  }
}
