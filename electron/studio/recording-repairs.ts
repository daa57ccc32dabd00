import { setTimeout as delay } from 'node:timers/promises';
import { BaseComponent } from '../streaming/lib/component';
import { StudioError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { patientDisks } from '../streaming/lib/patient-disks';
import type { PatientDisks } from '../streaming/lib/patient-disks';
import { repairRecording } from '../streaming/output/recording-repair';
import type { Repair } from '../streaming/output/recording-repair';
import type { Notices } from './notices';
import type { RecordingJournal, StoredRecording } from './recording-journal';

export interface RecordingRepairsOptions {
  readonly journal: RecordingJournal;
  readonly notices: Pick<Notices, 'add'>;
  readonly logger: Logger;
  readonly disks?: PatientDisks;
}

/** The end of one file is written within; the recording that runs must not wait for the disk of another. */
const endMs = 300;

/** Finishes what an engine before this one left unfinished, beside the show, one file after another. */
export class RecordingRepairs extends BaseComponent {
  readonly #options: RecordingRepairsOptions;
  #work: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(options: RecordingRepairsOptions) {
    super();
    this.#options = options;
  }

  /** Resolves at once: a show need not wait for the repair of another. */
  protected onStart(): Promise<void> {
    this.#work = this.#repairAll(this.#options.journal.unfinished);
    return Promise.resolve();
  }

  protected async onStop(): Promise<void> {
    await Promise.race([this.#work, delay(endMs, undefined, { ref: false })]);
    this.#isOver = true;
  }

  async #repairAll(recordings: readonly StoredRecording[]): Promise<void> {
    const { journal, logger } = this.#options;
    for (const recording of recordings) {
      if (this.lifetime.aborted) return;
      try {
        const repair = await this.#repair(recording);
        // Nobody listens any more: the next start finds what it came to.
        if (this.#isOver) return;
        journal.mended(recording.id, repair);
        this.#tell(recording, repair);
      } catch (error) {
        // Cut off in the middle of one, it is done by the next start.
        if (this.lifetime.aborted) return;
        logger.error({ err: error, path: recording.path }, 'a recording could not be repaired');
      }
    }
  }

  #repair({ path, format, mark }: StoredRecording): Promise<Repair> {
    const { disks = patientDisks } = this.#options;
    const recording = { path, format, mark: Buffer.from(mark, 'hex') };
    return repairRecording(recording, this.lifetime, (question) => disks.ask(path, question));
  }

  /** @param recording as it was before the repair */
  #tell({ path, reason: knownReason }: StoredRecording, repair: Repair): void {
    const { notices, logger } = this.#options;
    logger.info({ path, repair }, 'a recording that was cut off');
    // A start that finds what the one before it found, as that a person has deleted the file, has nothing new to tell.
    if (repair.is === 'postponed' && repair.reason === knownReason) return;
    if (repair.is === 'repaired') {
      const { durationSec } = repair;
      notices.add(new StudioError('recording-repaired', { path, durationSec }).toWire(), 'info');
    } else if (repair.is !== 'finished') {
      const { reason } = repair;
      notices.add(new StudioError('recording-unrepaired', { path, reason }).toWire(), 'warning');
    }
  }
}
