import { readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { replaceFile } from '../streaming/lib/replace-file';
import { Turns } from '../streaming/lib/turns';
import type { StudioState } from './state';

const markSchema = z.object({
  version: z.literal(1),
  /** names of the destinations that were on, however it went with them; empty: not live */
  destinations: z.array(z.string()),
  /** null: nothing is recorded */
  recording: z.string().nullable(),
});
type Air = Omit<z.infer<typeof markSchema>, 'version'>;

/**
 * What goes out, written down while it does: an engine that is killed cannot say any more what ended with it. The next
 * one reads it and does.
 */
export class AirMark {
  readonly #path: string;
  readonly #turns = new Turns();
  /** what is to stand there; null: no file */
  #wanted: string | null = null;
  #unfollow: () => void = () => undefined;

  /** @param path its file; there only while the engine is on air */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * What an engine before this one was doing when it ended without being asked to; null: nothing. Told once. Blocks: for
   * the start, when nothing runs yet.
   */
  take(): Air | null {
    try {
      const { destinations, recording } = markSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      return { destinations, recording };
    } catch {
      return null;
    } finally {
      this.#removeNow();
    }
  }

  follow(state: StudioState): void {
    this.#unfollow = state.onChanged(({ slice }) => {
      if (slice !== 'live' && slice !== 'outputs' && slice !== 'recording') return;
      const { live, outputs, recording } = state.snapshot;
      const destinations = outputs.filter(
        ({ kind, isWanted }) => live.isLive && kind === 'destination' && isWanted,
      );
      const path = recording.state === 'recording' || recording.state === 'stopping' ? recording.path : null;
      this.#tell({ destinations: destinations.map(({ name }) => name), recording: path });
    });
  }

  /** It ends in trouble: what is written stays, whatever the end does to the state. */
  leave(): Promise<void> {
    this.#unfollow();
    return this.written();
  }

  /** It ends because it was asked to. */
  end(): Promise<void> {
    this.#unfollow();
    this.#write(null);
    return this.written();
  }

  /** Resolves when the file says what is to be said. */
  written(): Promise<void> {
    return this.#turns.over();
  }

  #tell(air: Air): void {
    const isOnAir = air.destinations.length > 0 || air.recording !== null;
    this.#write(isOnAir ? `${JSON.stringify({ version: 1, ...air })}\n` : null);
  }

  #write(text: string | null): void {
    if (text === this.#wanted) return;
    this.#wanted = text;
    void this.#turns.take(async () => {
      // Something newer is to be said: its turn comes.
      if (text !== this.#wanted) return;
      try {
        if (text === null) await rm(this.#path, { force: true });
        else await replaceFile(this.#path, text);
      } catch {
        // A full disk: being on air matters more than being able to tell of its end.
      }
    });
  }

  #removeNow(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // It is told again.
    }
  }
}
