import { setTimeout as delay } from 'node:timers/promises';
import type { LayerContent, LiveRing, Picture, PictureRequest, PictureSource } from '../interfaces/layer';

/** A decoder that joins a running clip delivers pictures for a moment to come; this long the former is shown at most. */
const joinPatienceMs = 1000;

/** A source's picture for one request, kept while anybody needs it. */
export interface ShelvedPicture {
  readonly key: string;
  readonly source: PictureSource;
  readonly request: PictureRequest;
  readonly abort: AbortController;
  picture: Picture | null;
  error: unknown;
  /** settles when the source has answered; never rejects */
  ready: Promise<void>;
  isLoading: boolean;
  /** the source changed while it was being asked */
  isStale: boolean;
}

export interface PictureShelfOptions {
  /** something else is to be drawn than before */
  readonly onArrived: () => void;
  /** whether anything of this source is on show, so that a hole would be seen */
  readonly isOnShow: (sourceId: string) => boolean;
  /** the program's rate and its next frame; without it pictures count as soon as they are delivered */
  readonly program: { readonly fps: number; frameIndex(): number } | undefined;
}

const keyOf = (source: PictureSource, request: PictureRequest): string =>
  `${source.id}\n${JSON.stringify(request)}`;

/**
 * The pictures that sources were asked for: each request once, asked again whenever its source changes. What a source
 * delivered last stays when it fails, and when another source takes its place, until its owner lets go of it.
 */
export class PictureShelf {
  readonly #options: PictureShelfOptions;
  readonly #entries = new Map<string, ShelvedPicture>();
  /** of sources that were replaced: asked for nothing more, but perhaps still on show */
  readonly #superseded = new Set<ShelvedPicture>();
  readonly #unsubscribe = new Map<PictureSource, () => void>();
  #retired: Picture[] = [];

  constructor(options: PictureShelfOptions) {
    this.#options = options;
  }

  find(source: PictureSource, request: PictureRequest): ShelvedPicture | undefined {
    return this.#entries.get(keyOf(source, request));
  }

  /** The entry for a request; made, and its source asked, when it is new. */
  take(source: PictureSource, request: PictureRequest): ShelvedPicture {
    const key = keyOf(source, request);
    const known = this.#entries.get(key);
    if (known) return known;
    const entry: ShelvedPicture = {
      ...{ key, source, request, abort: new AbortController(), picture: null, error: null },
      ...{ ready: Promise.resolve(), isLoading: false, isStale: false },
    };
    this.#entries.set(key, entry);
    if (!this.#unsubscribe.has(source))
      this.#unsubscribe.set(
        source,
        source.onChanged(() => this.#refresh(source)),
      );
    this.load(entry);
    return entry;
  }

  /** Ask its source (again). */
  load(entry: ShelvedPicture): void {
    entry.isStale = true;
    if (entry.isLoading) return;
    entry.isLoading = true;
    entry.ready = this.#ask(entry).finally(() => (entry.isLoading = false));
  }

  /**
   * These are the sources now. What belongs to others is let go of; but where one was replaced by another of the same
   * id, its pictures stay until `keep` says that nobody looks at them any more.
   * @returns what is gone
   */
  adopt(sources: ReadonlyMap<string, PictureSource>): ShelvedPicture[] {
    const gone: ShelvedPicture[] = [];
    for (const entry of [...this.#entries.values()]) {
      const present = sources.get(entry.source.id);
      if (present === entry.source) continue;
      this.#detach(entry);
      if (present) this.#superseded.add(entry);
      else gone.push(this.#retire(entry));
    }
    return gone;
  }

  /** Let go of all that is neither needed (by its key) nor drawn. @returns whether anything was */
  keep(isNeeded: (key: string) => boolean, drawn: ReadonlySet<ShelvedPicture>): boolean {
    const stays = (entry: ShelvedPicture): boolean => drawn.has(entry) || isNeeded(entry.key);
    const gone = [
      ...[...this.#entries.values()].filter((entry) => !stays(entry)),
      ...[...this.#superseded].filter((entry) => !drawn.has(entry)),
    ];
    for (const entry of gone) {
      this.#detach(entry);
      this.#retire(entry);
    }
    return gone.length > 0;
  }

  /** Pictures that nobody needs any more, handed over: give them back when they are on no draw list. */
  takeRetired(): Picture[] {
    const retired = this.#retired;
    this.#retired = [];
    return retired;
  }

  /** Rings of pictures that are not on a draw list, so that they are kept in time. */
  ringsBut(shown: ReadonlySet<number>): LiveRing[] {
    return [...this.#entries.values()].flatMap(({ picture }) =>
      picture?.content.type === 'live' && !shown.has(picture.content.ring.control)
        ? [picture.content.ring]
        : [],
    );
  }

  /** Also what is not on show: a cut must find what is true now. */
  #refresh(source: PictureSource): void {
    for (const entry of this.#entries.values()) if (entry.source === source) this.load(entry);
  }

  async #ask(entry: ShelvedPicture): Promise<void> {
    const { signal } = entry.abort;
    while (entry.isStale && !signal.aborted) {
      entry.isStale = false;
      let picture: Picture | null = null;
      let error: unknown = null;
      try {
        picture = await entry.source.picture(entry.request, signal);
      } catch (reason) {
        error = reason;
      }
      if (picture && this.#options.isOnShow(entry.source.id)) await this.#untilDue(picture.content, signal);
      if (signal.aborted) {
        picture?.release();
        return;
      }
      if (picture && entry.picture && entry.picture !== picture) this.#retired.push(entry.picture);
      entry.picture = picture ?? entry.picture;
      entry.error = error;
      this.#options.onArrived();
    }
  }

  /** Until the first of these pictures falls due there would be a hole: what is on show goes on meanwhile. */
  async #untilDue(content: LayerContent, signal: AbortSignal): Promise<void> {
    const { program } = this.#options;
    if (!program || content.type !== 'live' || content.ring.mode === 'newest') return;
    const { startFrame } = content.ring;
    const deadlineMs = performance.now() + joinPatienceMs;
    for (;;) {
      const missing = startFrame - program.frameIndex();
      if (missing <= 0 || signal.aborted || performance.now() > deadlineMs) return;
      await delay(Math.min(50, (missing * 1000) / program.fps), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Its source is not asked any more, nor listened to when this was its last entry. */
  #detach(entry: ShelvedPicture): void {
    entry.abort.abort();
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    if ([...this.#entries.values()].some((other) => other.source === entry.source)) return;
    this.#unsubscribe.get(entry.source)?.();
    this.#unsubscribe.delete(entry.source);
  }

  #retire(entry: ShelvedPicture): ShelvedPicture {
    this.#superseded.delete(entry);
    if (entry.picture) this.#retired.push(entry.picture);
    entry.picture = null;
    return entry;
  }
}
