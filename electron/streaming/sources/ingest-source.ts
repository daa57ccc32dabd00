import { isDeepStrictEqual } from 'node:util';
import type { SourceSettingsOf } from '../../../shared/model/source';
import type { AudioInput } from '../interfaces/audio-input';
import type { Picture, PictureRequest } from '../interfaces/layer';
import { StudioError } from '../lib/errors';
import { CaptureLoop } from './capture-loop';
import { ElasticSound } from './elastic-sound';
import { IngestProcess } from './ingest-process';
import type { IngestPlan } from './ingest-process';
import { LivePicture } from './live-picture';
import { BaseSource } from './source';
import type { SourceContext } from './source';
import { StreamPacer } from './stream-pacer';

/** A scene that is left and entered again soon finds it running. */
const lingerMs = 2000;
/** that nobody publishes any more is known some time after it is so; together it shall be less than a second */
const standingMs = 400;
/** that nothing comes any more is known half a second after it is so */
const quietStandingMs = 100;

/** What another encoder publishes into our RTMP server with one of its keys: picture and sound in step. */
export class IngestSource extends BaseSource<SourceSettingsOf<'ingest'>> {
  override readonly audio: AudioInput;
  readonly #live: LivePicture;
  readonly #sound: ElasticSound;
  readonly #pacer: StreamPacer;
  #keyId: string;
  #parts = { hasPicture: true, hasSound: true };
  #process: IngestProcess | null = null;
  #loop: CaptureLoop<IngestPlan> | null = null;
  #lingering: NodeJS.Timeout | undefined;
  #stopListening: () => void = () => undefined;
  readonly #stopping = new Set<Promise<void>>();

