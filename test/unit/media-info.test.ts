import { describe, expect, it } from 'vitest';
import { parseMediaInfo } from '../../electron/streaming/sources/media-info';
import { decoderArgs, planVideo } from '../../electron/streaming/sources/media-plan';
import { plainRequest } from '../support/source-bench';

const newBuild = `Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 't.mp4':
  Metadata:
    major_brand     : isom
  Duration: 00:01:04.50, start: 0.000000, bitrate: 570 kb/s
  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709, progressive), 480x270 [SAR 1:1 DAR 16:9], 489 kb/s, 29.97 fps, 30 tbr, 15360 tbn (default)
    Metadata:
      handler_name    : VideoHandler
  Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 69 kb/s (default)
At least one output file must be specified`;

const oldBuild = `Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 't.mp4':
  Duration: 00:00:04.00, start: 0.000000, bitrate: 570 kb/s
    Stream #0:0(und): Video: h264 (High) (avc1 / 0x31637661), yuv420p, 480x270 [SAR 1:1 DAR 16:9], 489 kb/s, 30 fps, 30 tbr, 15360 tbn, 60 tbc (default)
    Metadata:
      handler_name    : VideoHandler
    Stream #0:1(und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 69 kb/s (default)
At least one output file must be specified`;

const line = (video: string, more = ''): string =>
  `Input #0, x, from 'y':\n  Duration: N/A, start: 0, bitrate: N/A\n  Stream #0:0: Video: ${video}\n${more}`;

describe('what FFmpeg says of a file', () => {
  it('is understood from a build of today and one of 2018', () => {
    expect(parseMediaInfo(newBuild)).toEqual({
      durationSec: 64.5,
      audioStream: 1,
      video: {
        stream: 0,
        width: 480,
        height: 270,
        codedWidth: 480,
        codedHeight: 270,
        fps: 30_000 / 1001,
        hasAlpha: false,
        decoder: undefined,
        hasMatrix: true,
      },
    });
    expect(parseMediaInfo(oldBuild)).toMatchObject({
      durationSec: 4,
      audioStream: 1,
      video: { width: 480, height: 270, fps: 30, hasMatrix: false },
    });
  });

  it('covers rotation, pixel aspect, alpha, cover art and sound alone', () => {
    const phone = line('h264, yuv420p, 1920x1080, 30 fps', '      rotate          : 90\n');
    expect(parseMediaInfo(phone)?.video).toMatchObject({ width: 1080, height: 1920 });
    const side = line(
      'h264, yuv420p, 1920x1080, 30 fps',
      '      displaymatrix: rotation of -90.00 degrees\n',
    );
    expect(parseMediaInfo(side)?.video).toMatchObject({ width: 1080, height: 1920 });
    const upside = line(
      'h264, yuv420p, 1920x1080, 30 fps',
      '      displaymatrix: rotation of 180.00 degrees\n',
    );
    expect(parseMediaInfo(upside)?.video).toMatchObject({ width: 1920, height: 1080 });
    const dvd = line('mpeg2video (Main), yuv420p(tv), 720x576 [SAR 64:45 DAR 16:9], 25 fps');
    expect(parseMediaInfo(dvd)?.video).toMatchObject({ width: 1024, height: 576, codedWidth: 720 });
    expect(parseMediaInfo(line('gif, bgra, 100x50, 12.50 fps'))?.video).toMatchObject({
      hasAlpha: true,
      fps: 12.5,
    });
    const webm = line('vp9 (Profile 0), yuv420p(tv), 64x64, 25 fps', '      alpha_mode      : 1\n');
    expect(parseMediaInfo(webm)?.video).toMatchObject({ hasAlpha: true, decoder: 'libvpx-vp9' });
    const song = `Input #0, mp3, from 'a.mp3':\n  Duration: 00:03:00.00\n  Stream #0:0: Audio: mp3, 44100 Hz, stereo\n  Stream #0:1: Video: mjpeg, yuvj420p(pc), 600x600, 90k tbr (attached pic)`;
    expect(parseMediaInfo(song)).toEqual({ durationSec: 180, audioStream: 0, video: null });
  });

  it('is nothing for a file that is no media', () => {
    expect(parseMediaInfo('x.mp4: Invalid data found when processing input')).toBeNull();
    expect(parseMediaInfo("Input #0, data, from 'x':\n  Stream #0:0: Data: none")).toBeNull();
    expect(parseMediaInfo('')).toBeNull();
  });
});

describe('the plan for a request', () => {
  const video = parseMediaInfo(newBuild)?.video;
  if (!video) throw new Error('the fixture is broken');

  it('keeps sizes even, proportions, and never exceeds the program rate', () => {
    expect(planVideo(video, plainRequest, 60)).toMatchObject({ width: 480, height: 270, rate: '30000/1001' });
    expect(planVideo(video, { ...plainRequest, width: 241 }, 60)).toMatchObject({ width: 242, height: 136 });
    expect(planVideo(video, { ...plainRequest, height: 90 }, 25)).toMatchObject({
      width: 160,
      height: 90,
      rate: '25',
    });
    // Where it lies does not matter: moving it needs no other decoder.
    const request = { ...plainRequest, width: 101, height: 100 };
    expect(planVideo(video, { ...request, padX: 1 }, 60)).toEqual(planVideo(video, request, 60));
    const huge = planVideo(video, { ...plainRequest, width: 16_384, height: 9216 }, 60);
    expect(huge.width * huge.height).toBeLessThanOrEqual(3842 * 2162);
  });

  it('crops before it scales, in the pixels of the file', () => {
    const crop = { left: 40, top: 10, right: 20, bottom: 0 };
    const plan = planVideo(video, { ...plainRequest, crop }, 60);
    expect(plan).toMatchObject({ width: 420, height: 260 });
    expect(plan.filter).toContain('crop=420:260:40:10,scale=w=420:h=260');
    const all = planVideo(video, { ...plainRequest, crop: { ...crop, left: 9999 } }, 60);
    expect(all.width).toBeGreaterThanOrEqual(2);
  });

  it('uses what the build has', () => {
    const info = parseMediaInfo(newBuild);
    if (!info) throw new Error('the fixture is broken');
    const plan = planVideo(video, plainRequest, 60);
    const build = { path: 'ffmpeg', origin: 'PATH', version: '', encoders: [] } as const;
    const passage = { path: '/a.mp4', positionSec: 1.5 };
    const modern = decoderArgs({ ...build, hasFpsMode: true }, info, plan, passage).join(' ');
    expect(modern).toContain('-ss 1.500000 -i /a.mp4');
    expect(modern).toContain('-fps_mode passthrough');
    const old = decoderArgs({ ...build, hasFpsMode: false }, info, null, {
      ...passage,
      positionSec: 0,
    });
    expect(old).not.toContain('-vsync');
    expect(old).not.toContain('-ss');
  });
});
