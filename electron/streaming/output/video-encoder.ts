import { describeExit } from '../lib/child';
import type { ChildExit } from '../lib/child';
import type { MonotonicClock } from '../lib/clock';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { drainMs } from '../lib/stop-limits';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { ProgramFrame } from '../interfaces/frame';
import type { VideoConfig, VideoPacket } from '../interfaces/packet';
import { isDisposablePicture } from '../media/nal-units';
import { BehindSpell } from './behind-spell';
import { noCrashes, onCrash } from './crash-policy';
import { EncoderSession } from './encoder-session';
import type { EncodedPicture } from './encoder-session';
import { pictureSize } from './profiles';
import type { VideoFormat, VideoProfile } from './profiles';
import { frameUs } from './timeline';

export interface VideoEncoderOptions {
  readonly build: FfmpegBuild;
  readonly profile: VideoProfile;
  readonly format: VideoFormat;
  readonly clock: MonotonicClock;
  /** leave frames out when FFmpeg is late (default); false: the caller paces itself by the releases */
  readonly canSkip?: boolean;
  readonly logger: Logger;
  /** before the first packet, and again when it changed */
  readonly onConfig: (config: VideoConfig) => void;
  /** `latencyMs`: frame tick → packet out of FFmpeg */
  readonly onPacket: (packet: VideoPacket, latencyMs: number) => void;
  /** ffmpeg-crashed; encoder-behind once a spell, with the limit that was passed */
  readonly onNotice: (error: StudioError) => void;
  /** `isFailing` has become true */
  readonly onFailing?: () => void;
}

export interface VideoEncoderCounters {
  /** pictures that came out */
  readonly encoded: number;
  /** frames that will never come out: the encoder was behind, being restarted, or crashed with them inside */
  readonly skipped: number;
  /** frames inside or on their way in */
  readonly queue: number;
  /** tick → packet of the newest packet, milliseconds; null before the first */
  readonly lastLatencyMs: number | null;
}

/** frames are left out beyond this … */
const maxBehindMs = 500;
/** … but a starting FFmpeg first loads and sets up: nothing ever waits longer than this */
const maxBehindAtStartMs = 1000;
/** nothing came out for so long though pictures wait: it hangs */
const hangMs = 3000;

/**
 * Program frames → H.264 packets, through one FFmpeg process that is replaced when it dies. Packets are on the program's
 * timeline (frame 0 ↔ 0 µs) and name the frame they show. Their dts rises strictly, over restarts, too; where B-frames
 * would put the program's first one or two before 0 they are squeezed between 0 and the next.
 */
export class VideoEncoder extends BaseComponent {
  readonly #options: VideoEncoderOptions;
  #session: EncoderSession | undefined;
  #history = noCrashes;
  #restartTimer: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  /** end of sessions that are replaced already */
  readonly #ending = new Set<Promise<void>>();
  /** frame index → tick, for what is inside FFmpeg */
  readonly #ticksUs = new Map<number, number>();
  #avcConfig: Uint8Array | undefined;
  #lastDtsUs = -1;
  #progressUs = 0;
  #encoded = 0;
  #skipped = 0;
  #lastLatencyMs: number | null = null;
  readonly #spell = new BehindSpell();
  #isFailing = false;

  constructor(options: VideoEncoderOptions) {
    super();
    this.#options = options;
  }

  get counters(): VideoEncoderCounters {
    return {
      encoded: this.#encoded,
      skipped: this.#skipped,
      queue: this.#inside,
      lastLatencyMs: this.#lastLatencyMs,
    };
  }

  get profile(): VideoProfile {
    return this.#options.profile;
  }

  /** FFmpeg's process, for CPU accounting; undefined while there is none */
  get pid(): number | undefined {
    return this.#session?.pid;
  }

