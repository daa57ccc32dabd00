import type { RecordingFacts } from './recording-name';
import { BaseComponent } from '../streaming/lib/component';
import { StudioError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { patientDisks } from '../streaming/lib/patient-disks';
import type { PatientDisks } from '../streaming/lib/patient-disks';
import { DiskWatch } from './disk-watch';
import type { DiskLimits } from './disk-watch';
import type { Egress } from './egress';
import type { Notices } from './notices';
import { openFolder } from './open-folder';
import { recordingPath } from './recording-name';

export interface RecordingDeskOptions {
  readonly egress: Egress;
  readonly notices: Notices;
  /** where the next recording goes, absolute, and how it is named */
  readonly wanted: () => { readonly folder: string; readonly name: string };
  /** what its name may tell */
  readonly facts: () => Omit<RecordingFacts, 'at'>;
  /** the free room is another */
  readonly onFree: () => void;
  readonly logger: Logger;
  readonly limits?: DiskLimits;
  readonly disks?: PatientDisks;
}

/** Recordings as a person starts them: in their folder, under their name, while there is room on the disk. */
export class RecordingDesk extends BaseComponent {
  readonly #options: RecordingDeskOptions;
  readonly #disk: DiskWatch;
  readonly #disks: PatientDisks;

  constructor(options: RecordingDeskOptions) {
    super();
    this.#options = options;
    const { egress, notices, wanted, onFree, logger, limits, disks = patientDisks } = options;
    this.#disks = disks;
    this.#disk = new DiskWatch({
      folder: () => egress.recordingFolder ?? wanted().folder,
      isRecording: () => egress.recordingFolder !== null,
      onFree,
      onSilent: (path) => {
        notices.add(new StudioError('folder-silent', { path }).toWire(), 'warning');
        onFree();
      },
      onAnswering: () => {
        notices.clear('folder-silent');
        onFree();
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
  }

  /** null: not known (yet) */
  get freeBytes(): number | null {
    return this.#disk.freeBytes;
  }

  /** whose disk does not answer; null: it does */
  get silentFolder(): string | null {
    return this.#disk.silentFolder;
  }

  protected onStart(signal: AbortSignal): Promise<void> {
    return this.#disk.start(signal);
  }

  protected onStop(): Promise<void> {
    return this.#disk.stop();
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
    const { egress, wanted, facts } = this.#options;
    const { folder, name } = wanted();
    await this.#disk.read();
    if (this.#disk.isFull)
      throw new StudioError('disk-full', { path: folder, freeBytes: this.#disk.freeBytes ?? 0 });
    const named = { ...facts(), at: new Date() };
    const path = await this.#disks.ask(folder, () => recordingPath(folder, name, named), { isUrgent: true });
    // Nobody would end it any more.
    this.lifetime.throwIfAborted();
    if (path === null) throw new StudioError('folder-silent', { path: folder });
    egress.startRecording(path.value);
    return path.value;
  }

  /** @throws StudioError `folder-silent`, `folder-unopenable` */
  openFolder(): Promise<void> {
    return openFolder(this.#options.wanted().folder, { disks: this.#disks });
  }
}
