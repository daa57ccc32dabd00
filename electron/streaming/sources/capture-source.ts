import type { WireError } from '../../../shared/contract/errors';
import type { SourceSettings } from '../../../shared/model/source';
import type { Picture, PictureRequest } from '../interfaces/layer';
import type { StudioError } from '../lib/errors';
import { CaptureLoop } from './capture-loop';
import { runCapture } from './capture-process';
import type { CapturePlan } from './capture-process';
import { LivePicture } from './live-picture';
import { BaseSource } from './source';
import type { SourceContext } from './source';

/** A scene that is left and entered again soon finds it running. */
const lingerMs = 2000;

/** What the card says; the properties say more. */
const sentences: Partial<Record<WireError['code'], string>> = {
  'device-missing': 'It is not connected. It comes back by itself.',
  'window-missing': 'It is not open. It comes back by itself.',
  'device-busy': 'Another program is using it. It is tried again by itself.',
  'device-denied': 'The studio may not use it.',
  'capture-unsupported': 'It cannot be captured here. Use the capture of the browser.',
};

/** A device whose pictures are captured by FFmpeg as long as anybody looks. */
export abstract class CaptureSource<
  Settings extends Extract<SourceSettings, { kind: 'screen' | 'camera' }>,
> extends BaseSource<Settings> {
  readonly #live: LivePicture;
  /** what is captured now, or will be as soon as these settings are taken over */
  #wanted: Settings;
  #loop: CaptureLoop<CapturePlan> | null = null;
  #pid: number | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #stopListening: () => void = () => undefined;
  readonly #stopping = new Set<Promise<void>>();

  constructor(settings: Settings, context: SourceContext) {
    super(settings, context);
    this.#wanted = settings;
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
  }

  /** How it is captured now. @throws StudioError when it cannot be: it is not there */
  protected abstract plan(settings: Settings): CapturePlan;

  override get pids(): readonly number[] {
    return this.#pid === undefined ? [] : [this.#pid];
  }

  override picture(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    if (this.lifetime.aborted)
      return Promise.reject(new DOMException('The source was stopped.', 'AbortError'));
    return this.#live.acquire(request, signal);
  }

  protected override adopt(next: Settings): boolean {
    this.#wanted = next;
    this.#loop?.refresh();
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
    const { ffmpeg, random, devices } = this.context;
    const sinks = {
      onSize: (width: number, height: number) => void this.#live.begin(width, height),
      onBytes: (bytes: Uint8Array) => this.#live.write(bytes),
    };
    const events = {
      onPid: (pid: number | undefined) => (this.#pid = pid),
      onRunning: () => this.enter('ok'),
    };
    const loop = new CaptureLoop<CapturePlan>({
      random,
      plan: () => this.plan(this.#wanted),
      run: (plan, signal) => runCapture(ffmpeg, plan, sinks, signal, events),
      onFailure: (error) => this.#lost(error),
    });
    this.#loop = loop;
    this.enter('loading');
    this.#stopListening = devices.onChanged(() => loop.refresh());
    void this.#startAlone(loop);
  }

  /** Most devices have one user at a time: the loop before this one lets go first. */
  async #startAlone(loop: CaptureLoop<CapturePlan>): Promise<void> {
    await Promise.all(this.#stopping);
    if (this.#loop === loop) await loop.start();
  }

  #lost(error: StudioError): void {
    if (this.lifetime.aborted) return;
    this.fail(error);
    this.#live.lose({
      name: this.#wanted.device.name || this.#wanted.name,
      sentence: sentences[error.code] ?? 'It stopped delivering. It is tried again by itself.',
    });
  }

  /** Nobody has looked for a while: the device is let go, and what it showed is the past. */
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