  /** it keeps dying before anything comes out */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /**
   * Takes the frame over and releases it exactly once, when FFmpeg has read it or never will. Indices must rise.
   * @throws StudioError frame-invalid when it is not of the announced size
   */
  offer(frame: ProgramFrame): 'accepted' | 'skipped' {
    const session = this.#session;
    if (!session || !frame.data || this.lifetime.aborted) {
      this.#spell.interrupted();
      return this.#skip(frame);
    }
    if (this.#options.canSkip !== false && this.#isTooFarBehind(session)) return this.#skip(frame);
    this.#checkSize(frame, frame.data);
    if (session.written === session.received) this.#progressUs = this.#options.clock.nowUs();
    if (!session.write(frame.index, frame.data, () => frame.release())) {
      this.#skipped++;
      return 'skipped';
    }
    this.#ticksUs.set(frame.index, frame.tickUs);
    return 'accepted';
  }

  protected override onStart(): Promise<void> {
    this.#startSession();
    this.#watchdog = setInterval(() => this.#checkProgress(), hangMs / 6);
    return Promise.resolve();
  }

  protected override async onStop(): Promise<void> {
    clearInterval(this.#watchdog);
    clearTimeout(this.#restartTimer);
    await this.#session?.finish(drainMs);
    await Promise.all(this.#ending);
    this.#session = undefined;
  }

  #skip(frame: ProgramFrame): 'skipped' {
    this.#skipped++;
    frame.release();
    return 'skipped';
  }

  get #inside(): number {
    return this.#session ? this.#session.written - this.#session.received : 0;
  }

  #checkSize(frame: ProgramFrame, { length }: Uint8Array): void {
    const { width, height } = pictureSize(this.#options.format);
    const bytes = (width * height * 3) / 2;
    if (length === bytes) return;
    frame.release();
    const expected = `${bytes} bytes (I420 ${width}×${height})`;
    throw new StudioError('frame-invalid', { expected, found: `${length} bytes` });
  }

  #isTooFarBehind(session: EncoderSession): boolean {
    const { clock, profile, format } = this.#options;
    const frames = session.written - session.received - profile.delayFrames;
    const behindMs = (frames * 1000) / format.fps;
    const limitMs = session.received === 0 ? maxBehindAtStartMs : maxBehindMs;
    if (behindMs <= limitMs) {
      this.#spell.taken(behindMs, clock.nowUs());
      return false;
    }
    // The limit, not the measure: the same trouble is then the same notice.
    if (this.#spell.late())
      this.#options.onNotice(new StudioError('encoder-behind', { behindMs: limitMs }, { retryable: true }));
    return true;
  }

  #startSession(): void {
    const { build, profile, format, logger } = this.#options;
    const session = new EncoderSession({
      build,
      profile,
      format,
      onConfig: (avcConfig) => this.#onConfig(avcConfig),
      onPicture: (picture) => this.#onPicture(picture),
      onWarning: (line) => logger.warn({ role: 'video encoder', line }, 'FFmpeg says'),
    });
    this.#session = session;
    this.#progressUs = this.#options.clock.nowUs();
    const ended = session.exited.then((exit) => {
      this.#ending.delete(ended);
      this.#onExit(session, exit);
    });
    this.#ending.add(ended);
  }

  #onExit(session: EncoderSession, exit: ChildExit): void {
    // Whatever it still held is lost, at a crash and at a stop that took too long.
    this.#skipped += session.written - session.received;
    this.#ticksUs.clear();
    this.#session = undefined;
    if (this.lifetime.aborted) return;
    const verdict = onCrash(this.#history, session.received > 0);
    this.#history = verdict.history;
    const wasFailing = this.#isFailing;
    this.#isFailing = verdict.isFailing;
    const details = { role: 'video encoder', exit: describeExit(exit), lastLine: session.lastLine };
    this.#options.logger.warn({ ...details, restartInMs: verdict.restartInMs }, 'the video encoder ended');
    this.#options.onNotice(new StudioError('ffmpeg-crashed', details, { retryable: true }));
    if (this.#isFailing && !wasFailing) this.#options.onFailing?.();
    if (verdict.restartInMs === 0) this.#startSession();
    else this.#restartTimer = setTimeout(() => this.#startSession(), verdict.restartInMs);
  }

  #checkProgress(): void {
    const session = this.#session;
    const { profile, format } = this.#options;
    // A program that pauses leaves about `delayFrames` inside: that is no hang.
    if (!session || this.#inside <= profile.delayFrames + format.fps / 4) return;
    if (this.#options.clock.nowUs() - this.#progressUs > hangMs * 1000)
      session.kill(`no picture came out for ${hangMs / 1000} s`);
  }

  #onConfig(data: Uint8Array): void {
    // A restarted encoder says the same again; only a change is news.
    if (this.#avcConfig && Buffer.compare(this.#avcConfig, data) === 0) return;
    this.#avcConfig = data;
    const { profile, format } = this.#options;
    const { width, height, fps, bitrateKbps } = format;
    this.#options.onConfig({
      ...{ kind: 'video-config', codec: profile.codec },
      ...{ width, height, fps, bitrateKbps, data },
    });
  }

  #onPicture(picture: EncodedPicture): void {
    const { clock, profile, format } = this.#options;
    const nowUs = clock.nowUs();
    const dtsUs = Math.max(frameUs(picture.dtsIndex, format.fps), this.#lastDtsUs + 1);
    const packet: VideoPacket = {
      kind: 'video',
      codec: profile.codec,
      ptsUs: frameUs(picture.frameIndex, format.fps),
      dtsUs,
      isKeyframe: picture.isKeyframe,
      isDisposable: isDisposablePicture(picture.data),
      frameIndex: picture.frameIndex,
      data: picture.data,
    };
    const tickUs = this.#ticksUs.get(picture.frameIndex) ?? nowUs;
    this.#ticksUs.delete(picture.frameIndex);
    this.#lastDtsUs = dtsUs;
    this.#progressUs = nowUs;
    this.#lastLatencyMs = (nowUs - tickUs) / 1000;
    this.#encoded++;
    this.#isFailing = false;
    this.#options.onPacket(packet, this.#lastLatencyMs);
  }
}
