import { describe, expect, it } from 'vitest';
import { cameraSourceSchema, screenSourceSchema } from '../../shared/model/source';
import { captureArgs } from '../../electron/streaming/sources/capture-process';
import { cameraPlan, screenPlan } from '../../electron/streaming/sources/capture-input';
import { deviceError } from '../../electron/streaming/sources/device-error';
import { ingestArgs, missingPart } from '../../electron/streaming/sources/ingest-process';
import type { DeviceAddress, FoundDevice } from '../../electron/streaming/sources/source';
import { testContext } from '../support/source-bench';

const device = (address: DeviceAddress, more: Partial<FoundDevice> = {}): FoundDevice => ({
  ...{
    id: 'x',
    kind: 'screen',
    name: 'Thing',
    isDefault: false,
    size: { width: 1921, height: 1080 },
    modes: [],
  },
  ...more,
  address,
});
const reference = { id: 'x', name: 'Thing' };
const screen = (more: object = {}): ReturnType<typeof screenSourceSchema.parse> =>
  screenSourceSchema.parse({ id: 's', name: 's', kind: 'screen', device: reference, ...more });
const camera = (more: object = {}): ReturnType<typeof cameraSourceSchema.parse> =>
  cameraSourceSchema.parse({ id: 'c', name: 'c', kind: 'camera', device: reference, ...more });
/** without what every capture has in front */
const shown = (args: readonly string[]): string => args.slice(args.indexOf('-f')).join(' ');

const x11 = { system: 'x11grab', display: ':0', windowId: null, x: 1920, y: 0 } as const;
const windows = { system: 'gdigrab', output: 1, canDuplicate: true, title: null, x: -1920, y: 0 } as const;
const region = { x: 10, y: 20, width: 301, height: 200 };

describe('how a screen is captured', () => {
  it.each<[string, DeviceAddress, object, number, string, { width: number; height: number } | null]>([
    [
      'a whole screen of X',
      x11,
      {},
      60,
      '-f x11grab -framerate 30 -draw_mouse 1 -video_size 1920x1080 -i :0+1920,0',
      { width: 1920, height: 1080 },
    ],
    [
      'a part, no cursor, at the program’s rate',
      x11,
      { region, isCursorShown: false, fps: 60 },
      29.97,
      '-f x11grab -framerate 30000/1001 -draw_mouse 0 -video_size 300x200 -i :0+1930,20',
      { width: 300, height: 200 },
    ],
    [
      'a part that reaches over the edge',
      x11,
      { region: { x: 1900, y: 1000, width: 400, height: 400 } },
      30,
      '-f x11grab -framerate 30 -draw_mouse 1 -video_size 20x80 -i :0+3820,1000',
      { width: 20, height: 80 },
    ],
    [
      'a window of X',
      { ...x11, windowId: 77, x: 0 },
      {},
      30,
      '-f x11grab -framerate 30 -draw_mouse 1 -video_size 1920x1080 -window_id 77 -i :0+0,0',
      { width: 1920, height: 1080 },
    ],
    [
      'a screen of Windows',
      windows,
      { region },
      30,
      '-f lavfi -i ddagrab=output_idx=1:framerate=30:draw_mouse=1:video_size=300x200:offset_x=10:offset_y=20,hwdownload,format=bgra',
      { width: 300, height: 200 },
    ],
    [
      'the same with an older FFmpeg',
      { ...windows, canDuplicate: false },
      {},
      30,
      '-f gdigrab -framerate 30 -draw_mouse 1 -offset_x -1920 -offset_y 0 -video_size 1920x1080 -i desktop',
      { width: 1920, height: 1080 },
    ],
    [
      'a window of Windows',
      { ...windows, canDuplicate: false, title: 'Tower of Bells' },
      {},
      30,
      '-f gdigrab -framerate 30 -draw_mouse 1 -i title=Tower of Bells',
      null,
    ],
    [
      'a screen of macOS',
      { system: 'avfoundation', input: 'Capture screen 0:none' },
      {},
      30,
      '-f avfoundation -framerate 30 -capture_cursor 1 -pixel_format nv12 -i Capture screen 0:none',
      null,
    ],
  ])('%s', (_what, address, settings, programFps, args, size) => {
    const plan = screenPlan(device(address), screen(settings), programFps);
    expect(shown(plan.input)).toBe(args);
    expect(plan.size).toEqual(size);
  });

  it('refuses a part that lies outside', () => {
    const outside = screen({ region: { ...region, x: 1921 } });
    expect(() => screenPlan(device(x11), outside, 30)).toThrow('lies outside of it');
    expect(() => screenPlan(device({ system: 'pulse', input: 'x' }), screen(), 30)).toThrow(
      'cannot be captured here',
    );
  });
});

