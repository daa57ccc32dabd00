import { codecTitles } from '../../../shared/contract/codec';
import { StudioError } from '../lib/errors';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { Selection } from './encoder-selection';
import { vpxProfile } from './vpx-profiles';
import type { VpxCodec } from './vpx-profiles';

/**
 * The one way VP8 and VP9 are encoded here: there is nothing to try or to measure, so it takes no time.
 * @param wanted the profile that was asked for, which is for H.264 unless it is this one
 * @throws StudioError codec-unavailable when this FFmpeg cannot encode it, or the sound beside it
 */
export function vpxSelection(codec: VpxCodec, build: FfmpegBuild, cores: number, wanted = 'auto'): Selection {
  const profile = vpxProfile(codec, cores);
  const missing = [profile.encoder, 'libopus'].find((encoder) => !build.encoders.includes(encoder));
  if (missing !== undefined)
    throw new StudioError('codec-unavailable', { codec, ffmpeg: build.version, encoder: missing });
  const title = codecTitles[codec];
  const other = wanted === 'auto' || wanted === profile.name ? '' : `, and ${wanted} is for H.264`;
  const only = `the one profile for ${title}, with the documented realtime settings`;
  return {
    profile,
    reason: `${profile.title}: ${only}${other}. Whether it holds the rate shows in the skipped frames.`,
    isFastEnough: true,
    fallback: null,
    measurements: [],
    measuredWith: null,
    candidates: [
      {
        ...{ id: 'libvpx', title: 'libvpx, on the processor', encoder: profile.encoder, verdict: 'chosen' },
        words: `encodes ${title}; hardware is used for H.264 only`,
      },
    ],
  };
}
