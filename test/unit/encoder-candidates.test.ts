import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { candidateVerdicts } from '../../electron/streaming/output/candidate-verdicts';
import type { CandidateFacts } from '../../electron/streaming/output/candidate-verdicts';
import { driverStamp } from '../../electron/streaming/output/driver-stamp';
import { drivableCandidates, encoderCandidates } from '../../electron/streaming/output/encoder-candidates';
import { tellingWords } from '../../electron/streaming/output/encoder-trial';
import { profileByName, videoArguments } from '../../electron/streaming/output/profiles';
import { trialKey } from '../../electron/streaming/output/trial-key';

const build: FfmpegBuild = {
  path: '/usr/bin/ffmpeg',
  origin: 'PATH',
  version: '7.1',
  encoders: ['libx264', 'aac', ...encoderCandidates.map(({ encoder }) => encoder)],
  hasFpsMode: true,
};
const format = { width: 1920, height: 1080, fps: 60, bitrateKbps: 6000 };
const argv = (name: string, wanted = format): string =>
  videoArguments(build, profileByName(name, encoderCandidates), wanted).join(' ');

/** what every live encoder is given, and what it gives */
const before = '-hide_banner -nostdin -loglevel warning';
const input =
  '-f matroska -probesize 32 -analyzeduration 1 -fpsprobesize 0 -copyts -i pipe:0 -map 0:v:0 -fps_mode passthrough';
const rate = '-b:v 6000k -maxrate 6000k -bufsize 6000k -g 600 -force_key_frames';
const keyframes =
  'expr:if(isnan(prev_forced_t),1,gt(floor((t+0.008333333)/2.000000000),floor((prev_forced_t+0.008333333)/2.000000000)))';
const colour = '-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709';
const output = '-f flv -flvflags no_duration_filesize+no_sequence_end pipe:1';
const line = (encoder: string, own: string, device = ''): string =>
  `${before}${device} ${input} -c:v ${encoder} ${rate} ${keyframes} ${colour} ${own} -bf 0 ${output}`;

describe('the command line of each hardware encoder, word for word', () => {
  it.each([
    [
      'nvenc',
      line(
        'h264_nvenc',
        '-preset p4 -tune ll -rc cbr -zerolatency 1 -delay 0 -forced-idr 1 -no-scenecut 1 -profile:v high',
      ),
    ],
    ['qsv', line('h264_qsv', '-async_depth 1 -low_delay_brc 1 -forced_idr 1 -profile:v high')],
    [
      'vaapi',
      line(
        'h264_vaapi',
        '-vf format=nv12,hwupload -rc_mode CBR -profile:v high',
        ' -vaapi_device /dev/dri/renderD128',
      ),
    ],
    ['amf', line('h264_amf', '-usage lowlatency -rc cbr -enforce_hrd 1 -profile:v high')],
    ['videotoolbox', line('h264_videotoolbox', '-realtime 1 -allow_sw 0 -profile:v high')],
    ['mediafoundation', line('h264_mf', '-hw_encoding 1 -rate_control cbr')],
  ])('%s', (name, expected) => {
    expect(argv(name)).toBe(expected);
  });

  it('scales before it loads pictures onto the card', () => {
    const scaled = { ...format, canvas: { width: 2560, height: 1440 } };
    expect(argv('vaapi', scaled)).toContain(
      '-vf scale=1920:1080:flags=lanczos+accurate_rnd,format=nv12,hwupload',
    );
    expect(argv('nvenc', scaled)).toContain('-vf scale=1920:1080:flags=lanczos+accurate_rnd');
  });

  it('is only tried where build and system could have it', () => {
    const names = (platform: NodeJS.Platform, encoders = build.encoders): string[] =>
      drivableCandidates({ ...build, encoders }, platform).map(({ name }) => name);
    expect(names('linux')).toEqual(['nvenc', 'qsv', 'vaapi']);
    expect(names('win32')).toEqual(['nvenc', 'qsv', 'amf', 'mediafoundation']);
    expect(names('darwin')).toEqual(['videotoolbox']);
    expect(names('linux', ['libx264', 'h264_vaapi', 'h264_mf'])).toEqual(['vaapi']);
  });
});

describe('candidateVerdicts', () => {
  const facts = (more: Partial<CandidateFacts>): CandidateFacts => ({
    ...{ candidates: encoderCandidates, build, platform: 'linux', trials: new Map(), failed: new Map() },
    ...{ chosen: profileByName('veryfast-2t'), isNamed: false },
    ...more,
  });
  const told = (more: Partial<CandidateFacts>): Record<string, string> =>
    Object.fromEntries(
      candidateVerdicts(facts(more)).map(({ id, verdict, words }) => [id, `${verdict}: ${words}`]),
    );

  it('says of every one what became of it', () => {
    const trials = new Map([
      ['nvenc', { isUsable: false as const, words: 'Cannot load libcuda.so.1' }],
      ['qsv', { isUsable: true as const, fps: 310 }],
      ['vaapi', { isUsable: true as const, fps: 240 }],
    ]);
    const [, qsv] = encoderCandidates;
    expect(told({ trials, chosen: qsv! })).toEqual({
      nvenc: 'refused: Cannot load libcuda.so.1',
      qsv: 'chosen: it does 310 pictures a second here',
      vaapi: 'usable: it does 240 pictures a second here; another is liked better',
      amf: 'other-system: only on Windows',
      videotoolbox: 'other-system: only on macOS',
      mediafoundation: 'other-system: only on Windows',
      x264: 'usable: takes over when the hardware fails',
    });
    expect(
      told({ trials, failed: new Map([['qsv', 'Error during encoding: device failed (-17)']]) }),
    ).toMatchObject({
      qsv: 'refused: failed in use: Error during encoding: device failed (-17)',
      x264: 'chosen: veryfast-2t, as no hardware encoder works here',
    });
  });

  it('tells what was not tried, and what this FFmpeg has not', () => {
    const bare = { ...build, version: '5.1', encoders: ['libx264', 'h264_vaapi'] };
    expect(told({ build: bare, isNamed: true })).toMatchObject({
      nvenc: 'absent: FFmpeg 5.1 was built without h264_nvenc',
      vaapi: 'untried: another encoder was chosen by name',
      x264: 'chosen: veryfast-2t, chosen by name',
    });
    expect(told({})).toMatchObject({ vaapi: 'untried: not tried at this size and rate yet' });
    expect(told({ chosen: encoderCandidates[0]!, isNamed: true })).toMatchObject({
      nvenc: 'chosen: chosen by name, without a trial',
    });
  });
});

