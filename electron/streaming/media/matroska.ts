/**
 * Writes raw I420 pictures as Matroska (RFC 9559 over EBML, RFC 8794), the way they enter FFmpeg: each picture carries its
 * own timestamp, and its pixels are written by reference right after `frameHeader`, never copied into a container.
 */

export interface RawVideoFormat {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

// Element ids, RFC 9559 section 5.1 (EBML ones: RFC 8794 section 11.2).
const ids = {
  ebml: 0x1a45dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagLacing: 0x9c,
  codecId: 0x86,
  defaultDuration: 0x23e383,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  flagInterlaced: 0x9a,
  uncompressedFourCc: 0x2eb524,
  colour: 0x55b0,
  matrixCoefficients: 0x55b1,
  range: 0x55b9,
  transferCharacteristics: 0x55ba,
  primaries: 0x55bb,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
} as const;

type Bytes = readonly number[];

/** An id is stored as it is, without leading zero bytes (RFC 8794 section 5). */
function idBytes(id: number): Bytes {
  const all = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff];
  return all.slice(all.findIndex((byte) => byte !== 0));
}

/** Unsigned integer in the eight bytes it may have at most (RFC 8794 section 7.2). */
function uint64(value: number): Bytes {
  const high = Math.floor(value / 2 ** 32);
  const low = value >>> 0;
  return [high, low].flatMap((word) => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]);
}

/** Data size with the marker for eight bytes (RFC 8794 section 6.1). */
const sizeBytes = (size: number): Bytes => [0x01, ...uint64(size).slice(1)];

const element = (id: number, ...children: readonly Bytes[]): Bytes => {
  const body = children.flat();
  return [...idBytes(id), ...sizeBytes(body.length), ...body];
};
const unsigned = (id: number, value: number): Bytes => element(id, uint64(value));
const ascii = (id: number, value: string): Bytes =>
  element(
    id,
    Array.from(value, (letter) => letter.charCodeAt(0)),
  );

/**
 * Everything before the first picture: the EBML header, a segment of unknown size (RFC 8794 section 6.2: all value bits
 * one), timestamps in microseconds (TimestampScale 1000 ns) and one track of uncompressed I420, BT.709, limited range.
 */
export function matroskaHeader(format: RawVideoFormat): Uint8Array {
  const header = element(
    ids.ebml,
    unsigned(ids.ebmlVersion, 1),
    unsigned(ids.ebmlReadVersion, 1),
    unsigned(ids.ebmlMaxIdLength, 4),
    unsigned(ids.ebmlMaxSizeLength, 8),
    ascii(ids.docType, 'matroska'),
    unsigned(ids.docTypeVersion, 4),
    unsigned(ids.docTypeReadVersion, 2),
  );
  const info = element(
    ids.info,
    unsigned(ids.timestampScale, 1000),
    ascii(ids.muxingApp, 'Stream Manager Studio'),
    ascii(ids.writingApp, 'Stream Manager Studio'),
  );
  const colour = element(
    ids.colour,
    // ISO/IEC 23091-2: 1 = BT.709 for all three; range 1 = limited ("broadcast")
    unsigned(ids.matrixCoefficients, 1),
    unsigned(ids.range, 1),
    unsigned(ids.transferCharacteristics, 1),
    unsigned(ids.primaries, 1),
  );
  const video = element(
    ids.video,
    unsigned(ids.flagInterlaced, 2), // progressive
    unsigned(ids.pixelWidth, format.width),
    unsigned(ids.pixelHeight, format.height),
    ascii(ids.uncompressedFourCc, 'I420'),
    colour,
  );
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
  const unknownSize: Bytes = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  return Uint8Array.from([
    ...header,
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
