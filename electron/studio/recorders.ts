import type { RecordingDeskOptions } from './recording-desk';
import { RecordingDesk } from './recording-desk';
import { RecordingJournal } from './recording-journal';
import { RecordingPlayback } from './recording-playback';
import type { ReplayDeskOptions } from './replay-desk';
import { ReplayDesk } from './replay-desk';
import type { StudioState } from './state';

export interface RecordersOptions
  extends Omit<RecordingDeskOptions, 'journal'>, Omit<ReplayDeskOptions, 'journal' | 'recordings'> {
  readonly state: StudioState;
  /** where the journal lies */
  readonly journalFile: string;
}

/** What keeps the show on disk: recordings, replays, the list of both, and how they are played. */
export class Recorders {
  readonly journal: RecordingJournal;
  readonly recordings: RecordingDesk;
  readonly replay: ReplayDesk;
  readonly playback: RecordingPlayback;
  readonly #options: RecordersOptions;

  constructor(options: RecordersOptions) {
    const { state, notices, journalFile } = options;
    this.#options = options;
    this.journal = new RecordingJournal({
      path: journalFile,
      onChanged: () => state.set('recordings', this.journal.entries),
      onSaved: (error) =>
        error ? notices.add(error.toWire(), 'warning') : notices.clear('recordings-unsaved'),
    });
    this.playback = new RecordingPlayback({ entries: () => this.journal.entries });
    this.recordings = new RecordingDesk({ ...options, journal: this.journal });
    this.replay = new ReplayDesk({ ...options, journal: this.journal, recordings: this.recordings });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { state, notices } = this.#options;
    const error = this.journal.load();
    if (error) notices.add(error.toWire(), 'warning');
    state.set('recordings', this.journal.entries);
    await this.recordings.start(signal);
    await this.replay.start(signal);
  }

  /** At what is set, and at the program that runs. */
  look(): void {
    this.recordings.look();
    this.replay.look();
  }
}
