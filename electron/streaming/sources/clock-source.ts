import type { SourceSettingsOf } from '../../../shared/model/source';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { isCancelled } from '../lib/errors';
import { clockText } from './clock-text';
import { BaseSource } from './source';
import type { SourceContext } from './source';
import { asTextError, fontMissing, textJob } from './text-job';
import { TileCache } from './tile-cache';
import type { CachedPicture } from './tile-cache';

/** how long before a second changes its tile is made, so that it is there when the second comes */
const leadMs = 400;

type Settings = SourceSettingsOf<'clock'>;

interface Shown {
  readonly request: PictureRequest;
  users: number;
}

/** Time of day, time since the start, or time left. Draws once a second, and only in the sizes that are on screen. */
export class ClockSource extends BaseSource<Settings> {
  readonly #cache: TileCache;
  readonly #shown = new Map<string, Shown>();
  #startedMs = 0;
  #nextMs = 0;
  #text = '';
  #prepared: Picture[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: Settings, context: SourceContext) {
    super(settings, context);
    this.#cache = new TileCache(context.tiles, context.arena);
  }

  override async picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    if (this.#text === '') this.#read(this.context.now());
    const key = JSON.stringify(request);
    const shown = this.#shown.get(key) ?? { request, users: 0 };
    try {
      const picture = await this.#render(this.#text, request, signal);
      shown.users += 1;
      this.#shown.set(key, shown);
      this.learnSize(picture.size);
      if (picture.isFontMissing) this.warn(fontMissing(this.settings.font));
      else this.enter('ok');
      let isHeld = true;
      return {
        ...picture,
        release: () => {
          if (!isHeld) return;
          isHeld = false;
          picture.release();
          shown.users -= 1;
          if (shown.users === 0 && this.#shown.get(key) === shown) this.#shown.delete(key);
        },
      };
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  protected override onStart(_signal: AbortSignal): Promise<void> {
    this.#startedMs = this.context.now();
    this.#read(this.#startedMs);
    this.#planPreparation();
    return Promise.resolve();
  }

  protected override onStop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dropPrepared();
    return super.onStop();
  }

  /** Another style is drawn anew; what is counted begins anew, in a new source. */
  protected override adopt(next: Settings, before: Settings): boolean {
    if (next.mode !== before.mode || next.durationSec !== before.durationSec) return false;
    this.#dropPrepared();
    return true;
  }

  #read(nowMs: number): void {
    const { text, nextMs } = clockText(this.settings, this.#startedMs, nowMs);
    this.#text = text;
    this.#nextMs = nextMs;
  }

  #planPreparation(): void {
    if (this.lifetime.aborted || this.#nextMs === Infinity) return;
    const waitMs = this.#nextMs - leadMs - this.context.now();
    this.#timer = setTimeout(() => void this.#prepare(), Math.max(0, waitMs));
  }

  async #prepare(): Promise<void> {
    const { text } = clockText(this.settings, this.#startedMs, this.#nextMs);
    const made: Picture[] = [];
    for (const { request } of [...this.#shown.values()]) {
      try {
        made.push(await this.#render(text, request, this.lifetime));
      } catch (error) {
        this.fail(error); // the previous second stays on screen
      }
    }
    if (this.lifetime.aborted) {
      for (const picture of made) picture.release();
      return;
    }
    this.#dropPrepared();
    this.#prepared = made;
    this.#timer = setTimeout(() => this.#turn(), Math.max(0, this.#nextMs - this.context.now()));
  }

  #turn(): void {
    // A timer may fire a little early by the wall clock: never show the old second again for that.
    this.#read(Math.max(this.context.now(), this.#nextMs));
    this.announceChange();
    this.#planPreparation();
  }

  #dropPrepared(): void {
    for (const picture of this.#prepared) picture.release();
    this.#prepared = [];
  }

  async #render(text: string, request: PictureRequest, signal: AbortSignal): Promise<CachedPicture> {
    try {
      return await this.#cache.acquire(
        textJob(text, this.settings, request, { hasTabularDigits: true }),
        '',
        signal,
      );
    } catch (error) {
      throw isCancelled(error) ? error : asTextError(error);
    }
  }
}
