import { setTimeout } from 'node:timers/promises';
import type { Collection } from '../../shared/model/collection';
import type { Scene, Transition } from '../../shared/model/scene';
import { Mixer } from '../streaming/audio/mixer';
import type { LoadedCollection } from '../streaming/collection';
import { firstSampleOfFrame } from '../streaming/interfaces/audio-input';
import type { ProgramSound } from '../streaming/interfaces/audio-input';
import type { PreviewPicture, ProgramFrame } from '../streaming/interfaces/frame';
import type { VideoPacket } from '../streaming/interfaces/packet';
import { systemClock } from '../streaming/lib/clock';
import { BaseComponent } from '../streaming/lib/component';
import type { StudioError } from '../streaming/lib/errors';
import type { EncoderSetup } from '../streaming/output/encoder-lane';
import { EncodePipeline } from '../streaming/output/pipeline';
import type { HandOver } from '../streaming/output/hand-over';
import { Show } from '../streaming/show';
import type { ShowOptions } from '../streaming/show';
import { Hearing } from './hearing';

const previewFps = 30;

export interface ProgramOptions extends ShowOptions {
  readonly encoder: EncoderSetup;
}

/** Called on the frame path, in order, never awaited. */
export interface ProgramObserver {
  frame(frame: ProgramFrame): void;
  preview(picture: PreviewPicture): void;
  /** the sound of the frame that was told of last */
  sound(block: ProgramSound): void;
  /** @param latencyMs frame tick → packet */
  encoded(packet: VideoPacket, latencyMs: number): void;
  /** something went wrong and is being mended */
  trouble(error: StudioError): void;
  /** one encoder has taken over from another */
  handOver(handOver: HandOver): void;
}

/** The program: a show composed, mixed and encoded, up to the packet hub. */
export class Program extends BaseComponent {
  readonly show: Show;
  readonly mixer: Mixer;
  readonly pipeline: EncodePipeline;
  readonly #fps: number;
  readonly #logger: ProgramOptions['logger'];
  readonly #observer: ProgramObserver;
  readonly #hearing: Hearing;
  #lastTrouble: StudioError | null = null;

  constructor(options: ProgramOptions, loaded: LoadedCollection, scene: Scene, observer: ProgramObserver) {
    super();
    const { fps, clock, logger, ffmpeg, encoder } = options;
    this.#fps = fps;
    this.#logger = logger;
    this.#observer = observer;
    this.show = new Show(options, loaded, scene);
    this.mixer = new Mixer({
      onInputFailed: (id, error) => logger.warn({ input: id, err: error }, 'an audio input failed'),
    });
    this.#hearing = new Hearing(this.mixer);
    this.pipeline = new EncodePipeline({
      build: ffmpeg,
      ...encoder,
      clock: systemClock,
      // As fast as it goes means: the compositor waits for the encoder, nothing is left out.
      canSkip: clock === 'real',
      logger: logger.child({ part: 'encoder' }),
      onNotice: (error) => {
        this.#lastTrouble = error;
        observer.trouble(error);
      },
      onHandOver: (handOver) => observer.handOver(handOver),
      onEncoded: (packet, latencyMs) => observer.encoded(packet, latencyMs),
    });
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    const { compositor } = this.show;
    await this.pipeline.start(signal);
    await this.show.start(signal);
    this.show.events.on('audible', () => this.#hear());
    this.#hear();
    compositor.onFrame = (frame) => this.#deliver(frame);
    compositor.onPreview = (picture) => this.#observer.preview(picture);
  }

  /** The clock starts to tick. @param ticks end after this many */
  run(ticks = Infinity): void {
    this.show.compositor.run(ticks);
  }

  /** Resolves when a picture has come out of the encoder. @throws Error when the encoder keeps dying before */
  async untilEncoded(signal: AbortSignal): Promise<void> {
    while (this.pipeline.counters.encoded === 0) {
      if (this.pipeline.isFailing)
        throw new Error(encoderEnd(this.#lastTrouble), { cause: this.#lastTrouble });
      await setTimeout(20, undefined, { signal });
    }
  }

  protected async onStop(): Promise<void> {
    // With the direction of the frames: what was composed is still encoded and reaches the outputs.
    await this.show.stop();
    await this.pipeline.stop();
  }

  /** @param transition the collection's unless another is given */
  async switchScene(sceneId: string, transition = this.show.transition): Promise<void> {
    await this.show.switchScene(sceneId, transition);
    this.#hear(transition);
  }

  /** @param width of the small copies for windows; null: nobody looks */
  wantPreview(width: number | null): void {
    this.show.compositor
      .setPreview(width === null ? null : { width, fps: previewFps })
      // No room for its pictures: the show goes on unseen.
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'there is no room for a preview'));
  }

  /** @see Show.apply */
  apply(collection: Collection, sceneId?: string): Promise<void> {
    return this.show.apply(collection, sceneId);
  }

  /** The mixer sounds what the scene shows, as its sources want to be heard. */
  #hear(transition?: Transition): void {
    this.#hearing.hear(this.show.audible(), transition);
  }

  #deliver(frame: ProgramFrame): void {
    this.#observer.frame(frame);
    this.pipeline.offerFrame(frame);
    const samples = this.mixer.mix(frame.index, this.#fps);
    this.pipeline.writeAudio(frame.index, samples);
    this.#observer.sound({
      firstSample: firstSampleOfFrame(frame.index, this.#fps),
      tickUs: frame.tickUs,
      samples,
    });
  }
}

/** why there is no picture, in words */
function encoderEnd(trouble: StudioError | null): string {
  if (trouble?.code !== 'ffmpeg-crashed') return 'the encoder gives no picture';
  const { role, exit, lastLine } = (trouble as StudioError<'ffmpeg-crashed'>).details;
  return `FFmpeg (${role}) ended with ${exit}${lastLine ? `: ${lastLine}` : ''}`;
}
