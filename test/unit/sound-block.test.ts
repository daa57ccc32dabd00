import { describe, expect, it } from 'vitest';
import { interleavedStereo } from '../../renderer/capture/sound-block';
import type { SoundBlock } from '../../renderer/capture/sound-block';

/** A block of planes, as a browser hands it out. */
const blockOf = (...planes: number[][]): SoundBlock => ({
  numberOfChannels: planes.length,
  numberOfFrames: planes[0]?.length ?? 0,
  copyTo: (target, { planeIndex, format }) => {
    expect(format).toBe('f32-planar');
    (target as Float32Array).set(planes[planeIndex] ?? []);
  },
});

describe('a block of sound', () => {
  it.each([
    ['of one channel is heard on both sides', [[0.5, -1]], [0.5, 0.5, -1, -1]],
    [
      'of two keeps its sides',
      [
        [0.5, -1],
        [0, 0.25],
      ],
      [0.5, 0, -1, 0.25],
    ],
    ['of more gives its first two', [[0.5], [0.25], [1], [1]], [0.5, 0.25]],
    ['of nothing is nothing', [[]], []],
  ])('%s', (_, planes, wanted) => {
    expect([...interleavedStereo(blockOf(...planes))]).toEqual(wanted);
  });
});
