import { isDeepStrictEqual } from 'node:util';
import type { WireError } from '../../shared/contract/errors';
import { isKnownSource } from '../../shared/model/source';
import type { AnySource } from '../../shared/model/source';
import { isCancelled, toWireError } from './lib/errors';
import type { Logger } from './lib/logger';
import type { StudioSource } from './sources/source';

export interface ShowSourcesOptions {
  /** does no I/O */
  readonly create: (settings: AnySource) => StudioSource;
  /** another source can be asked for pictures and sound than before */
  readonly onReady: () => void;
  /** a state, a size, a position: something that people see of a source */
  readonly onState: () => void;
  readonly logger: Logger;
}

interface Entry {
  readonly source: StudioSource;
  /** who is asked for pictures: the source once it has started, until then the one it replaces */
  shown: StudioSource | null;
  startError: WireError | null;
}

/** The sources of a show as they run, kept in step with what its collection says. One that fails costs the others nothing. */
export class ShowSources {
  readonly #options: ShowSourcesOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #stopping = new Set<Promise<void>>();

  constructor(options: ShowSourcesOptions) {
    this.#options = options;
  }

  get all(): StudioSource[] {
    return [...this.#entries.values()].map(({ source }) => source);
  }

  get(id: string): StudioSource | undefined {
    return this.#entries.get(id)?.source;
  }

  /** why it could not be started; null: it could, or nobody knows yet */
  startErrorOf(id: string): WireError | null {
    return this.#entries.get(id)?.startError ?? null;
  }

  /** Those that can be asked for pictures and sound, by id. A new map each time. */
  ready(): Map<string, StudioSource> {
    const ready = new Map<string, StudioSource>();
    for (const [id, { shown }] of this.#entries) if (shown) ready.set(id, shown);
    return ready;
  }

  /**
   * Starts what is new, stops what is gone, hands changed settings on; a source that cannot take them gives way to a new
   * one. All of that has begun when this returns; the promise resolves when what was begun has started, or failed to.
   */
  async apply(wanted: readonly AnySource[], signal: AbortSignal): Promise<void> {
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, entry] of this.#entries) {
      if (ids.has(id)) continue;
      this.#entries.delete(id);
      this.#retire(entry);
    }
    const starting: Promise<void>[] = [];
    for (const settings of wanted) {
      const entry = this.#entries.get(settings.id);
      if (!entry || !adopts(entry.source, settings)) starting.push(this.#begin(settings, entry, signal));
    }
    await Promise.all(starting);
  }

  async stop(): Promise<void> {
    for (const entry of this.#entries.values()) this.#retire(entry);
    await Promise.all(this.#stopping);
  }

  async #begin(settings: AnySource, before: Entry | undefined, signal: AbortSignal): Promise<void> {
    const source = this.#options.create(settings);
    const entry: Entry = { source, shown: before?.shown ?? null, startError: null };
    this.#entries.set(settings.id, entry);
    source.onStateChanged(() => this.#options.onState());
    // One that was replaced before it had started was never shown.
    if (before && before.source !== before.shown) this.#stop(before.source);
    try {
      await source.start(signal);
    } catch (error) {
      if (isCancelled(error)) return;
      entry.startError = toWireError(error);
      this.#options.logger.error({ err: error, source: source.id }, 'a source could not be started');
    }
    if (this.#entries.get(source.id) !== entry) return;
    if (entry.shown) this.#stop(entry.shown);
    entry.shown = source;
    this.#options.onReady();
  }

  #retire({ source, shown }: Entry): void {
    this.#stop(source);
    if (shown && shown !== source) this.#stop(shown);
  }

  #stop(source: StudioSource): void {
    const stopped = source
      .stop()
      .catch((error: unknown) =>
        this.#options.logger.error({ err: error, source: source.id }, 'a source could not be stopped'),
      )
      .finally(() => this.#stopping.delete(stopped));
    this.#stopping.add(stopped);
  }
}

/** Whether a running source is, or becomes, what these settings say. */
function adopts(source: StudioSource, settings: AnySource): boolean {
  const present = source.settings;
  if (present === settings || isDeepStrictEqual(present, settings)) return true;
  // The stand-in for settings that could not be read is none for those that can.
  return isKnownSource(present) === isKnownSource(settings) && source.update(settings);
}
