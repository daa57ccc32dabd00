/**
 * A recording as Matroska (RFC 9559): clusters of known size, each whole in itself, in a segment of unknown size, so that
 * a file that ends anywhere plays up to its last whole cluster.
 */
import type {
  AudioCodec,
  AudioConfig,
  AudioPacket,
  Packet,
  VideoCodec,
  VideoConfig,
  VideoPacket,
} from '../interfaces/packet';
import { ascii, element, float64, ids, sizeBytes, unsigned, videoElements } from './ebml';
import type { Bytes } from './ebml';
import { clusterStart, finishMatroska, matroskaStart, ticksPerSec, trackNumbers } from './matroska-end';
import type { Cue } from './matroska-end';
import type { RecordingEnd, RecordingWriter } from './recording-file';

/** RFC 9559 section 5.1.4.1.21 with the registry of codecs: Matroska carries what our encoders make as it is. */
const videoCodecs: Partial<Record<VideoCodec, string>> = { h264: 'V_MPEG4/ISO/AVC' };
const audioCodecs: Partial<Record<AudioCodec, string>> = { aac: 'A_AAC' };

/** id, size in eight bytes, track, relative time, flags (RFC 9559 section 10.2) */
export const blockHeaderBytes = 13;
const keyframeFlag = 0x80;
const discardableFlag = 0x01;

interface Cluster {
  readonly bytes: number;
  readonly cue: Cue | null;
  /** when its last picture begins, ticks; −1: it has none */
  readonly newestTime: number;
}

/**
 * Video and AAC packets in decode order → one file. Time 0 is the first picture; sound from before it is left out. Times
 * are whole milliseconds, each rounded by itself, so nothing drifts.
 */
export class MatroskaFileWriter implements RecordingWriter {
  readonly header: Uint8Array;
  readonly #mark: Uint8Array;
  readonly #hasAudio: boolean;
  readonly #pieceUs: number;
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
  constructor(video: VideoConfig, audio: AudioConfig | null, mark: Uint8Array, pieceMs = 400) {
    const tracks = element(ids.tracks, videoTrack(video), ...(audio ? [audioTrack(audio)] : []));
    this.header = Uint8Array.from([...matroskaStart(mark), ...tracks]);
    this.#mark = mark;
    this.#hasAudio = audio !== null;
    this.#pieceUs = pieceMs * 1000;
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
    if (packet.kind === 'audio') return openedForUs > this.#pieceUs;
    return packet.isKeyframe || openedForUs > this.#pieceUs - this.#frameUs + 1000;
  }

  close(): readonly Uint8Array[] | null {
    const packets = this.#open;
    const [first] = packets;
    if (!first) return null;
    this.#open = [];
    const times = packets.map(({ ptsUs }) => this.#ticks(ptsUs));
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

  #ticks(ptsUs: number): number {
    return Math.max(0, Math.round(((ptsUs - (this.#firstPtsUs ?? 0)) * ticksPerSec) / 1_000_000));
  }
}

const frameNs = ({ fps }: VideoConfig): number => Math.round(1e9 / fps);

function videoTrack(config: VideoConfig): Bytes {
  const codec = videoCodecs[config.codec];
  if (codec === undefined) throw new RangeError(`Matroska: expected h264 video, found ${config.codec}`);
  return element(
    ids.trackEntry,
    unsigned(ids.trackNumber, trackNumbers.video),
    unsigned(ids.trackUid, trackNumbers.video),
    unsigned(ids.trackType, 1),
    unsigned(ids.flagLacing, 0),
    ascii(ids.codecId, codec),
    element(ids.codecPrivate, [...config.data]),
    unsigned(ids.defaultDuration, frameNs(config)),
    videoElements(config.width, config.height),
  );
}

function audioTrack(config: AudioConfig): Bytes {
  const codec = audioCodecs[config.codec];
  if (codec === undefined) throw new RangeError(`Matroska: expected aac audio, found ${config.codec}`);
  return element(
    ids.trackEntry,
    unsigned(ids.trackNumber, trackNumbers.audio),
    unsigned(ids.trackUid, trackNumbers.audio),
    unsigned(ids.trackType, 2),
    unsigned(ids.flagLacing, 0),
    ascii(ids.codecId, codec),
    element(ids.codecPrivate, [...config.data]),
    element(
      ids.audio,
      float64(ids.samplingFrequency, config.sampleRate),
      unsigned(ids.channels, config.channels),
    ),
  );
}

/** SimpleBlock, RFC 9559 section 10.2. @param time from the cluster's, ticks */
function blockHeader(packet: Packet, time: number): Uint8Array {
  const isVideo = packet.kind === 'video';
  const flags = isVideo
    ? (packet.isKeyframe ? keyframeFlag : 0) | (packet.isDisposable ? discardableFlag : 0)
    : keyframeFlag;
  return Uint8Array.from([
    ids.simpleBlock,
    ...sizeBytes(packet.data.length + 4),
    0x80 | trackNumbers[packet.kind],
    time >>> 8,
    time & 0xff,
    flags,
  ]);
}
