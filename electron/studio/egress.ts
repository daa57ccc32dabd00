import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { takeSameKey } from '../../shared/contract/services';
import type { OutputView, Snapshot } from '../../shared/contract/snapshot';
import type { Output } from '../streaming/interfaces/output';
import type { PacketSource, VideoCodec } from '../streaming/interfaces/packet';
import { Emitter } from '../streaming/lib/emitter';
import { StudioError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { lastPacketsMs } from '../streaming/lib/stop-limits';
import type { GovernedReading } from '../streaming/output/bitrate-governor';
import { OutputSupervisor } from '../streaming/output/supervisor';
import { audioKbps } from '../streaming/output/pipeline';
import { RtmpPublisher } from '../streaming/rtmp/publisher';
import { parseRtmpUrl } from '../streaming/rtmp/rtmp-url';
import { DestinationLine } from './destination-line';
import { changedLogin } from './destination-login';
import type { LoginPatch } from './destination-login';
import type { Destination } from './destinations-file';
import { Feeds, noVariants } from './feeds';
import type { Feed, VariantSource } from './feeds';
import { RecordingLine } from './recording-line';
import { flvCodecs } from './flv-codecs';
import type { RecordingManner, RecordingSummary } from './recording-line';
import type { RecordingProgress } from './recording-watch';
import type { ServerDesk } from './server-desk';

export interface EgressOptions {
  /** of the program's pictures, kbit/s */
  readonly videoKbps?: () => number;
  /** further qualities of the program; none unless given */
  readonly variants?: VariantSource;
  /** for destinations that take the nearest server; their own addresses count unless given */
  readonly servers?: Pick<ServerDesk, 'address' | 'describe' | 'networkChanged'>;
  /** of the program; H.264 unless given */
  readonly codec?: () => VideoCodec;
}

const ownAddresses: Required<EgressOptions>['servers'] = {
  address: (url) => Promise.resolve(url),
  describe: () => null,
  networkChanged: () => undefined,
};

/** Everything that leaves the hub: the local RTMP server, the destinations and the recording, each under its own supervisor. */
export class Egress {
  readonly events = new Emitter<{ changed: undefined }>();
  readonly #logger: Logger;
  readonly #feeds: Feeds;
  readonly #codec: () => VideoCodec;
  readonly #destinations = new Map<string, DestinationLine>();
  readonly #recording: RecordingLine;
  readonly #servers: Required<EgressOptions>['servers'];
  #local: OutputSupervisor | null = null;
  #liveSince: number | null = null;

  constructor(hub: PacketSource, logger: Logger, options: EgressOptions = {}) {
    const { videoKbps = () => 6000, variants = noVariants, servers = ownAddresses } = options;
    this.#codec = options.codec ?? (() => 'h264');
    this.#logger = logger;
    this.#servers = servers;
    this.#feeds = new Feeds(hub, { kbps: () => videoKbps() + audioKbps, variants });
    this.#recording = new RecordingLine(
      (output) => this.#supervise(output),
      () => this.#changed(),
    );
  }

  /** Everything that starts from now on is fed from here; what runs ends with the former one. */
  feedFrom(hub: PacketSource): void {
    this.#feeds.feedFrom(hub);
  }

  /** what destinations get; null: no picture has been encoded yet */
  get videoCodec(): VideoCodec | null {
    return this.#feeds.program.source.videoCodec;
  }

  /**
   * Feeds `live/program` of our own server; a changed address replaces the old connection. What RTMP does not carry is not
   * there for its players.
   */
  async serveLocally(url: string, key: string): Promise<void> {
    const former = this.#local;
    this.#local = null;
    if (!flvCodecs.has(this.#codec())) return former?.stop();
    const next = this.#supervise(
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
    this.#local = next;
    await former?.stop();
    // Another one may have taken its place meanwhile.
    if (this.#local === next) await next.start();
  }

  /**
   * While live it is started with the others, unless it is not to be taken along.
   * @throws StudioError `destination-url-invalid`, `destination-name-taken`, `delay-too-long`, `variant-not-found`
   */
  addDestination(destination: Destination): string {
    this.#feeds.check(destination);
    return this.addKept(destination, randomUUID());
  }

  /**
   * The same for one that was saved. It is there whatever its delay: one that became too long, as the bitrate is another,
   * says so when it is started, and can be mended or removed.
   * @throws StudioError `destination-url-invalid`, `destination-name-taken`
   */
  addKept(destination: Destination, id: string): string {
    this.#claimName(destination.name);
    const line = new DestinationLine({
      ...{ id, destination, feeds: this.#feeds, servers: this.#servers },
      supervise: (output, feed) => this.#supervise(output, feed),
    });
    this.#destinations.set(id, line);
    if (this.#liveSince !== null && destination.isEnabled) line.start();
    this.#changed();
    return id;
  }

  /** @throws StudioError `destination-not-found` */
  destination(id: string): Destination {
    return this.#line(id).destination;
  }

  /**
   * What it would be with this patch; nothing is changed. What is left out stays, but for the key of another server.
   * @throws StudioError `destination-not-found`, `destination-name-taken`, `destination-url-invalid`,
   * `destination-key-of-another`, `delay-too-long`, `variant-not-found`, `invalid-request`; `on-air` while its own stream runs, which a change
   * would cut off
   */
  changedDestination(
    id: string,
    { login, ...patch }: Partial<Omit<Destination, 'login'>> & { readonly login?: LoginPatch },
  ): Destination {
    const { destination: former, supervisor } = this.#line(id);
    const { login: formerLogin, ...others } = former;
    const next = { ...others, ...patch };
    const destination = {
      ...next,
      ...changedLogin({ url: former.url, login: formerLogin }, { url: next.url, login }),
    };
    const isHarmless =
      login === undefined &&
      Object.keys(patch).every((name) => name === 'isEnabled' || name === 'isAdaptive');
    // One that fails can be mended while the others go on.
    if (!isHarmless && supervisor.state.state === 'live')
      throw new StudioError('on-air', { what: `Changing ${former.name}` });
    this.#claimName(destination.name, id);
    parseRtmpUrl(destination.url);
    if (patch.delaySec !== undefined || patch.variantId !== undefined) this.#feeds.check(destination);
    if (patch.key === undefined) refuseKeyOfAnother(former, destination);
    return destination;
  }

  /** While it is wanted it is tried at once, with counters of its own. @throws StudioError `destination-not-found` */
  replaceDestination(id: string, destination: Destination): void {
    this.#line(id).change(destination);
    this.#changed();
  }

  async removeDestination(id: string): Promise<void> {
    const line = this.#line(id);
    this.#destinations.delete(id);
    const stopped = line.stop();
    this.#settle();
    await stopped;
    this.#changed();
  }

  /** This one alone; the first one begins the stream. @throws StudioError `destination-not-found` */
  startDestination(id: string): void {
    const line = this.#line(id);
    this.#liveSince ??= Date.now();
    line.start();
    this.#changed();
  }

  /** This one alone; the last one ends the stream. Resolves when it is gone. @throws StudioError `destination-not-found` */
  async stopDestination(id: string): Promise<void> {
    const stopped = this.#line(id).stop();
    this.#settle();
    this.#changed();
    await stopped;
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
    this.#line(id).supervisor.retryNow();
  }

  /** There is a network where there was none, or another: nobody need wait, and what hangs in the old one begins anew. */
  networkChanged(): void {
    this.#servers.networkChanged();
    for (const { supervisor } of this.#destinations.values()) supervisor.networkChanged();
  }

  /** @param names whom to start, of a stream that is taken up again; those that are to be taken along unless given */
  goLive(names?: readonly string[]): void {
    this.#liveSince ??= Date.now();
    for (const line of this.#destinations.values()) {
      const { name, isEnabled } = line.destination;
      if (names ? names.includes(name) : isEnabled) line.start();
    }
    this.#changed();
  }

  async endLive(): Promise<void> {
    this.#liveSince = null;
    const stopped = [...this.#destinations.values()].map((line) => line.stop());
    this.#changed();
    await Promise.all(stopped);
  }

  /** @throws StudioError `recording-failed` when one is running already */
  startRecording(path: string, how: RecordingManner = {}): void {
    this.#recording.start(path, how);
  }

  stopRecording(): Promise<void> {
    return this.#recording.stop();
  }

  /** a stream or a recording runs, or is ending */
  get isOnAir(): boolean {
    return this.#liveSince !== null || this.recordingFolder !== null;
  }

  /** where the running recording lies; null: there is none */
  get recordingFolder(): string | null {
    return this.#recording.folder;
  }

  /** the recording while it is to grow */
  get growingRecording(): RecordingProgress | null {
    return this.#recording.growing;
  }

  get recordingSummary(): RecordingSummary | null {
    return this.#recording.summary;
  }

  /** Whether the bitrate is to follow somebody's network, and how those do that are live. @param atMs monotonic */
  governed(atMs: number): { readonly isWanted: boolean; readonly readings: GovernedReading[] } {
    const lines = [...this.#destinations.values()].filter(({ isGoverned }) => isGoverned);
    const readings = lines.flatMap((line) => line.reading(atMs) ?? []);
    return { isWanted: lines.length > 0, readings };
  }

  /** The destinations that are to get this variant. */
  usersOf(variantId: string): { readonly name: string; readonly isWanted: boolean }[] {
    return [...this.#destinations.values()]
      .filter(({ destination }) => destination.variantId === variantId)
      .map(({ destination, isWanted }) => ({ name: destination.name, isWanted }));
  }

  live(): Snapshot['live'] {
    return { isLive: this.#liveSince !== null, since: this.#liveSince };
  }

  recording(): ReturnType<RecordingLine['view']> {
    return this.#recording.view();
  }

  outputs(): OutputView[] {
    const local = this.#local?.view();
    const recording = this.#recording.supervisor?.view();
    return [
      // As a person would open it in a player: the program's public name, not the address it is published to.
      ...(local ? [{ ...local, url: `${local.url}/program` }] : []),
      ...[...this.#destinations.values()].map((line) => line.view()),
      ...(recording ? [recording] : []),
    ];
  }

  /**
   * After the program's end: what is still queued goes out, as far as a second suffices; then everything ends.
   * @returns the outputs with the counters they ended with
   */
  async stop(): Promise<OutputView[]> {
    this.#liveSince = null;
    const deadline = Date.now() + lastPacketsMs;
    while (Date.now() < deadline && this.outputs().some(({ status }) => status.state === 'live'))
      await setTimeout(10);
    const recording = this.#recording.supervisor;
    await Promise.all([
      this.stopRecording(),
      this.#local?.stop(),
      ...[...this.#destinations.values()].map((line) => line.stop()),
    ]);
    const outputs = this.outputs();
    return recording ? [...outputs, recording.view()] : outputs;
  }

  /** When nobody is wanted any more, the stream is over. */
  #settle(): void {
    const isWanted = [...this.#destinations.values()].some((line) => line.isWanted);
    if (!isWanted) this.#liveSince = null;
  }

  #claimName(name: string, ownId?: string): void {
    for (const [id, { destination }] of this.#destinations)
      if (destination.name === name && id !== ownId)
        throw new StudioError('destination-name-taken', { name });
  }

  #line(id: string): DestinationLine {
    const found = this.#destinations.get(id);
    if (!found) throw new StudioError('destination-not-found', { id });
    return found;
  }

  #supervise(output: Output, { source, startAt }: Feed = this.#feeds.program): OutputSupervisor {
    const supervisor = new OutputSupervisor({ output, source, startAt, logger: this.#logger });
    supervisor.events.on('changed', () => this.#changed());
    return supervisor;
  }

  #changed(): void {
    this.events.emit('changed', undefined);
  }
}

const hostOf = (url: string): string => parseRtmpUrl(url).host.toLowerCase();

/** Whoever runs the next server would read the key in its log. @throws StudioError `destination-key-of-another` */
function refuseKeyOfAnother(former: Destination, next: Destination): void {
  if (takeSameKey(former.url, next.url)) return;
  const hosts = { former: hostOf(former.url), next: hostOf(next.url) };
  throw new StudioError('destination-key-of-another', { name: former.name, ...hosts });
}
