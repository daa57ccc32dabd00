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
import type { PacketHub } from './packet-hub';
import type { VideoFormat, VideoProfile } from './profiles';
import { Rendition } from './rendition';
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

/** Frames and sound in, packets out of `hub`: the program's rendition and its sound. */
export class EncodePipeline extends BaseComponent {
  readonly #options: EncodePipelineOptions;
  readonly #main: Rendition;
  readonly #audio: AudioEncoder;
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
    this.#audio = new AudioEncoder({
      ...{ build, clock, logger, onNotice },
      bitrateKbps: options.audioBitrateKbps ?? audioKbps,
      onConfig: (config) => this.#main.pushSound(config),
      onPacket: (packet) => {
        this.#audioBytes += packet.data.length;
        this.#main.pushSound(packet);
      },
    });
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
      audioPackets: this.#audio.encoded,
    };
  }

  /** an encoder keeps dying before anything comes out of it */
  get isFailing(): boolean {
    return this.#main.isFailing || this.#audio.isFailing;
  }

  /** the FFmpeg processes of this moment, for CPU accounting */
  get pids(): { readonly video: number | undefined; readonly audio: number | undefined } {
    return { video: this.#main.pid, audio: this.#audio.pid };
  }

  /** Takes the frame over; it is released exactly once. */
  offerFrame(frame: ProgramFrame): 'accepted' | 'skipped' {
    return this.#main.offerFrame(frame);
  }

  /**
   * The sound of the program from a frame on: interleaved stereo, as many samples as the caller likes, copied. A hole
   * since the last call becomes silence, what was there already is left out.
   */
  writeAudio(frameIndex: number, samples: Float32Array): void {
    this.#audio.write(samples, firstSampleOfFrame(frameIndex, this.#options.format.fps));
  }

  protected override async onStart(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#main.start(signal), this.#audio.start(signal)]);
  }

  /** The last packets still reach the readers, then the hub ends. */
  protected override async onStop(): Promise<void> {
    await Promise.all([this.#main.stop(), this.#audio.stop()]);
    this.#main.end();
  }
}
