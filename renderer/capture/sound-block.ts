/** What of an AudioData is read here; tests hand in their own. */
export type SoundBlock = Pick<AudioData, 'numberOfChannels' | 'numberOfFrames' | 'copyTo'>;

/** The block as interleaved stereo: one channel is heard on both sides, of more than two the first two. */
export function interleavedStereo(block: SoundBlock): Float32Array<ArrayBuffer> {
  const frames = block.numberOfFrames;
  const planes = Array.from({ length: Math.min(2, block.numberOfChannels) }, (_, planeIndex) => {
    const plane = new Float32Array(frames);
    block.copyTo(plane, { planeIndex, format: 'f32-planar' });
    return plane;
  });
  const [left, right = left] = planes;
  const samples = new Float32Array(frames * 2);
  for (let frame = 0; frame < frames; frame += 1) {
    samples[frame * 2] = left?.[frame] ?? 0;
    samples[frame * 2 + 1] = right?.[frame] ?? 0;
  }
  return samples;
}
