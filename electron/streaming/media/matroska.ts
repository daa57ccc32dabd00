/**
 * Writes raw I420 pictures as Matroska (RFC 9559 over EBML, RFC 8794), the way they enter FFmpeg: each picture carries its
 * own timestamp, and its pixels are written by reference right after `frameHeader`, never copied into a container.
 */
import {
  ascii,
  ebmlHeader,
  element,
  idBytes,
  ids,
  sizeBytes,
  unknownSize,
  unsigned,
  videoElements,
} from './ebml';
import type { Bytes } from './ebml';

export interface RawVideoFormat {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/**
 * Everything before the first picture: the EBML header, a segment of unknown size (RFC 8794 section 6.2: all value bits
 * one), timestamps in microseconds (TimestampScale 1000 ns) and one track of uncompressed I420, BT.709, limited range.
 */
export function matroskaHeader(format: RawVideoFormat): Uint8Array {
  const info = element(
    ids.info,
    unsigned(ids.timestampScale, 1000),
    ascii(ids.muxingApp, 'Stream Manager Studio'),
    ascii(ids.writingApp, 'Stream Manager Studio'),
  );
  const video = videoElements(format.width, format.height, ascii(ids.uncompressedFourCc, 'I420'));
  const track = element(
    ids.trackEntry,
    unsigned(ids.trackNumber, 1),
    unsigned(ids.trackUid, 1),
    unsigned(ids.trackType, 1),
    unsigned(ids.flagLacing, 0),
    ascii(ids.codecId, 'V_UNCOMPRESSED'),
    // FFmpeg takes the frame rate, and with it the encoder's time base, from here.
    unsigned(ids.defaultDuration, Math.round(1e9 / format.fps)),
    video,
  );
  return Uint8Array.from([
    ...ebmlHeader(),
    ...idBytes(ids.segment),
    ...unknownSize,
    ...info,
    ...element(ids.tracks, track),
  ]);
}

/** Track 1 as a one-byte vint, relative timestamp 0, key frame (RFC 9559 section 10.2). */
const blockHeader: Bytes = [0x81, 0x00, 0x00, 0x80];

/**
 * What comes before one picture's pixels: a cluster of known size that holds one SimpleBlock. A cluster each keeps the
 * full 64-bit timestamp with every picture and lets the demuxer hand it on without waiting for the next.
 * @param ptsUs integer microseconds ≥ 0
 * @param payloadBytes length of the pixels that follow
 */
export function frameHeader(ptsUs: number, payloadBytes: number): Uint8Array {
  const timestamp = unsigned(ids.timestamp, ptsUs);
  const block = [
    ...idBytes(ids.simpleBlock),
    ...sizeBytes(blockHeader.length + payloadBytes),
    ...blockHeader,
  ];
  const clusterBytes = timestamp.length + block.length + payloadBytes;
  return Uint8Array.from([...idBytes(ids.cluster), ...sizeBytes(clusterBytes), ...timestamp, ...block]);
}
