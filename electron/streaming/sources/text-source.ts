import type { SourceSettingsOf } from '../../../shared/model/source';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { BaseSource } from './source';
import type { SourceContext } from './source';
import { asTextError, fontMissing, textJob } from './text-job';
import { TileCache } from './tile-cache';

/** Text in one style; line breaks as written. */
export class TextSource extends BaseSource<SourceSettingsOf<'text'>> {
  readonly #cache: TileCache;

  constructor(settings: SourceSettingsOf<'text'>, context: SourceContext) {
    super(settings, context);
    this.#cache = new TileCache(context.tiles, context.arena);
  }

  override async picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    try {
      const picture = await this.#cache.acquire(
        textJob(this.settings.text, this.settings, request, { wrapWidthPx: this.settings.wrapWidthPx }),
        '',
        signal,
      );
      this.learnSize(picture.size);
      const { font } = this.settings;
      if (picture.isFontMissing) this.warn(fontMissing(font));
      else this.enter('ok');
      return picture;
    } catch (cause) {
      const error = asTextError(cause);
      this.fail(error);
      throw error;
    }
  }

  /** Text and style are drawn anew, and the old picture stays until then. */
  protected override adopt(): boolean {
    return true;
  }
}
