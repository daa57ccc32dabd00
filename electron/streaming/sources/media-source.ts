import type { SourceSettingsOf } from '../../../shared/model/source';
import { firstSampleOfFrame } from '../interfaces/audio-input';
import type { AudioInput } from '../interfaces/audio-input';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { StudioError } from '../lib/errors';
import { locateFile } from '../lib/locate-file';
import { troubleOf } from './file-look';
import type { FileLook } from './file-look';
import { FileWatch } from './file-watch';
import { JoinLead } from './join-lead';
import type { MediaInfo } from './media-info';
import { MediaPlayback } from './media-playback';
import { planVideo } from './media-plan';
import { probeMedia } from './media-probe';
import { MediaSound } from './media-sound';
import { foretells, MediaTimeline } from './media-timeline';
import { BaseSource } from './source';
import type { Playback, SourceContext } from './source';

type Settings = SourceSettingsOf<'media'>;

/** Between a command and its frame: enough for the compositor to hear of it. */
const holdSec = 0.05;
const goOnSec = 0.1;
/** nearer to its end than this nothing is decoded */
const endSec = 0.1;

/**
 * A media file with its sound. It runs while an item shows it and begins at the beginning when it is shown again. Items
 * of one size share a decoder; the sound is that of the first.
 */
export class MediaSource extends BaseSource<Settings> {
  override readonly audio: AudioInput;
  override readonly playback: Playback;
  readonly #path: string;
  readonly #sound: MediaSound;
  readonly #timeline: MediaTimeline;
  readonly #watch: FileWatch;
  readonly #playbacks = new Map<string, MediaPlayback>();
  /** every playback that is not stopped yet, also those that are shown no more */
  readonly #stopping = new Set<Promise<void>>();
  #info: Promise<MediaInfo> | undefined;
  #joinLead = new JoinLead();
  /** the file as it was probed; another one repairs a failure */
  #stamp: string | null = null;

  constructor(settings: Settings, context: SourceContext) {
    super(settings, context);
    this.#path = locateFile(settings.path, context.baseFolder);
    this.#sound = new MediaSound(settings.id);
    this.audio = this.#sound;
    this.#timeline = new MediaTimeline(context.program.fps, () => this.settings.loop);
    this.playback = this.#controls();
    this.#watch = new FileWatch(this.#path, context.files, (look) => this.#fileChanged(look));
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
    const trouble = troubleOf(this.#path, await this.#watch.start());
    if (trouble) this.fail(trouble);
  }

  protected override async onStop(): Promise<void> {
    this.#watch.stop();
    this.#endAll();
    await Promise.all(this.#stopping);
    await super.onStop();
  }

  #controls(): Playback {
    const timeline = this.#timeline;
    let told: Playback['position'] | null = null;
    const position = (): Playback['position'] => {
      const { program, now } = this.context;
      const durationSec = timeline.periodSec;
      const at = timeline.positionAt(program.frameIndex());
      const positionSec = Math.max(0, Math.min(at ?? timeline.startSec, durationSec ?? Infinity));
      const isPaused = this.#playbacks.size === 0 || timeline.isPaused || this.#isOver();
      const fresh = { durationSec, positionSec, at: now(), isPaused };
      // What follows from what is known already is no news: windows would be told of it at every edit of the show.
      if (!told || !foretells(told, fresh)) told = fresh;
      return told;
    };
    return {
      play: () => this.#play(),
      pause: () => this.#pause(),
      seek: (positionSec) => this.#seek(positionSec),
      get position() {
        return position();
      },
    };
  }

  /** Played to its end, and not in a loop. */
  #isOver(): boolean {
    const { periodSec } = this.#timeline;
    const at = this.#timeline.positionAt(this.context.program.frameIndex());
    return !this.settings.loop && at !== null && periodSec !== null && at >= periodSec;
  }

