import { stat } from 'node:fs/promises';
import type { RecordingAlarm } from '../../shared/contract/recordings';
import { BaseComponent } from '../streaming/lib/component';
import { patientDisks } from '../streaming/lib/patient-disks';
import type { PatientDisks } from '../streaming/lib/patient-disks';

/** of the recording that runs */
export interface RecordingProgress {
  readonly path: string;
  /** there is a file: its first keyframe has come */
  readonly hasFile: boolean;
  /** of the video in it: sound alone is no recording that grows */
  readonly durationSec: number;
  /** the disk was given something and has not taken it yet */
  readonly isWaitingForDisk: boolean;
}

export interface RecordingWatchOptions {
  /** null: none runs */
  readonly progress: () => RecordingProgress | null;
  /** null: it grows again, or has ended */
  readonly onAlarm: (alarm: RecordingAlarm | null, path: string) => void;
  readonly disks?: PatientDisks;
  /** milliseconds, monotonic */
  readonly nowMs?: () => number;
  readonly intervalMs?: number;
}

/** A piece is written at least every 400 ms; a change of the encoder takes a second. */
const stallMs = 1500;
/** before the first picture: an encoder starts, and its next keyframe comes within two seconds */
const firstPictureMs = 5000;
const lookIntervalMs = 250;
/** between two looks whether the file is still there */
const fileIntervalMs = 1000;

/** Tells within 2 s that a recording does not grow, and which neighbour that is owed to. */
export class RecordingWatch extends BaseComponent {
  readonly #options: RecordingWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #path = '';
  #durationSec = -1;
  #hasFile = false;
  #grewAtMs = 0;
  /** since when the disk has had the beginning of the file; null: it was given none */
  #waitingSinceMs: number | null = null;
  #fileAskedAtMs = -Infinity;
  #isFileGone = false;
  #alarm: RecordingAlarm | null = null;

  constructor(options: RecordingWatchOptions) {
    super();
    this.#options = options;
  }

  get alarm(): RecordingAlarm | null {
    return this.#alarm;
  }

  protected onStart(): Promise<void> {
    this.#timer = setInterval(() => this.look(), this.#options.intervalMs ?? lookIntervalMs);
    return Promise.resolve();
  }

  protected onStop(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  look(): void {
    const { progress, nowMs = () => performance.now() } = this.#options;
    const now = nowMs();
    const found = progress();
    if (!found) {
      this.#durationSec = -1;
      this.#waitingSinceMs = null;
      return this.#tell(null);
    }
    const isAnother = found.path !== this.#path || this.#durationSec < 0;
    if (isAnother) this.#isFileGone = false;
    // What its first keyframe took is not owed by the file that began with it.
    const hasBegun = found.hasFile && !this.#hasFile;
    if (isAnother || hasBegun || found.durationSec !== this.#durationSec) this.#grewAtMs = now;
    this.#path = found.path;
    this.#durationSec = found.durationSec;
    this.#hasFile = found.hasFile;
    if (found.hasFile || !found.isWaitingForDisk) this.#waitingSinceMs = null;
    else this.#waitingSinceMs ??= now;
    if (found.hasFile && now - this.#fileAskedAtMs >= fileIntervalMs) {
      this.#fileAskedAtMs = now;
      void this.#askForFile(found.path);
    }
    this.#tell(this.#judge(found, now));
  }

  #judge({ hasFile, isWaitingForDisk }: RecordingProgress, now: number): RecordingAlarm | null {
    // A file without a name takes whatever is written, and nobody will ever see it.
    if (this.#isFileGone) return 'file-gone';
    const isFirstPictureDue = !hasFile && !isWaitingForDisk;
    const sinceMs = this.#waitingSinceMs ?? this.#grewAtMs;
    if (now - sinceMs < (isFirstPictureDue ? firstPictureMs : stallMs)) return null;
    return isWaitingForDisk ? 'disk' : 'encoder';
  }

  async #askForFile(path: string): Promise<void> {
    const { disks = patientDisks } = this.#options;
    const isGone = await disks
      .ask(path, () => isMissing(path), { isUrgent: true })
      // A disk that says nothing, or nothing sensible, is told of by whoever writes to it.
      .then((answer) => answer?.value ?? false)
      .catch(() => false);
    if (path === this.#path) this.#isFileGone = isGone;
  }

  #tell(alarm: RecordingAlarm | null): void {
    if (alarm === this.#alarm) return;
    this.#alarm = alarm;
    this.#options.onAlarm(alarm, this.#path);
  }
}

const isMissing = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    (error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return true;
      throw error;
    },
  );