describe('tellingWords', () => {
  it.each([
    [
      'h264_nvenc',
      [
        '[h264_nvenc @ 0x5558f8216840] Cannot load libcuda.so.1',
        'Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0 - maybe incorrect parameters such as bit_rate, rate, width or height',
      ],
      'Cannot load libcuda.so.1',
    ],
    [
      'h264_nvenc',
      [
        '[matroska,webm @ 0x1] a word of the input',
        '[h264_nvenc @ 0x2] Driver does not support the required nvenc API version. Required: 12.1 Found: 11.1',
        '[h264_nvenc @ 0x2] The minimum required Nvidia driver for nvenc is 530.41.03 or newer',
        '[h264_nvenc @ 0x2] and more',
      ],
      'Driver does not support the required nvenc API version. Required: 12.1 Found: 11.1 The minimum required Nvidia driver for nvenc is 530.41.03 or newer',
    ],
    [
      'h264_vaapi',
      [
        '[AVHWDeviceContext @ 0x559226f86c00] No VA display found for device /dev/dri/renderD128.',
        'Device creation failed: -22.',
      ],
      'No VA display found for device /dev/dri/renderD128.',
    ],
    ['h264_amf', ["Unknown encoder 'h264_amf'"], "Unknown encoder 'h264_amf'"],
    ['h264_mf', [], ''],
  ])('%s: %j', (encoder, lines, words) => {
    expect(tellingWords(lines, encoder)).toBe(words);
  });
});

describe('what a trial depends on', () => {
  let root: string;
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'driver-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is another after each change of arguments, size, rate, bitrate, FFmpeg or driver', () => {
    const [nvenc] = encoderCandidates;
    const key = trialKey(build, nvenc!, format, ['1 2 3', 'driver 1']);
    expect(trialKey({ ...build }, { ...nvenc! }, { ...format }, ['1 2 3', 'driver 1'])).toBe(key);
    const others = [
      trialKey(build, { ...nvenc!, encoderArguments: ['-preset', 'p5'] }, format, ['1 2 3', 'driver 1']),
      trialKey(build, { ...nvenc!, deviceArguments: ['-hwaccel_device', '1'] }, format, [
        '1 2 3',
        'driver 1',
      ]),
      trialKey(build, nvenc!, { ...format, width: 1280 }, ['1 2 3', 'driver 1']),
      trialKey(build, nvenc!, { ...format, fps: 50 }, ['1 2 3', 'driver 1']),
      trialKey(build, nvenc!, { ...format, bitrateKbps: 6001 }, ['1 2 3', 'driver 1']),
      trialKey(build, nvenc!, { ...format, canvas: { width: 64, height: 64 } }, ['1 2 3', 'driver 1']),
      trialKey({ ...build, version: '7.2' }, nvenc!, format, ['1 2 3', 'driver 1']),
      trialKey(build, nvenc!, format, ['1 2 4', 'driver 1']),
      trialKey(build, nvenc!, format, ['1 2 3', 'driver 2']),
    ];
    expect(new Set([key, ...others]).size).toBe(others.length + 1);
  });

  it('driver: the system, NVIDIA’s version, each card and its module, and the encoders’ libraries', async () => {
    const stamp = (platform: NodeJS.Platform = 'linux'): Promise<string> =>
      driverStamp({ platform, root, osRelease: '6.1.0' });
    expect(await stamp()).toBe('6.1.0');
    put(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54\nGCC version: 12\n',
    );
    put('sys/class/drm/card1/device/vendor', '0x8086\n');
    put('sys/class/drm/card1/device/device', '0x46a6\n');
    put('sys/class/drm/card1-HDMI-A-1/status', 'connected');
    put('sys/module/i915/srcversion', 'ABC\n');
    symlinkSync('../../../../module/i915', join(root, 'sys/class/drm/card1/device/driver'));
    const found = await stamp();
    expect(found).toBe(
      '6.1.0 | NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54 | card1 i915 0x8086 0x46a6 ABC',
    );
    put('usr/lib/x86_64-linux-gnu/dri/iHD_drv_video.so', '');
    const withLibrary = await stamp();
    expect(withLibrary).toMatch(/^6\.1\.0 \| NVRM .* ABC \| dri \d+ \d+$/);
    put('Windows/System32/nvEncodeAPI64.dll', 'library');
    expect(await stamp('win32')).toMatch(/^6\.1\.0 \| nvEncodeAPI64\.dll \d+ 7$/);
    // Read from the real system it takes no time and never fails.
    expect(await driverStamp()).not.toBe('');
  });
});
