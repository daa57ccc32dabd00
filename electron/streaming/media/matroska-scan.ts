/** Reads a Matroska or WebM recording that was cut off anywhere: up to where it is whole, and what finishes it (RFC 9559). */
import { ids } from './ebml';
import { finishMatroska, segmentStart } from './matroska-end';
import type { Cue } from './matroska-end';
import { blockHeaderBytes, trackNumbers } from './matroska-tracks';
import type { ReadAt, RecordingScan } from './recording-file';

/** Header, room, info and tracks of ours have some hundred bytes; parameter sets are the largest of it. */
const maxStartBytes = 64 * 1024;
/** id and size */
const elementHeaderBytes = 12;
/** the cluster's header, its timestamp, its first block's header */
const clusterLookBytes = elementHeaderBytes + 17 + blockHeaderBytes;
/** Pictures are shown in another order than they are decoded: the last one need not be in the last cluster with some. */
const lastPictureClusters = 4;

interface Element {
  readonly id: number;
  readonly body: Buffer;
  /** where the next one begins */
  readonly end: number;
}

/** @throws what `read` throws */
export async function scanMatroska(read: ReadAt): Promise<RecordingScan> {
  const start = await read(0, maxStartBytes);
  if (start.length < segmentStart) return { is: 'empty' };
  if (start.readUInt32BE(0) !== ids.ebml || start.readUInt32BE(segmentStart - 12) !== ids.segment)
    return { is: 'foreign' };
  const elements: Element[] = [];
  for (let at = segmentStart; elements.at(-1)?.id !== ids.tracks; at = elements.at(-1)!.end) {
    const next = elementAt(start, at);
    if (!next) return { is: 'empty' };
    elements.push(next);
  }
  const info = childrenOf(elements.find(({ id }) => id === ids.info)?.body);
  const mark = info.get(ids.segmentUuid)?.subarray(0, 8);
  if (mark?.length !== 8) return { is: 'foreign' };
  const duration = info.get(ids.duration);
  if (duration?.length === 8) return { is: 'finished', durationSec: duration.readDoubleBE() / 1000 };
  const tracks = elements.at(-1)!;
  return scanClusters(read, { mark, firstAt: tracks.end, frameMs: frameMsOf(tracks.body) });
}

async function scanClusters(
  read: ReadAt,
  file: { readonly mark: Buffer; readonly firstAt: number; readonly frameMs: number },
): Promise<RecordingScan> {
  const cues: Cue[] = [];
  const clusters: number[] = [];
  let length = file.firstAt;
  for (;;) {
    const look = await read(length, clusterLookBytes);
    if (look.length < clusterLookBytes || look.readUInt32BE(0) !== ids.cluster) break;
    const end = length + elementHeaderBytes + sizeAt(look, 4);
    // Its last byte is there: it is whole, as it was written from front to back.
    if ((await read(end - 1, 1)).length < 1) break;
    const cluster = readCluster(look);
    if (cluster.blocks[0]?.isVideo && cluster.blocks[0].isKeyframe)
      cues.push({ time: cluster.blocks[0].time, offset: length });
    clusters.push(length);
    length = end;
  }
  const newest = await newestPicture(read, clusters, length);
  const durationMs = newest < 0 ? 0 : newest + file.frameMs;
  return {
    is: 'unfinished',
    mark: file.mark,
    length,
    durationSec: durationMs / 1000,
    end: () => finishMatroska(file.mark, cues, length, durationMs),
  };
}

/**
 * Looks from the end for pictures: an encoder that hangs leaves clusters behind them that have none.
 * @param clusters where they begin
 * @param length end of the last one, bytes
 * @returns when it begins, ticks; −1: there is none
 */
async function newestPicture(read: ReadAt, clusters: readonly number[], length: number): Promise<number> {
  let newest = -1;
  let end = length;
  let withPictures = 0;
  for (let index = clusters.length - 1; index >= 0 && withPictures < lastPictureClusters; index--) {
    const at = clusters[index]!;
    const pictures = readCluster(await read(at, end - at)).blocks.filter(({ isVideo }) => isVideo);
    if (pictures.length > 0) withPictures++;
    for (const { time } of pictures) newest = Math.max(newest, time);
    end = at;
  }
  return newest;
}

interface Block {
  readonly isVideo: boolean;
  readonly isKeyframe: boolean;
  /** ticks */
  readonly time: number;
}

/** The blocks of a cluster as our writer makes it, as far as they are here. */
function readCluster(bytes: Buffer): { blocks: Block[] } {
  const timestamp = elementAt(bytes, elementHeaderBytes);
  if (timestamp?.id !== ids.timestamp) return { blocks: [] };
  const time = Number(timestamp.body.readBigUInt64BE());
  const blocks: Block[] = [];
  for (let at = timestamp.end; at + blockHeaderBytes <= bytes.length && bytes[at] === ids.simpleBlock;) {
    blocks.push({
      isVideo: (bytes[at + 9]! & 0x7f) === trackNumbers.video,
      isKeyframe: (bytes[at + 12]! & 0x80) !== 0,
      time: time + bytes.readInt16BE(at + 10),
    });
    at += 9 + sizeAt(bytes, at + 1);
  }
  return { blocks };
}

/** of the first track, milliseconds */
function frameMsOf(tracks: Buffer): number {
  const duration = childrenOf(childrenOf(tracks).get(ids.trackEntry)).get(ids.defaultDuration);
  return duration?.length === 8 ? Number(duration.readBigUInt64BE()) / 1e6 : 0;
}

/** the first of each kind */
function childrenOf(body: Buffer | undefined): Map<number, Buffer> {
  const children = new Map<number, Buffer>();
  for (let at = 0; body && at < body.length;) {
    const child = elementAt(body, at);
    if (!child) break;
    if (!children.has(child.id)) children.set(child.id, child.body);
    at = child.end;
  }
  return children;
}

/** @returns null when it is not whole */
function elementAt(bytes: Buffer, at: number): Element | null {
  const first = bytes[at];
  if (first === undefined || first < 0x10) return null;
  // The leading zero bits tell how long an id is (RFC 8794 section 5).
  const idLength = Math.clz32(first) - 23;
  const bodyAt = at + idLength + 8;
  if (bodyAt > bytes.length) return null;
  const end = bodyAt + sizeAt(bytes, at + idLength);
  if (end > bytes.length) return null;
  return { id: bytes.readUIntBE(at, idLength), body: bytes.subarray(bodyAt, end), end };
}

/** Data size as our writer stores it, in eight bytes. */
const sizeAt = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64BE(at) & 0x00ffffffffffffffn);
