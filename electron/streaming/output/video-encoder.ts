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
import { BehindSpell } from './behind-spell';
import { hasRecovered, noCrashes, onCrash } from './crash-policy';
import { DecodeOrder } from './decode-order';
import { EncoderLane } from './encoder-lane';
import type { EncoderSetup, LaneUnit } from './encoder-lane';
import { handOverFailure as failure, handOverFrame, neededDelayMs } from './hand-over';
import type { HandOver, HandOverCause, Successor } from './hand-over';
import { PacketPacer } from './packet-pacer';
import { pictureSize } from './profiles';
import { frameUs } from './timeline';

export interface VideoEncoderOptions extends EncoderSetup {
  readonly build: FfmpegBuild;
  readonly clock: MonotonicClock;
  /** leave frames out when FFmpeg is late (default); false: the caller paces itself by the releases */
  readonly canSkip?: boolean;
  /** … or has not read so many: their memory is needed. Without end unless given */
  readonly mostUnread?: () => number;
  /** the frame that it begins with; 0 unless given */
  readonly firstIndex?: number;
  readonly logger: Logger;
  /** before the first packet, and again when it changed */
  readonly onConfig: (config: VideoConfig) => void;
  /** `latencyMs`: frame tick → packet out of FFmpeg */
  readonly onPacket: (packet: VideoPacket, latencyMs: number) => void;
  /** ffmpeg-crashed; encoder-fell-back; encoder-behind once a spell, with the limit that was passed */
  readonly onNotice: (error: StudioError) => void;
  readonly onHandOver?: (handOver: HandOver) => void;
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
const hangMs = 2000;
/** what an encoder held when another took over is worth waiting for so long; its successor's pictures wait meanwhile */
const flushMs = 1500;

type Out = { readonly lane: EncoderLane } & (
  { readonly config: VideoConfig } | { readonly packet: VideoPacket; readonly latencyMs: number }
);

/**
 * Program frames → coded packets, through one FFmpeg process after the other: each begins where its predecessor ended,
 * because that died or because another rate, profile or encoder is wanted. Packets are on the program's timeline (frame
 * 0 ↔ 0 µs) and name the frame they show; their dts rises strictly, whoever made them.
 */
export class VideoEncoder extends BaseComponent {
  readonly #options: VideoEncoderOptions;
  readonly #order = new DecodeOrder();
  readonly #pacer: PacketPacer<Out>;
  /** the first delivers, the last takes frames; while one hands over to the next there are two */
  readonly #lanes: EncoderLane[] = [];
  #setup: EncoderSetup;
  /** planned, not yet done */
  #successor: Successor | undefined;
  /** has begun, and has not delivered yet */
  #proving: Successor | undefined;
  /** since the last picture of one encoder, until the first of the next */
  #change: { cause: HandOverCause; from: EncoderSetup; words: string; skipped: number } | undefined;
  #history = noCrashes;
  #restartTimer: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  /** until it is over: what still ends */
  readonly #ending = new Set<Promise<void>>();
  #config: VideoConfig | undefined;
  /** the newest frame offered, and its tick */
  #now;
  #emittedAtUs = 0;
  #encoded = 0;
  #skipped = 0;
  /** when a frame was taken last: a dead process takes none for a moment before its end is known */
  #skippedBefore = 0;
  #lastLatencyMs: number | null = null;
  readonly #spell = new BehindSpell();
  #isFailing = false;

  constructor(options: VideoEncoderOptions) {
    super();
    this.#options = options;
    const { profile, format, fallback, firstIndex = 0 } = options;
    this.#setup = { profile, format, fallback };
    this.#now = { index: firstIndex - 1, tickUs: 0 };
    this.#pacer = new PacketPacer({ clock: options.clock, emit: (out) => this.#emit(out) });
  }

  get counters(): VideoEncoderCounters {
    return {
      encoded: this.#encoded,
      skipped: this.#skipped,
      queue: this.#lanes.reduce((sum, { inside, hasEnded }) => sum + (hasEnded ? 0 : inside), 0),
      lastLatencyMs: this.#lastLatencyMs,
    };
  }

