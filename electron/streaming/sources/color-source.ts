import type { SourceSettingsOf } from '../../../shared/model/source';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { parseColor } from './color-value';
import { BaseSource } from './source';
import type { SourceContext } from './source';
import { TileCache } from './tile-cache';

/** A plain area of one colour, perhaps translucent. */
export class ColorSource extends BaseSource<SourceSettingsOf<'color'>> {
  readonly #cache: TileCache;

  constructor(settings: SourceSettingsOf<'color'>, context: SourceContext) {
    super(settings, context);
    this.#cache = new TileCache(context.tiles, context.arena);
  }

  override async picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    const { color, width, height } = this.settings;
    try {
      const picture = await this.#cache.acquire(
        { type: 'color', rgba: parseColor(color), width, height, request },
        '',
        signal,
      );
      this.learnSize(picture.size);
      this.enter('ok');
      return picture;
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  protected override adopt(): boolean {
    return true;
  }
}
