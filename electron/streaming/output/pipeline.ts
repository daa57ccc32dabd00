import type { MonotonicClock } from '../lib/clock';
import { BaseComponent } from '../lib/component';
import type { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { firstSampleOfFrame } from '../interfaces/audio-input';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { ProgramFrame } from '../interfaces/frame';
import type { VideoPacket } from '../interfaces/packet';
import { AudioEncoder } from './audio-encoder';
import type { EncoderSetup } from './encoder-lane';
import type { HandOver } from './hand-over';
import { Interleaver } from './interleaver';
import { PacketHub } from './packet-hub';
import type { VideoFormat, VideoProfile } from './profiles';
import { VideoEncoder } from './video-encoder';
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

/** what the sound is encoded at unless asked otherwise */
export const audioKbps = 160;

/** Frames and sound in, packets out of `hub`: both encoders, merged on one timeline. */
export class EncodePipeline extends BaseComponent {
  readonly hub = new PacketHub();
  readonly #options: EncodePipelineOptions;
  readonly #video: VideoEncoder;
  readonly #audio: AudioEncoder;
  readonly #interleaver: Interleaver;
  #videoBytes = 0;
  #audioBytes = 0;

  constructor(options: EncodePipelineOptions) {
    super();
    this.#options = options;
    this.#interleaver = new Interleaver(options.clock, (unit) => this.hub.push(unit));
    const { build, clock, logger, onNotice } = options;
    this.#video = new VideoEncoder({
      ...{ build, clock, logger, onNotice },
      profile: options.profile,
      fallback: options.fallback,
      canSkip: options.canSkip ?? true,
      format: options.format,
      ...(options.onHandOver && { onHandOver: options.onHandOver }),
      onConfig: (config) => this.#interleaver.push(config),
      onPacket: (packet, latencyMs) => {
        this.#videoBytes += packet.data.length;
        this.#interleaver.push(packet);
        options.onEncoded?.(packet, latencyMs);
      },
    });
    this.#audio = new AudioEncoder({
      ...{ build, clock, logger, onNotice },
      bitrateKbps: options.audioBitrateKbps ?? audioKbps,
      onConfig: (config) => this.#interleaver.push(config),
      onPacket: (packet) => {
        this.#audioBytes += packet.data.length;
        this.#interleaver.push(packet);
      },
    });
  }

  /** how pictures are encoded now */
  get setup(): EncoderSetup {
    return this.#video.setup;
  }

  /** @see VideoEncoder.handOver */
  handOver(setup: EncoderSetup): Promise<void> {
    return this.#video.handOver(setup);
  }

  get counters(): EncodePipelineCounters {
    return {
      ...this.#video.counters,
      videoBytes: this.#videoBytes,
      audioBytes: this.#audioBytes,
      audioPackets: this.#audio.encoded,
    };
  }

  /** an encoder keeps dying before anything comes out of it */
  get isFailing(): boolean {
    return this.#video.isFailing || this.#audio.isFailing;
  }

  /** the FFmpeg processes of this moment, for CPU accounting */
  get pids(): { readonly video: number | undefined; readonly audio: number | undefined } {
    return { video: this.#video.pid, audio: this.#audio.pid };
  }

  /** Takes the frame over; it is released exactly once. */
  offerFrame(frame: ProgramFrame): 'accepted' | 'skipped' {
    return this.#video.offer(frame);
  }

  /**
   * The sound of the program from a frame on: interleaved stereo, as many samples as the caller likes, copied. A hole
   * since the last call becomes silence, what was there already is left out.
   */
  writeAudio(frameIndex: number, samples: Float32Array): void {
    this.#audio.write(samples, firstSampleOfFrame(frameIndex, this.#options.format.fps));
  }

  protected override async onStart(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#video.start(signal), this.#audio.start(signal)]);
  }

  /** The last packets still reach the readers, then the hub ends. */
  protected override async onStop(): Promise<void> {
    await Promise.all([this.#video.stop(), this.#audio.stop()]);
    this.#interleaver.flush();
    this.hub.end();
  }
}