  /** of what takes the frames now */
  get setup(): EncoderSetup {
    return this.#setup;
  }

  /** FFmpeg's process that takes frames, for CPU accounting; undefined while there is none */
  get pid(): number | undefined {
    return this.#taking?.pid;
  }

  /** it keeps dying */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /**
   * Takes the frame over and releases it exactly once, when FFmpeg has read it or never will. Indices must rise.
   * @throws StudioError frame-invalid when it is not of the announced size
   */
  offer(frame: ProgramFrame): 'accepted' | 'skipped' {
    this.#now = { index: frame.index, tickUs: frame.tickUs };
    if (this.#successor && frame.index >= this.#successor.fromIndex) this.#takeOver(this.#successor);
    const lane = this.#taking;
    if (!lane || !frame.data || this.lifetime.aborted) {
      this.#spell.interrupted();
      return this.#skip(frame);
    }
    if (this.#options.canSkip !== false && this.#isTooFarBehind(lane)) return this.#skip(frame);
    this.#checkSize(frame, frame.data);
    if (lane.write(frame.index, frame.data, frame.tickUs, () => frame.release())) {
      this.#skippedBefore = this.#skipped;
      return 'accepted';
    }
    this.#skipped++;
    return 'skipped';
  }

  /**
   * Lets another rate, profile or encoder take over: at a keyframe, without a frame lost or repeated, in one to four
   * seconds. One at a time. Resolves when its first picture is out.
   * @throws StudioError hand-over-failed; then what ran before runs
   */
  handOver(setup: EncoderSetup): Promise<void> {
    const isFallingBack = this.#change?.cause === 'fall-back';
    if (this.#successor || this.#proving || isFallingBack || this.lifetime.aborted)
      return Promise.reject(failure(setup, 'another one is just taking over'));
    return new Promise((resolve, reject) => {
      const fromIndex = this.#taking ? this.#successionFrame(setup) : this.#now.index + 1;
      const lane = this.#startLane(setup, fromIndex);
      const successor = { lane, fromIndex, former: this.#setup, resolve, reject };
      if (this.#taking) this.#successor = successor;
      // There is none: what just ended is to come back later, and may well be what is to be got rid of.
      else this.#takeOver(successor);
    });
  }

  protected override onStart(): Promise<void> {
    this.#lanes.push(this.#startLane(this.#setup));
    this.#watchdog = setInterval(() => this.#checkProgress(), hangMs / 8);
    return Promise.resolve();
  }

  protected override async onStop(): Promise<void> {
    clearInterval(this.#watchdog);
    clearTimeout(this.#restartTimer);
    this.#successor?.lane.kill('stopped');
    await Promise.all(this.#lanes.map((lane) => lane.finish(drainMs)));
    await Promise.all(this.#ending);
    this.#pacer.flush();
    this.#proving?.reject(failure(this.#proving.lane.setup, 'it was stopped before its first picture'));
  }

  get #taking(): EncoderLane | undefined {
    const last = this.#lanes.at(-1);
    return last?.hasEnded ? undefined : last;
  }

  #skip(frame: ProgramFrame): 'skipped' {
    this.#skipped++;
    frame.release();
    return 'skipped';
  }

  #checkSize(frame: ProgramFrame, { length }: Uint8Array): void {
    const { width, height } = pictureSize(this.#setup.format);
    const bytes = (width * height * 3) / 2;
    if (length === bytes) return;
    frame.release();
    const expected = `${bytes} bytes (I420 ${width}×${height})`;
    throw new StudioError('frame-invalid', { expected, found: `${length} bytes` });
  }

  #isTooFarBehind({ behindMs, hasDelivered, unread }: EncoderLane): boolean {
    const limitMs = hasDelivered ? maxBehindMs : maxBehindAtStartMs;
    if (behindMs <= limitMs && unread < (this.#options.mostUnread?.() ?? Infinity)) {
      this.#spell.taken(behindMs, this.#options.clock.nowUs());
      return false;
    }
    // The limit, not the measure: the same trouble is then the same notice. One that only starts is not late yet.
    if (behindMs <= limitMs && !hasDelivered) this.#spell.interrupted();
    else if (this.#spell.late())
      this.#options.onNotice(new StudioError('encoder-behind', { behindMs: limitMs }, { retryable: true }));
    return true;
  }

  #startLane(setup: EncoderSetup, firstIndex = this.#now.index + 1): EncoderLane {
    const { build, clock, logger } = this.#options;
    const lane = new EncoderLane({
      ...{ build, clock, setup, firstIndex },
      onUnit: (from, unit) => (from === this.#lanes[0] ? this.#deliver(from, unit) : from.keep(unit)),
      onExit: (from, exit) => this.#onExit(from, exit),
      onWarning: (line) => logger.warn({ role: 'video encoder', line }, 'FFmpeg says'),
    });
    this.#ending.add(lane.ended);
    void lane.ended.then(() => this.#ending.delete(lane.ended));
    return lane;
  }

  /** Makes room for it: by then packets come late enough to fill its time. */
  #successionFrame(setup: EncoderSetup): number {
    const delayUs = neededDelayMs(this.#setup, setup) * 1000;
    const readyMs = this.#options.canSkip === false ? 0 : this.#pacer.raise(delayUs);
    return handOverFrame(this.#now.index + 1, setup.format.fps, readyMs);
  }

  /** The successor takes the frames from here on; the one before delivers what it holds. */
  #takeOver(successor: Successor): void {
    clearTimeout(this.#restartTimer);
    const before = this.#taking;
    this.#change ??= { cause: 'planned', from: successor.former, words: '', skipped: this.#skipped };
    this.#setup = successor.lane.setup;
    this.#lanes.push(successor.lane);
    // Whatever crashes from now on is the successor.
    this.#successor = undefined;
    this.#proving = successor;
    void before?.finish(flushMs);
  }

  #onExit(lane: EncoderLane, exit: ChildExit): void {
    // Whatever it still held is lost, at a crash and at a stop that took too long.
    this.#skipped += lane.inside;
    if (this.#successor?.lane === lane) return this.#giveUpSuccessor(this.#successor, exit);
    // A successor that was given up while it waited.
    if (!this.#lanes.includes(lane)) return;
    // One that ends before its predecessor stays in the row: what it left is delivered in its turn.
    while (this.#lanes[0]?.hasEnded) {
      this.#lanes.shift();
      const [next] = this.#lanes;
      if (next) for (const unit of next.takeKept()) this.#deliver(next, unit);
    }
    if (!lane.isFinishing && !this.lifetime.aborted) this.#crashed(lane, exit);
  }

  #giveUpSuccessor({ lane, reject }: Successor, exit: ChildExit): void {
    this.#successor = undefined;
    this.#pacer.lower();
    reject(failure(lane.setup, lane.lastLine || describeExit(exit)));
  }

  #crashed(lane: EncoderLane, exit: ChildExit): void {
    const { clock, logger, onNotice } = this.#options;
    const verdict = onCrash(this.#history, lane.hasDelivered, clock.nowUs());
    this.#history = verdict.history;
    this.#isFailing = verdict.isFailing;
    const details = { role: 'video encoder', exit: describeExit(exit), lastLine: lane.lastLine };
    logger.warn({ ...details, restartInMs: verdict.restartInMs }, 'the video encoder ended');
    const words = details.lastLine || details.exit;
    this.#change ??= { cause: 'crash', from: lane.setup, words, skipped: this.#skippedBefore };
    const crash = new StudioError('ffmpeg-crashed', details, { retryable: true });
    if (this.#successor && this.#isWorthWaiting(lane, this.#successor)) {
      onNotice(crash);
      return this.#takeOver(this.#startedAnew(this.#successor));
    }
    const another = this.#anotherSetup(lane, words);
    if (!another) onNotice(crash);
    this.#setup = another ?? lane.setup;
    const start = (): void => void this.#lanes.push(this.#startLane(this.#setup));
    if (another || verdict.restartInMs === 0) start();
    else this.#restartTimer = setTimeout(start, verdict.restartInMs);
  }

  /** Not one that runs the very hardware that has just failed: then its fallback goes on, and the change is given up. */
  #isWorthWaiting(failed: EncoderLane, { lane, reject }: Successor): boolean {
    const { profile, fallback } = failed.setup;
    if (!fallback || lane.setup.profile.encoder !== profile.encoder) return true;
    this.#successor = undefined;
    lane.kill('the encoder has failed');
    reject(failure(lane.setup, 'the encoder failed meanwhile'));
    return false;
  }

  /** It begins now, off the keyframe grid that it was started for. */
  #startedAnew({ lane, ...successor }: Successor): Successor {
    this.#successor = undefined;
    lane.kill('it begins earlier');
    const fromIndex = this.#now.index + 1;
    return { ...successor, fromIndex, lane: this.#startLane(lane.setup, fromIndex) };
  }

  /** What to go on with instead of what just failed; undefined: the same again. */
  #anotherSetup({ setup }: EncoderLane, reason: string): EncoderSetup | undefined {
    const proving = this.#proving;
    this.#proving = undefined;
    if (proving) {
      proving.reject(failure(setup, reason));
      return proving.former;
    }
    const { profile, format, fallback } = setup;
    if (!fallback) return undefined;
    if (this.#change) Object.assign(this.#change, { cause: 'fall-back', words: reason });
    const details = { from: profile.title, to: fallback.title, reason };
    this.#options.onNotice(new StudioError('encoder-fell-back', details));
    return { profile: fallback, format };
  }

  #checkProgress(): void {
    for (const lane of this.#lanes)
      if (!lane.hasEnded && lane.stuckMs > hangMs) lane.kill(`no picture came out for ${hangMs / 1000} s`);
  }

  #deliver(lane: EncoderLane, unit: LaneUnit): void {
    const { profile, format } = lane.setup;
    const { width, height, fps, bitrateKbps } = format;
    const { codec } = profile;
    if (unit.kind === 'config') {
      this.#order.begin();
      const config = {
        kind: 'video-config',
        codec,
        width,
        height,
        fps,
        bitrateKbps,
        data: unit.data,
      } as const;
      return this.#pacer.push({ lane, config });
    }
    const { picture, latencyMs } = unit;
    const { frameIndex, isKeyframe, isDisposable, data } = picture;
    const [ptsUs, dtsUs] = [frameUs(frameIndex, fps), this.#order.dtsUs(picture, fps)];
    const packet = {
      ...({ kind: 'video', codec, ptsUs, dtsUs, isKeyframe, isDisposable, frameIndex, data } as const),
    };
    this.#lastLatencyMs = latencyMs;
    if (hasRecovered(this.#history, this.#options.clock.nowUs())) this.#isFailing = false;
    const { index, tickUs } = this.#now;
    this.#pacer.push({ lane, packet, latencyMs }, tickUs + dtsUs - frameUs(index, fps));
  }

  #emit(out: Out): void {
    const { onConfig, onPacket, clock } = this.#options;
    if ('config' in out) {
      // A restarted encoder says the same again; only a change is news.
      if (this.#config && isSameConfig(this.#config, out.config)) return;
      this.#config = out.config;
      return onConfig(out.config);
    }
    this.#encoded++;
    const nowUs = clock.nowUs();
    const gapUs = nowUs - this.#emittedAtUs;
    this.#emittedAtUs = nowUs;
    onPacket(out.packet, out.latencyMs);
    if (this.#change && out.lane === this.#taking) this.#changed(out.lane, gapUs / 1000);
  }

  /** The first picture of another encoder is out. */
  #changed(lane: EncoderLane, gapMs: number): void {
    const { cause, from, words, skipped } = this.#change!;
    this.#change = undefined;
    const lostFrames = this.#skipped - skipped;
    this.#pacer.lower();
    this.#options.onHandOver?.({ cause, from, to: lane.setup, words, gapMs, lostFrames });
    if (this.#proving?.lane !== lane) return;
    this.#proving.resolve();
    this.#proving = undefined;
  }
}

const isSameConfig = (one: VideoConfig, other: VideoConfig): boolean =>
  one.bitrateKbps === other.bitrateKbps && Buffer.compare(one.data, other.data) === 0;
