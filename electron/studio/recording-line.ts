import { dirname } from 'node:path';
import type { OutputView, Snapshot } from '../../shared/contract/snapshot';
import type { Output } from '../streaming/interfaces/output';
import { StudioError } from '../streaming/lib/errors';
import { Recording } from '../streaming/output/recording';
import type { RecordingOptions } from '../streaming/output/recording';
import type { OutputSupervisor } from '../streaming/output/supervisor';
import type { RecordingProgress } from './recording-watch';

/** When it goes on in another file, which sound it holds, and where it is written down. */
export type RecordingManner = Pick<RecordingOptions, 'split' | 'sound' | 'log'>;

/** What a finished or running recording amounts to. */
export interface RecordingSummary {
  readonly path: string;
  readonly bytes: number;
  readonly durationSec: number;
}

/** from its start until it is stopped */
interface KeptRecording {
  readonly output: Recording;
  readonly supervisor: OutputSupervisor;
  readonly since: number;
}

/** The recording that runs, and the last one. */
export class RecordingLine {
  readonly #supervise: (output: Output) => OutputSupervisor;
  readonly #changed: () => void;
  #kept: KeptRecording | null = null;
  #last: RecordingSummary | null = null;

  constructor(supervise: (output: Output) => OutputSupervisor, changed: () => void) {
    this.#supervise = supervise;
    this.#changed = changed;
  }

  /** @throws StudioError `recording-failed` when one is running already */
  start(path: string, how: RecordingManner): void {
    const running = this.#running;
    if (running) {
      throw new StudioError('recording-failed', {
        path,
        reason: `a recording to ${running.output.path} is running`,
      });
    }
    const output = new Recording({ id: 'recording', name: 'Recording', path, ...how });
    const supervisor = this.#supervise(output);
    this.#kept = { output, supervisor, since: Date.now() };
    void supervisor.start();
    this.#changed();
  }

  async stop(): Promise<void> {
    const recording = this.#kept;
    if (!recording) return;
    await recording.supervisor.stop();
    this.#last = summaryOf(recording.output);
    if (this.#kept === recording) this.#kept = null;
    this.#changed();
  }

  /** where the running one lies; null: there is none */
  get folder(): string | null {
    const running = this.#running;
    return running && dirname(running.output.path);
  }

  /** while it is to grow; null: none runs, or it is ending */
  get growing(): RecordingProgress | null {
    const state = this.#kept?.supervisor.state.state;
    return state === 'connecting' || state === 'live' ? (this.#kept?.output ?? null) : null;
  }

  get supervisor(): OutputSupervisor | null {
    return this.#kept?.supervisor ?? null;
  }

  get summary(): RecordingSummary | null {
    const recording = this.#kept ? summaryOf(this.#kept.output) : this.#last;
    // Nothing was written: the path is not this recording's.
    return recording && recording.bytes > 0 ? recording : null;
  }

  view(): Omit<Snapshot['recording'], 'freeBytes' | 'silentFolder' | 'alarm'> {
    if (!this.#kept || this.#kept.supervisor.state.state === 'idle') {
      const last = this.#kept ? summaryOf(this.#kept.output) : this.#last;
      return {
        state: 'idle',
        path: last?.path ?? null,
        since: null,
        bytes: last?.bytes ?? 0,
        error: null,
      };
    }
    const { output, supervisor, since } = this.#kept;
    const status: OutputView['status'] = supervisor.state;
    return {
      state: status.state === 'failed' || status.state === 'stopping' ? status.state : 'recording',
      path: output.path,
      since,
      bytes: output.counters.bytes,
      error: status.state === 'failed' ? status.error : null,
    };
  }

  /** null too once it has failed, or ended with its program */
  get #running(): KeptRecording | null {
    const state = this.#kept?.supervisor.state.state;
    return state === 'failed' || state === 'idle' ? null : this.#kept;
  }
}

const summaryOf = (recording: Recording): RecordingSummary => ({
  path: recording.path,
  bytes: recording.counters.bytes,
  durationSec: recording.durationSec,
});
