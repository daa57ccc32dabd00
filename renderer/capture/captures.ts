import { describeError } from '../../shared/contract/error-text';
import type { WireError } from '../../shared/contract/errors';
import { isKnownSource } from '../../shared/model/source';
import type { SourceSettingsOf } from '../../shared/model/source';
import type { StudioStore } from '../store/studio-store';
import { cameraLimits } from './camera-limits';
import type { CameraLimits } from './camera-limits';
import { CaptureChoices } from './capture-choice';
import type { CaptureChoice } from './capture-choice';
import { captureError, captureObstacle, withoutRetry } from './capture-error';
import { CaptureRetries, mayBeginAlone } from './capture-retry';
import type { CaptureSession } from './capture-session';
import { mostSize, openMedia } from './open-media';
import type { CaptureFigures } from './worker-messages';

/** What this window does about one source; what the engine makes of it is the source's own state. */
export type CaptureState =
  | { readonly state: 'idle' }
  /** the browser asks the person, or opens the device */
  | { readonly state: 'asking' }
  | {
      readonly state: 'running';
      readonly deviceName: string;
      readonly hasSound: boolean;
      /** of a camera that says them */
      readonly limits: CameraLimits | null;
      /** false: the connection to the engine is being made again */
      readonly isConnected: boolean;
      readonly figures: CaptureFigures | null;
    }
  | {
      readonly state: 'failed';
      readonly error: WireError;
      /** it is begun again by itself: after a while, or with its device */
      readonly isAwaited: boolean;
    };

type Settings = SourceSettingsOf<'browser-capture'>;
export type KnownCapture = Pick<Settings, 'capture' | 'hasSound' | 'deviceName'>;

export interface CapturesOptions {
  readonly store: StudioStore;
  readonly url: string;
  readonly token: string;
  readonly storage: Storage;
}

const idle: CaptureState = { state: 'idle' };
/** A source that was just added arrives with the next slice; a click opens the browser's picker for about five seconds. */
const sourceWaitMs = 3000;
/** after the page was loaded: what its former self captured is found to be gone within this time */
const resumeWindowMs = 15_000;

/** The captures of this window, by source. Until the first one there is no worker, no socket and none of their code. */
export class Captures {
  readonly choices: CaptureChoices;
  readonly #options: CapturesOptions;
  readonly #states = new Map<string, CaptureState>();
  readonly #sessions = new Map<string, CaptureSession>();
  readonly #listeners = new Set<() => void>();
  /** sources that have been in the show: when they go, so does their capture */
  readonly #seen = new Set<string>();
  /** turns of `start` and `stop`: an answer to an earlier one is no use */
  readonly #turns = new Map<string, number>();
  readonly #toResume: Set<string>;
  readonly #retries = new CaptureRetries((sourceId) => void this.#begin(sourceId, { isAgain: true }));
  /** what each running capture was begun with */
  readonly #inUse = new Map<string, CaptureChoice>();

