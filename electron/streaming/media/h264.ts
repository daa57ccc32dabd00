import { nalType, nalUnits, typeOf } from './nal-units';

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1.2), as far as decoders and people need it. */
export interface AvcConfig {
  readonly profile: number;
  readonly level: number;
  readonly nalLengthBytes: number;
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

/** @throws RangeError when it is cut off or of another version */
export function parseAvcConfig(record: Uint8Array): AvcConfig {
  if (record.length < 7 || record[0] !== 1)
    throw new RangeError('expected an AVCDecoderConfigurationRecord of version 1');
  let at = 5;
  const readSets = (countMask: number): Uint8Array[] =>
    Array.from({ length: byteAt(record, at++) & countMask }, () => {
      const length = (byteAt(record, at) << 8) | byteAt(record, at + 1);
      const set = record.subarray(at + 2, at + 2 + length);
      if (set.length < length) throw new RangeError('parameter set runs past the end of the record');
      at += 2 + length;
      return set;
    });
  const sps = readSets(0x1f);
  const pps = readSets(0xff);
  return { profile: record[1]!, level: record[3]!, nalLengthBytes: (record[4]! & 3) + 1, sps, pps };
}

export interface Sps {
  /** profile_idc: 66 Baseline, 77 Main, 100 High */
  readonly profile: number;
  /** level_idc: ten times the level */
  readonly level: number;
  readonly width: number;
  readonly height: number;
  readonly referenceFrames: number;
  /** from the VUI, null when it says nothing */
  readonly fps: number | null;
  readonly isFixedRate: boolean;
  readonly isFullRange: boolean | null;
  readonly primaries: number | null;
  readonly transfer: number | null;
  readonly matrix: number | null;
}

/** profile_idc values whose SPS carries the chroma format (7.3.2.1.1) */
const profilesWithChroma = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128]);

/**
 * Sequence parameter set (ITU-T H.264 7.3.2.1.1 and E.1.1), given as one NAL unit without length field.
 * @throws RangeError when it is cut off or not an SPS
 */
export function parseSps(unit: Uint8Array): Sps {
  if (typeOf(unit) !== nalType.sps) throw new RangeError(`expected an SPS, found NAL type ${typeOf(unit)}`);
  const bits = new BitReader(withoutEmulation(unit.subarray(1)));
  const profile = bits.read(8);
  bits.read(8); // constraint flags
  const level = bits.read(8);
  bits.ue(); // seq_parameter_set_id
  let chroma = 1;
  if (profilesWithChroma.has(profile)) {
    chroma = bits.ue();
    if (chroma === 3) bits.read(1);
    bits.ue(); // bit_depth_luma_minus8
    bits.ue(); // bit_depth_chroma_minus8
    bits.read(1); // qpprime_y_zero_transform_bypass_flag
    if (bits.read(1)) skipScalingMatrix(bits, chroma);
  }
  bits.ue(); // log2_max_frame_num_minus4
  const orderType = bits.ue();
  if (orderType === 0) bits.ue();
  else if (orderType === 1) {
    bits.read(1);
    bits.ue(); // se(v), same length as ue(v)
    bits.ue();
    for (let count = bits.ue(); count > 0; count--) bits.ue();
  }
  const referenceFrames = bits.ue();
  bits.read(1); // gaps_in_frame_num_value_allowed_flag
  const widthMbs = bits.ue() + 1;
  const heightUnits = bits.ue() + 1;
  const isFrameOnly = bits.read(1);
  if (!isFrameOnly) bits.read(1);
  bits.read(1); // direct_8x8_inference_flag
  const crop = bits.read(1) ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  // 7-19…7-22: cropping is counted in chroma samples, and in field lines when fields are possible
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = (chroma === 1 ? 2 : 1) * (2 - isFrameOnly);
  return {
    profile,
    level,
    width: widthMbs * 16 - cropX * (crop[0]! + crop[1]!),
    height: heightUnits * 16 * (2 - isFrameOnly) - cropY * (crop[2]! + crop[3]!),
    referenceFrames,
    ...readVui(bits),
  };
}

