import type { VideoFormat } from './profiles';

interface Level {
  readonly name: string;
  /** macroblocks of a picture, and in a second */
  readonly pictureBlocks: number;
  readonly blocksPerSec: number;
  /** of High profile */
  readonly maxKbps: number;
}

/** ITU-T H.264 (08/2021) table A-1; rates × 1.25 for High profile (table A-2). */
const levels: readonly Level[] = [
  { name: '3.1', pictureBlocks: 3600, blocksPerSec: 108_000, maxKbps: 17_500 },
  { name: '4.0', pictureBlocks: 8192, blocksPerSec: 245_760, maxKbps: 25_000 },
  { name: '4.2', pictureBlocks: 8704, blocksPerSec: 522_240, maxKbps: 62_500 },
  { name: '5.1', pictureBlocks: 36_864, blocksPerSec: 983_040, maxKbps: 300_000 },
  { name: '5.2', pictureBlocks: 36_864, blocksPerSec: 2_073_600, maxKbps: 300_000 },
];

/**
 * The level to announce: from size and rate of the pictures, and from the bitrate only where it asks for more. Encoders
 * left to themselves choose it by the bitrate as well, in finer steps: each change of the bitrate could then be one of the
 * parameter sets, which every recording has to begin a new file for.
 */
export function h264Level({ width, height, fps, bitrateKbps }: VideoFormat): string {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const fits = (level: Level): boolean =>
    blocks <= level.pictureBlocks && blocks * fps <= level.blocksPerSec && bitrateKbps <= level.maxKbps;
  return (levels.find(fits) ?? levels.at(-1)!).name;
}
