/** What VP8 and VP9 pictures say of themselves: RFC 6386 section 9.1; VP9 Bitstream Specification v0.6, sections 6.2, 7.2, annex B. */

export interface VpxPicture {
  readonly isKeyframe: boolean;
  /** no other picture refers to it */
  readonly isDisposable: boolean;
}

/** What a VP9 keyframe says of the stream (section 7.2.2). */
export interface Vp9Format {
  /** 0 to 3 */
  readonly profile: number;
  readonly bitDepth: 8 | 10 | 12;
  readonly isFullRange: boolean;
  /** as ISO/IEC 14496-15's VP binding counts: 0 4:2:0 vertical, 1 4:2:0 colocated, 2 4:2:2, 3 4:4:4 */
  readonly chroma: number;
  readonly isBt709: boolean;
  readonly width: number;
  readonly height: number;
}

const startCode = 0x9d012a;

/**
 * A VP8 picture. Whether others refer to it stands in its arithmetic-coded part; libvpx without temporal layers makes none
 * that is not referred to.
 * @throws RangeError when it is no VP8 picture
 */
export function readVp8Picture(data: Uint8Array): VpxPicture {
  if (data.length < 3) throw new RangeError(`VP8: expected a frame tag of 3 bytes, found ${data.length}`);
  const isKeyframe = (data[0]! & 1) === 0;
  if (isKeyframe && (data.length < 10 || ((data[3]! << 16) | (data[4]! << 8) | data[5]!) !== startCode))
    throw new RangeError('VP8: expected the start code of a key frame');
  return { isKeyframe, isDisposable: false };
}

/** A packet of VP9, which may hold several pictures of which one is shown. @throws RangeError when it is none */
export function readVp9Packet(data: Uint8Array): VpxPicture & { readonly format: Vp9Format | null } {
  let format: Vp9Format | null = null;
  let isKeyframe = false;
  let isDisposable = true;
  for (const frame of framesOf(data)) {
    const header = readVp9Header(frame);
    isKeyframe ||= header.format !== null;
    isDisposable &&= header.refreshed === 0;
    format ??= header.format;
  }
  return { isKeyframe, isDisposable, format };
}

/** Annex B: a superframe ends with an index of its frames' sizes. */
function framesOf(data: Uint8Array): Uint8Array[] {
  const marker = data.at(-1) ?? 0;
  const sizeBytes = ((marker >>> 3) & 3) + 1;
  const count = (marker & 7) + 1;
  const indexBytes = 2 + sizeBytes * count;
  const isSuperframe =
    (marker & 0xe0) === 0xc0 && data.length >= indexBytes && data[data.length - indexBytes] === marker;
  if (!isSuperframe) return [data];
  const frames: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const sizeAt = data.length - indexBytes + 1 + index * sizeBytes;
    let size = 0;
    for (let byte = 0; byte < sizeBytes; byte++) size += data[sizeAt + byte]! * 2 ** (8 * byte);
    if (at + size > data.length - indexBytes)
      throw new RangeError(`VP9: frame of ${size} bytes at byte ${at} runs past its superframe`);
    if (size > 0) frames.push(data.subarray(at, at + size));
    at += size;
  }
  return frames;
}

/** Section 6.2, as far as it is needed. `format` only of keyframes; `refreshed`: which references it replaces, a bit each */
function readVp9Header(data: Uint8Array): { format: Vp9Format | null; refreshed: number } {
  const bits = new BitReader(data);
  if (bits.read(2) !== 2) throw new RangeError('VP9: expected a frame marker');
  const profile = bits.read(1) | (bits.read(1) << 1);
  if (profile === 3) bits.read(1);
  // show_existing_frame: nothing new
  if (bits.read(1) === 1) return { format: null, refreshed: 0 };
  const isInter = bits.read(1) === 1;
  const isShown = bits.read(1) === 1;
  const isResilient = bits.read(1) === 1;
  if (!isInter) return { format: readKeyframe(bits, profile), refreshed: 0xff };
  const isIntraOnly = isShown ? false : bits.read(1) === 1;
  if (!isResilient) bits.read(2); // reset_frame_context
  if (isIntraOnly) {
    readSyncCode(bits);
    if (profile > 0) readColour(bits, profile);
  }
  return { format: null, refreshed: bits.read(8) };
}

