import { setTimeout as delay } from 'node:timers/promises';
import { firstSampleOfFrame } from '../interfaces/audio-input';
import type { LayerContent, Picture } from '../interfaces/layer';
import { describeExit } from '../lib/child';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import { blankTile } from './blank-tile';
import type { JoinLead } from './join-lead';
import { MediaDecoder } from './media-decoder';
import type { PassEnd } from './decoder-pass';
import type { MediaInfo } from './media-info';
import type { VideoPlan } from './media-plan';
import type { SoundFeed } from './media-sound';
import type { MediaTimeline } from './media-timeline';
import { restartDelayMs } from './restart-delay';
import type { SourceContext } from './source';

export interface PlaybackOptions {
  readonly context: SourceContext;
  readonly path: string;
  readonly isLooping: () => boolean;
  readonly info: MediaInfo;
  readonly plan: VideoPlan | null;
  readonly timeline: MediaTimeline;
  /** of this file, in whatever size */
  readonly joinLead: JoinLead;
  /** a decoder began: other pictures, other sound */
  readonly onPlaying: () => void;
  /** FFmpeg met something that it could not decode, and goes on */
  readonly onDamage: (reason: string) => void;
  /** a whole pass of a loop without damage */
  readonly onGoodPass: () => void;
  /** FFmpeg died and is started again */
  readonly onCrash: (error: StudioError) => void;
  /** the file cannot be played (on); only another file helps */
  readonly onBroken: (error: StudioError) => void;
  /** nobody shows it any more */
  readonly onUnused: () => void;
}

/** A decoder and who looks at its pictures. It is freed when it is neither the present one nor looked at. */
interface Showing {
  readonly decoder: MediaDecoder;
  content: LayerContent;
  feed: SoundFeed | null;
  /** the program frame that shows its first picture */
  startFrame: number;
  /** paused since this program frame; null: it goes on */
  heldSince: number | null;
  readonly free: () => void;
  users: number;
  isPresent: boolean;
}

type Verdict = 'finished' | 'crashed' | 'damaged';

/** What the end of a decoder means. FFmpeg exits with 255 when something outside told it to stop. */
export function judgeEnd(end: Pick<PassEnd, 'code' | 'signal' | 'errorLine'>): Verdict {
  if (end.signal !== null || end.code === 255) return 'crashed';
  return end.code === 0 && end.errorLine === '' ? 'finished' : 'damaged';
}

/** time between the decision to start at a frame and the frame, enough for the compositor to hear of it */
const leadSec = 0.1;

/** One media file shown in one size: keeps a decoder running, through crashes, as long as anybody shows it. */
export class MediaPlayback extends BaseComponent {
  readonly #options: PlaybackOptions;
  readonly #begun: Promise<void>;
  #resolveBegun!: () => void;
  #rejectBegun!: (error: unknown) => void;
  #present: Showing | undefined;
  #starting: MediaDecoder | undefined;
  #running: Promise<void> | undefined;
  #isRunning = false;
  #isSeeking = false;
  #users = 0;