describe('how a camera is captured', () => {
  const modes = [
    { width: 3840, height: 2160, fps: 30 },
    { width: 1920, height: 1080, fps: 60 },
    { width: 640, height: 480, fps: 30 },
  ];
  const formats = ['mjpeg', 'mjpeg', 'yuyv422'];
  const v4l2 = device(
    { system: 'v4l2', input: '/dev/video0', formats },
    { modes, kind: 'camera', size: null },
  );

  it.each<[string, FoundDevice, object, number, string, boolean]>([
    [
      'the best up to 1080p',
      v4l2,
      {},
      60,
      '-f v4l2 -input_format mjpeg -video_size 1920x1080 -framerate 60 -i /dev/video0',
      false,
    ],
    [
      'thinned to the program',
      v4l2,
      {},
      30,
      '-f v4l2 -input_format mjpeg -video_size 1920x1080 -framerate 60 -i /dev/video0',
      true,
    ],
    [
      'the mode that was chosen',
      v4l2,
      { mode: modes[2] },
      60,
      '-f v4l2 -input_format yuyv422 -video_size 640x480 -framerate 30 -i /dev/video0',
      false,
    ],
    [
      'one that it does not have (any more)',
      v4l2,
      { mode: { width: 800, height: 600, fps: 3 } },
      60,
      '-f v4l2 -input_format mjpeg -video_size 1920x1080 -framerate 60 -i /dev/video0',
      false,
    ],
    [
      'a device that tells nothing',
      device({ system: 'v4l2', input: '/dev/video9' }, { size: null }),
      {},
      60,
      '-f v4l2 -i /dev/video9',
      false,
    ],
    [
      'DirectShow, compressed',
      device(
        { system: 'dshow', input: 'video=@device_1', formats: ['vcodec:mjpeg'] },
        { modes: modes.slice(1, 2) },
      ),
      {},
      60,
      '-f dshow -rtbufsize 128M -vcodec mjpeg -video_size 1920x1080 -framerate 60 -i video=@device_1',
      false,
    ],
    [
      'AVFoundation',
      device({ system: 'avfoundation', input: 'FaceTime:none' }, { size: null }),
      {},
      60,
      '-f avfoundation -framerate 30 -i FaceTime:none',
      false,
    ],
  ])('%s', (_what, found, settings, programFps, args, isThinned) => {
    const plan = cameraPlan(found, camera(settings), programFps);
    expect(shown(plan.input)).toBe(args);
    expect(plan.size).toBeNull();
    expect(plan.filter.startsWith('fps=30,')).toBe(isThinned);
  });
});

describe('what FFmpeg is told', () => {
  it('depends on what it knows', () => {
    const { ffmpeg } = testContext({ ffmpeg: 'ffmpeg' });
    const plan = { name: 'x', input: ['-i', 'x'], filter: 'null', size: null };
    expect(captureArgs({ ...ffmpeg, hasFpsMode: true }, plan).join(' ')).toContain('-fps_mode passthrough');
    expect(captureArgs(ffmpeg, plan).join(' ')).toMatch(/-vsync 0 -strict -1 -f yuv4mpegpipe/);
    expect(captureArgs(ffmpeg, { ...plan, size: { width: 2, height: 2 } }).join(' ')).toContain(
      '-f rawvideo',
    );
    const ingest = { url: 'rtmp://127.0.0.1/live/x', name: 'x', hasPicture: true, hasSound: false };
    expect(ingestArgs({ ...ffmpeg, hasFpsMode: true }, ingest, 59.94).join(' ')).toContain(
      'fps=fps=min(source_fps\\,60000/1001)',
    );
    expect(ingestArgs(ffmpeg, ingest, 30).join(' ')).not.toMatch(/source_fps|pipe:3/);
  });

  it('and its words are understood', () => {
    const plan = { url: '', name: '', hasPicture: true, hasSound: true };
    const sentence = (kind: string): string[] => [`[fatal] Stream map '0:${kind}:0' matches no streams.`];
    expect(missingPart(sentence('a'), plan)).toBe('sound');
    expect(missingPart(sentence('v'), plan)).toBe('picture');
    expect(missingPart(sentence('v'), { ...plan, hasSound: false })).toBeNull();
    expect(missingPart(['[error] I/O error'], plan)).toBeNull();
  });

  it.each([
    ['[video4linux2,v4l2 @ 0x1] ioctl(VIDIOC_STREAMON): Device or resource busy', 'device-busy'],
    [
      '[dshow @ 1] Could not run graph (sometimes caused by a device already in use by other application)',
      'device-busy',
    ],
    ['/dev/video0: Permission denied', 'device-denied'],
    ['No protocol specified', 'device-denied'],
    [
      '[video4linux2,v4l2 @ 0x1] Cannot open video device /dev/video0: No such file or directory',
      'device-missing',
    ],
    ['[x11grab @ 0x1] Cannot open display :99, error 1.', 'device-missing'],
    [
      '[dshow @ 1] Could not find video device with name [Cam] among source devices of type video.',
      'device-missing',
    ],
    ["[gdigrab @ 1] Can't find window 'Game', aborting.", 'device-missing'],
    [
      '[x11grab @ 0x1] Cannot get the image data event_error: response_type:0 error_code:9 sequence:8 resource_id:2 minor_code:0 major_code:73.',
      'device-missing',
    ],
    [
      '[x11grab @ 0x1] Cannot get the image data event_error: response_type:0 error_code:8 sequence:8 resource_id:2 minor_code:0 major_code:73.',
      'device-failed',
    ],
    ['[video4linux2,v4l2 @ 0x1] Dequeued v4l2 buffer contains corrupted data', 'device-failed'],
  ])('%s → %s', (line, code) => {
    const error = deviceError(
      ['[swscaler @ 1] deprecated pixel format', line, ':0: Input/output error'],
      'Cam',
    );
    expect(error.code).toBe(code);
    expect(error.retryable).toBe(true);
    if (code === 'device-failed')
      expect(JSON.stringify(error.details)).toContain(line.slice(line.indexOf(']') + 2));
    expect(deviceError([], 'Cam').details).toEqual({ name: 'Cam', reason: 'it ended without a word' });
  });
});
