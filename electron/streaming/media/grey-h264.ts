import { BitWriter } from './bit-writer';
import { nalType } from './nal-units';

/** what is written about itself, and counted in pictures of 16 × 16 blocks */
const size = { width: 1280, height: 720, widthBlocks: 80, heightBlocks: 45 } as const;
/** Constrained Baseline, level 4.1: 50 Mbit/s (table A-1) */
const profile = { idc: 66, constraints: 0xc0, level: 41 } as const;
/** bits of frame_num: the longest distance of keyframes is 2⁸ pictures */
const frameNumberBits = 8;

/**
 * H.264 made without an encoder: a grey picture that stays (ITU-T H.264 7.3), padded with filler data to any size. Every
 * decoder takes it; 1280 × 720, 30 pictures a second.
 */
export const greyVideo = {
  ...{ width: size.width, height: size.height, fps: 30 },
  config: avcConfig(),
  /**
   * @param sinceKeyframe pictures since the last keyframe, 0 for one itself, at most 255
   * @param keyframe how many keyframes came before. @param bytes of the whole, at least; filled up to it
   * @returns NAL units, each with a 4-byte length
   */
  picture: (sinceKeyframe: number, keyframe: number, bytes: number): Uint8Array => {
    const slice = sinceKeyframe === 0 ? keyframeSlice(keyframe % 2) : repeatedSlice(sinceKeyframe);
    const fillerBytes = bytes - slice.length - 4 - 4;
    // 7.3.2.7: after the picture itself, nothing but ones, closed by the trailing bits.
    return fillerBytes < 2 ? withLengths(slice) : withLengths(slice, filler(fillerBytes));
  },
} as const;

/** 7.3.2.1.1, with the rate in the VUI (E.1.1) */
function sequenceParameters(): Uint8Array {
  const bits = new BitWriter();
  bits.fixed(profile.idc, 8).fixed(profile.constraints, 8).fixed(profile.level, 8);
  bits.ue(0).ue(frameNumberBits - 4);
  // Pictures are shown in the order they come.
  bits.ue(2).ue(1).fixed(0, 1);
  bits.ue(size.widthBlocks - 1).ue(size.heightBlocks - 1);
  // Frames only, no direct inference, no cropping, and a VUI with nothing but the timing.
  bits.fixed(0b1001, 4).fixed(0b0000, 4).fixed(1, 1);
  bits.fixed(1, 32).fixed(60, 32).fixed(1, 1).fixed(0, 4);
  return bits.unit(nalType.sps, 3);
}

/** 7.3.2.2: CAVLC, one slice group, no weights */
function pictureParameters(): Uint8Array {
  const bits = new BitWriter();
  bits.ue(0).ue(0).fixed(0, 2).ue(0).ue(0).ue(0).fixed(0, 3);
  return bits.ue(0).ue(0).ue(0).fixed(0, 3).unit(nalType.pps, 3);
}

/** 7.3.3 and 7.3.5: each block predicted as the mean of nothing, which is grey, with no residual: `00100 1 1 1` */
function keyframeSlice(id: number): Uint8Array {
  const bits = new BitWriter();
  bits.ue(0).ue(7).ue(0).fixed(0, frameNumberBits).ue(id).fixed(0, 2).ue(0);
  for (let block = 0; block < size.widthBlocks * size.heightBlocks; block++) bits.fixed(0x27, 8);
  return bits.unit(nalType.idr, 3);
}

/** every block as it was: one run of skipped ones */
function repeatedSlice(frameNumber: number): Uint8Array {
  const bits = new BitWriter();
  bits.ue(0).ue(5).ue(0).fixed(frameNumber, frameNumberBits).fixed(0, 3).ue(0);
  return bits.ue(size.widthBlocks * size.heightBlocks).unit(nalType.slice, 2);
}

function filler(bytes: number): Uint8Array {
  const unit = new Uint8Array(bytes).fill(0xff);
  unit[0] = nalType.filler;
  unit[bytes - 1] = 0x80;
  return unit;
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1.2) */
function avcConfig(): Uint8Array {
  const [sps, pps] = [sequenceParameters(), pictureParameters()];
  return Uint8Array.of(
    ...[1, profile.idc, profile.constraints, profile.level, 0xff, 0xe1],
    ...[sps.length >> 8, sps.length & 0xff, ...sps],
    ...[1, pps.length >> 8, pps.length & 0xff, ...pps],
  );
}

function withLengths(...units: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(units.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const unit of units) {
    view.setUint32(at, unit.length);
    data.set(unit, at + 4);
    at += 4 + unit.length;
  }
  return data;
}
