import { join, parse } from 'node:path';
import type { Output } from '../interfaces/output';
import type { AudioConfig, Packet, PacketReader, StreamUnit, VideoConfig } from '../interfaces/packet';
import { StudioError } from '../lib/errors';
import { Mp4File, realDisk } from './mp4-file';
import type { RecordingDisk } from './mp4-file';

/** The sound's configuration may come a little after the first picture; a file cannot gain a track later. */
const audioWaitUs = 1_500_000;

/** A disk that wakes up or is busy has caught up by then; past it, what waits would fill the memory. */
const maxWaitingMs = 30_000;

export interface RecordingOptions {
  readonly id: string;
  readonly name: string;
  /** the file to create, or the next free of `name-2.mp4`, …; folders above it are made */
  readonly path: string;
  readonly disk?: RecordingDisk;
}

/**
 * Writes the program into a fragmented MP4, beginning with a keyframe. When the parameter sets change, a decoder could
 * not go on: a new file begins (`name-2.mp4`, …). So it does when the name is taken: an engine that is started again
 * after a crash records on beside what it had. Never drops a packet, never touches a file that exists. When the disk
 * takes nothing and 30 s of the program wait for it, the recording is over.
 * @throws StudioError from `run`: recording-failed; everything written before stays playable
 */
export class Recording implements Output {
  readonly id: string;
  readonly name: string;
  readonly kind = 'recording';
  readonly hasKey = false;
  readonly counters = { bytes: 0 };
  readonly reading = { from: 'next', dropMs: Infinity, flushMs: Infinity, limitMs: maxWaitingMs } as const;
  readonly #options: RecordingOptions;
  readonly #paths: string[] = [];
  #video: VideoConfig | null = null;
  #audio: AudioConfig | null = null;
  #file: Mp4File | null = null;
  /** packets from the first keyframe on, while the sound's configuration is awaited */
  #held: Packet[] = [];
  #closedBytes = 0;
  #closedSec = 0;

  constructor(options: RecordingOptions) {
    this.#options = options;
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
      await this.#begin(onLive);
      await this.#finish();
    } catch (error) {
      await this.#abandon();
      throw new StudioError(
        'recording-failed',
        { path: this.path, reason: describeDiskError(error) },
        { cause: error },
      );
    }
  }

  async #take(unit: StreamUnit, onLive: () => void): Promise<void> {
    if (unit.kind === 'video-config') {
      if (this.#file && !isSameVideo(this.#file.video, unit)) await this.#finish();
      this.#video = unit;
    } else if (unit.kind === 'audio-config') {
      if (this.#file && !isSameAudio(this.#file.audio, unit)) await this.#finish();
      this.#audio = unit;
    } else if (this.#file) await this.#push(this.#file, unit);
    else await this.#hold(unit, onLive);
  }

  async #hold(packet: Packet, onLive: () => void): Promise<void> {
    const isStart = packet.kind === 'video' && packet.isKeyframe && this.#video !== null;
    if (this.#held.length === 0 && !isStart) return;
    this.#held.push(packet);
    const waitedUs = packet.dtsUs - this.#held[0]!.dtsUs;
    if (this.#audio || waitedUs > audioWaitUs) await this.#begin(onLive);
  }

  async #begin(onLive: () => void): Promise<void> {
    const held = this.#held;
    if (held.length === 0 || !this.#video) return;
    this.#held = [];
    this.#file = await this.#create({ video: this.#video, audio: this.#audio });
    onLive();
    for (const packet of held) await this.#push(this.#file, packet);
  }

  async #create(configs: { video: VideoConfig; audio: AudioConfig | null }): Promise<Mp4File> {
    const { disk = realDisk, path } = this.#options;
    const { dir, name, ext } = parse(path);
    for (let number = this.#paths.length + 1; ; number++) {
      const segment = number === 1 ? path : join(dir, `${name}-${number}${ext}`);
      try {
        const file = await Mp4File.create(segment, configs, disk);
        this.#paths.push(segment);
        this.counters.bytes = this.#closedBytes + file.length;
        return file;
      } catch (error) {
        const code = codeOf(error);
        // A folder where the file was asked for is a mistake; where we chose the name ourselves it is just taken.
        if (code !== 'EEXIST' && (code !== 'EISDIR' || number === 1)) throw error;
      }
    }
  }

  async #push(file: Mp4File, packet: Packet): Promise<void> {
    await file.push(packet);
    this.counters.bytes = this.#closedBytes + file.length;
  }

  async #finish(): Promise<void> {
    const file = this.#file;
    this.#held = [];
    if (!file) return;
    await file.finish();
    this.#close(file);
  }

  async #abandon(): Promise<void> {
    const file = this.#file;
    this.#held = [];
    if (!file) return;
    await file.abandon();
    this.#close(file);
  }

  #close(file: Mp4File): void {
    this.#file = null;
    this.#closedBytes += file.length;
    this.#closedSec += file.durationSec;
    this.counters.bytes = this.#closedBytes;
  }
}

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

const isSameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
const isSameVideo = (one: VideoConfig, other: VideoConfig): boolean =>
  one.codec === other.codec &&
  one.width === other.width &&
  one.height === other.height &&
  isSameBytes(one.data, other.data);
const isSameAudio = (one: AudioConfig | null, other: AudioConfig): boolean =>
  one !== null &&
  one.codec === other.codec &&
  one.sampleRate === other.sampleRate &&
  one.channels === other.channels &&
  isSameBytes(one.data, other.data);

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than this disk allows',
  EACCES: 'no permission to write there',
  EPERM: 'no permission to write there',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'a folder of the path is a file',
  EISDIR: 'the path is a folder',
  EIO: 'the disk reports an error',
};

function describeDiskError(error: unknown): string {
  const code = codeOf(error);
  if (code !== undefined) return reasons[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}
