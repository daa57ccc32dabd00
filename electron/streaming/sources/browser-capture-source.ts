import type { SourceSettingsOf } from '../../../shared/model/source';
import type { AudioInput } from '../interfaces/audio-input';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { StudioError } from '../lib/errors';
import { blankTile } from './blank-tile';
import { ElasticSound } from './elastic-sound';
import { LivePicture } from './live-picture';
import { PictureDelay } from './picture-delay';
import { BaseSource } from './source';
import type { BrowserFeedSink, SourceContext } from './source';

/** A page's blocks come unevenly: it shares its processor with everything else in the browser. */
const soundLatencyMs = 60;
/** on a machine so loaded that blocks come late; pictures wait as long, and only a dozen can */
const mostSoundLatencyMs = 160;

/**
 * What a page of the studio captures: a screen, a window or a tab, a camera, a microphone. It waits for the page, shows
 * its pictures at their own size and in step with its sound, and a card while nobody captures.
 */
export class BrowserCaptureSource extends BaseSource<SourceSettingsOf<'browser-capture'>> {
  override readonly audio: AudioInput;
  readonly #sound: ElasticSound;
  readonly #live: LivePicture;
  readonly #delay: PictureDelay;
  #detach: () => void = () => undefined;
  #deviceName: string;
  #hasPage = false;
  #soundRate: number | null = null;
  #size: { width: number; height: number } | null = null;

  constructor(settings: SourceSettingsOf<'browser-capture'>, context: SourceContext) {
    super(settings, context);
    this.#deviceName = settings.deviceName;
    this.#sound = new ElasticSound(settings.id, {
      latencyMs: soundLatencyMs,
      mostLatencyMs: mostSoundLatencyMs,
    });
    this.audio = this.#sound;
    this.#delay = new PictureDelay(
      (width, height, data) => this.#show(width, height, data),
      () => this.#sound.targetMs,
    );
    this.#live = new LivePicture(
      {
        arena: context.arena,
        tiles: context.tiles,
        onChanged: () => this.announceChange(),
        onShown: (size) => {
          if (!size) return; // the item keeps its place behind the card
          this.learnSize(size);
          if (this.#hasPage) this.enter('ok');
        },
        onUsed: () => undefined, // the page captures whether anybody looks or not: it cannot know
      },
      { width: context.program.width, height: context.program.height },
    );
  }

  override picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    if (this.settings.capture !== 'microphone') return this.#live.acquire(request, signal);
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const blank = blankTile(this.context.arena);
    return Promise.resolve({ content: blank.content, release: blank.free });
  }

  protected override onStart(_signal: AbortSignal): Promise<void> {
    this.#detach = this.context.browserFeeds.attach(this.id, this.#sink());
    if (!this.#hasPage) this.#wait();
    return Promise.resolve();
  }

  protected override onStop(): Promise<void> {
    this.#detach();
    this.#delay.clear();
    this.#live.close();
    this.#sound.end();
    return super.onStop();
  }

  /** What it captures decides what it is; all else is the page's business, or taken up as it comes. */
  protected override adopt(
    next: SourceSettingsOf<'browser-capture'>,
    before: SourceSettingsOf<'browser-capture'>,
  ): boolean {
    if (next.capture !== before.capture) return false;
    if (!next.hasSound && this.#isMutable(next)) {
      this.#sound.end();
      this.#delay.forgetSound();
    }
    return true;
  }

  #sink(): BrowserFeedSink {
    return {
      begin: ({ deviceName, sampleRate }) => {
        this.#hasPage = true;
        this.#deviceName = deviceName || this.#deviceName;
        this.#soundRate = sampleRate;
        // What a former page sent is not this one's, and stands no longer than if it had gone.
        this.#delay.clear();
        this.#live.keepStanding();
        this.#showCardSoon();
        if (sampleRate === null) this.#sound.end();
        else this.#sound.begin(sampleRate);
        this.enter('loading');
      },
      picture: (width, height, data, timestampUs) => {
        if (this.settings.capture !== 'microphone') this.#delay.put(width, height, data, timestampUs);
      },
      sound: (samples, timestampUs) => {
        if (this.#soundRate === null || (!this.settings.hasSound && this.#isMutable(this.settings))) return;
        this.#sound.write(samples);
        this.#delay.hear(timestampUs, samples.length / 2 / this.#soundRate);
        if (this.settings.capture === 'microphone') this.enter('ok');
      },
      end: () => this.#wait(),
    };
  }

  #isMutable({ capture }: SourceSettingsOf<'browser-capture'>): boolean {
    return capture !== 'microphone';
  }

  /** Nobody captures. The last picture stands for a moment: a page that is loaded anew is soon back. */
  #wait(): void {
    this.#hasPage = false;
    this.#delay.clear();
    this.#sound.end();
    const name = this.#deviceName || this.settings.name;
    this.fail(new StudioError('capture-page-gone', { name }, { retryable: true }));
    this.#showCardSoon();
  }

  /** After a moment without a picture. */
  #showCardSoon(): void {
    this.#live.lose({
      name: this.settings.name,
      sentence: 'Not being captured. Open the studio’s page and press Start capture.',
    });
  }

  #show(width: number, height: number, data: Uint8Array): void {
    try {
      if (this.#size?.width !== width || this.#size.height !== height) {
        this.#live.begin(width, height);
        this.#size = { width, height };
      }
      this.#live.put(data);
      if (this.state.state !== 'ok') this.enter('ok');
    } catch (error) {
      // The memory for pictures is full: other sources go on, and so does this one once there is room.
      this.#size = null;
      const reason = error instanceof Error ? error.message : String(error);
      this.fail(new StudioError('device-failed', { name: this.#deviceName || this.settings.name, reason }));
    }
  }
}