function readVui(
  bits: BitReader,
): Pick<Sps, 'fps' | 'isFixedRate' | 'isFullRange' | 'primaries' | 'transfer' | 'matrix'> {
  const vui = { fps: null as number | null, isFixedRate: false, isFullRange: null as boolean | null };
  const colour = {
    primaries: null as number | null,
    transfer: null as number | null,
    matrix: null as number | null,
  };
  if (!bits.read(1)) return { ...vui, ...colour };
  if (bits.read(1) && bits.read(8) === 255) bits.read(32); // Extended_SAR
  if (bits.read(1)) bits.read(1); // overscan
  if (bits.read(1)) {
    bits.read(3); // video_format
    vui.isFullRange = bits.read(1) === 1;
    if (bits.read(1)) {
      colour.primaries = bits.read(8);
      colour.transfer = bits.read(8);
      colour.matrix = bits.read(8);
    }
  }
  if (bits.read(1)) {
    bits.ue(); // chroma_sample_loc_type_top_field
    bits.ue();
  }
  if (bits.read(1)) {
    const unitsInTick = bits.read(32);
    const timeScale = bits.read(32);
    // A frame is two ticks (E.2.1, num_units_in_tick).
    if (unitsInTick > 0) vui.fps = timeScale / (2 * unitsInTick);
    vui.isFixedRate = bits.read(1) === 1;
  }
  return { ...vui, ...colour };
}

/** 7.3.2.1.1.1 */
function skipScalingMatrix(bits: BitReader, chroma: number): void {
  const lists = chroma === 3 ? 12 : 8;
  for (let list = 0; list < lists; list++) {
    if (!bits.read(1)) continue;
    let last = 8;
    let next = 8;
    for (let at = 0; at < (list < 6 ? 16 : 64); at++) {
      if (next !== 0) next = (last + bits.se() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

/** UUID of x264's user data (x264 encoder/set.c, x264_sei_version_write) */
const x264Uuid = [
  0xdc, 0x45, 0xe9, 0xbd, 0xe6, 0xd9, 0x48, 0xb7, 0x96, 0x2c, 0xd8, 0x20, 0xd9, 0x23, 0xee, 0xef,
];

/**
 * The options x264 writes into its first picture (SEI user_data_unregistered, D.1.7): `ref → 1`, `me → hex` …
 * @param data NAL units with 4-byte lengths; null when x264 says nothing here
 */
export function x264Options(data: Uint8Array): ReadonlyMap<string, string> | null {
  for (const unit of nalUnits(data)) {
    if (typeOf(unit) !== nalType.sei) continue;
    const body = withoutEmulation(unit.subarray(1));
    const start = indexOfBytes(body, x264Uuid);
    if (start < 0) continue;
    const words = new TextDecoder('latin1').decode(body.subarray(start + x264Uuid.length));
    const options = /options: ([^\0]*)/.exec(words)?.[1];
    if (options === undefined) continue;
    return new Map(
      options
        .trim()
        .split(/\s+/)
        .filter((word) => word.includes('='))
        .map((word): [string, string] => [
          word.slice(0, word.indexOf('=')),
          word.slice(word.indexOf('=') + 1),
        ]),
    );
  }
  return null;
}

/** Removes emulation_prevention_three_byte (7.4.1). */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    kept[length++] = byte;
  }
  return kept.subarray(0, length);
}

function indexOfBytes(bytes: Uint8Array, wanted: readonly number[]): number {
  for (let at = 0; at + wanted.length <= bytes.length; at++)
    if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return at;
  return -1;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError(`cut off at byte ${at}`);
  return byte;
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** u(n), n ≤ 32 */
  read(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.#at++)
      value = value * 2 + ((byteAt(this.#bytes, this.#at >>> 3) >>> (7 - (this.#at & 7))) & 1);
    return value;
  }

  /** ue(v), 9.1 */
  ue(): number {
    let zeros = 0;
    while (this.read(1) === 0) if (++zeros > 31) throw new RangeError('Exp-Golomb code too long');
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** se(v), 9.1.1 */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