  constructor(settings: SourceSettingsOf<'ingest'>, context: SourceContext) {
    super(settings, context);
    this.#keyId = settings.keyId;
    this.#live = new LivePicture(
      {
        arena: context.arena,
        tiles: context.tiles,
        onChanged: () => this.announceChange(),
        onShown: (size) => {
          if (size) this.learnSize(size);
        },
        onUsed: (isUsed) => this.#used(isUsed),
      },
      { width: context.program.width, height: context.program.height },
    );
    const { bufferMs } = settings;
    this.#sound = new ElasticSound(settings.id, { latencyMs: bufferMs });
    this.#pacer = new StreamPacer({
      bufferMs,
      sound: this.#sound,
      programFps: context.program.fps,
      onPicture: (bytes) => this.#show(bytes),
      onRoom: () => this.#process?.resume(),
    });
    this.audio = {
      id: settings.id,
      render: (firstSample, target) => {
        this.#sound.render(firstSample, target);
        this.#pacer.rendered();
      },
    };
  }

  override get pids(): readonly number[] {
    const pid = this.#process?.pid;
    return pid === undefined ? [] : [pid];
  }

  override picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    if (this.lifetime.aborted)
      return Promise.reject(new DOMException('The source was stopped.', 'AbortError'));
    return this.#live.acquire(request, signal);
  }

  /** Another key is followed at once; another buffer needs a new source. */
  protected override adopt(next: SourceSettingsOf<'ingest'>, before: SourceSettingsOf<'ingest'>): boolean {
    if (next.bufferMs !== before.bufferMs) return false;
    this.#keyId = next.keyId;
    this.#streamsChanged();
    return true;
  }

  protected override async onStop(): Promise<void> {
    this.#end();
    this.#live.close();
    await Promise.all(this.#stopping);
    await super.onStop();
  }

  #used(isUsed: boolean): void {
    clearTimeout(this.#lingering);
    if (this.lifetime.aborted) return;
    if (isUsed) this.#begin();
    else this.#lingering = setTimeout(() => this.#rest(), lingerMs);
  }

  #begin(): void {
    if (this.#loop) return;
    const { random, incoming } = this.context;
    const loop = new CaptureLoop<IngestPlan>({
      random,
      plan: () => this.#plan(),
      run: (plan, signal) => this.#play(plan, signal),
      onFailure: (error) => this.#lost(error),
    });
    this.#loop = loop;
    this.enter('loading');
    this.#stopListening = incoming.onChanged(() => this.#streamsChanged());
    void loop.start();
  }

  #plan(): IngestPlan {
    const { incoming } = this.context;
    const name = incoming.keyName(this.#keyId) ?? this.settings.name;
    const url = incoming.urlOf(this.#keyId);
    if (url === null) throw new StudioError('ingest-silent', { key: name }, { retryable: true });
    return { url, name, ...this.#parts };
  }

  #streamsChanged(): void {
    // The next one may send what this one did not.
    if (this.context.incoming.urlOf(this.#keyId) === null) this.#parts = { hasPicture: true, hasSound: true };
    this.#loop?.refresh();
  }

  async #play(plan: IngestPlan, signal: AbortSignal): Promise<StudioError | null> {
    const { ffmpeg, program } = this.context;
    this.#pacer.begin();
    const process = new IngestProcess(
      ffmpeg,
      plan,
      program.fps,
      {
        onFormat: (format) => {
          this.#live.begin(format.width, format.height);
          this.#pacer.setFormat(format);
        },
        onPictures: (bytes) => this.#pacer.writePictures(bytes),
        onSound: (samples) => {
          if (!plan.hasPicture) this.#onlySound(plan.name);
          this.#pacer.writeSound(samples);
        },
        onQuiet: () => this.#quiet(plan.name),
      },
      signal,
    );
    this.#process = process;
    const end = await process.ended;
    this.#process = null;
    this.#pacer.end();
    if (end.what === 'stopped') return null;
    if (end.what === 'ended') return this.#asSilence(end.error);
    this.#parts =
      end.part === 'picture' ? { hasPicture: false, hasSound: true } : { hasPicture: true, hasSound: false };
    return null;
  }

  #show(bytes: Uint8Array): void {
    try {
      this.#live.put(bytes);
      if (this.state.state !== 'ok') this.enter('ok');
    } catch (error) {
      // The memory for pictures is full: this decoder ends, and another one tries again.
      this.#pacer.end();
      this.#process?.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Most often it ended because the publisher did. */
  #asSilence(error: StudioError): StudioError {
    try {
      this.#plan();
      return error;
    } catch (reason) {
      return reason instanceof StudioError ? (reason as StudioError) : error;
    }
  }

  #onlySound(name: string): void {
    if (this.state.state === 'ok') return;
    this.enter('ok');
    this.#live.lose({ name, sentence: 'It sends sound without a picture.' });
  }

  /** Its network is gone, most often. What was received before is shown to its end. */
  #quiet(name: string): void {
    if (this.lifetime.aborted || this.#pacer.isHolding) return;
    this.#failOnce(new StudioError('ingest-stalled', { key: name }, { retryable: true }));
    const sentence = 'Nothing comes from it any more. Its picture comes back by itself.';
    this.#live.lose({ name, sentence }, quietStandingMs);
  }

  #failOnce(error: StudioError): void {
    const before = this.state.error;
    if (!before || !isDeepStrictEqual(before, error.toWire())) this.fail(error);
  }

  #lost(error: StudioError): void {
    if (this.lifetime.aborted) return;
    this.#failOnce(error);
    const name = this.context.incoming.keyName(this.#keyId) ?? this.settings.name;
    const sentence =
      error.code === 'ingest-silent'
        ? 'Nobody is publishing. Its picture appears by itself.'
        : 'It cannot be played. It is tried again by itself.';
    this.#live.lose({ name, sentence }, standingMs);
  }

  #rest(): void {
    this.#end();
    this.#live.clear();
    this.enter('idle');
  }

  #end(): void {
    clearTimeout(this.#lingering);
    this.#stopListening();
    const loop = this.#loop;
    this.#loop = null;
    if (!loop) return;
    const stopped: Promise<void> = loop.stop().finally(() => this.#stopping.delete(stopped));
    this.#stopping.add(stopped);
  }
}
