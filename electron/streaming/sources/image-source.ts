import type { SourceSettingsOf } from '../../../shared/model/source';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { StudioError, isCancelled } from '../lib/errors';
import { locateFile } from '../lib/locate-file';
import { FileWatch, stampOf } from './file-watch';
import type { FileStamp } from './file-watch';
import { BaseSource } from './source';
import type { SourceContext } from './source';
import { TileCache } from './tile-cache';

/**
 * A still picture from a file. A file that appears, or is replaced by another, is shown within about two seconds; one
 * that vanishes is reported and stays on screen as it was.
 */
export class ImageSource extends BaseSource<SourceSettingsOf<'image'>> {
  readonly #path: string;
  readonly #cache: TileCache;
  readonly #watch: FileWatch;

  constructor(settings: SourceSettingsOf<'image'>, context: SourceContext) {
    super(settings, context);
    this.#path = locateFile(settings.path, context.baseFolder);
    this.#cache = new TileCache(context.tiles, context.arena);
    this.#watch = new FileWatch(this.#path, (stamp) => this.#fileChanged(stamp));
  }

  override async picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    try {
      const stamp = await stampOf(this.#path);
      signal.throwIfAborted();
      if (stamp === null) throw this.#missing();
      if (this.state.state !== 'ok') this.enter('loading');
      const picture = await this.#cache.acquire({ type: 'image', path: this.#path, request }, stamp, signal);
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
    if ((await this.#watch.start()) === null) this.fail(this.#missing());
  }

  protected override onStop(): Promise<void> {
    this.#watch.stop();
    return super.onStop();
  }

  #fileChanged(stamp: FileStamp): void {
    if (stamp === null) return this.fail(this.#missing());
    this.enter('idle');
    this.announceChange();
  }

  #missing(): StudioError {
    return new StudioError('source-file-missing', { path: this.#path }, { retryable: true });
  }

  #typed(error: unknown): unknown {
    if (error instanceof StudioError || isCancelled(error)) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new StudioError('source-file-unreadable', { path: this.#path, reason }, { cause: error });
  }
}
