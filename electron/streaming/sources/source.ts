import { isDeepStrictEqual } from 'node:util';
import type { WireError } from '../../../shared/contract/errors';
import type { Device, DeviceKind } from '../../../shared/contract/device';
import type { SoundSettings } from '../../../shared/model/sound';
import { soundOf } from '../../../shared/model/source';
import type { DeviceReference, SourceSettings, UnknownSource } from '../../../shared/model/source';
import type { AudioInput } from '../interfaces/audio-input';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { FrameArena, PictureSource, TileRenderer } from '../interfaces/layer';
import { BaseComponent } from '../lib/component';
import type { Component } from '../lib/component';
import { Emitter } from '../lib/emitter';
import { isCancelled, toWireError } from '../lib/errors';
import type { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { FileLooker } from './file-looker';

/**
 * `failed`: what was shown last stays, and the source repairs itself once the cause is gone. An error in `ok` is a
 * warning: it is shown, but not quite as it was asked for.
 */
export type SourceState =
  | { readonly state: 'idle' | 'loading'; readonly error: null }
  | { readonly state: 'ok'; readonly error: WireError | null }
  | { readonly state: 'failed'; readonly error: WireError };

/** A source as the studio holds it: a picture for the compositor, perhaps sound for the mixer, and a state for people. */
export interface StudioSource extends PictureSource, Component {
  /** as they lie in the collection, word for word */
  readonly settings: SourceSettings | UnknownSource;
  readonly state: SourceState;
  /** called after every change of `state`, `size` and `playback` */
  onStateChanged(listener: (state: SourceState) => void): () => void;
  /** null: this kind never sounds. Silent while the source is not shown. */
  readonly audio: AudioInput | null;
  /** how its settings want it to be heard; applied by the mixer, not by `audio`. null: this kind never sounds */
  readonly sound: SoundSettings | null;
  /** of its own picture before crop, pixels; null: not known (yet), or it has none */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** null: nothing that plays */
  readonly playback: Playback | null;
  /** Takes other settings of the same kind while it runs. false: they need a new source, and nothing was changed. */
  update(settings: SourceSettings | UnknownSource): boolean;
  /** its child processes, for CPU accounting */
  readonly pids: readonly number[];
}

/** What a person can do with something that plays. Times are those of the file. */
export interface Playback {
  play(): void;
  pause(): void;
  /** @param positionSec beyond the end: the end */
  seek(positionSec: number): void;
  /** where it was at a moment; it goes on from there unless paused */
  readonly position: {
    readonly durationSec: number | null;
    readonly positionSec: number;
    /** unix time, milliseconds */
    readonly at: number;
    readonly isPaused: boolean;
  };
}

/** The program's size, rate and present position, as sources need them. */
export interface ProgramClock {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** index of the newest tick */
  frameIndex(): number;
}

/** Where FFmpeg finds a device now. Unlike its id, this may be another one after every start. */
export type DeviceAddress =
  /** `-f <system> … -i <input>` */
  | {
      readonly system: 'pulse' | 'alsa' | 'v4l2' | 'dshow' | 'avfoundation';
      /** as `-i` takes it; dshow with its `video=` or `audio=`, avfoundation with its `video:audio` */
      readonly input: string;
      /** v4l2, dshow: how each of the device's modes is asked for, in their order; '': nothing need be said */
      readonly formats?: readonly string[];
    }
  /** a rectangle of an X screen, or a window of it */
  | {
      readonly system: 'x11grab';
      readonly display: string;
      readonly windowId: number | null;
      readonly x: number;
      readonly y: number;
    }
  /** a screen by its number, a window by its title */
  | {
      readonly system: 'gdigrab';
      readonly output: number;
      /** Desktop Duplication can be had for it */
      readonly canDuplicate: boolean;
      readonly title: string | null;
      readonly x: number;
      readonly y: number;
    };

export interface FoundDevice extends Device {
  readonly address: DeviceAddress;
  /** which window it is as long as it lives, whatever its title and so its id becomes; others have none */
  readonly instance?: number;
}

/** The devices of this computer, as they come and go. */
export interface DeviceDirectory {
  /** why devices of a kind cannot be captured here at all, in words */
  readonly notes?: Partial<Record<DeviceKind, string>>;
  /** by id, else by name (another port, another system), but nothing that was there beside it; null: not there */
  find(kinds: readonly DeviceKind[], device: DeviceReference): FoundDevice | null;
  /** called after each change of the list; while anybody listens it is kept up to date (within 2 s) */
  onChanged(listener: () => void): () => void;
  /** the same, but it is no reason to keep the list up to date */
  onListed(listener: () => void): () => void;
}

/** Streams that others publish into our RTMP server. */
export interface IncomingStreams {
  /** where it can be played from on this computer; null: nobody publishes with this key now */
  urlOf(keyId: string): string | null;
  /** its name, for people; null: there is no such key */
  keyName(keyId: string): string | null;
  onChanged(listener: () => void): () => void;
}

/** What a page captures for one source. Pictures are I420 (BT.709 limited), even sizes, tightly packed. */
export interface BrowserFeedSink {
  /** the page began: what it captures, and how its sound is sampled */
  begin(what: { readonly deviceName: string; readonly sampleRate: number | null }): void;
  picture(width: number, height: number, data: Uint8Array, timestampUs: number): void;
  /** interleaved stereo at the rate told by `begin` */
  sound(samples: Float32Array, timestampUs: number): void;
  /** closed by the person, the browser or the network */
  end(reason: string): void;
}

/** Pages that capture for us. One page a source: a later one takes over. */
export interface BrowserFeeds {
  attach(sourceId: string, sink: BrowserFeedSink): () => void;
}

/** What the studio gives every source. */
export interface SourceContext {
  readonly arena: FrameArena;
  readonly tiles: TileRenderer;
  readonly ffmpeg: FfmpegBuild;
  readonly program: ProgramClock;
  readonly devices: DeviceDirectory;
  readonly incoming: IncomingStreams;
  readonly browserFeeds: BrowserFeeds;
  /** who looks whether files are there; one for all sources */
  readonly files: FileLooker;
  /** relative paths in settings are relative to this folder (the collection file's) */
  readonly baseFolder: string;
  readonly logger: Logger;
  /** unix time, milliseconds */
  readonly now: () => number;
  /** 0 ≤ x < 1; jitter of restarts */
  readonly random: () => number;
}

/** The settings that decide what is seen and captured. */
function essence(settings: SourceSettings | UnknownSource): unknown {
  const { name: _name, sound: _sound, ...rest } = settings as SourceSettings & { sound?: unknown };
  return rest;
}

const idle: SourceState = { state: 'idle', error: null };

/** State and listeners, the same for every kind; a kind gives `picture` and what it must start and stop. */
export abstract class BaseSource<Settings extends SourceSettings | UnknownSource>
  extends BaseComponent
  implements StudioSource
{
  readonly id: string;
  readonly audio: AudioInput | null = null;
  readonly playback: Playback | null = null;
  protected readonly context: SourceContext;
  protected readonly logger: Logger;
  readonly #events: Emitter<{ changed: undefined; state: SourceState }>;
  #settings: Settings;
  #state: SourceState = idle;
  #size: StudioSource['size'] = null;

  constructor(settings: Settings, context: SourceContext) {
    super();
    this.id = settings.id;
    this.#settings = settings;
    this.context = context;
    this.logger = context.logger.child({ source: settings.id, kind: settings.kind });
    this.#events = new Emitter((error) => this.logger.error({ error }, 'a listener of this source failed'));
  }

  get settings(): Settings {
    return this.#settings;
  }

  get sound(): SoundSettings | null {
    return soundOf(this.#settings);
  }

  get size(): StudioSource['size'] {
    return this.#size;
  }

  get pids(): readonly number[] {
    return [];
  }

  update(settings: SourceSettings | UnknownSource): boolean {
    if (settings.kind !== this.#settings.kind) return false;
    const before = this.#settings;
    const next = settings as Settings;
    const isOnlyHeardOrNamedAnew = isDeepStrictEqual(essence(before), essence(next));
    if (!isOnlyHeardOrNamedAnew && !this.adopt(next, before)) return false;
    this.#settings = next;
    if (!isOnlyHeardOrNamedAnew) this.announceChange();
    return true;
  }

  abstract picture(...args: Parameters<PictureSource['picture']>): ReturnType<PictureSource['picture']>;

  get state(): SourceState {
    return this.#state;
  }

  onStateChanged(listener: (state: SourceState) => void): () => void {
    return this.#events.on('state', listener);
  }

  onChanged(listener: () => void): () => void {
    return this.#events.on('changed', listener);
  }

  protected override onStart(_signal: AbortSignal): Promise<void> {
    return Promise.resolve();
  }

  protected override onStop(): Promise<void> {
    this.enter('idle');
    return Promise.resolve();
  }

  /**
   * Take these settings while running, before they are `settings`; true: done, and `picture` is asked again. A kind that
   * must be made anew for them keeps this one. Name and sound alone never come here.
   */
  protected adopt(_next: Settings, _before: Settings): boolean {
    return false;
  }

  /** Its own picture's size before crop, as soon as it is known; null: it is not any more. */
  protected learnSize(size: StudioSource['size'] | undefined): void {
    if (size === undefined) return;
    if (size?.width === this.#size?.width && size?.height === this.#size?.height) return;
    this.#size = size && { width: size.width, height: size.height };
    this.#events.emit('state', this.#state);
  }

  /** What `playback` tells has changed otherwise than by going on. */
  protected announcePlayback(): void {
    this.#events.emit('state', this.#state);
  }

  /** `picture` would now deliver something else. */
  protected announceChange(): void {
    this.#events.emit('changed', undefined);
  }

  protected enter(state: 'idle' | 'loading' | 'ok'): void {
    this.#become({ state, error: null });
  }

  /** It is shown, but not quite as its settings ask for. */
  protected warn(error: StudioError): void {
    this.#become({ state: 'ok', error: error.toWire() });
  }

  /** Cancelled is no failure and leaves the state as it was. */
  protected fail(error: unknown): void {
    if (isCancelled(error)) return;
    const wire = toWireError(error);
    this.logger.warn({ error: wire }, 'source failed');
    this.#become({ state: 'failed', error: wire });
  }

  #become(next: SourceState): void {
    const isSame =
      next.state === this.#state.state && JSON.stringify(next.error) === JSON.stringify(this.#state.error);
    if (isSame) return;
    this.#state = next;
    this.#events.emit('state', next);
  }
}
