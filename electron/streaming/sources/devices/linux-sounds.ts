import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { DeviceKind } from '../../../../shared/contract/device';
import type { FfmpegBuild } from '../../interfaces/ffmpeg';
import { Child } from '../../lib/child';
import type { FoundDevice } from '../source';
import { AskedOnce } from './asked-once';
import type { DeviceListing, DeviceProbe } from './device-probe';
import { outputOf } from './program-output';
import { alsaSounds, ffmpegSounds } from './sound-lists';
import type { ListedSound } from './sound-lists';

const settleMs = 150;
/** after the sound server has gone: whether it is there again */
const retryMs = 1500;
const monitorSuffix = '.monitor';

/** Microphones and what this computer plays: PulseAudio's (or PipeWire's) where this FFmpeg knows it, else ALSA's. */
export class LinuxSounds implements DeviceProbe {
  readonly #ffmpeg: FfmpegBuild;
  #hasHeardPulse = false;
  readonly #env: NodeJS.ProcessEnv;
  readonly #hasPulse = new AskedOnce<boolean>();

  constructor(ffmpeg: FfmpegBuild, env: NodeJS.ProcessEnv) {
    this.#ffmpeg = ffmpeg;
    this.#env = env;
  }

  async list(signal: AbortSignal): Promise<DeviceListing> {
    const hasPulse = await this.#hasPulse.answer(async () =>
      / D.? pulse\b|D[E ] pulse\b/.test(await this.#ask(['-devices'], signal)),
    );
    const listing = hasPulse ? await this.#pulseUnlessItHangs(signal) : null;
    signal.throwIfAborted();
    this.#hasHeardPulse ||= listing !== null;
    return listing ?? this.#alsa(hasPulse);
  }

  /** The sound server tells of its changes; where it cannot be heard, sound cards that come and go are seen. */
  watch(onChanged: () => void): () => Promise<void> {
    const abort = new AbortController();
    let settling: NodeJS.Timeout | undefined;
    const changed = (): void => {
      clearTimeout(settling);
      settling = setTimeout(onChanged, settleMs).unref();
    };
    const listening = this.#subscribe(changed, abort.signal);
    const cards = watchQuietly('/dev/snd', changed);
    return async () => {
      abort.abort();
      clearTimeout(settling);
      cards();
      await listening;
    };
  }

  async #subscribe(onChanged: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const child = new Child({
        ...{ command: 'pactl', args: ['subscribe'], env: { ...this.#env, LC_ALL: 'C' } },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
        if (/Event '(new|remove)' on (sink|source) #|Event 'change' on server/.test(text)) onChanged();
      });
      const stop = (): void => void child.stop(200);
      signal.addEventListener('abort', stop, { once: true });
      const { code } = await child.exited;
      signal.removeEventListener('abort', stop);
      if (code === 127 || signal.aborted) return;
      onChanged();
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, retryMs);
        signal.addEventListener('abort', wake);
      });
    }
  }

  /** One that never answered is none; one that did is only slow: its devices stay listed, and it is asked again. */
  async #pulseUnlessItHangs(signal: AbortSignal): Promise<DeviceListing | null> {
    try {
      return await this.#pulse(signal);
    } catch (error) {
      if (this.#hasHeardPulse || signal.aborted) throw error;
      return null;
    }
  }

  /** null: no sound server answers */
  async #pulse(signal: AbortSignal): Promise<DeviceListing | null> {
    const [sources, sinks] = await Promise.all([
      this.#ask(['-sources', 'pulse'], signal),
      this.#ask(['-sinks', 'pulse'], signal),
    ]);
    const listed = ffmpegSounds(sources);
    if (listed.length === 0 && ffmpegSounds(sinks).length === 0) return null;
    const defaultSink = ffmpegSounds(sinks).find((sink) => sink.isDefault)?.input;
    const isMonitor = ({ input }: ListedSound): boolean => input.endsWith(monitorSuffix);
    const microphones = listed.filter((sound) => !isMonitor(sound));
    const hasDefault = microphones.some((sound) => sound.isDefault);
    return {
      devices: [
        ...microphones.map((sound, index) => ({
          ...asDevice('pulse', 'microphone', sound),
          isDefault: hasDefault ? sound.isDefault : index === 0,
        })),
        ...listed.filter(isMonitor).map((sound) => ({
          ...asDevice('pulse', 'desktop-sound', { ...sound, name: sound.name.replace(/^Monitor of /, '') }),
          isDefault: sound.input === `${defaultSink}${monitorSuffix}`,
        })),
      ],
      notes: {},
    };
  }

  async #alsa(hasPulse: boolean): Promise<DeviceListing> {
    const [cards, pcm] = await Promise.all([
      readFile('/proc/asound/cards', 'utf8').catch(() => ''),
      readFile('/proc/asound/pcm', 'utf8').catch(() => ''),
    ]);
    const reason = hasPulse
      ? 'no sound server (PulseAudio or PipeWire) answers'
      : `this FFmpeg (${this.#ffmpeg.version}) cannot listen to PulseAudio or PipeWire`;
    const devices = alsaSounds(cards, pcm).map((sound) => asDevice('alsa', 'microphone', sound));
    return {
      devices,
      notes: {
        'desktop-sound': `${reason}; let a page capture the sound instead`,
        ...(devices.length === 0 && { microphone: reason }),
      },
    };
  }

  async #ask(args: readonly string[], signal: AbortSignal): Promise<string> {
    const { stdout } = await outputOf(this.#ffmpeg.path, ['-hide_banner', ...args], signal, {
      env: this.#env,
    });
    return stdout;
  }
}

function asDevice(
  system: 'pulse' | 'alsa',
  kind: Extract<DeviceKind, 'microphone' | 'desktop-sound'>,
  { input, name, isDefault }: ListedSound,
): FoundDevice {
  return {
    ...{ id: `${system}:${input}`, kind, name, isDefault, size: null, modes: [] },
    address: { system, input },
  };
}

function watchQuietly(path: string, onChanged: () => void): () => void {
  try {
    const watcher = watch(path, { persistent: false }, onChanged);
    watcher.on('error', () => undefined);
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}
