/**
 * A recording as Matroska or WebM (RFC 9559): clusters of known size, each whole in itself, in a segment of unknown size, so
 * that a file that ends anywhere plays up to its last whole cluster.
 */
import type { AudioConfig, AudioPacket, Packet, VideoConfig, VideoPacket } from '../interfaces/packet';
import type { DocType } from './ebml';
import { clusterStart, finishMatroska, matroskaStart, ticksPerSec } from './matroska-end';
import type { Cue } from './matroska-end';
import { blockHeader, codecDelayUs, frameNs, matroskaTracks } from './matroska-tracks';
import type { RecordingEnd, RecordingWriter } from './recording-file';

/** longest piece, milliseconds */
const pieceMs = 400;

interface Cluster {
  readonly bytes: number;
  readonly cue: Cue | null;
  /** when its last picture begins, ticks; −1: it has none */
  readonly newestTime: number;
}

/**
 * Packets in decode order → one file. Time 0 is the first picture; sound from before it is left out. Times
 * are whole milliseconds, each rounded by itself, so nothing drifts.
 */
export class MatroskaFileWriter implements RecordingWriter {
  readonly header: Uint8Array;
  readonly #mark: Uint8Array;
  readonly #hasAudio: boolean;
  readonly #delayUs: number;
  readonly #frameUs: number;
  readonly #frameMs: number;
  readonly #cues: Cue[] = [];
  #firstPtsUs: number | null = null;
  /** when the open cluster began, µs of decode time */
  #openedUs = 0;
  #open: Packet[] = [];
  #position: number;
  #newestTime = -1;
  #given: Cluster | null = null;

  /**
   * @param mark 8 bytes of which the file is known while it is unfinished
   * @throws RangeError for codecs that this file does not hold
   */
  constructor(docType: DocType, video: VideoConfig, audio: AudioConfig | null, mark: Uint8Array) {
    const tracks = matroskaTracks(docType, video, audio);
    this.header = Uint8Array.from([...matroskaStart(docType, mark), ...tracks]);
    this.#mark = mark;
    this.#hasAudio = audio !== null;
    this.#delayUs = audio ? codecDelayUs(audio) : 0;
    this.#frameUs = 1_000_000 / video.fps;
    this.#frameMs = frameNs(video) / 1e6;
    this.#position = this.header.length;
  }

  get durationSec(): number {
    return this.#durationMs / 1000;
  }

  get #durationMs(): number {
    return this.#newestTime < 0 ? 0 : this.#newestTime + this.#frameMs;
  }

  push(packet: Packet): readonly Uint8Array[] | null {
    if (this.#firstPtsUs === null) {
      if (packet.kind !== 'video' || !packet.isKeyframe) return null;
      this.#firstPtsUs = packet.ptsUs;
    }
    if (packet.kind === 'audio' && (!this.#hasAudio || packet.ptsUs < this.#firstPtsUs)) return null;
    const piece = this.#isDue(packet) ? this.close() : null;
    if (this.#open.length === 0) this.#openedUs = packet.dtsUs;
    this.#open.push(packet);
    return piece;
  }

  #isDue(packet: VideoPacket | AudioPacket): boolean {
    if (this.#open.length === 0) return false;
    const openedForUs = packet.dtsUs - this.#openedUs;
    if (packet.kind === 'audio') return openedForUs > pieceMs * 1000;
    return packet.isKeyframe || openedForUs > pieceMs * 1000 - this.#frameUs + 1000;
  }

  close(): readonly Uint8Array[] | null {
    const packets = this.#open;
    const [first] = packets;
    if (!first) return null;
    this.#open = [];
    const times = packets.map((packet) => this.#ticks(packet));
    const clusterTime = Math.min(...times);
    const blocks = packets.flatMap((packet, index) => [
      blockHeader(packet, times[index]! - clusterTime),
      packet.data,
    ]);
    const bodyBytes = blocks.reduce((sum, { length }) => sum + length, 0);
    const parts = [clusterStart(clusterTime, bodyBytes), ...blocks];
    const isStart = first.kind === 'video' && first.isKeyframe;
    this.#given = {
      bytes: parts[0]!.length + bodyBytes,
      cue: isStart ? { time: times[0]!, offset: this.#position } : null,
      newestTime: Math.max(-1, ...times.filter((_, index) => packets[index]!.kind === 'video')),
    };
    return parts;
  }

  written(): void {
    const given = this.#given;
    if (!given) return;
    this.#given = null;
    this.#position += given.bytes;
    if (given.cue) this.#cues.push(given.cue);
    this.#newestTime = Math.max(this.#newestTime, given.newestTime);
  }

  end(): RecordingEnd {
    return finishMatroska(this.#mark, this.#cues, this.#position, this.#durationMs);
  }

  #ticks({ kind, ptsUs }: Packet): number {
    const fromStartUs = ptsUs - (this.#firstPtsUs ?? 0) + (kind === 'audio' ? this.#delayUs : 0);
    return Math.max(0, Math.round((fromStartUs * ticksPerSec) / 1_000_000));
  }
}
