import type { SourceSettingsOf } from '../../../shared/model/source';
import type { AudioInput } from '../interfaces/audio-input';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { StudioError } from '../lib/errors';
import { locateFile } from '../lib/locate-file';
import { FileWatch, stampOf } from './file-watch';
import type { FileStamp } from './file-watch';
import type { MediaInfo } from './media-info';
import { MediaPlayback } from './media-playback';
import { planVideo } from './media-plan';
import { probeMedia } from './media-probe';
import { MediaSound } from './media-sound';
import { MediaTimeline } from './media-timeline';
import { BaseSource } from './source';
import type { SourceContext } from './source';

/**
 * A media file with its sound. It runs while an item shows it and begins at the beginning when it is shown again. Items
 * of one size share a decoder; the sound is that of the first.
 */
export class MediaSource extends BaseSource<SourceSettingsOf<'media'>> {
  override readonly audio: AudioInput;
  readonly #path: string;
  readonly #sound: MediaSound;
  readonly #timeline: MediaTimeline;
  readonly #watch: FileWatch;
  readonly #playbacks = new Map<string, MediaPlayback>();
  /** every playback that is not stopped yet, also those that are shown no more */
  readonly #stopping = new Set<Promise<void>>();
  #info: Promise<MediaInfo> | undefined;
  /** the file as it was probed; another one repairs a failure */
  #stamp: FileStamp = null;

  constructor(settings: SourceSettingsOf<'media'>, context: SourceContext) {
    super(settings, context);
    this.#path = locateFile(settings.path, context.baseFolder);
    this.#sound = new MediaSound(settings.id);
    this.audio = this.#sound;
    this.#timeline = new MediaTimeline(context.program.fps, settings.loop);
    this.#watch = new FileWatch(this.#path, (stamp) => this.#fileChanged(stamp));
  }

  /** process ids of the running decoders, for the accounting of CPU time */
  override get pids(): number[] {
    return [...this.#playbacks.values()].flatMap((playback) => playback.pid ?? []);
  }

  override async picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    let playback: MediaPlayback;
    try {
      playback = await this.#playbackFor(request, signal);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    const picture = await playback.acquire(signal); // its failures are told by the playback itself
    const part = playback.plan?.part;
    return part && this.size ? { ...picture, size: this.size, part } : picture;
  }

  protected override async onStart(_signal: AbortSignal): Promise<void> {
    if ((await this.#watch.start()) === null) this.fail(this.#missing());
  }

  protected override async onStop(): Promise<void> {
    this.#watch.stop();
    this.#endAll();
    await Promise.all(this.#stopping);
    await super.onStop();
  }

  async #playbackFor(request: PictureRequest, signal: AbortSignal): Promise<MediaPlayback> {
    const info = await this.#probe();
    signal.throwIfAborted();
    this.lifetime.throwIfAborted();
    this.learnSize(info.video && { width: info.video.width, height: info.video.height });
    const plan = info.video && planVideo(info.video, request, this.context.program.fps);
    const key = plan?.filter ?? 'sound';
    const running = this.#playbacks.get(key);
    if (running) return running;
    if (this.state.state !== 'failed') this.enter('loading');
    const playback: MediaPlayback = new MediaPlayback({
      context: this.context,
      path: this.#path,
      loop: this.settings.loop,
      info,
      plan,
      timeline: this.#timeline,
      onPlaying: () => {
        this.enter('ok');
        this.#chooseSound();
        this.announceChange();
      },
      onDamage: (reason) => this.#damaged(reason),
      onGoodPass: () => this.enter('ok'),
      onCrash: (error) => this.fail(error),
      onBroken: (error) => this.#broken(error),
      onUnused: () => this.#end(key, playback),
    });
    this.#playbacks.set(key, playback);
    await playback.start();
    return playback;
  }

  #probe(): Promise<MediaInfo> {
    this.#info ??= this.#readInfo().catch((error: unknown) => {
      this.#info = undefined;
      throw error;
    });
    return this.#info;
  }

  async #readInfo(): Promise<MediaInfo> {
    const stamp = await stampOf(this.#path);
    this.#stamp = stamp;
    if (stamp === null) throw this.#missing();
    return probeMedia(this.context.ffmpeg, this.#path, this.lifetime);
  }

  /** One report a spell: a damaged file can give thousands of lines. */
  #damaged(reason: string): void {
    if (this.state.error?.code !== 'media-decode-failed')
      this.fail(new StudioError('media-decode-failed', { path: this.#path, reason }));
  }

  #broken(error: StudioError): void {
    this.fail(error);
    // It may have been replaced while it played, before anybody asked whether it had changed.
    void stampOf(this.#path).then((stamp) => {
      if (stamp !== null && stamp !== this.#stamp) this.#reopen();
    });
  }

  #fileChanged(stamp: FileStamp): void {
    if (this.state.state !== 'failed' && this.#playbacks.size > 0) return; // it plays: never disturb it
    if (stamp === null) return this.fail(this.#missing());
    if (stamp !== this.#stamp) this.#reopen();
  }

  /** Another file lies there now: begin anew with it. What is on screen stays until then. */
  #reopen(): void {
    if (this.lifetime.aborted) return;
    this.#info = undefined;
    this.#timeline.clear();
    this.#endAll();
    this.enter('idle');
    this.announceChange();
  }

  #end(key: string, playback: MediaPlayback): void {
    if (this.#playbacks.get(key) === playback) this.#playbacks.delete(key);
    const stopped = playback.stop().finally(() => this.#stopping.delete(stopped));
    this.#stopping.add(stopped);
    this.#chooseSound();
    if (this.#playbacks.size > 0) return;
    this.#timeline.clear();
    if (this.state.state !== 'failed') this.enter('idle');
  }

  #endAll(): void {
    for (const [key, playback] of [...this.#playbacks]) this.#end(key, playback);
  }

  #chooseSound(): void {
    let feed = null;
    for (const playback of this.#playbacks.values()) feed ??= playback.feed;
    this.#sound.switchTo(feed);
  }

  #missing(): StudioError {
    return new StudioError('source-file-missing', { path: this.#path }, { retryable: true });
  }
}
