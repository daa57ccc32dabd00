/**
 * Video that FLV has no number for: "Enhanced RTMP" v2 (Veovera Software Organization, 2026), section “Enhanced Video”.
 * A set highest bit of a video tag's first byte says that a FourCC names the codec, and that the four lowest bits say
 * what the tag holds.
 */

/** codecs that are written in this form → their FourCC */
export const enhancedFourCc = { vp9: 'vp09' } as const;
export type EnhancedCodec = keyof typeof enhancedFourCc;

/** VideoPacketType */
export const exPacketType = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  /** coded frames whose composition time is 0; for codecs that have one */
  codedFramesX: 3,
  metadata: 4,
} as const;
/** VideoFrameType */
export const exFrameType = { key: 1, inter: 2, command: 5 } as const;
const isExHeader = 0x80;
/** first byte and FourCC */
export const exHeaderBytes = 5;

/** version 1 and no flags: how the box `vpcC` begins, before its record ("VP Codec ISO Media File Format Binding" 1.1) */
const vpccVersion = Buffer.of(1, 0, 0, 0);

/** A FourCC as a number, big-endian, as onMetaData's `videocodecid` has it. */
export const fourCcNumber = (fourCc: string): number => Buffer.from(fourCc, 'latin1').readUInt32BE(0);

/**
 * What stands before the VPCodecConfigurationRecord (8 bytes) in the tag that begins a sequence: the header, then version
 * and flags of the box. The specification names the record alone. But those 4 bytes reach the
 * most readers: MediaMTX and the specification's own player demand them, FFmpeg and node-media-server do not look at what
 * follows the header. ZLMediaKit, which expects the record alone, would read another profile.
 */
export const exSequenceStart = (codec: EnhancedCodec): Buffer =>
  Buffer.concat([exHeader(codec, exFrameType.key, exPacketType.sequenceStart), vpccVersion]);

/** What stands before a picture. VP9 shows pictures in the order they are decoded in, so there is no composition time. */
export const exCodedFrames = (codec: EnhancedCodec, isKeyframe: boolean): Buffer =>
  exHeader(codec, isKeyframe ? exFrameType.key : exFrameType.inter, exPacketType.codedFrames);

function exHeader(codec: EnhancedCodec, frameType: number, packetType: number): Buffer {
  const header = Buffer.alloc(exHeaderBytes);
  header[0] = isExHeader | (frameType << 4) | packetType;
  header.write(enhancedFourCc[codec], 1, 'latin1');
  return header;
}

/** ExVideoTagHeader, of which nothing is believed yet. */
export interface ExVideoHeader {
  /** of `exFrameType`, or another number below 8 */
  readonly frameType: number;
  /** of `exPacketType`, or another number below 16 */
  readonly packetType: number;
  /** any four bytes; where the tag is a command, a multitrack or has an extension, those are no FourCC */
  readonly fourCc: string;
}

/** @returns null: a tag of plain FLV, or one that is too short */
export function readExVideoHeader(body: Uint8Array): ExVideoHeader | null {
  const first = body[0] ?? 0;
  if ((first & isExHeader) === 0 || body.length < exHeaderBytes) return null;
  return {
    frameType: (first >> 4) & 0x07,
    packetType: first & 0x0f,
    fourCc: Buffer.from(body.subarray(1, exHeaderBytes)).toString('latin1'),
  };
}
