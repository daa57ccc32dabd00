import { codecTitles } from '../../../shared/contract/codec';
import type { VideoCodec } from '../interfaces/packet';
import type { VideoProfile } from './profiles';

export type VpxCodec = Exclude<VideoCodec, 'h264'>;

const encoders: Readonly<Record<VpxCodec, string>> = { vp8: 'libvpx', vp9: 'libvpx-vp9' };

/** more gain nothing: VP8 has 8 partitions at most, and a row of VP9's has few blocks */
const mostThreads = 8;
const threads = (cores: number): number => Math.min(mostThreads, Math.max(1, cores));

/**
 * The documented realtime settings. One profile a codec: libvpx in real time has no ladder of presets that a person would
 * choose from. No lookahead and no alternate references, so that a picture comes out as it goes in.
 */
export function vpxProfile(codec: VpxCodec, cores: number): VideoProfile {
  const count = threads(cores);
  return {
    name: `${codec}-realtime-${count}t`,
    ...{ encoder: encoders[codec], codec },
    title: `libvpx ${codecTitles[codec]} in real time, ${count} ${count === 1 ? 'thread' : 'threads'}`,
    delayFrames: 0,
    deviceArguments: [],
    encoderArguments: [
      ...['-deadline', 'realtime', '-cpu-used', '4', '-lag-in-frames', '0', '-auto-alt-ref', '0'],
      ...['-error-resilient', '1', '-threads', String(count)],
      ...(codec === 'vp9' ? ['-tile-columns', '0', '-frame-parallel', '1', '-row-mt', '1'] : []),
    ],
  };
}
