import type {
  AudioCodec,
  PacketReader,
  PacketSource,
  StreamConfig,
  StreamUnit,
  VideoCodec,
  VideoPacket,
} from '../interfaces/packet';

interface Group {
  /** what was in force before its keyframe */
  readonly configs: readonly StreamConfig[];
  readonly units: StreamUnit[];
  readonly startUs: number;
  bytes: number;
}

export interface ReplayBufferOptions {
  readonly source: PacketSource;
  readonly sound: AudioCodec;
  /** at least so much is kept, once there has been so much; seconds */
  readonly seconds: number;
  /** at most so much, whatever that is in seconds; bytes */
  readonly maxBytes: number;
}

/** The last seconds of the program by whole GOPs, by reference: nothing of it is encoded or copied. */
export class ReplayBuffer {
  readonly #maxBytes: number;
  readonly #reader: PacketReader;
  readonly #stopping = new AbortController();
  readonly #groups: Group[] = [];
  #video: StreamConfig | undefined;
  #audio: StreamConfig | undefined;
  #newestUs = 0;
  #seconds: number;
  #heldBytes = 0;

  /** It reads from now on. */
  constructor({ source, sound, seconds, maxBytes }: ReplayBufferOptions) {
    this.#seconds = seconds;
    this.#maxBytes = maxBytes;
    const reading = { from: 'cached', sound, dropMs: Infinity, flushMs: Infinity } as const;
    this.#reader = source.subscribe({ name: 'replay', ...reading });
    void this.#read();
  }

  /** so much of the program is held, seconds */
  get heldSec(): number {
    const [first] = this.#groups;
    return first ? (this.#newestUs - first.startUs) / 1e6 : 0;
  }
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Another length from now on; what is held and not too old for it stays. */
  keep(seconds: number): void {
    this.#seconds = seconds;
    this.#forget();
  }

  /** What is held now, in decode order, beginning with what a decoder must know and a keyframe; empty before the first. */
  units(): StreamUnit[] {
    const [first] = this.#groups;
    return first ? [...first.configs, ...this.#groups.flatMap(({ units }) => units)] : [];
  }

  stop(): void {
    this.#stopping.abort();
    this.#reader[Symbol.dispose]();
    this.#clear();
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      // null: the program has ended; what is held stays until the next one takes its place.
      for (let unit = await this.#reader.next(signal); unit; unit = await this.#reader.next(signal))
        this.#take(unit);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #take(unit: StreamUnit): void {
    // It was on its way when this was stopped.
    if (this.#stopping.signal.aborted) return;
    if (unit.kind === 'video-config') this.#video = unit;
    else if (unit.kind === 'audio-config') this.#audio = unit;
    if (unit.kind === 'video' && unit.isKeyframe) this.#begin(unit);
    const group = this.#groups.at(-1);
    // A configuration in the middle of a file is news to its decoder; before a keyframe the group knows it already.
    if (!group || unit.kind === 'video-config') return;
    group.units.push(unit);
    group.bytes += unit.data.length;
    this.#heldBytes += unit.data.length;
    if (unit.kind === 'video') this.#newestUs = Math.max(this.#newestUs, unit.ptsUs);
    this.#forget();
  }

  #begin({ ptsUs }: VideoPacket): void {
    const configs = [this.#video, this.#audio].filter((config) => config !== undefined);
    const former = this.#groups.at(-1)?.configs[0];
    const isOther = former !== undefined && former !== this.#video && this.#video !== undefined;
    this.#groups.push({
      configs,
      // Where the parameter sets are others from here on, whoever writes this must hear of it.
      units: isOther && this.#video ? [this.#video] : [],
      ...{ startUs: ptsUs, bytes: 0 },
    });
  }

  #forget(): void {
    for (let second = this.#groups[1]; second; second = this.#groups[1]) {
      const isLongEnough = this.#newestUs - second.startUs >= this.#seconds * 1e6;
      if (!isLongEnough && this.#heldBytes <= this.#maxBytes) return;
      this.#heldBytes -= this.#groups.shift()!.bytes;
    }
    // An encoder that makes no keyframes must not fill the memory: it begins anew with the next one.
    if (this.#heldBytes > this.#maxBytes) this.#clear();
  }

  #clear(): void {
    this.#groups.length = 0;
    this.#heldBytes = 0;
  }
}

/** past this a disk that takes nothing is given up, milliseconds */
const stalledMs = 30_000;

/** Gives units that are all there already, then ends. Who does not ask for the next one for 30 s is cut off. */
export class HeldReader implements PacketReader {
  readonly droppedFrames = 0;
  readonly queuedMs = 0;
  inFlightMs = 0;
  readonly #units: readonly StreamUnit[];
  readonly #cutOff = new AbortController();
  readonly #patience: NodeJS.Timeout;
  #at = 0;

  constructor(units: readonly StreamUnit[], patienceMs = stalledMs) {
    this.#units = units;
    this.#patience = setTimeout(() => this.#cutOff.abort(), patienceMs);
  }

  get cutOff(): AbortSignal {
    return this.#cutOff.signal;
  }

  get videoCodec(): VideoCodec | null {
    return this.#units.find((unit) => unit.kind === 'video-config')?.codec ?? null;
  }

  poll(): StreamUnit | undefined {
    this.#patience.refresh();
    return this.#units[this.#at++];
  }
  next(signal: AbortSignal): Promise<StreamUnit | null> {
    return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve(this.poll() ?? null);
  }
  [Symbol.dispose](): void {
    clearTimeout(this.#patience);
    this.#at = this.#units.length;
  }
}
