import { randomUUID } from 'node:crypto';
import { StudioError } from '../streaming/lib/errors';
import type { OutputView, Snapshot } from '../../shared/contract/snapshot';
import type { Output } from '../streaming/interfaces/output';
import type { PacketSource } from '../streaming/interfaces/packet';
import { Emitter } from '../streaming/lib/emitter';
import type { Logger } from '../streaming/lib/logger';
import { Recording } from '../streaming/output/recording';
import { OutputSupervisor } from '../streaming/output/supervisor';
import { RtmpPublisher } from '../streaming/rtmp/publisher';
import type { Destination } from './destinations-file';

/** What a finished or running recording amounts to. */
export interface RecordingSummary {
  readonly path: string;
  readonly bytes: number;
  readonly durationSec: number;
}

/** Everything that leaves the hub: the local RTMP server, the destinations and the recording, each under its own supervisor. */
export class Egress {
  readonly events = new Emitter<{ changed: undefined }>();
  readonly #hub: PacketSource;
  readonly #logger: Logger;
  readonly #destinations = new Map<string, { destination: Destination; supervisor: OutputSupervisor }>();
  #local: OutputSupervisor | null = null;
  #recording: { output: Recording; supervisor: OutputSupervisor; since: number } | null = null;
  #lastRecording: RecordingSummary | null = null;
  #liveSince: number | null = null;

  constructor(hub: PacketSource, logger: Logger) {
    this.#hub = hub;
    this.#logger = logger;
  }

  /** Feeds `live/program` of our own server; a changed port replaces the old connection. */
  async serveLocally(url: string, key: string): Promise<void> {
    await this.#local?.stop();
    this.#local = this.#supervise(
      new RtmpPublisher({
        id: 'local',
        name: 'Local RTMP server',
        kind: 'local',
        url,
        key,
        retryRefused: true,
        timestampOrigin: 'program',
        logger: this.#logger,
      }),
    );
    this.#local.start();
  }

  addDestination(destination: Destination): string {
    const id = randomUUID();
    const output = new RtmpPublisher({
      id,
      ...destination,
      kind: 'destination',
      logger: this.#logger.child({ destination: destination.name }),
    });
    const supervisor = this.#supervise(output);
    this.#destinations.set(id, { destination, supervisor });
    if (this.#liveSince !== null) supervisor.start();
    this.events.emit('changed', undefined);
    return id;
  }

  async removeDestination(id: string): Promise<void> {
    const { supervisor } = this.#destination(id);
    this.#destinations.delete(id);
    await supervisor.stop();
    this.events.emit('changed', undefined);
  }

  retryNow(id: string): void {
    this.#destination(id).supervisor.retryNow();
  }

  goLive(): void {
    if (this.#liveSince !== null) return;
    this.#liveSince = Date.now();
    for (const { supervisor } of this.#destinations.values()) supervisor.start();
    this.events.emit('changed', undefined);
  }

  async endLive(): Promise<void> {
    this.#liveSince = null;
    this.events.emit('changed', undefined);
    await Promise.all([...this.#destinations.values()].map(({ supervisor }) => supervisor.stop()));
  }

  /** @throws StudioError `recording-failed` when one is running already */
  startRecording(path: string): void {
    if (this.#recording && this.#recording.supervisor.state.state !== 'failed') {
      throw new StudioError('recording-failed', {
        path,
        reason: `a recording to ${this.#recording.output.path} is running`,
      });
    }
    const output = new Recording({ id: 'recording', path });
    this.#recording = { output, supervisor: this.#supervise(output), since: Date.now() };
    this.#recording.supervisor.start();
    this.events.emit('changed', undefined);
  }

  async stopRecording(): Promise<RecordingSummary | null> {
    const recording = this.#recording;
    if (!recording) return this.#lastRecording;
    await recording.supervisor.stop();
    this.#lastRecording = summaryOf(recording.output);
    if (this.#recording === recording) this.#recording = null;
    this.events.emit('changed', undefined);
    return this.#lastRecording;
  }

  get recordingSummary(): RecordingSummary | null {
    return this.#recording ? summaryOf(this.#recording.output) : this.#lastRecording;
  }

  live(): Snapshot['live'] {
    return { isLive: this.#liveSince !== null, since: this.#liveSince };
  }

  recording(): Snapshot['recording'] {
    if (!this.#recording)
      return {
        state: 'idle',
        path: this.#lastRecording?.path ?? null,
        since: null,
        bytes: this.#lastRecording?.bytes ?? 0,
        error: null,
      };
    const { output, supervisor, since } = this.#recording;
    const status = supervisor.state;
    return {
      state: status.state === 'failed' ? 'failed' : status.state === 'stopping' ? 'stopping' : 'recording',
      path: output.path,
      since,
      bytes: output.counters.bytes,
      error: status.state === 'failed' ? status.error : null,
    };
  }

  outputs(): OutputView[] {
    return this.#supervisors().map(({ output, state, counters }) => ({
      id: output.id,
      name: output.name,
      kind: output.kind,
      url: output.url,
      hasKey: output.hasKey,
      status: state,
      ...counters,
    }));
  }

  async stop(): Promise<void> {
    this.#liveSince = null;
    await this.stopRecording();
    await Promise.all(this.#supervisors().map((supervisor) => supervisor.stop()));
  }

  #supervisors(): OutputSupervisor[] {
    return [
      this.#local,
      ...[...this.#destinations.values()].map(({ supervisor }) => supervisor),
      this.#recording?.supervisor,
    ].filter((supervisor) => supervisor !== null && supervisor !== undefined);
  }

  #destination(id: string): { destination: Destination; supervisor: OutputSupervisor } {
    const found = this.#destinations.get(id);
    if (!found) throw new StudioError('destination-not-found', { id });
    return found;
  }

  #supervise(output: Output): OutputSupervisor {
    const supervisor = new OutputSupervisor({ output, source: this.#hub, logger: this.#logger });
    supervisor.onChanged(() => this.events.emit('changed', undefined));
    return supervisor;
  }
}

const summaryOf = (recording: Recording): RecordingSummary => ({
  path: recording.path,
  bytes: recording.counters.bytes,
  durationSec: recording.durationSec,
});
