import { describe, expect, it } from 'vitest';
import { parseAvcConfig, parseSps, x264Options } from '../../electron/streaming/media/h264';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** x264 164 by FFmpeg 5.1: High, level 5.1, 1918×1078 at 30000/1001, BT.709 limited */
const highRecord = hex(
  '01640033ffe1001c67640033acd940780227a9a6a020202800001f480007530478c18cb001000568ef8f2c8bfdf8f800',
);
/** the same, Baseline, level 1.0, 100×100 at 25, without colour */
const baselineRecord = hex('0142c00affe100166742c00ad9073f9e7840000003004000000c83c4899201000568cb83cb20');

describe('AVCDecoderConfigurationRecord', () => {
  it('splits into its parameter sets', () => {
    const config = parseAvcConfig(highRecord);
    expect(config).toMatchObject({ profile: 100, level: 51, nalLengthBytes: 4 });
    expect(config.sps.map((unit) => unit[0])).toEqual([0x67]);
    expect(config.pps.map((unit) => unit[0])).toEqual([0x68]);
  });

  it('refuses one that is cut off anywhere', () => {
    for (let length = 0; length < baselineRecord.length; length++)
      expect(() => parseAvcConfig(baselineRecord.subarray(0, length))).toThrow(RangeError);
    expect(() => parseAvcConfig(hex('0242c00affe100'))).toThrow(/version 1/);
  });
});

describe('SPS', () => {
  it('reads size, rate and colour, through cropping and emulation prevention', () => {
    expect(parseSps(parseAvcConfig(highRecord).sps[0]!)).toEqual({
      profile: 100,
      level: 51,
      width: 1918,
      height: 1078,
      referenceFrames: 4,
      fps: 30_000 / 1001,
      isFixedRate: true,
      isFullRange: false,
      primaries: 1,
      transfer: 1,
      matrix: 1,
    });
    expect(parseSps(parseAvcConfig(baselineRecord).sps[0]!)).toMatchObject({
      ...{ profile: 66, level: 10, width: 100, height: 100, fps: 25, primaries: null },
    });
  });

  it('refuses other units and cut-off ones', () => {
    const { sps, pps } = parseAvcConfig(highRecord);
    expect(() => parseSps(pps[0]!)).toThrow(/NAL type 8/);
    expect(() => parseSps(sps[0]!.subarray(0, 8))).toThrow(RangeError);
  });
});

describe('x264 options', () => {
  const uuid = 'dc45e9bde6d948b7962cd820d923eeef';
  const seiOf = (text: string): Uint8Array => {
    const unit = Buffer.concat([Buffer.from('0605ff', 'hex'), Buffer.from(uuid, 'hex'), Buffer.from(text)]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(unit.length);
    return Buffer.concat([length, unit]);
  };

  it('are read from its user data', () => {
    const options = x264Options(seiOf('x264 - core 164 - options: cabac=1 ref=1 deblock=1:1:1 me=hex\0'));
    expect(Object.fromEntries(options!)).toEqual({ cabac: '1', ref: '1', deblock: '1:1:1', me: 'hex' });
  });

  it('are null where x264 says nothing', () => {
    expect(x264Options(seiOf('something else'))).toBeNull();
    expect(x264Options(hex('0000000165'))).toBeNull();
  });
});
