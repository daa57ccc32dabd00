import { describe, expect, it } from 'vitest';
import { parseAvcConfig, parseSps } from '../../electron/streaming/media/h264';
import { EncoderSession } from '../../electron/streaming/output/encoder-session';
import type { EncodedPicture } from '../../electron/streaming/output/encoder-session';
import { profileByName } from '../../electron/streaming/output/profiles';
import { testBuilds } from '../support/ffmpeg-builds';

const builds = await testBuilds();
const size = { width: 64, height: 36 };

describe.each(builds.map((build) => ({ name: `FFmpeg ${build.version}`, build })))('$name', ({ build }) => {
  it.each([24_000, 30_000, 48_000, 60_000, 120_000])(
    '%d/1001: knows each frame again after a week on air',
    async (num) => {
      const fps = num / 1001;
      const pictures: EncodedPicture[] = [];
      const warnings: string[] = [];
      let config = new Uint8Array();
      const session = new EncoderSession({
        build,
        profile: profileByName('ultrafast-2t'),
        format: { ...size, fps, bitrateKbps: 200 },
        onConfig: (data) => (config = Uint8Array.from(data)),
        onPicture: (picture) => pictures.push(picture),
        onWarning: (line) => warnings.push(line),
      });
      const data = new Uint8Array((size.width * size.height * 3) / 2).fill(128);
      // FFmpeg's clock is asked for times far apart, as after hours and days.
      const hour = Math.round(3600 * fps);
      const indices = [0, 1, 12, 44, 100, 160].flatMap((hours) =>
        [0, 1, 2, 3, 4, 5].map((n) => hours * hour + n),
      );
      for (const index of indices) await new Promise<void>((resolve) => session.write(index, data, resolve));
      await session.finish(5000);
      expect(warnings).toEqual([]);
      expect(pictures.map(({ frameIndex }) => frameIndex)).toEqual(indices);
      expect(parseSps(parseAvcConfig(config).sps[0]!).fps).toBeCloseTo(fps, 9);
    },
  );
});
