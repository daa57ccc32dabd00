import { codecTitles } from './codec';
import type { ErrorTexts } from './error-text-form';

type CodecCode = 'codec-unavailable' | 'codec-unmeasured' | 'recording-format-unfit';

/** What a codec does not go with. */
export const codecErrorTexts: Pick<ErrorTexts, CodecCode> = {
  'codec-unavailable': (d) => ({
    sentence: `FFmpeg ${d.ffmpeg} cannot encode ${codecTitles[d.codec]}: it was built without ${d.encoder}.`,
    remedy: 'Set the codec to H.264, or use an FFmpeg that has libvpx and libopus.',
  }),
  'codec-unmeasured': (d) => ({
    sentence: `There is one encoder profile for ${codecTitles[d.codec]}, so there is nothing to compare.`,
    remedy: 'Set the codec to H.264 to measure its profiles.',
  }),
  'recording-format-unfit': (d) => ({
    sentence: `${d.path} cannot hold ${codecTitles[d.codec]}.`,
    remedy: `Record it to a file that ends with ${d.formats.map((format) => `.${format}`).join(' or ')}.`,
  }),
};
