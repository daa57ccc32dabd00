import type { VideoCodec } from '../interfaces/packet';
import type { VideoProfile } from './profiles';

/** What the profile's encoder is in FFmpeg. */
export type VpxCodec = Exclude<VideoCodec, 'h264'>;

const names = {
  vp8: { encoder: 'libvpx', title: 'VP8' },
  vp9: { encoder: 'libvpx-vp9', title: 'VP9' },
} as const;

/** more gain nothing: VP8 has 8 partitions at most, and a row of VP9's has few blocks */
const mostThreads = 8;
const threads = (cores: number): number => Math.min(mostThreads, Math.max(1, cores));

/**
 * The documented realtime settings. One profile a codec: libvpx in real time has no ladder of presets that a person would
 * choose from. No lookahead and no alternate references, so that a picture comes out as it goes in.
 */
export function vpxProfile(codec: VpxCodec, cores: number): VideoProfile {
  const { encoder, title } = names[codec];
  const count = threads(cores);
  return {
    name: `${codec}-realtime-${count}t`,
    ...{ encoder, codec },
    title: `libvpx ${title} in real time, ${count} ${count === 1 ? 'thread' : 'threads'}`,
    delayFrames: 0,
    deviceArguments: [],
    encoderArguments: [
      ...['-deadline', 'realtime', '-cpu-used', '4', '-lag-in-frames', '0', '-auto-alt-ref', '0'],
      ...['-error-resilient', '1', '-threads', String(count)],
      ...(codec === 'vp9' ? ['-tile-columns', '0', '-frame-parallel', '1', '-row-mt', '1'] : []),
    ],
  };
}
