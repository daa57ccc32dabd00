import { randomBytes } from 'node:crypto';
import { join, parse } from 'node:path';
import type { RecordingFormat } from '../../../shared/contract/recordings';
import type { Output } from '../interfaces/output';
import type {
  AudioCodec,
  AudioConfig,
  Packet,
  PacketReader,
  StreamUnit,
  VideoConfig,
} from '../interfaces/packet';
import { StudioError } from '../lib/errors';
import { codeOf, describeDiskError } from './disk-error';
import { RecordingFile, realDisk } from './recording-file';
import type { RecordingDisk } from './recording-file';
import { formatOf, recordingFormats } from './recording-formats';
import { RecordingSplitter } from './recording-splitter';
import type { RecordingStep, SplitLimit } from './recording-splitter';

/** A disk that wakes up or is busy has caught up by then; past it, what waits would fill the memory. */
const maxWaitingMs = 30_000;
/** an encoder that makes no keyframes must not fill the memory */
const maxKeptPackets = 8192;

/** Where it is written down which files there are, so that one that was cut off is found again. */
export interface RecordingLog {
  /** told before the file is made; `mark`: 8 bytes of which it is known. Never rejects */
  begun(file: { path: string; format: RecordingFormat; mark: Uint8Array }): Promise<void>;
  /** the name was taken: it is somebody else's file */
  taken(path: string): void;
  /** `reason`: why it ended otherwise than by being stopped, in words */
  ended(path: string, end: RecordingFileEnd): void;
}
export interface RecordingFileEnd {
  readonly bytes: number;
  readonly durationSec: number;
  /** it has its index; else it plays all the same, and can be finished */
  readonly isFinished: boolean;
  readonly reason: string | null;
}

export interface RecordingOptions {
  readonly id: string;
  readonly name: string;
  /** the file to create, or the next free of `name (2).mp4`, …; folders above it are made. Its extension says the format */
  readonly path: string;
  readonly split?: SplitLimit;
  /** AAC unless given */
  readonly sound?: AudioCodec;
  readonly disk?: RecordingDisk;
  readonly log?: RecordingLog;
  /** @returns 8 bytes that no other file has */
  readonly newMark?: () => Uint8Array;
}

/**
 * Writes the program into a file, beginning with a keyframe. When a file is long enough, the parameter sets change or the
 * file system allows no larger one, a new file begins (`name (2).mp4`, …). So it does when the name is taken: an engine
 * that is started again after a crash records on beside what it had. Never drops a packet, never touches a file that
 * exists. When the disk takes nothing and 30 s of the program wait for it, the recording is over.
 * @throws StudioError from `run`: recording-failed; everything written before stays playable
 */