function readKeyframe(bits: BitReader, profile: number): Vp9Format {
  readSyncCode(bits);
  const colour = readColour(bits, profile);
  return { profile, ...colour, width: bits.read(16) + 1, height: bits.read(16) + 1 };
}

function readSyncCode(bits: BitReader): void {
  if (bits.read(24) !== 0x498342) throw new RangeError('VP9: expected the sync code of a frame');
}

/** color_config, section 6.2.2 */
function readColour(
  bits: BitReader,
  profile: number,
): Pick<Vp9Format, 'bitDepth' | 'isFullRange' | 'chroma' | 'isBt709'> {
  const bitDepth = profile < 2 ? 8 : bits.read(1) === 1 ? 12 : 10;
  const space = bits.read(3);
  const hasSubsampling = profile === 1 || profile === 3;
  // CS_RGB: full range, 4:4:4
  if (space === 7) {
    if (hasSubsampling) bits.read(1);
    return { bitDepth, isFullRange: true, chroma: 3, isBt709: false };
  }
  const isFullRange = bits.read(1) === 1;
  let chroma = 1;
  if (hasSubsampling) {
    const [x, y] = [bits.read(1), bits.read(1)];
    bits.read(1);
    chroma = x === 0 ? 3 : y === 0 ? 2 : 1;
  }
  // CS_BT_709
  return { bitDepth, isFullRange, chroma, isBt709: space === 2 };
}

class BitReader {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  read(count: number): number {
    if (this.#at + count > this.#data.length * 8)
      throw new RangeError(`VP9: a header that is cut off after ${this.#data.length} bytes`);
    let value = 0;
    for (let end = this.#at + count; this.#at < end; this.#at++)
      value = value * 2 + ((this.#data[this.#at >>> 3]! >>> (7 - (this.#at & 7))) & 1);
    return value;
  }
}

/** Luma samples a second and in a picture at most, by level (VP9 Levels and Decoder Testing, table 1). */
const levels: readonly (readonly [level: number, samplesPerSec: number, samples: number])[] = [
  [10, 829_440, 36_864],
  [11, 2_764_800, 73_728],
  [20, 4_608_000, 122_880],
  [21, 9_216_000, 245_760],
  [30, 20_736_000, 552_960],
  [31, 36_864_000, 983_040],
  [40, 83_558_400, 2_228_224],
  [41, 160_432_128, 2_228_224],
  [50, 311_951_360, 8_912_896],
  [51, 588_251_136, 8_912_896],
  [52, 1_176_502_272, 8_912_896],
  [60, 1_176_502_272, 35_651_584],
  [61, 2_353_004_544, 35_651_584],
];

/**
 * The smallest level for this size and rate. Not of the bitrate: what is announced stays the same when that changes, and
 * no stream of ours comes near what a level allows.
 */
function vp9Level({ width, height }: Vp9Format, fps: number): number {
  const samples = width * height;
  const level = levels.find(([, perSec, most]) => samples <= most && samples * fps <= perSec);
  return level?.[0] ?? 62;
}

/**
 * VPCodecConfigurationRecord as it stands in a `vpcC` box behind version and flags (VP Codec ISO Media File Format Binding
 * v1.0): profile, level, depth with chroma and range, primaries, transfer, matrix, and 2 bytes of no initialization data.
 */
export function vp9Record(format: Vp9Format, fps: number): Uint8Array {
  const { profile, bitDepth, chroma, isFullRange, isBt709 } = format;
  // ISO/IEC 23091-2: 1 = BT.709, 2 = unspecified
  const colour = isBt709 ? 1 : 2;
  return Uint8Array.of(
    ...[profile, vp9Level(format, fps), (bitDepth << 4) | (chroma << 1) | Number(isFullRange)],
    ...[colour, colour, colour, 0, 0],
  );
}
