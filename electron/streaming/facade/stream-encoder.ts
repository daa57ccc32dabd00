import { exactRate } from '../../../shared/model/frame-rate';
import { SharedFrameArena, i420Bytes } from '../composition/frame-arena';
import { compileKernels, instantiateKernels } from '../composition/kernels-module';
import type { Kernels } from '../composition/kernels-module';
import type { ArenaBlock } from '../interfaces/layer';
import { systemClock } from '../lib/clock';
import { Emitter } from '../lib/emitter';
import { StudioError } from '../lib/errors';
import { createLogger } from '../lib/logger';
import type { Logger } from '../lib/logger';
import { resolveFfmpeg } from '../output/ffmpeg';
import { PacketHub } from '../output/packet-hub';
import { profileByName, softwareProfiles } from '../output/profiles';
import type { VideoProfile } from '../output/profiles';
import { OutputSupervisor } from '../output/supervisor';
import { VideoEncoder } from '../output/video-encoder';
import { RtmpPublisher } from '../rtmp/publisher';
import { FramePipeline } from '../composition/frame-pipeline';
import { announced } from './announced';
import { Singleton } from './singleton';

export interface StreamEncoderOptions {
  /** even pixels; every frame must have this size */
  readonly width: number;
  readonly height: number;
  /** 1…240; 29.97 and its like are made exact */
  readonly fps: number;
  /** bits per second */
  readonly bitrate: number;
  readonly codec: 'h264';
  /** an x264 preset (`veryfast`, `superfast`, `ultrafast`) or a profile's name (`reference-2t`) */
  readonly preset: string;
  /** `rtmp(s)://host[:port]/app/key` */
  readonly streamUrl: string;
  readonly logger?: Logger;
}

interface StreamEncoderEvents {
  error: Error;
  /** the far end has accepted the stream */
  live: undefined;
}

/** pictures on their way into FFmpeg before new ones are left out */
const poolFrames = 8;

const instances = new Singleton<StreamEncoder>('StreamEncoder');

/**
 * RGBA frames in, an RTMP stream out (video alone). Frames are stamped with the time they are sent, on the grid of `fps`,
 * so a caller that pauses does not distort time. The first connect is retried: the server may start later.
 */
export class StreamEncoder {
  readonly #options: StreamEncoderOptions;
  readonly #logger: Logger;
  readonly #emitter = new Emitter<StreamEncoderEvents>();
  readonly #profile: VideoProfile;
  readonly #hub = new PacketHub();
  readonly #publisher: OutputSupervisor;
  readonly #arena: SharedFrameArena;
  readonly #rgba: ArenaBlock;
  readonly #free: ArenaBlock[];
  #kernels: Kernels | null = null;
  #encoder: VideoEncoder | null = null;
  #starting: Promise<void> | null = null;
  #originUs: number | null = null;
  #lastIndex = -1;
  #skipped = 0;

