import type { ProgramFrame } from '../interfaces/frame';
import type { AudioCodec, AudioConfig, AudioPacket, VideoPacket } from '../interfaces/packet';
import { BaseComponent } from '../lib/component';
import type { EncoderSetup } from './encoder-lane';
import { Interleaver } from './interleaver';
import { PacketHub } from './packet-hub';
import { soundsBeside } from './sound-codec';
import { VideoEncoder } from './video-encoder';
import type { VideoEncoderCounters, VideoEncoderOptions } from './video-encoder';

export interface RenditionOptions extends Omit<VideoEncoderOptions, 'onConfig' | 'onPacket' | 'firstIndex'> {
  /** it has every so many-th picture of the program, those whose index this divides; 1 unless given */
  readonly ticksPerFrame?: number;
  /** the program's newest frame, which it comes too late for; −1 unless given */
  readonly afterIndex?: number;
  /** each picture as it comes out of FFmpeg; tick → packet, milliseconds */
  readonly onEncoded?: (packet: VideoPacket, latencyMs: number) => void;
}

/**
 * The program in one size and rate: its pictures encoded once, merged with the program's sound, and fanned out by a hub of
 * its own. Inside, its frames are counted by themselves, so that its keyframes are a grid of its own rate; their times,
 * and the frame that a packet names, are the program's.
 */
export class Rendition extends BaseComponent {
  readonly hub: PacketHub;
  readonly #video: VideoEncoder;
  readonly #interleaver: Interleaver;
  readonly #ticksPerFrame: number;
  readonly #sounds: readonly AudioCodec[];
  #videoBytes = 0;

  constructor({ onEncoded, ticksPerFrame = 1, afterIndex = -1, ...options }: RenditionOptions) {
    super();
    this.#ticksPerFrame = ticksPerFrame;
    this.hub = new PacketHub(options.profile.codec);
    this.#sounds = soundsBeside[options.profile.codec];
    const keepsTime = options.canSkip !== false;
    this.#interleaver = new Interleaver(
      options.clock,
      (unit) => this.hub.push(unit),
      this.#sounds,
      keepsTime,
    );
    this.#video = new VideoEncoder({
      ...options,
      firstIndex: Math.floor(afterIndex / ticksPerFrame) + 1,
      onConfig: (config) => this.#interleaver.push(config),
      onPacket: (own, latencyMs) => {
        const packet = { ...own, frameIndex: own.frameIndex * ticksPerFrame };
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

  /** Whether this frame of the program is among its own. */
  takes(index: number): boolean {
    return index % this.#ticksPerFrame === 0;
  }

  /** Takes a frame of its own over; it is released exactly once. */
  offerFrame(frame: ProgramFrame): 'accepted' | 'skipped' {
    const index = frame.index / this.#ticksPerFrame;
    return this.#video.offer(index === frame.index ? frame : { ...frame, index });
  }

  /** Sound of the program, which all renditions share; what nobody wants beside these pictures is left out. */
  pushSound(unit: AudioConfig | AudioPacket): void {
    if (this.#sounds.includes(unit.codec)) this.#interleaver.push(unit);
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
