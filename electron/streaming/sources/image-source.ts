import type { SourceSettingsOf } from '../../../shared/model/source';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { StudioError, isCancelled } from '../lib/errors';
import { locateFile } from '../lib/locate-file';
import { troubleOf } from './file-look';
import type { FileLook } from './file-look';
import { FileWatch } from './file-watch';
import { BaseSource } from './source';
import type { SourceContext } from './source';
import { TileCache } from './tile-cache';
import type { CachedPicture } from './tile-cache';

/** A busy machine may have been to blame: it is tried once more. */
const slowAgainMs = 60_000;
const mostSlowDraws = 2;
/** by file and its stamp, of the process: each such draw holds a thread for as long as Sharp likes */
const slowDraws = new Map<string, number>();

/**
 * A still picture from a file. A file that appears, or is replaced by another, is shown within about two seconds; one
 * that vanishes is reported and stays on screen as it was.
 */
export class ImageSource extends BaseSource<SourceSettingsOf<'image'>> {
  readonly #path: string;
  readonly #cache: TileCache;
  readonly #watch: FileWatch;
  /** the file that could not be drawn in time: it is not tried again for every size it is shown in */
  #slowStamp: string | null = null;
  #slowTimer: NodeJS.Timeout | undefined;

  constructor(settings: SourceSettingsOf<'image'>, context: SourceContext) {
    super(settings, context);
    this.#path = locateFile(settings.path, context.baseFolder);
    this.#cache = new TileCache(context.tiles, context.arena);
    this.#watch = new FileWatch(this.#path, context.files, (look) => this.#fileChanged(look));
  }

  override async picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    try {
      // Not the watch's own look: another item would not hear of what is new in it.
      const look = await this.context.files.look(this.#path);
      signal.throwIfAborted();
      if (look.kind !== 'file') throw troubleOf(this.#path, look);
      if (this.#slowStamp === look.stamp || this.#slowDraws(look.stamp) >= mostSlowDraws)
        throw new StudioError('picture-too-slow', { path: this.#path });
      if (this.state.state !== 'ok') this.enter('loading');
      const picture = await this.#draw(request, look.stamp, signal);
      this.learnSize(picture.size);
      this.enter('ok');
      return picture;
    } catch (cause) {
      const error = this.#typed(cause);
      this.fail(error);
      throw error;
    }
  }

  protected override async onStart(_signal: AbortSignal): Promise<void> {
    // Said at once, not only when a scene shows it.
    const trouble = troubleOf(this.#path, await this.#watch.start());
    if (trouble) this.fail(trouble);
  }

  protected override onStop(): Promise<void> {
    this.#watch.stop();
    clearTimeout(this.#slowTimer);
    return super.onStop();
  }

  #fileChanged(look: FileLook): void {
    const trouble = troubleOf(this.#path, look);
    if (trouble) return this.fail(trouble);
    this.enter('idle');
    this.announceChange();
  }

  async #draw(request: PictureRequest, stamp: string, signal: AbortSignal): Promise<CachedPicture> {
    try {
      return await this.#cache.acquire({ type: 'image', path: this.#path, request }, stamp, signal);
    } catch (error) {
      if (error instanceof StudioError && error.code === 'picture-too-slow') this.#wasTooSlow(stamp);
      throw error;
    }
  }

  #slowDraws(stamp: string): number {
    return slowDraws.get(`${this.#path}\n${stamp}`) ?? 0;
  }

  #wasTooSlow(stamp: string): void {
    this.#slowStamp = stamp;
    slowDraws.set(`${this.#path}\n${stamp}`, this.#slowDraws(stamp) + 1);
    clearTimeout(this.#slowTimer);
    if (this.#slowDraws(stamp) >= mostSlowDraws) return;
    this.#slowTimer = setTimeout(() => {
      this.#slowStamp = null;
      this.announceChange();
    }, slowAgainMs).unref();
  }

  #typed(error: unknown): unknown {
    if (error instanceof StudioError || isCancelled(error)) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new StudioError('source-file-unreadable', { path: this.#path, reason }, { cause: error });
  }
}
