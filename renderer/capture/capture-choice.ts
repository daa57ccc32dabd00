import { z } from 'zod';

/** What this browser remembers of a source that it captures: device ids mean nothing to any other. */
const captureChoiceSchema = z.object({
  /** null: the browser's own default */
  deviceId: z.string().max(500).nullable().catch(null),
  /** the tallest picture; null: as large as the canvas */
  mostHeight: z.number().int().min(120).max(4320).nullable().catch(null),
  fps: z.number().int().min(1).max(120).catch(30),
  /** microphones: the browser takes out echo and noise and evens the level */
  isVoiceCleaned: z.boolean().catch(false),
  /** it was captured when the page was left */
  isRunning: z.boolean().catch(false),
});
export type CaptureChoice = z.infer<typeof captureChoiceSchema>;

const defaultChoice: CaptureChoice = {
  deviceId: null,
  mostHeight: null,
  fps: 30,
  isVoiceCleaned: false,
  isRunning: false,
};
const prefix = 'capture:';

/** Choices by source id, kept over reloads. A storage that fails (private windows, full) costs only that. */
export class CaptureChoices {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
  readonly #known = new Map<string, CaptureChoice>();

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>) {
    this.#storage = storage;
  }

  /** The same object until it changes. */
  of(sourceId: string): CaptureChoice {
    let choice = this.#known.get(sourceId);
    if (!choice) this.#known.set(sourceId, (choice = this.#read(sourceId)));
    return choice;
  }

  update(sourceId: string, patch: Partial<CaptureChoice>): void {
    const choice = { ...this.of(sourceId), ...patch };
    this.#known.set(sourceId, choice);
    try {
      this.#storage.setItem(prefix + sourceId, JSON.stringify(choice));
    } catch {
      // It is remembered until the page is closed.
    }
  }

  /** Another page of this browser may have changed it meanwhile. */
  isRunningStill(sourceId: string): boolean {
    return this.#read(sourceId).isRunning;
  }

  /** ids of sources that were captured when the page was left */
  running(): string[] {
    const ids: string[] = [];
    for (let index = 0; index < this.#storage.length; index += 1) {
      const key = this.#storage.key(index);
      if (key?.startsWith(prefix)) ids.push(key.slice(prefix.length));
    }
    return ids.filter((id) => this.of(id).isRunning);
  }

  #read(sourceId: string): CaptureChoice {
    try {
      const parsed = captureChoiceSchema.safeParse(
        JSON.parse(this.#storage.getItem(prefix + sourceId) ?? 'null'),
      );
      return parsed.success ? parsed.data : defaultChoice;
    } catch {
      return defaultChoice;
    }
  }
}
