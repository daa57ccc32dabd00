import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { takeSameKey } from '../../shared/contract/services';
import type { OutputView, Snapshot } from '../../shared/contract/snapshot';
import type { Output } from '../streaming/interfaces/output';
import type { PacketSource } from '../streaming/interfaces/packet';
import { Emitter } from '../streaming/lib/emitter';
import { StudioError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { lastPacketsMs } from '../streaming/lib/stop-limits';
import { Recording } from '../streaming/output/recording';
import { OutputSupervisor } from '../streaming/output/supervisor';
import { RtmpPublisher } from '../streaming/rtmp/publisher';
import { parseRtmpUrl } from '../streaming/rtmp/rtmp-url';
import type { Destination } from './destinations-file';

/** What a finished or running recording amounts to. */
export interface RecordingSummary {
  readonly path: string;
  readonly bytes: number;
  readonly durationSec: number;
}

interface DestinationEntry {
  destination: Destination;
  supervisor: OutputSupervisor;
  /** settles when no earlier connection of it is left */
  leaving: Promise<unknown>;
}

/** from its start until it is stopped */
interface KeptRecording {
  readonly output: Recording;
  readonly supervisor: OutputSupervisor;
  readonly since: number;
}

/** Everything that leaves the hub: the local RTMP server, the destinations and the recording, each under its own supervisor. */
export class Egress {
  readonly events = new Emitter<{ changed: undefined }>();
  #hub: PacketSource;
  readonly #logger: Logger;
  readonly #destinations = new Map<string, DestinationEntry>();
  #local: OutputSupervisor | null = null;
  #recording: KeptRecording | null = null;
  #lastRecording: RecordingSummary | null = null;
  #liveSince: number | null = null;

  constructor(hub: PacketSource, logger: Logger) {
    this.#hub = hub;
    this.#logger = logger;
  }

  /** Everything that starts from now on is fed from here; what runs ends with the former one. */
  feedFrom(hub: PacketSource): void {
    this.#hub = hub;
  }

  /** Feeds `live/program` of our own server; a changed address replaces the old connection. */
  async serveLocally(url: string, key: string): Promise<void> {
    const former = this.#local;
    this.#local = this.#supervise(
      // Refused: the server process may not have heard of the key yet.
      new RtmpPublisher({
        id: 'local',
        name: 'Local RTMP server',
        kind: 'local',
        url,
        key,
        retryRefused: true,
        timeOrigin: 'program',
        // On this machine the network cannot be late, and the server acknowledges anyway.
        readUnsentBytes: () => null,
      }),
    );
    await former?.stop();
    await this.#local.start();
  }

  /** @throws StudioError `destination-url-invalid`, `destination-name-taken` */
  addDestination(destination: Destination, id: string = randomUUID()): string {
    this.#claimName(destination.name);
    const supervisor = this.#publisher(id, destination);
    this.#destinations.set(id, { destination, supervisor, leaving: Promise.resolve() });
    if (this.#liveSince !== null) void supervisor.start();
    this.#changed();
    return id;
  }

  /** @throws StudioError `destination-not-found` */
  destination(id: string): Destination {
    return this.#destination(id).destination;
  }

  /**
   * What it would be with this patch; nothing is changed. What is left out stays, but for the key of another server.
   * @throws StudioError `destination-not-found`, `destination-name-taken`, `destination-url-invalid`,
   * `destination-key-of-another`; `on-air` while its own stream runs, which a change would cut off
   */
  changedDestination(id: string, patch: Partial<Destination>): Destination {
    const { destination: former, supervisor } = this.#destination(id);
    const destination = { ...former, ...patch };
    // One that fails can be mended while the others go on.
    if (this.#liveSince !== null && supervisor.state.state === 'live')
      throw new StudioError('on-air', { what: `Changing ${former.name}` });
    this.#claimName(destination.name, id);
    parseRtmpUrl(destination.url);
    if (patch.key === undefined) refuseKeyOfAnother(former, destination);
    return destination;
  }

  /** While live it is tried at once, with counters of its own. @throws StudioError `destination-not-found` */
  replaceDestination(id: string, destination: Destination): void {
    const entry = this.#destination(id);
    entry.destination = destination;
    this.#begin(id, entry);
    this.#changed();
  }

  async removeDestination(id: string): Promise<void> {
    const { supervisor, leaving } = this.#destination(id);
    this.#destinations.delete(id);
    await Promise.all([leaving, supervisor.stop()]);
    this.#changed();
  }

  /**
   * Who publishes, or is about to, to this server with this key: rtmp:// and rtmps:// are one to it.
   * @returns its name; null: nobody. @throws StudioError `destination-url-invalid`
   */
  publisherTo({ url, key }: Pick<Destination, 'url' | 'key'>): string | null {
    const host = hostOf(url);
    for (const { destination, supervisor } of this.#destinations.values()) {
      const { state } = supervisor.state;
      const isRunning = state !== 'idle' && state !== 'failed';
      if (isRunning && destination.key === key && hostOf(destination.url) === host) return destination.name;
    }
    return null;
  }

  retryNow(id: string): void {
    this.#destination(id).supervisor.retryNow();
  }

  goLive(): void {
    if (this.#liveSince !== null) return;
    this.#liveSince = Date.now();
    for (const [id, entry] of this.#destinations) this.#begin(id, entry);
    this.#changed();
  }

  async endLive(): Promise<void> {
    this.#liveSince = null;
    this.#changed();
    await Promise.all(
      [...this.#destinations.values()].map(({ leaving, supervisor }) =>
        Promise.all([leaving, supervisor.stop()]),
      ),
    );
  }

  /** @throws StudioError `recording-failed` when one is running already */
  startRecording(path: string): void {
    const running = this.#runningRecording;
    if (running) {
      throw new StudioError('recording-failed', {
        path,
        reason: `a recording to ${running.output.path} is running`,
      });
    }
    const output = new Recording({ id: 'recording', name: 'Recording', path });
    const supervisor = this.#supervise(output);
    this.#recording = { output, supervisor, since: Date.now() };
    void supervisor.start();
    this.#changed();
  }

  async stopRecording(): Promise<void> {
    const recording = this.#recording;
    if (!recording) return;
    await recording.supervisor.stop();
    this.#lastRecording = summaryOf(recording.output);
    if (this.#recording === recording) this.#recording = null;
    this.#changed();
  }

  /** a stream or a recording runs, or is ending */
  get isOnAir(): boolean {
    return this.#liveSince !== null || this.recordingFolder !== null;
  }

  /** where the running recording lies; null: there is none */
  get recordingFolder(): string | null {
    const running = this.#runningRecording;
    return running && dirname(running.output.path);
  }

  /** null too once it has failed, or ended with its program */
  get #runningRecording(): KeptRecording | null {
    const state = this.#recording?.supervisor.state.state;
    return state === 'failed' || state === 'idle' ? null : this.#recording;
  }

  get recordingSummary(): RecordingSummary | null {
    const recording = this.#recording ? summaryOf(this.#recording.output) : this.#lastRecording;
    // Nothing was written: the path is not this recording's.
    return recording && recording.bytes > 0 ? recording : null;
  }

  live(): Snapshot['live'] {
    return { isLive: this.#liveSince !== null, since: this.#liveSince };
  }

  recording(): Omit<Snapshot['recording'], 'freeBytes' | 'silentFolder'> {
    if (!this.#recording || this.#recording.supervisor.state.state === 'idle') {
      const last = this.#recording ? summaryOf(this.#recording.output) : this.#lastRecording;
      return {
        state: 'idle',
        path: last?.path ?? null,
        since: null,
        bytes: last?.bytes ?? 0,
        error: null,
      };
    }
    const { output, supervisor, since } = this.#recording;
    const status = supervisor.state;
    return {
      state: status.state === 'failed' || status.state === 'stopping' ? status.state : 'recording',
      path: output.path,
      since,
      bytes: output.counters.bytes,
      error: status.state === 'failed' ? status.error : null,
    };
  }

  outputs(): OutputView[] {
    return this.#supervisors().map((supervisor) => this.#opened(supervisor));
  }

  /**
   * After the program's end: what is still queued goes out, as far as a second suffices; then everything ends.
   * @returns the outputs with the counters they ended with
   */
  async stop(): Promise<OutputView[]> {
    this.#liveSince = null;
    const supervisors = this.#supervisors();
    const deadline = Date.now() + lastPacketsMs;
    while (Date.now() < deadline && supervisors.some(({ state }) => state.state === 'live'))
      await setTimeout(10);
    const leaving = [...this.#destinations.values()].map((entry) => entry.leaving);
    await Promise.all([
      this.stopRecording(),
      ...leaving,
      ...supervisors.map((supervisor) => supervisor.stop()),
    ]);
    return supervisors.map((supervisor) => this.#opened(supervisor));
  }

  #supervisors(): OutputSupervisor[] {
    const destinations = [...this.#destinations.values()].map(({ supervisor }) => supervisor);
    return [this.#local, ...destinations, this.#recording?.supervisor].filter(
      (supervisor) => supervisor !== null && supervisor !== undefined,
    );
  }

  #claimName(name: string, ownId?: string): void {
    for (const [id, { destination }] of this.#destinations)
      if (destination.name === name && id !== ownId)
        throw new StudioError('destination-name-taken', { name });
  }

  #destination(id: string): DestinationEntry {
    const found = this.#destinations.get(id);
    if (!found) throw new StudioError('destination-not-found', { id });
    return found;
  }

  /**
   * A supervisor runs once: each time on air has its own, with its own counters. The former one leaves first, or the
   * platform would see the same key twice and refuse.
   */
  #begin(id: string, entry: DestinationEntry): void {
    entry.leaving = Promise.all([entry.leaving, entry.supervisor.stop()]);
    const next = this.#publisher(id, entry.destination);
    entry.supervisor = next;
    const isWanted = (): boolean =>
      this.#liveSince !== null && entry.supervisor === next && this.#destinations.get(id) === entry;
    void entry.leaving.then(() => (isWanted() ? next.start() : undefined));
  }

  #publisher(id: string, { name, url, key }: Destination): OutputSupervisor {
    return this.#supervise(new RtmpPublisher({ id, name, url, key, kind: 'destination' }));
  }

  #supervise(output: Output): OutputSupervisor {
    const supervisor = new OutputSupervisor({ output, source: this.#hub, logger: this.#logger });
    supervisor.events.on('changed', () => this.#changed());
    return supervisor;
  }

  /** As a person would open it in a player: the program's public name, not the address it is published to. */
  #opened(supervisor: OutputSupervisor): OutputView {
    const view = supervisor.view();
    if (view.kind === 'local') return { ...view, url: `${view.url}/program` };
    return { ...view, serviceId: this.#destinations.get(view.id)?.destination.serviceId ?? null };
  }

  #changed(): void {
    this.events.emit('changed', undefined);
  }
}

const summaryOf = (recording: Recording): RecordingSummary => ({
  path: recording.path,
  bytes: recording.counters.bytes,
  durationSec: recording.durationSec,
});

const hostOf = (url: string): string => parseRtmpUrl(url).host.toLowerCase();

/** Whoever runs the next server would read the key in its log. @throws StudioError `destination-key-of-another` */
function refuseKeyOfAnother(former: Destination, next: Destination): void {
  if (takeSameKey(former.url, next.url)) return;
  const hosts = { former: hostOf(former.url), next: hostOf(next.url) };
  throw new StudioError('destination-key-of-another', { name: former.name, ...hosts });
}