export class Recording implements Output {
  readonly id: string;
  readonly name: string;
  readonly kind = 'recording';
  readonly hasKey = false;
  readonly counters = { bytes: 0 };
  readonly reading: Output['reading'];
  readonly #options: RecordingOptions;
  readonly #splitter: RecordingSplitter;
  readonly #paths: string[] = [];
  #file: RecordingFile | null = null;
  #tracks: { video: VideoConfig; audio: AudioConfig | null } | null = null;
  /** of this file, from its newest keyframe on */
  #gop: Packet[] = [];
  #closedBytes = 0;
  #closedSec = 0;
  #isWaitingForDisk = false;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#splitter = new RecordingSplitter(options.split ?? { by: 'none' });
    const { sound = 'aac' } = options;
    this.reading = { from: 'next', sound, dropMs: Infinity, flushMs: Infinity, limitMs: maxWaitingMs };
    this.id = options.id;
    this.name = options.name;
  }

  get url(): string {
    return this.path;
  }
  /** the file being written, or the last one; what was asked for while there is none */
  get path(): string {
    return this.#paths.at(-1) ?? this.#options.path;
  }
  /** all files, in order; none before the first picture */
  get paths(): readonly string[] {
    return this.#paths;
  }
  /** there is a file of this recording */
  get hasFile(): boolean {
    return this.#paths.length > 0;
  }
  /** playable so far, all files together */
  get durationSec(): number {
    return this.#closedSec + (this.#file?.durationSec ?? 0);
  }
  /** the disk was given something and has not taken it yet */
  get isWaitingForDisk(): boolean {
    return this.#isWaitingForDisk;
  }

  async run(reader: PacketReader, signal: AbortSignal, onLive: () => void): Promise<void> {
    const writing = this.#write(reader, signal, onLive);
    // Left alone, it ends the file as usual if the disk ever answers: its reader gives nothing more.
    await Promise.race([writing, cutOff(reader, () => this.path)]);
  }

  async #write(reader: PacketReader, signal: AbortSignal, onLive: () => void): Promise<void> {
    try {
      let unit = await nextUnless(reader, signal);
      while (unit) {
        await this.#take(unit, onLive);
        unit = await nextUnless(reader, signal);
      }
      // Stopped: what the encoder has delivered already belongs to the recording.
      for (let rest = reader.poll(); rest; rest = reader.poll()) await this.#take(rest, onLive);
      for (const step of this.#splitter.end()) await this.#carryOut(step, onLive);
      await this.#finish();
    } catch (error) {
      const reason = describeDiskError(error);
      await this.#abandon(reason);
      throw new StudioError('recording-failed', { path: this.path, reason }, { cause: error });
    }
  }

  async #take(unit: StreamUnit, onLive: () => void): Promise<void> {
    for (const step of this.#splitter.take(unit, this.#file?.length ?? 0)) await this.#carryOut(step, onLive);
  }

  async #carryOut(step: RecordingStep, onLive: () => void): Promise<void> {
    this.#isWaitingForDisk = true;
    try {
      if (step.kind === 'packet') return await this.#push(step.packet);
      await this.#finish();
      this.#tracks = step;
      this.#file = await this.#create(step);
      onLive();
    } finally {
      this.#isWaitingForDisk = false;
    }
  }

  async #create(tracks: { video: VideoConfig; audio: AudioConfig | null }): Promise<RecordingFile> {
    const { disk = realDisk, path, log, newMark = () => randomBytes(8) } = this.#options;
    const { dir, name, ext } = parse(path);
    const format = formatOf(path);
    for (let number = this.#paths.length + 1; ; number++) {
      const segment = number === 1 ? path : join(dir, `${name} (${number})${ext}`);
      const mark = newMark();
      const writer = recordingFormats[format].writer(tracks.video, tracks.audio, mark);
      // What is there is somebody's: it is not even written down. `create` says the rest.
      if (!(await disk.isThere(segment))) await log?.begun({ path: segment, format, mark });
      try {
        const file = await RecordingFile.create(segment, writer, disk);
        this.#paths.push(segment);
        this.counters.bytes = this.#closedBytes + file.length;
        return file;
      } catch (error) {
        const code = codeOf(error);
        // A folder where the file was asked for is a mistake; where we chose the name ourselves it is just taken.
        if (code === 'EEXIST' || code === 'EISDIR') log?.taken(segment);
        else log?.ended(segment, { ...nothing, reason: describeDiskError(error) });
        if (code !== 'EEXIST' && (code !== 'EISDIR' || number === 1)) throw error;
      }
    }
  }

  async #push(packet: Packet): Promise<void> {
    const file = this.#file;
    if (!file) return;
    try {
      await file.push(packet);
      this.#keep(packet);
    } catch (error) {
      await this.#moveOn(file, error, [...this.#gop, packet]);
    }
    this.counters.bytes = this.#closedBytes + (this.#file?.length ?? 0);
  }

  /**
   * This file can become no larger: the next one begins with the newest keyframe that this one begins to hold, so that
   * both hold some pictures and none is lost. @throws the error when it is another, or nothing was recorded yet
   */
  async #moveOn(file: RecordingFile, error: unknown, gop: readonly Packet[]): Promise<void> {
    const [first] = gop;
    if (codeOf(error) !== 'EFBIG' || file.durationSec === 0 || !this.#tracks || first?.kind !== 'video')
      throw error;
    await this.#abandon(largest);
    this.#splitter.moved(first);
    const next = (this.#file = await this.#create(this.#tracks));
    for (const packet of gop) {
      await next.push(packet);
      this.#keep(packet);
    }
  }

  #keep(packet: Packet): void {
    if (packet.kind === 'video' && packet.isKeyframe) this.#gop = [packet];
    else if (this.#gop.length >= maxKeptPackets) this.#gop = [];
    else if (this.#gop.length > 0) this.#gop.push(packet);
  }

  async #finish(): Promise<void> {
    if (!this.#file) return;
    await this.#file.flush().catch((error: unknown) => this.#moveOn(this.#file!, error, this.#gop));
    const file = this.#file;
    try {
      await file.finish();
    } catch (error) {
      if (codeOf(error) !== 'EFBIG') throw error;
      // There is no room for its index: it plays without.
      return this.#abandon(largest);
    }
    this.#close(file, { isFinished: true, reason: null });
  }

  async #abandon(reason: string): Promise<void> {
    const file = this.#file;
    if (file) this.#close(file, { isFinished: await file.abandon(), reason });
  }

  #close(
    { path, length, durationSec }: RecordingFile,
    how: Pick<RecordingFileEnd, 'isFinished' | 'reason'>,
  ): void {
    this.#file = null;
    this.#gop = [];
    this.#closedBytes += length;
    this.#closedSec += durationSec;
    this.counters.bytes = this.#closedBytes;
    this.#options.log?.ended(path, { bytes: length, durationSec, ...how });
  }
}

const largest = 'the file is as large as this disk allows';
const nothing = { bytes: 0, durationSec: 0, isFinished: false } as const;

/** Never resolves. @throws StudioError `recording-failed` when too much waits for the disk */
function cutOff(reader: PacketReader, path: () => string): Promise<never> {
  const reason = `the disk takes nothing: ${maxWaitingMs / 1000} s of the program waited for it`;
  return new Promise((_, reject) =>
    reader.cutOff.addEventListener(
      'abort',
      () => reject(new StudioError('recording-failed', { path: path(), reason })),
      { once: true },
    ),
  );
}

/** null when the program ended or the recording was stopped */
async function nextUnless(reader: PacketReader, signal: AbortSignal): Promise<StreamUnit | null> {
  if (signal.aborted) return null;
  try {
    return await reader.next(signal);
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