  constructor(options: PlaybackOptions) {
    super();
    this.#options = options;
    this.#begun = new Promise((resolve, reject) => {
      this.#resolveBegun = resolve;
      this.#rejectBegun = reject;
    });
    this.#begun.catch(() => undefined); // each `acquire` tells it to its caller
  }

  /** how its pictures are made; null: it has none */
  get plan(): VideoPlan | null {
    return this.#options.plan;
  }

  get feed(): SoundFeed | null {
    return this.#present?.feed ?? null;
  }

  /** process id of the decoder, for the accounting of CPU time; undefined: none runs */
  get pid(): number | undefined {
    return (this.#starting ?? this.#present?.decoder)?.pid;
  }

  /** Waits for the first pictures. Rejects with a StudioError when there are none, or the signal's reason. */
  async acquire(signal: AbortSignal): Promise<Picture> {
    this.#users += 1;
    try {
      await new Promise<void>((resolve, reject) => {
        signal.throwIfAborted();
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        this.#begun.then(resolve, reject);
      });
      const showing = this.#present;
      if (!showing) throw new DOMException('The source was stopped.', 'AbortError');
      showing.users += 1;
      let isHeld = true;
      return {
        content: showing.content,
        release: () => {
          if (!isHeld) return;
          isHeld = false;
          showing.users -= 1;
          this.#dropIfUnused(showing);
          this.#leave();
        },
      };
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** It stands still from this program frame on. `acquire` gives the picture that stays. */
  pause(frame: number): void {
    const showing = this.#present;
    if (!showing || showing.heldSince !== null) return;
    showing.heldSince = frame;
    this.#lay(showing);
  }

  /** It goes on at this program frame. */
  resume(frame: number): void {
    const showing = this.#present;
    if (!showing || showing.heldSince === null) return;
    showing.startFrame += frame - showing.heldSince;
    showing.heldSince = null;
    this.#lay(showing);
  }

  /** The timeline begins somewhere else: what is decoded is given up, and stays on screen until the new place is there. */
  seek(): void {
    if (this.lifetime.aborted) return;
    if (!this.#isRunning) {
      this.#running = this.#run();
      return;
    }
    this.#isSeeking = true;
    void this.#starting?.stop();
    void this.#present?.decoder.stop();
  }

  protected override onStart(_signal: AbortSignal): Promise<void> {
    this.#running = this.#run();
    return Promise.resolve();
  }

  protected override async onStop(): Promise<void> {
    this.#rejectBegun(new DOMException('The source was stopped.', 'AbortError'));
    await Promise.all([this.#starting?.stop(), this.#present?.decoder.stop()]);
    await this.#running;
    const last = this.#present;
    this.#present = undefined;
    if (last) this.#retire(last);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    await this.#playOn();
    this.#isRunning = false;
  }

  async #playOn(): Promise<void> {
    const { context } = this.#options;
    for (let attempt = 0; !this.lifetime.aborted;) {
      const sinceMs = performance.now();
      this.#isSeeking = false;
      const verdict = await this.#playOnce(attempt);
      if (this.#wasSought()) {
        attempt = 0;
        continue;
      }
      if (verdict === 'finished' || verdict === 'damaged' || this.lifetime.aborted) return;
      if (performance.now() - sinceMs > 5000) attempt = 0;
      const waitMs = restartDelayMs(attempt, context.random());
      await delay(waitMs, undefined, { signal: this.lifetime }).catch(() => undefined);
      attempt += 1;
    }
  }

  /** Read through a call: it is set while others are awaited. */
  #wasSought(): boolean {
    return this.#isSeeking;
  }

  /** One life of one decoder, from its start to its end. */
  async #playOnce(attempt: number): Promise<Verdict> {
    const { context, path, isLooping, info, plan, timeline, onDamage, onGoodPass, joinLead } = this.#options;
    const { program } = context;
    timeline.expectPeriod(info.durationSec);
    // The place where it died may be what kills it: after two attempts there, begin at the beginning.
    if (attempt > 2) timeline.clear();
    const joinFrame = program.frameIndex() + Math.ceil(joinLead.sec * program.fps);
    const joinAt = timeline.isRunning ? timeline.positionAt(joinFrame) : null;
    if (
      joinAt !== null &&
      !isLooping() &&
      info.durationSec !== null &&
      joinAt >= info.durationSec &&
      this.#present
    )
      return 'finished';
    const positionSec = joinAt ?? timeline.startSec;
    let decoder: MediaDecoder | undefined;
    try {
      decoder = new MediaDecoder({
        ffmpeg: context.ffmpeg,
        arena: context.arena,
        info,
        plan,
        passage: { path, positionSec },
        isLooping,
        onDamage,
        onPass: ({ seconds, isDamaged }) => {
          timeline.setPeriod(seconds);
          if (!isDamaged) onGoodPass();
        },
      });
      this.#starting = decoder;
      const sinceMs = performance.now();
      await decoder.start(this.lifetime);
      joinLead.learn((performance.now() - sinceMs) / 1000);
    } catch (error) {
      this.#starting = undefined;
      await decoder?.stop();
      decoder?.free();
      if (this.lifetime.aborted || this.#wasSought()) return 'finished';
      return this.#startFailed(error);
    }
    this.#starting = undefined;
    if (this.lifetime.aborted || this.#wasSought()) {
      await decoder.stop();
      decoder.free();
      return 'finished';
    }
    const startFrame = joinAt === null ? program.frameIndex() + Math.ceil(leadSec * program.fps) : joinFrame;
    timeline.set(startFrame, positionSec);
    this.#show(decoder, startFrame);
    return this.#endOf(await decoder.ended);
  }

  #startFailed(cause: unknown): Verdict {
    const { path, onCrash, onBroken } = this.#options;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error: StudioError =
      cause instanceof StudioError
        ? (cause as StudioError)
        : new StudioError('media-decode-failed', { path, reason }, { cause });
    if (error.retryable) {
      onCrash(error);
      return 'crashed';
    }
    this.#rejectBegun(error);
    onBroken(error);
    return 'damaged';
  }

  #endOf(end: PassEnd): Verdict {
    const { path } = this.#options;
    const verdict = judgeEnd(end);
    if (this.lifetime.aborted || this.#wasSought()) return 'finished';
    if (verdict === 'crashed') {
      const details = { role: 'media decoder', exit: describeExit(end), lastLine: end.errorLine };
      this.#options.onCrash(new StudioError('ffmpeg-crashed', details, { retryable: true }));
    } else if (verdict === 'damaged') {
      const reason = end.errorLine || describeExit(end);
      this.#options.onBroken(new StudioError('media-decode-failed', { path, reason }));
    }
    return verdict;
  }

  #show(decoder: MediaDecoder, startFrame: number): void {
    const { context, timeline } = this.#options;
    const { content, free } = this.plan ? { content: null, free: () => undefined } : blankTile(context.arena);
    const before = this.#present;
    const showing: Omit<Showing, 'content'> & { content: LayerContent | null } = {
      decoder,
      content,
      free: () => {
        decoder.free();
        free();
      },
      feed: null,
      startFrame,
      heldSince: timeline.isPaused ? startFrame : null,
      users: 0,
      isPresent: true,
    };
    this.#present = this.#lay(showing);
    if (before) this.#retire(before);
    this.#resolveBegun();
    this.#options.onPlaying();
  }

  /** Places its pictures and its sound on the program's time line. */
  #lay(showing: Omit<Showing, 'content'> & { content: LayerContent | null }): Showing {
    const { decoder, startFrame, heldSince } = showing;
    const { fps } = this.#options.context.program;
    const rate = this.plan?.fps ?? 0;
    const held =
      heldSince === null
        ? undefined
        : Math.max(0, Math.floor(((heldSince - startFrame) * rate) / fps + 1e-6));
    const ring = decoder.view(startFrame, held);
    if (ring) showing.content = { type: 'live', ring };
    showing.feed = decoder.sound && {
      samples: decoder.sound,
      startSample: firstSampleOfFrame(startFrame, fps),
    };
    return showing as Showing;
  }

  #retire(showing: Showing): void {
    showing.isPresent = false;
    this.#dropIfUnused(showing);
  }

  #dropIfUnused(showing: Showing): void {
    if (showing.isPresent || showing.users > 0) return;
    void showing.decoder.stop().then(showing.free);
  }

  #leave(): void {
    this.#users -= 1;
    if (this.#users === 0 && !this.lifetime.aborted) this.#options.onUnused();
  }
}
