import type { ProgramFrame } from '../interfaces/frame';
import type { AudioConfig, AudioPacket, VideoPacket } from '../interfaces/packet';
import { BaseComponent } from '../lib/component';
import type { EncoderSetup } from './encoder-lane';
import { Interleaver } from './interleaver';
import { PacketHub } from './packet-hub';
import { VideoEncoder } from './video-encoder';
import type { VideoEncoderCounters, VideoEncoderOptions } from './video-encoder';

export interface RenditionOptions extends Omit<VideoEncoderOptions, 'onConfig' | 'onPacket'> {
  /** each picture as it comes out of FFmpeg; tick → packet, milliseconds */
  readonly onEncoded?: (packet: VideoPacket, latencyMs: number) => void;
}

/**
 * The program in one size and rate: its pictures encoded once, merged with the program's sound, and fanned out by a hub of
 * its own.
 */
export class Rendition extends BaseComponent {
  readonly hub = new PacketHub();
  readonly #video: VideoEncoder;
  readonly #interleaver: Interleaver;
  #videoBytes = 0;

  constructor({ onEncoded, ...options }: RenditionOptions) {
    super();
    this.#interleaver = new Interleaver(options.clock, (unit) => this.hub.push(unit));
    this.#video = new VideoEncoder({
      ...options,
      onConfig: (config) => this.#interleaver.push(config),
      onPacket: (packet, latencyMs) => {
        this.#videoBytes += packet.data.length;
        this.#interleaver.push(packet);
        onEncoded?.(packet, latencyMs);
      },
    });
  }

  /** how pictures are encoded now */
  get setup(): EncoderSetup {
    return this.#video.setup;
  }
  get counters(): VideoEncoderCounters {
    return this.#video.counters;
  }
  /** bytes of coded pictures, fillers included */
  get videoBytes(): number {
    return this.#videoBytes;
  }
  /** the encoder keeps dying before anything comes out of it */
  get isFailing(): boolean {
    return this.#video.isFailing;
  }
  /** of the FFmpeg process of this moment */
  get pid(): number | undefined {
    return this.#video.pid;
  }

  /** @see VideoEncoder.handOver */
  handOver(setup: EncoderSetup): Promise<void> {
    return this.#video.handOver(setup);
  }

  /** Takes the frame over; it is released exactly once. */
  offerFrame(frame: ProgramFrame): 'accepted' | 'skipped' {
    return this.#video.offer(frame);
  }

  /** Sound of the program, which all renditions share. */
  pushSound(unit: AudioConfig | AudioPacket): void {
    this.#interleaver.push(unit);
  }

  protected override async onStart(signal: AbortSignal): Promise<void> {
    await this.#video.start(signal);
  }

  /** No more pictures; those that are inside still come out. */
  protected override async onStop(): Promise<void> {
    await this.#video.stop();
  }

  /** Lets the last units go and ends the hub: when no sound comes any more either. */
  end(): void {
    this.#interleaver.flush();
    this.hub.end();
  }
}
