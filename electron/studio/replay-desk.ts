import { setTimeout } from 'node:timers/promises';
import { BaseComponent } from '../streaming/lib/component';
import { StudioError } from '../streaming/lib/errors';
import { outputStopMs } from '../streaming/lib/stop-limits';
import { Turns } from '../streaming/lib/turns';
import type { AudioCodec, PacketSource } from '../streaming/interfaces/packet';
import { Recording } from '../streaming/output/recording';
import { HeldReader, ReplayBuffer } from '../streaming/output/replay-buffer';
import type { RecordingDesk } from './recording-desk';
import type { RecordingJournal } from './recording-journal';

/** at 60 Mbit/s a minute, at 6 Mbit/s ten */
const maxBytes = 512 * 2 ** 20;

export interface ReplayDeskOptions {
  /** of the program that runs */
  readonly hub: () => PacketSource;
  /** that goes into its files */
  readonly sound: () => AudioCodec;
  /** how much is to be kept, seconds; 0: nothing */
  readonly wantedSec: () => number;
  readonly recordings: Pick<RecordingDesk, 'newPath'>;
  readonly journal: RecordingJournal;
}

/** The last seconds of the show, to be kept after they were worth it: nothing of the stream or a recording is touched. */
export class ReplayDesk extends BaseComponent {
  readonly #options: ReplayDeskOptions;
  readonly #turns = new Turns();
  #buffer: ReplayBuffer | null = null;
  #hub: PacketSource | null = null;

  constructor(options: ReplayDeskOptions) {
    super();
    this.#options = options;
  }

  /** At the program that runs, and at what is wished: what is held of a former program goes. */
  look(): void {
    const [hub, seconds] = [this.#options.hub(), this.#options.wantedSec()];
    if (this.lifetime.aborted) return;
    if (hub !== this.#hub || seconds === 0) {
      this.#buffer?.stop();
      this.#buffer = null;
    }
    this.#hub = hub;
    if (this.#buffer) this.#buffer.keep(seconds);
    else if (seconds > 0)
      this.#buffer = new ReplayBuffer({ source: hub, sound: this.#options.sound(), seconds, maxBytes });
  }

  /**
   * Writes what is held now into a file of its own, or several where the parameter sets are others in the middle.
   * @returns where, and how much it is
   * @throws StudioError `replay-off`, `replay-empty`, `recording-failed`, `folder-silent`, `disk-full`
   */
  save(): Promise<{ paths: string[]; durationSec: number }> {
    const { recordings, journal, wantedSec } = this.#options;
    if (wantedSec() === 0) return Promise.reject(new StudioError('replay-off', {}));
    // Of this moment, whatever else is written before it.
    const units = this.#buffer?.units() ?? [];
    if (units.length === 0) return Promise.reject(new StudioError('replay-empty', {}, { retryable: true }));
    return this.#turns.take(async () => {
      const path = await recordings.newPath('Replay ');
      const recording = new Recording({ id: 'replay', name: 'Replay', path, log: journal });
      using reader = new HeldReader(units);
      await recording.run(reader, new AbortController().signal, () => undefined);
      return { paths: [...recording.paths], durationSec: recording.durationSec };
    });
  }

  protected override onStart(): Promise<void> {
    this.look();
    return Promise.resolve();
  }

  protected override async onStop(): Promise<void> {
    this.#buffer?.stop();
    this.#buffer = null;
    // A disk that hangs is left behind, as a recording's is; the next start repairs what was written.
    await Promise.race([this.#turns.over(), setTimeout(outputStopMs, undefined, { ref: false })]);
  }
}
