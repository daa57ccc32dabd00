import { dirname } from 'node:path';
import type { RecordingFacts } from './recording-name';
import { BaseComponent } from '../streaming/lib/component';
import { StudioError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { patientDisks } from '../streaming/lib/patient-disks';
import type { PatientDisks } from '../streaming/lib/patient-disks';
import type { RecordingAlarm, RecordingFormat } from '../../shared/contract/recordings';
import type { Settings } from '../../shared/contract/settings';
import type { VideoCodec } from '../streaming/interfaces/packet';
import { recordingFormats } from '../streaming/output/recording-formats';
import type { SplitLimit } from '../streaming/output/recording-splitter';
import { soundInFiles } from '../streaming/output/sound-codec';
import { DiskWatch } from './disk-watch';
import type { DiskLimits } from './disk-watch';
import type { Egress } from './egress';
import type { Notices } from './notices';
import { openFolder } from './open-folder';
import type { RecordingJournal } from './recording-journal';
import { recordingPath } from './recording-name';
import { checkRecordingFormat } from './recording-place';
import { RecordingRepairs } from './recording-repairs';
import { RecordingWatch } from './recording-watch';

/** What a person has set. */
export interface WantedRecording {
  /** absolute */
  readonly folder: string;
  /** template */
  readonly name: string;
  /** of the pictures, and a format that holds them */
  readonly codec: VideoCodec;
  readonly format: RecordingFormat;
  readonly split: Settings['recordingSplit'];
}

export interface RecordingDeskOptions {
  readonly egress: Egress;
  readonly notices: Notices;
  readonly wanted: () => WantedRecording;
  /** what its name may tell */
  readonly facts: () => Omit<RecordingFacts, 'at'>;
  /** which there are */
  readonly journal: RecordingJournal;
  /** the free room is another, or whether it grows */
  readonly onChanged: () => void;
  readonly logger: Logger;
  readonly limits?: DiskLimits;
  readonly disks?: PatientDisks;
}

/** Recordings as a person starts them: in their folder, under their name, while there is room on the disk. */
export class RecordingDesk extends BaseComponent {
  readonly #options: RecordingDeskOptions;
  readonly #disk: DiskWatch;
  readonly #disks: PatientDisks;
  readonly #watch: RecordingWatch;
  readonly #repairs: RecordingRepairs;

  constructor(options: RecordingDeskOptions) {
    super();
    this.#options = options;
    const { egress, notices, wanted, journal, logger, limits, disks = patientDisks } = options;
    const { onChanged } = options;
    this.#disks = disks;
    this.#disk = new DiskWatch({
      folder: () => egress.recordingFolder ?? wanted().folder,
      isRecording: () => egress.recordingFolder !== null,
      onFree: onChanged,
      onSilent: (path) => {
        notices.add(new StudioError('folder-silent', { path }).toWire(), 'warning');
        onChanged();
      },
      onAnswering: () => {
        notices.clear('folder-silent');
        onChanged();
      },
      onLow: (path, freeBytes) =>
        notices.add(new StudioError('disk-low', { path, freeBytes }).toWire(), 'warning'),
      onFull: (path, freeBytes) => {
        notices.add(new StudioError('disk-full', { path, freeBytes }).toWire(), 'error');
        // The file is finished while there is room for its end.
        egress
          .stopRecording()
          .catch((error: unknown) => logger.error({ err: error }, 'the recording could not be ended'));
      },
      ...(limits && { limits }),
      disks,
    });
    this.#watch = new RecordingWatch({
      progress: () => egress.growingRecording,
      onAlarm: (reason, path) => {
        notices.clear('recording-stalled');
        if (reason) notices.add(new StudioError('recording-stalled', { path, reason }).toWire(), 'error');
        onChanged();
      },
      disks,
    });
    this.#repairs = new RecordingRepairs({ journal, notices, logger, disks });
  }

  /** null: not known (yet) */
  get freeBytes(): number | null {
    return this.#disk.freeBytes;
  }

  /** whose disk does not answer; null: it does */
  get silentFolder(): string | null {
    return this.#disk.silentFolder;
  }

  /** the running one does not grow; null: it does, or none runs */
  get alarm(): RecordingAlarm | null {
    return this.#watch.alarm;
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    await this.#disk.start(signal);
    await this.#watch.start(signal);
    await this.#repairs.start(signal);
  }

  protected async onStop(): Promise<void> {
    await Promise.all([this.#disk.stop(), this.#watch.stop(), this.#repairs.stop()]);
  }

  /** Looks at the disk now, e.g. as the folder is another. */
  look(): void {
    void this.#disk.read();
  }

  /**
   * @returns the file it begins with
   * @throws StudioError `folder-silent`, `disk-full`, `recording-failed` when one is running
   */
  async startRecording(): Promise<string> {
    const path = await this.newPath();
    this.record(path);
    return path;
  }

  /**
   * The file that something recorded now would be.
   * @param prefix before the name that the template makes
   * @throws StudioError `folder-silent`, `disk-full`
   */
  async newPath(prefix = ''): Promise<string> {
    const { wanted, facts } = this.#options;
    const { folder, name, format } = wanted();
    await this.#disk.read();
    if (this.#disk.isFull)
      throw new StudioError('disk-full', { path: folder, freeBytes: this.#disk.freeBytes ?? 0 });
    const named = { ...facts(), at: new Date() };
    const { extension } = recordingFormats[format];
    const path = await this.#disks.ask(folder, () => recordingPath(folder, prefix + name, named, extension), {
      isUrgent: true,
    });
    // Nobody would end it any more.
    this.lifetime.throwIfAborted();
    if (path === null) throw new StudioError('folder-silent', { path: folder });
    return path.value;
  }

  /**
   * To this file of the kind that its name says, or the next free one.
   * @throws StudioError `recording-failed` when one is running, `recording-format-unfit`
   */
  record(path: string): void {
    const { egress, journal, wanted } = this.#options;
    const { codec, split } = wanted();
    checkRecordingFormat(path, codec);
    egress.startRecording(path, { log: journal, split: splitLimit(split), sound: soundInFiles[codec] });
  }

  /** @throws StudioError `folder-silent`, `folder-unopenable` */
  openFolder(): Promise<void> {
    return openFolder(this.#options.wanted().folder, { disks: this.#disks });
  }

  /** The folder that a recording lies in. @throws StudioError the same, and `recording-not-found` */
  openFolderOf(id: string): Promise<void> {
    const entry = this.#options.journal.entries.find((each) => each.id === id);
    if (!entry) throw new StudioError('recording-not-found', { id });
    return openFolder(dirname(entry.path), { disks: this.#disks, isMade: false });
  }
}

function splitLimit(split: Settings['recordingSplit']): SplitLimit {
  if (split.by === 'minutes') return { by: 'time', us: split.minutes * 60_000_000 };
  return split.by === 'size' ? { by: 'size', bytes: split.gigabytes * 1e9 } : split;
}
