import type { MonotonicClock } from '../lib/clock';
import { BaseComponent } from '../lib/component';
import type { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { firstSampleOfFrame } from '../interfaces/audio-input';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { ProgramFrame } from '../interfaces/frame';
import type { AudioCodec, AudioConfig, AudioPacket, VideoPacket } from '../interfaces/packet';
import { AudioEncoder } from './audio-encoder';
import type { EncoderSetup } from './encoder-lane';
import { frameShares } from './frame-shares';
import type { HandOver } from './hand-over';
import type { PacketHub } from './packet-hub';
import type { VideoFormat, VideoProfile } from './profiles';
import { Rendition } from './rendition';
import { soundsBeside } from './sound-codec';
import type { VideoEncoderCounters } from './video-encoder';

export interface EncodePipelineOptions {
  readonly build: FfmpegBuild;
  readonly profile: VideoProfile;
  readonly format: VideoFormat;
  readonly audioBitrateKbps?: number;
  readonly clock: MonotonicClock;
  /** leave frames out when the encoder is late; false: the caller waits for it instead (offline) */
  readonly canSkip?: boolean;
  readonly logger: Logger;
  /** goes on when the profile's encoder fails in use */
  readonly fallback?: VideoProfile | undefined;
  /** ffmpeg-crashed, encoder-fell-back, encoder-behind; the pipeline goes on by itself */
  readonly onNotice: (error: StudioError) => void;
  /** one video encoder has taken over from another, by plan or because that ended */
  readonly onHandOver?: (handOver: HandOver) => void;
  /** each picture as it comes out of FFmpeg; tick → packet, milliseconds */
  readonly onEncoded?: (packet: VideoPacket, latencyMs: number) => void;
}

export interface EncodePipelineCounters extends VideoEncoderCounters {
  /** bytes of coded pictures (fillers included) and sound */
  readonly videoBytes: number;
  readonly audioBytes: number;
  readonly audioPackets: number;
}

/** One more size or rate of the program. */
export interface VariantOptions extends EncoderSetup {
  /** it has every so many-th picture; its format's rate is the program's divided by this */
  readonly ticksPerFrame: number;
  readonly onNotice: (error: StudioError) => void;
  /** each picture as it comes out of FFmpeg */
  readonly onEncoded?: () => void;
}

/** what the sound is encoded at unless asked otherwise */
export const audioKbps = 160;
/**
 * All variants together may keep the memory of so much of the program from being used again; the compositor has half a
 * second of it and some pictures more. So a variant that hangs leaves out frames before the program has to.
 */
const variantsHoldSec = 0.25;

/** Frames and sound in, packets out of `hub`: the program's rendition and its sound, and what variants of it are wanted. */
export class EncodePipeline extends BaseComponent {
  readonly #options: EncodePipelineOptions;
  readonly #main: Rendition;
  readonly #variants = new Set<Rendition>();
  /** one for each kind of sound that somebody could want beside these pictures, or beside a variant's */
  readonly #audio: readonly AudioEncoder[];
  readonly #audioConfigs = new Map<AudioCodec, AudioConfig>();
  #newestIndex = -1;
  #audioBytes = 0;

  constructor(options: EncodePipelineOptions) {
    super();
    this.#options = options;
    const { build, clock, logger, onNotice, onHandOver, onEncoded } = options;
    this.#main = new Rendition({
      ...{ build, clock, logger, onNotice },
      profile: options.profile,
      fallback: options.fallback,
      canSkip: options.canSkip ?? true,
      format: options.format,
      ...(onHandOver && { onHandOver }),
      ...(onEncoded && { onEncoded }),
    });
    // Variants are H.264, and may be wanted at any time.
    const sounds = new Set<AudioCodec>([...soundsBeside.h264, ...soundsBeside[options.profile.codec]]);
    this.#audio = [...sounds].map(
      (codec) =>
        new AudioEncoder({
          ...{ build, codec, clock, logger, onNotice },
          bitrateKbps: options.audioBitrateKbps ?? audioKbps,
          onConfig: (config) => {
            this.#audioConfigs.set(codec, config);
            this.#pushSound(config);
          },
          onPacket: (packet) => {
            this.#audioBytes += packet.data.length;
            this.#pushSound(packet);
          },
        }),
    );
  }

  /** what the outputs read from */
  get hub(): PacketHub {
    return this.#main.hub;
  }

  /** how pictures are encoded now */
  get setup(): EncoderSetup {
    return this.#main.setup;
  }

  /** @see VideoEncoder.handOver */
  handOver(setup: EncoderSetup): Promise<void> {
    return this.#main.handOver(setup);
  }

  get counters(): EncodePipelineCounters {
    return {
      ...this.#main.counters,
      videoBytes: this.#main.videoBytes,
      audioBytes: this.#audioBytes,
      audioPackets: this.#audio.reduce((sum, { encoded }) => sum + encoded, 0),
    };
  }

  /** an encoder keeps dying before anything comes out of it */
  get isFailing(): boolean {
    const { codec } = this.#main.setup.profile;
    const isWanted = (sound: AudioCodec): boolean =>
      this.#variants.size > 0 || soundsBeside[codec].includes(sound);
    return this.#main.isFailing || this.#audio.some((audio) => audio.isFailing && isWanted(audio.codec));
  }

  /** the FFmpeg processes of this moment, for CPU accounting */
  get pids(): { readonly video: number | undefined; readonly audio: readonly number[] } {
    return { video: this.#main.pid, audio: this.#audio.flatMap(({ pid }) => pid ?? []) };
  }

  /** all FFmpeg processes of this moment, those of variants too */
  get allPids(): number[] {
    const { video, audio } = this.pids;
    const variants = [...this.#variants].map(({ pid }) => pid);
    return [video, ...audio, ...variants].filter((pid) => pid !== undefined);
  }

  /** Takes the frame over; it is released exactly once. @returns what became of it in the program's own rendition */
  offerFrame(frame: ProgramFrame): 'accepted' | 'skipped' {
    this.#newestIndex = frame.index;
    const takers = [...this.#variants].filter((variant) => variant.takes(frame.index));
    if (takers.length === 0) return this.#main.offerFrame(frame);
    const [own, ...shares] = frameShares(frame, 1 + takers.length);
    takers.forEach((variant, at) => variant.offerFrame(shares[at]!));
    return this.#main.offerFrame(own!);
  }

  /** Begins one more rendition, with the next frame that is its own; it ends with the pipeline, or by `removeVariant`. */
  addVariant(options: VariantOptions): Rendition {
    const { build, clock, logger, canSkip = true, format } = this.#options;
    const variant = new Rendition({
      ...{ build, clock, logger, canSkip, ...options, afterIndex: this.#newestIndex },
      ...(canSkip && {
        mostUnread: () => Math.max(2, Math.floor((format.fps * variantsHoldSec) / this.#variants.size)),
      }),
    });
    if (this.lifetime.aborted) {
      variant.end();
      return variant;
    }
    for (const config of this.#audioConfigs.values()) variant.pushSound(config);
    this.#variants.add(variant);
    void variant.start().catch(() => undefined);
    return variant;
  }

  /** Its last packets still reach its readers. Resolves when nothing of it is left. */
  async removeVariant(variant: Rendition): Promise<void> {
    this.#variants.delete(variant);
    await variant.stop();
    variant.end();
  }

  /**
   * The sound of the program from a frame on: interleaved stereo, as many samples as the caller likes, copied. A hole
   * since the last call becomes silence, what was there already is left out.
   */
  writeAudio(frameIndex: number, samples: Float32Array): void {
    const first = firstSampleOfFrame(frameIndex, this.#options.format.fps);
    for (const audio of this.#audio) audio.write(samples, first);
  }

  protected override async onStart(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#main, ...this.#audio].map((part) => part.start(signal)));
  }

  /** The last packets still reach the readers, then the hub ends. */
  protected override async onStop(): Promise<void> {
    const renditions = [this.#main, ...this.#variants];
    await Promise.all([...renditions, ...this.#audio].map((part) => part.stop()));
    for (const rendition of renditions) rendition.end();
  }

  #pushSound(unit: AudioConfig | AudioPacket): void {
    for (const rendition of [this.#main, ...this.#variants]) rendition.pushSound(unit);
  }
}