  private constructor(options: StreamEncoderOptions) {
    const { width, height, streamUrl, preset, logger = createLogger('warn') } = options;
    this.#options = { ...options, fps: exactRate(options.fps) };
    this.#logger = logger;
    this.#profile = profileByName(
      softwareProfiles.some(({ name }) => name === preset) ? preset : `${preset}-2t`,
    );
    const [url, key] = splitKey(streamUrl);
    const output = new RtmpPublisher({
      id: 'stream',
      name: 'stream',
      kind: 'destination',
      url,
      key,
      retryRefused: true,
    });
    this.#publisher = new OutputSupervisor({ output, source: this.#hub, logger });
    const frameBytes = i420Bytes(width, height);
    this.#arena = new SharedFrameArena(2 ** 20 + width * height * 4 + (poolFrames + 1) * (frameBytes + 64));
    this.#rgba = this.#arena.allocate(width * height * 4);
    this.#free = Array.from({ length: poolFrames }, () => this.#arena.allocate(frameBytes));
  }

  /** @throws StudioError `already-initialized` until the former one was stopped, `profile-unknown`, `destination-url-invalid` */
  static initialize(options: StreamEncoderOptions): StreamEncoder {
    return instances.set(() => new StreamEncoder(options));
  }

  /** @throws StudioError `not-initialized` */
  static getInstance(): StreamEncoder {
    return instances.get();
  }

  on<Name extends keyof StreamEncoderEvents>(
    name: Name,
    listener: (payload: StreamEncoderEvents[Name]) => void,
  ): this {
    this.#emitter.on(name, listener);
    return this;
  }

  /** frames that came out, and frames left out because the encoder was late or not started */
  get counters(): { encoded: number; skipped: number } {
    const { encoded = 0, skipped = 0 } = this.#encoder?.counters ?? {};
    return { encoded, skipped: skipped + this.#skipped };
  }

  /** Need not be awaited: a failure is an `error` event, too. */
  start(): Promise<void> {
    return (this.#starting ??= announced(
      this.#start(),
      {
        exist: () => this.#emitter.hasListeners('error'),
        tell: (error) => this.#emitter.emit('error', error),
      },
      this.#logger,
    ));
  }

  /**
   * Takes a frame over: RGBA, width × height × 4 bytes; its buffer goes back to the pool of the FramePipeline, if it
   * came from there, and must not be used afterwards.
   * @returns false when the frame was left out
   * @throws StudioError `frame-invalid`
   */
  sendFrame(frame: Buffer): boolean {
    const { width, height, fps } = this.#options;
    if (frame.length !== this.#rgba.byteLength) {
      throw new StudioError('frame-invalid', {
        expected: `${width}x${height} RGBA, ${this.#rgba.byteLength} bytes`,
        found: `${frame.length} bytes`,
      });
    }
    const block = this.#kernels && this.#encoder ? this.#free.pop() : undefined;
    if (!block || !this.#kernels || !this.#encoder) {
      this.#skipped += 1;
      giveBack(frame);
      return false;
    }
    new Uint8Array(this.#arena.memory.buffer, this.#rgba.offset, frame.length).set(frame);
    giveBack(frame);
    const luma = width * height;
    this.#kernels.rgbaToI420(
      this.#rgba.offset,
      width,
      height,
      block.offset,
      block.offset + luma,
      block.offset + luma + luma / 4,
      0,
      0,
    );
    const nowUs = systemClock.nowUs();
    this.#originUs ??= nowUs;
    this.#lastIndex = Math.max(this.#lastIndex + 1, Math.round(((nowUs - this.#originUs) * fps) / 1e6));
    const outcome = this.#encoder.offer({
      index: this.#lastIndex,
      tickUs: nowUs,
      isLagged: false,
      composeMs: 0,
      data: new Uint8Array(this.#arena.memory.buffer, block.offset, i420Bytes(width, height)),
      release: () => this.#free.push(block),
    });
    return outcome === 'accepted';
  }

  /** The last frames still go out. */
  async stop(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    await this.#encoder?.stop();
    this.#hub.end();
    await this.#publisher.stop();
    instances.clear(this);
  }

  async #start(): Promise<void> {
    const { width, height, fps, bitrate } = this.#options;
    const logger = this.#logger;
    const build = await resolveFfmpeg({ env: process.env, logger });
    this.#kernels = instantiateKernels(await compileKernels(), this.#arena.memory);
    const encoder = new VideoEncoder({
      build,
      profile: this.#profile,
      format: { width, height, fps, bitrateKbps: Math.round(bitrate / 1000) },
      clock: systemClock,
      logger,
      onConfig: (config) => this.#hub.push(config),
      onPacket: (packet) => this.#hub.push(packet),
      onNotice: (error) => this.#emitter.emit('error', error),
    });
    await encoder.start();
    this.#encoder = encoder;
    this.#publisher.events.on('changed', () => this.#reportOutput());
    await this.#publisher.start();
  }

  #reportOutput(): void {
    const { state } = this.#publisher;
    if (state.state === 'live') this.#emitter.emit('live', undefined);
    else if (state.state === 'reconnecting' || state.state === 'failed') {
      const { code, details } = state.error;
      this.#emitter.emit(
        'error',
        new StudioError(code, details, { retryable: state.state === 'reconnecting' }),
      );
    }
  }
}

/** Frames that came from the FramePipeline's pool return to it. */
function giveBack(frame: Buffer): void {
  FramePipeline.peek()?.recycle(frame);
}

/** `rtmp://host/app/key` → the URL without the key, and the key */
function splitKey(streamUrl: string): [url: string, key: string] {
  const cut = streamUrl.lastIndexOf('/');
  const [url, key] = [streamUrl.slice(0, cut), streamUrl.slice(cut + 1)];
  if (!/^rtmps?:\/\/[^/]+\/.+$/.test(url) || key === '') {
    throw new StudioError('destination-url-invalid', {
      url,
      reason: 'expected rtmp(s)://host[:port]/app/key',
    });
  }
  return [url, key];
}