  constructor(options: CapturesOptions) {
    this.#options = options;
    this.choices = new CaptureChoices(options.storage);
    this.#toResume = new Set(this.choices.running());
    setTimeout(() => this.#toResume.clear(), resumeWindowMs);
    options.store.subscribe(() => this.#follow());
    // Other browsers than today's leave it out where capturing is not allowed.
    (navigator.mediaDevices as MediaDevices | undefined)?.addEventListener('devicechange', () =>
      this.#devicesChanged(),
    );
  }

  state(sourceId: string): CaptureState {
    return this.#states.get(sourceId) ?? idle;
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  choose(sourceId: string, patch: Partial<CaptureChoice>): void {
    this.choices.update(sourceId, patch);
    this.#announce();
  }

  /**
   * Captures for this source, anew if it is captured already. Call it straight out of a click: only then does a browser
   * open its picker. Resolves when it runs or has failed; `state` says which.
   * @param known its settings, for a source that was only just added
   */
  start(sourceId: string, known?: KnownCapture): Promise<void> {
    this.#retries.forget(sourceId);
    return this.#begin(sourceId, { known });
  }

  /** @param isAgain nobody has asked for it: what failed stands there until it runs */
  async #begin(
    sourceId: string,
    { known, isAgain = false }: { known?: KnownCapture | undefined; isAgain?: boolean },
  ): Promise<void> {
    const turn = this.#nextTurn(sourceId);
    this.#retries.cancel(sourceId);
    const settings = known ?? this.#settingsOf(sourceId) ?? (await this.#comingSettings(sourceId));
    if (!settings || !this.#isTurn(sourceId, turn)) return;
    const { capture, hasSound, deviceName } = settings;
    const obstacle = captureObstacle(capture);
    if (obstacle) return this.#fail(sourceId, obstacle);
    const choice = this.choices.of(sourceId);
    const most = mostSize(choice, this.#canvas());
    // A second picker over a running capture may be closed without a choice: then the first goes on.
    if (!this.#sessions.has(sourceId) && !isAgain) this.#enter(sourceId, { state: 'asking' });
    let stream: MediaStream | null = null;
    let session: CaptureSession | null = null;
    try {
      const opened = openMedia({ kind: capture, choice, hasSound, most });
      const loaded = import('./capture-session');
      loaded.catch(() => undefined); // told when it is awaited, if it comes to that
      stream = await opened;
      const { CaptureSession: Session } = await loaded;
      if (!this.#isTurn(sourceId, turn)) return stopTracks(stream);
      this.#drop(sourceId, 'another choice');
      // Known before it begins: it may be connected, or over, while it still does.
      const begun = (session = new Session(stream, {
        connected: () => this.#patch(sourceId, { isConnected: begun.isConnected }),
        figures: (figures) => this.#patch(sourceId, { figures }),
        ended: (error) => this.#ended(sourceId, begun, settings, error),
      }));
      this.#sessions.set(sourceId, begun);
      await begun.begin(this.#target(sourceId), most);
      if (this.#sessions.get(sourceId) === begun) this.#running(sourceId, begun);
    } catch (thrown) {
      if (stream && !session) stopTracks(stream);
      if (session && this.#sessions.get(sourceId) !== session) return;
      if (session) this.#drop(sourceId, 'it could not begin');
      if (!this.#isTurn(sourceId, turn)) return;
      if (this.#sessions.has(sourceId)) return this.#keep(sourceId, thrown, settings);
      await this.#failDevice(sourceId, captureError(thrown, capture, deviceName), settings);
    }
  }

  stop(sourceId: string): void {
    this.#nextTurn(sourceId);
    this.#retries.forget(sourceId);
    this.#drop(sourceId, 'stopped by the person');
    this.choices.update(sourceId, { isRunning: false });
    this.#enter(sourceId, idle);
  }

  #running(sourceId: string, session: CaptureSession): void {
    const { deviceName, isConnected } = session;
    this.#toResume.delete(sourceId);
    this.#retries.runs(sourceId);
    const hasSound = session.stream.getAudioTracks().length > 0;
    const deviceId = session.stream.getTracks()[0]?.getSettings().deviceId ?? null;
    const kind = this.#settingsOf(sourceId)?.capture;
    const isDevice = kind !== 'display';
    const [picture] = session.stream.getVideoTracks();
    const limits = kind === 'camera' && picture ? cameraLimits(picture) : null;
    this.choices.update(sourceId, { isRunning: true, ...(isDevice && deviceId ? { deviceId } : {}) });
    this.#inUse.set(sourceId, this.choices.of(sourceId));
    this.#enter(sourceId, { state: 'running', deviceName, hasSound, limits, isConnected, figures: null });
  }

  #ended(sourceId: string, session: CaptureSession, settings: KnownCapture, error: WireError | null): void {
    if (this.#sessions.get(sourceId) !== session) return;
    this.#sessions.delete(sourceId);
    const kind = settings.capture;
    const isTakenOver = error?.code === 'capture-taken-over';
    // Who took over may be another tab of this browser, which has written down that it runs.
    if (!isTakenOver && (error !== null || kind === 'display'))
      this.choices.update(sourceId, { isRunning: false });
    if (error) void this.#failDevice(sourceId, error, settings);
    else if (kind === 'display') this.#enter(sourceId, idle);
    else
      void this.#failDevice(
        sourceId,
        { code: 'device-missing', details: { name: session.deviceName } },
        settings,
      );
  }

  /** A device that is missing is waited for, one that is busy or broken is tried again. */
  async #failDevice(sourceId: string, error: WireError, settings: KnownCapture): Promise<void> {
    const turn = this.#turns.get(sourceId) ?? 0;
    const isMissing = error.code === 'device-missing' && settings.capture !== 'display';
    const isTriedAgain =
      CaptureRetries.isPassing(error) && (await mayBeginAlone(settings.capture, settings.hasSound));
    if (!this.#isTurn(sourceId, turn)) return;
    if (isTriedAgain) this.#retries.plan(sourceId);
    const isAwaited = isMissing || isTriedAgain;
    this.#fail(sourceId, isAwaited ? error : withoutRetry(error), isAwaited);
  }

  /** What runs goes on: another that could not be opened is not the chosen one. */
  async #keep(sourceId: string, thrown: unknown, { capture }: KnownCapture): Promise<void> {
    const isPickerClosed = capture === 'display' && errorName(thrown) === 'NotAllowedError';
    const { deviceId } = this.choices.of(sourceId);
    const inUse = this.#inUse.get(sourceId);
    if (isPickerClosed || !inUse) return;
    this.choose(sourceId, inUse);
    const devices = await navigator.mediaDevices.enumerateDevices();
    const name = devices.find((device) => device.deviceId === deviceId)?.label ?? '';
    this.#options.store.addToast(describeError(withoutRetry(captureError(thrown, capture, name))));
  }

  /** A camera or microphone that was pulled out is there again, or one that was busy may be free. */
  #devicesChanged(): void {
    this.#announce();
    for (const [sourceId, state] of this.#states)
      if (state.state === 'failed' && state.isAwaited) void this.#begin(sourceId, { isAgain: true });
  }

  #follow(): void {
    const sources = this.#options.store.getState().snapshot?.sources;
    if (!sources) return;
    const present = new Set(sources.map(({ id }) => id));
    for (const id of present) this.#seen.add(id);
    for (const id of [...this.#states.keys()]) {
      if (!this.#seen.has(id) || present.has(id) || this.state(id).state === 'idle') continue;
      this.#nextTurn(id);
      this.#retries.forget(id);
      this.#drop(id, 'the source was removed');
      this.#enter(id, idle);
    }
    for (const id of [...this.#toResume]) {
      const source = sources.find((each) => each.id === id);
      // Until the engine has noticed that the former page is gone, it may as well be another that goes on.
      if (source?.error?.code !== 'capture-page-gone') continue;
      this.#toResume.delete(id);
      if (this.choices.isRunningStill(id) && this.state(id).state === 'idle') void this.#resume(id);
    }
  }

  /** The page was loaded anew: what it captured goes on where the browser lets it without a click. */
  async #resume(sourceId: string): Promise<void> {
    const settings = this.#settingsOf(sourceId);
    if (!settings) return;
    if (await mayBeginAlone(settings.capture, settings.hasSound)) return this.start(sourceId);
    this.choices.update(sourceId, { isRunning: false });
    const name = settings.deviceName || this.#sourceName(sourceId);
    this.#fail(sourceId, { code: 'capture-page-gone', details: { name } });
    this.#options.store.addToast(describeError({ code: 'capture-page-gone', details: { name } }));
  }

  #comingSettings(sourceId: string): Promise<Settings | null> {
    return new Promise((resolve) => {
      const done = (settings: Settings | null): void => {
        clearTimeout(timer);
        unsubscribe();
        resolve(settings);
      };
      const timer = setTimeout(() => done(null), sourceWaitMs);
      const unsubscribe = this.#options.store.subscribe(() => {
        const settings = this.#settingsOf(sourceId);
        if (settings) done(settings);
      });
    });
  }

  #settingsOf(sourceId: string): Settings | null {
    const source = this.#options.store.getState().snapshot?.sources.find(({ id }) => id === sourceId);
    const settings = source?.settings;
    return settings && isKnownSource(settings) && settings.kind === 'browser-capture' ? settings : null;
  }

  #sourceName(sourceId: string): string {
    return (
      this.#options.store.getState().snapshot?.sources.find(({ id }) => id === sourceId)?.name ?? sourceId
    );
  }

  #canvas(): { width: number; height: number } {
    const program = this.#options.store.getState().snapshot?.program;
    return { width: program?.width ?? 1920, height: program?.height ?? 1080 };
  }

  #target(sourceId: string) {
    const { url, token } = this.#options;
    return { url, token, sourceId };
  }

  #drop(sourceId: string, reason: string): void {
    const session = this.#sessions.get(sourceId);
    this.#sessions.delete(sourceId);
    session?.stop(reason);
  }

  #nextTurn(sourceId: string): number {
    const turn = (this.#turns.get(sourceId) ?? 0) + 1;
    this.#turns.set(sourceId, turn);
    return turn;
  }

  #isTurn(sourceId: string, turn: number): boolean {
    return this.#turns.get(sourceId) === turn;
  }

  #patch(sourceId: string, patch: { isConnected?: boolean; figures?: CaptureFigures }): void {
    const state = this.state(sourceId);
    if (state.state === 'running') this.#enter(sourceId, { ...state, ...patch });
  }

  #fail(sourceId: string, error: WireError, isAwaited = false): void {
    this.#enter(sourceId, { state: 'failed', error, isAwaited });
  }

  #enter(sourceId: string, state: CaptureState): void {
    this.#states.set(sourceId, state);
    this.#announce();
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

const errorName = (thrown: unknown): string => (thrown instanceof DOMException ? thrown.name : '');
