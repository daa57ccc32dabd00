import type { ProfileView } from '../../shared/contract/encoder';
import type { Snapshot } from '../../shared/contract/snapshot';

/** An encoder that was measured on a machine of twelve cores without hardware that serves. */
export function believableEncoder(now: number): Snapshot['encoder'] {
  const profile = (
    name: string,
    title: string,
    figures: [fps: number, cpuPercent: number, ssim: number] | null,
    more: Partial<ProfileView> = {},
  ): ProfileView => ({
    ...{ name, title, encoder: 'libx264', kind: 'ladder', isChosen: false, delayMs: 350 },
    figures: figures && {
      ...{ fps: figures[0], cpuPercent: figures[1], ssim: figures[2] },
      headroomPercent: Math.round((figures[0] / 60 - 1) * 100),
      isHolding: figures[0] >= 72,
    },
    note: 'holds, SSIM 0.0021 lower',
    ...more,
  });
  const tooSlow = { note: 'too slow: 72 fps needed' };
  return {
    candidates: [
      {
        ...{ id: 'nvenc', title: 'NVIDIA NVENC', encoder: 'h264_nvenc', verdict: 'refused' },
        words:
          'Driver does not support the required nvenc API version. Required: 12.1 Found: 11.1 The minimum required Nvidia driver for nvenc is 530.41.03 or newer',
      },
      {
        ...{ id: 'qsv', title: 'Intel Quick Sync', encoder: 'h264_qsv', verdict: 'absent' },
        words: 'FFmpeg 5.1.6-0+deb12u1 was built without h264_qsv',
      },
      {
        ...{ id: 'vaapi', title: 'VA-API', encoder: 'h264_vaapi', verdict: 'refused' },
        words: 'No VA display found for device /dev/dri/renderD128.',
      },
      { id: 'amf', title: 'AMD AMF', encoder: 'h264_amf', verdict: 'other-system', words: 'only on Windows' },
      {
        ...{ id: 'videotoolbox', title: 'Apple VideoToolbox', encoder: 'h264_videotoolbox' },
        ...{ verdict: 'other-system', words: 'only on macOS' },
      },
      {
        ...{ id: 'mediafoundation', title: 'Windows Media Foundation', encoder: 'h264_mf' },
        ...{ verdict: 'other-system', words: 'only on Windows' },
      },
      {
        ...{ id: 'x264', title: 'x264, on the processor', encoder: 'libx264', verdict: 'chosen' },
        words: 'faster-8t, as no hardware encoder works here',
      },
    ],
    profiles: [
      profile('reference-2t', 'x264 reference, 2 sliced threads', [58, 15, 0.9583], {
        ...{ kind: 'documented', delayMs: 200, ...tooSlow },
      }),
      profile('medium-8t', 'x264 medium, 8 frame threads', [51, 68, 0.9631], tooSlow),
      profile('fast-8t', 'x264 fast, 8 frame threads', [69, 49, 0.9624], tooSlow),
      profile('faster-8t', 'x264 faster, 8 frame threads', [92, 37, 0.9612], {
        isChosen: true,
        note: 'runs now',
      }),
      profile('veryfast-8t', 'x264 veryfast, 8 frame threads', [148, 21, 0.9591]),
      profile('superfast-8t', 'x264 superfast, 8 frame threads', [231, 13, 0.9544], {
        ...{ delayMs: 233, note: 'holds, SSIM 0.0068 lower' },
      }),
      profile('ultrafast-8t', 'x264 ultrafast, 8 frame threads', [402, 7, 0.9122], {
        ...{ delayMs: 133, note: 'holds, SSIM 0.0490 lower' },
      }),
      profile('games', 'x264 fast, 8 threads, your own', null, {
        ...{ kind: 'user', delayMs: 683, note: 'not measured at this size and rate' },
      }),
    ],
    userProfiles: [
      {
        ...{ name: 'games', preset: 'fast', threads: 8 },
        options: { 'aq-mode': '3', ref: '2', 'psy-rd': '0.8,0.2', 'rc-lookahead': '30' },
      },
    ],
    measuredWith: { content: 'your scene “Gameplay”', at: now - 90_000_000 },
    calibration: { state: 'idle', error: null },
  };
}