  #pause(): void {
    if (!this.#timeline.isRunning || this.#timeline.isPaused) return;
    const frame = this.#frameIn(holdSec);
    this.#timeline.pause(frame);
    for (const playback of this.#playbacks.values()) playback.pause(frame);
    this.#sound.switchTo(null, firstSampleOfFrame(frame, this.context.program.fps));
    this.announceChange();
    this.announcePlayback();
  }

  #play(): void {
    if (this.#isOver()) this.#seek(0);
    if (!this.#timeline.isPaused) return;
    const frame = this.#frameIn(goOnSec);
    this.#timeline.resume(frame);
    for (const playback of this.#playbacks.values()) playback.resume(frame);
    this.#chooseSound(firstSampleOfFrame(frame, this.context.program.fps));
    this.announceChange();
    this.announcePlayback();
  }

  #seek(positionSec: number): void {
    if (this.#playbacks.size === 0) return;
    // At the very end there is no picture left to show.
    const last = Math.max(0, (this.#timeline.periodSec ?? Infinity) - endSec);
    this.#timeline.seek(Math.max(0, Math.min(positionSec, last)));
    for (const playback of this.#playbacks.values()) playback.seek();
    this.announcePlayback();
  }

  #frameIn(seconds: number): number {
    const { program } = this.context;
    return program.frameIndex() + Math.ceil(seconds * program.fps);
  }

  /** Whether it loops is asked at the end of each pass; one that is over begins anew. */
  protected override adopt(next: Settings, before: Settings): boolean {
    if (next.path !== before.path) return false;
    if (next.loop && this.#isOver()) queueMicrotask(() => this.#seek(0));
    return true;
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
      isLooping: () => this.settings.loop,
      info,
      plan,
      timeline: this.#timeline,
      joinLead: this.#joinLead,
      onPlaying: () => {
        const wasOk = this.state.state === 'ok';
        this.#enterOk();
        this.#chooseSound();
        this.announceChange();
        // It goes on from somewhere else.
        if (wasOk) this.announcePlayback();
      },
      onDamage: (reason) => this.#damaged(reason),
      onGoodPass: () => this.#enterOk(),
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
    const look = await this.#watch.look();
    this.#stamp = look.kind === 'file' ? look.stamp : null;
    if (look.kind !== 'file') throw troubleOf(this.#path, look);
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
    void this.#watch.look().then((look) => {
      if (this.lifetime.aborted) return;
      const trouble = troubleOf(this.#path, look);
      if (trouble) this.fail(trouble);
      else if (this.#isOther(look)) this.#reopen();
    });
  }

  #fileChanged(look: FileLook): void {
    const wasInTheWay = this.state.error?.code.startsWith('source-file-');
    // It plays: that is never disturbed, but what will end it is said while there is time.
    if (this.state.state !== 'failed' && this.#playbacks.size > 0) {
      if (this.state.state === 'ok' && (wasInTheWay || look.kind !== 'file')) this.#enterOk();
      return;
    }
    const trouble = troubleOf(this.#path, look);
    if (trouble) this.fail(trouble);
    else if (wasInTheWay || this.#isOther(look)) this.#reopen();
  }

  #isOther(look: FileLook): boolean {
    return look.kind === 'file' && look.stamp !== this.#stamp;
  }

  /** It plays; a file that has gone since is said all the same: the next pass or place will need it. */
  #enterOk(): void {
    const trouble = troubleOf(this.#path, this.#watch.last);
    if (trouble) this.warn(trouble);
    else this.enter('ok');
  }

  /** Another file lies there now: begin anew with it. What is on screen stays until then. */
  #reopen(): void {
    if (this.lifetime.aborted) return;
    this.#info = undefined;
    this.#joinLead = new JoinLead();
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

  #chooseSound(atSample = 0): void {
    let feed = null;
    if (!this.#timeline.isPaused) for (const playback of this.#playbacks.values()) feed ??= playback.feed;
    this.#sound.switchTo(feed, atSample);
  }
}
