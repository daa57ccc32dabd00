/**
 * The beginning and the end of a Matroska file (RFC 9559). While it is written its segment has no size, and room is kept
 * for where things lie and how long it lasts. At its end the cues are appended; one write over the beginning then says
 * all of that, and the file is a finished one that can be sought in.
 */
import {
  ascii,
  ebmlHeader,
  element,
  float64,
  idBytes,
  ids,
  room,
  sizeBytes,
  unknownSize,
  unsigned,
} from './ebml';
import type { Bytes, DocType } from './ebml';
import { trackNumbers } from './matroska-tracks';
import type { RecordingEnd } from './recording-file';

/** of all times in the file */
export const ticksPerSec = 1000;

/** the segment's size field lies behind the header and the segment's id */
const sizeOffset = ebmlHeader().length + 4;
/** positions in the file count from here (RFC 9559 section 16) */
export const segmentStart = sizeOffset + 8;
const infoAt = seekHead(0, 0, 0).length;

/** RFC 9559 section 5.1.5.1: its time, and last the position of its cluster, are still to be written */
const emptyCuePoint = element(
  ids.cuePoint,
  unsigned(ids.cueTime, 0),
  element(
    ids.cueTrackPositions,
    unsigned(ids.cueTrack, trackNumbers.video),
    unsigned(ids.cueClusterPosition, 0),
  ),
);
/** behind the ids, of one byte each, and the sizes of the point and the time */
const cueTimeAt = 18;

/** Where the file can be begun with. */
export interface Cue {
  /** ticks */
  readonly time: number;
  /** of its cluster in the file */
  readonly offset: number;
}

/** Everything before the tracks. @param mark 8 bytes of which the file is known */
export function matroskaStart(docType: DocType, mark: Uint8Array): Bytes {
  if (mark.length !== 8) throw new RangeError(`Matroska: expected a mark of 8 bytes, found ${mark.length}`);
  return [
    ...ebmlHeader(docType),
    ...idBytes(ids.segment),
    ...unknownSize,
    ...room(infoAt),
    ...info(mark, null),
  ];
}

/**
 * @param length end of the last whole cluster, bytes
 * @param durationMs of the video
 */
export function finishMatroska(
  mark: Uint8Array,
  cues: readonly Cue[],
  length: number,
  durationMs: number,
): RecordingEnd {
  const index = cueIndex(cues);
  const finishedInfo = info(mark, durationMs);
  const tracksAt = infoAt + finishedInfo.length;
  return {
    tail: [index],
    patch: {
      offset: sizeOffset,
      bytes: Uint8Array.from([
        ...sizeBytes(length + index.length - segmentStart),
        ...seekHead(infoAt, tracksAt, length - segmentStart),
        ...finishedInfo,
      ]),
    },
  };
}

/** RFC 9559 section 5.1.1 */
function seekHead(infoAt: number, tracksAt: number, cuesAt: number): Bytes {
  const places: readonly (readonly [number, number])[] = [
    [ids.info, infoAt],
    [ids.tracks, tracksAt],
    [ids.cues, cuesAt],
  ];
  return element(
    ids.seekHead,
    ...places.map(([id, at]) =>
      element(ids.seek, element(ids.seekId, idBytes(id)), unsigned(ids.seekPosition, at)),
    ),
  );
}

/** RFC 9559 section 5.1.2; always of the same length. @param durationMs null: not known yet */
function info(mark: Uint8Array, durationMs: number | null): Bytes {
  return element(
    ids.info,
    // 16 bytes that no other file has: the mark twice
    element(ids.segmentUuid, [...mark, ...mark]),
    unsigned(ids.timestampScale, 1e9 / ticksPerSec),
    durationMs === null ? room(float64(ids.duration, 0).length) : float64(ids.duration, durationMs),
    ascii(ids.muxingApp, 'Stream Manager Studio'),
    ascii(ids.writingApp, 'Stream Manager Studio'),
  );
}

/** RFC 9559 section 5.1.5; each point is 8-byte numbers between the same bytes, and a long night has 100 000 of them. */
function cueIndex(cues: readonly Cue[]): Buffer {
  const point = Uint8Array.from(emptyCuePoint);
  const head = [...idBytes(ids.cues), ...sizeBytes(cues.length * point.length)];
  const index = Buffer.alloc(head.length + cues.length * point.length);
  index.set(head);
  let at = head.length;
  for (const { time, offset } of cues) {
    index.set(point, at);
    index.writeBigUInt64BE(BigInt(time), at + cueTimeAt);
    index.writeBigUInt64BE(BigInt(offset - segmentStart), at + point.length - 8);
    at += point.length;
  }
  return index;
}

/** A cluster's beginning (RFC 9559 section 5.1.3). @param bodyBytes of its blocks */
export function clusterStart(time: number, bodyBytes: number): Uint8Array {
  const timestamp = unsigned(ids.timestamp, time);
  return Uint8Array.from([...idBytes(ids.cluster), ...sizeBytes(timestamp.length + bodyBytes), ...timestamp]);
}
