import type { SourceSettingsOf } from '../../../shared/model/source';
import { itemSize } from '../../../shared/model/placement';
import type { AudioInput } from '../interfaces/audio-input';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { BaseSource } from './source';
import type { SourceContext } from './source';
import { SyncBeep } from './sync-beep';

const even = (value: number): number => Math.max(2, Math.floor(value / 2) * 2);

/**
 * The sync test pattern: the compositor draws it anew for each frame, so that flash and counter are the program's own.
 * It beeps only while it is shown. Its own size is the program's; crop means nothing to it.
 */
export class SyncSource extends BaseSource<SourceSettingsOf<'sync'>> {
  override readonly audio: AudioInput;
  readonly #beep: SyncBeep;
  #shown = 0;

  constructor(settings: SourceSettingsOf<'sync'>, context: SourceContext) {
    super(settings, context);
    this.#beep = new SyncBeep(context.program.fps);
    this.audio = {
      id: settings.id,
      render: (firstSample, target) => {
        if (this.#shown > 0) this.#beep.render(firstSample, target);
        else target.fill(0);
      },
    };
  }

  override picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const { width, height } = this.context.program;
    const shown = itemSize(request, { width, height });
    this.#shown += 1;
    this.learnSize({ width, height });
    this.enter('ok');
    let isHeld = true;
    return Promise.resolve({
      content: {
        type: 'sync',
        width: even(shown.width),
        height: even(shown.height),
      },
      size: { width, height },
      release: () => {
        if (isHeld) this.#shown -= 1;
        isHeld = false;
      },
    });
  }
}
