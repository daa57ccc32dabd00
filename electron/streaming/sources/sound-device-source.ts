import { isDeepStrictEqual } from 'node:util';
import type { SourceSettings, SourceSettingsOf, UnknownSource } from '../../../shared/model/source';
import type { AudioInput } from '../interfaces/audio-input';
import type { Picture } from '../interfaces/layer';
import { StudioError } from '../lib/errors';
import { blankTile } from './blank-tile';
import { ElasticSound } from './elastic-sound';
import { restartDelayMs } from './restart-delay';
import { defaultSoundAddress, soundCaptureArgs } from './sound-arguments';
import { SoundCapture } from './sound-capture';
import { soundCaptureError } from './sound-capture-error';
import { BaseSource } from './source';
import { defaultDeviceId, sourceDevice } from './source-device';
import type { FoundDevice, SourceContext } from './source';

type Settings = SourceSettingsOf<'microphone'> | SourceSettingsOf<'desktop-sound'>;

type SoundDevice = Pick<FoundDevice, 'id' | 'name'> & { address: Parameters<typeof soundCaptureArgs>[0] };

/** FFmpeg's 10 ms fragments, a loaded machine's pauses, the program's frames */
const latencyMs = 80;
/** on a machine so loaded that the pauses are longer */
const mostLatencyMs = 240;
/** a capture that held for so long was a good one */
const steadyMs = 5000;

/**
 * A sound device of this computer: a microphone, or what a loudspeaker plays. It runs as long as the source does,
 * whatever is shown; a device that goes leaves silence, and is heard again when it is back.
 */
export class SoundDeviceSource extends BaseSource<Settings> {
  override readonly audio: AudioInput;
  readonly #sound: ElasticSound;
  #capture: SoundCapture | undefined;
  #capturedId: string | null = null;
  #running: Promise<void> | undefined;
  #stopListening: () => void = () => undefined;
  /** ends the wait for another try */
  #wake: () => void = () => undefined;

  constructor(settings: Settings, context: SourceContext) {
    super(settings, context);
    this.#sound = new ElasticSound(settings.id, { latencyMs, mostLatencyMs });
    this.audio = this.#sound;
  }

  override get pids(): readonly number[] {
    const pid = this.#capture?.pid;
    return pid === undefined ? [] : [pid];
  }

  /** It has none: an item of it is transparent. */
  override picture(): Promise<Picture> {
    const { content, free } = blankTile(this.context.arena);
    return Promise.resolve({ content, release: free });
  }

  override update(settings: SourceSettings | UnknownSource): boolean {
    const { device } = this.settings;
    const isTaken = super.update(settings);
    // A fader moves many times a second, and is no reason to try a device again that has just failed.
    if (isTaken && !isDeepStrictEqual(device, this.settings.device)) this.#devicesChanged();
    return isTaken;
  }

  protected override adopt(): boolean {
    return true;
  }

  protected override onStart(): Promise<void> {
    this.enter('loading');
    this.#stopListening = this.context.devices.onChanged(() => this.#devicesChanged());
    this.#running = this.#run();
    return Promise.resolve();
  }

  protected override async onStop(): Promise<void> {
    this.#stopListening();
    this.#wake();
    await this.#capture?.stop();
    await this.#running;
    await super.onStop();
  }

  async #run(): Promise<void> {
    for (let attempt = 0; !this.lifetime.aborted;) {
      const device = this.#find();
      if (!device) {
        const { id, name } = this.settings.device;
        this.fail(new StudioError('device-missing', { name: name || id }));
        await this.#anotherTry(null);
        attempt = 0;
        continue;
      }
      const sinceMs = performance.now();
      const error = await this.#captureFrom(device);
      if (this.lifetime.aborted) return;
      if (performance.now() - sinceMs > steadyMs) attempt = 0;
      if (!error) continue;
      this.fail(error);
      await this.#anotherTry(error.retryable ? restartDelayMs(attempt, this.context.random()) : null);
      attempt += 1;
    }
  }

  /** @returns why it ended; null: because another device is wanted */
  async #captureFrom(device: SoundDevice): Promise<StudioError | null> {
    let isFirst = true;
    this.#capturedId = device.id;
    this.#capture = new SoundCapture({
      ffmpeg: this.context.ffmpeg,
      args: soundCaptureArgs(device.address),
      onSound: (samples) => {
        if (isFirst) {
          isFirst = false;
          this.#sound.begin();
          this.enter('ok');
          this.logger.info({ device: device.name }, 'sound is captured');
        }
        this.#sound.write(samples);
      },
    });
    const end = await this.#capture.ended;
    this.#capture = undefined;
    this.#sound.end();
    const isUnwanted = this.#capturedId === null;
    this.#capturedId = null;
    return isUnwanted ? null : soundCaptureError(device.name, end);
  }

  #find(): SoundDevice | null {
    const { device, kind } = this.settings;
    if (device.id === defaultDeviceId) {
      // Where the system follows its own choice, it is always there, and changes without us.
      const address = defaultSoundAddress(kind);
      return address && { ...device, address };
    }
    const found = sourceDevice(this.context.devices, this.settings);
    if (!found) return null;
    const { address } = found;
    return 'input' in address ? { id: found.id, name: found.name, address } : null;
  }

  #devicesChanged(): void {
    this.#wake();
    if (this.#capturedId === null || this.#find()?.id === this.#capturedId) return;
    this.#capturedId = null;
    void this.#capture?.stop();
  }

  /** Until the list of devices or the settings change. @param mostMs but no longer than this; null: however long */
  async #anotherTry(mostMs: number | null): Promise<void> {
    if (this.lifetime.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = mostMs === null ? undefined : setTimeout(resolve, mostMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}
