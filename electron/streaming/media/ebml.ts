/** Elements of Matroska (RFC 9559) as EBML writes them (RFC 8794): id, size in eight bytes, body. */

// Element ids, RFC 9559 section 5.1 (EBML ones: RFC 8794 section 11.2).
export const ids = {
  ebml: 0x1a45dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  void: 0xec,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  info: 0x1549a966,
  segmentUuid: 0x73a4,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagLacing: 0x9c,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  defaultDuration: 0x23e383,
  codecDelay: 0x56aa,
  seekPreRoll: 0x56bb,
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
  audio: 0xe1,
  samplingFrequency: 0xb5,
  channels: 0x9f,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTime: 0xb3,
  cueTrackPositions: 0xb7,
  cueTrack: 0xf7,
  cueClusterPosition: 0xf1,
} as const;

export type Bytes = readonly number[];

/** An id is stored as it is, without leading zero bytes (RFC 8794 section 5). */
export function idBytes(id: number): Bytes {
  const all = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff];
  return all.slice(all.findIndex((byte) => byte !== 0));
}

/** Unsigned integer in the eight bytes it may have at most (RFC 8794 section 7.2). */
export function uint64(value: number): Bytes {
  const high = Math.floor(value / 2 ** 32);
  const low = value >>> 0;
  return [high, low].flatMap((word) => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]);
}

/** Data size with the marker for eight bytes (RFC 8794 section 6.1). */
export const sizeBytes = (size: number): Bytes => [0x01, ...uint64(size).slice(1)];

export const element = (id: number, ...children: readonly Bytes[]): Bytes => {
  const body = children.flat();
  return [...idBytes(id), ...sizeBytes(body.length), ...body];
};
export const unsigned = (id: number, value: number): Bytes => element(id, uint64(value));
export const ascii = (id: number, value: string): Bytes =>
  element(
    id,
    Array.from(value, (letter) => letter.charCodeAt(0)),
  );

/** IEEE 754, eight bytes (RFC 8794 section 7.3) */
export function float64(id: number, value: number): Bytes {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return element(id, [...bytes]);
}

/** Unknown size in eight bytes: all value bits one (RFC 8794 section 6.2) */
export const unknownSize: Bytes = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** Room that is kept, of so many bytes altogether, at least 9 (RFC 8794 section 11.3.2). */
export const room = (bytes: number): Bytes => element(ids.void, new Array<number>(bytes - 9).fill(0));

export type DocType = 'matroska' | 'webm';

/** A void element of 4 bytes (RFC 8794 section 11.3.2), with a size in one */
const fourBytes: Bytes = [ids.void, 0x82, 0, 0];

/**
 * The first thing in every file (RFC 8794 section 11.2); of one length, whichever kind of file it begins, so that what
 * comes behind has one place.
 */
export const ebmlHeader = (docType: DocType = 'matroska'): Bytes =>
  element(
    ids.ebml,
    unsigned(ids.ebmlVersion, 1),
    unsigned(ids.ebmlReadVersion, 1),
    unsigned(ids.ebmlMaxIdLength, 4),
    unsigned(ids.ebmlMaxSizeLength, 8),
    ascii(ids.docType, docType),
    unsigned(ids.docTypeVersion, 4),
    unsigned(ids.docTypeReadVersion, 2),
    docType === 'webm' ? fourBytes : [],
  );

/** BT.709, limited range, progressive: what the compositor draws (RFC 9559 section 5.1.4.1.28). */
export const videoElements = (width: number, height: number, ...more: readonly Bytes[]): Bytes =>
  element(
    ids.video,
    unsigned(ids.flagInterlaced, 2), // progressive
    unsigned(ids.pixelWidth, width),
    unsigned(ids.pixelHeight, height),
    ...more,
    element(
      ids.colour,
      // ISO/IEC 23091-2: 1 = BT.709 for all three; range 1 = limited ("broadcast")
      unsigned(ids.matrixCoefficients, 1),
      unsigned(ids.range, 1),
      unsigned(ids.transferCharacteristics, 1),
      unsigned(ids.primaries, 1),
    ),
  );
