import { describe, expect, it } from 'vitest';
import {
  avfoundationDevices,
  bestFirst,
  dshowDevices,
  dshowModes,
  v4l2CtlModes,
  v4l2FfmpegModes,
} from '../../electron/streaming/sources/devices/camera-lists';
import { monitorName } from '../../electron/streaming/sources/devices/edid';
import { macDevice } from '../../electron/streaming/sources/devices/mac-probe';
import { alsaSounds, ffmpegSounds } from '../../electron/streaming/sources/devices/sound-lists';
import { windowsDesktop } from '../../electron/streaming/sources/devices/windows-lists';
import { findCookie, parseDisplay } from '../../electron/streaming/sources/devices/x11-client';

/** The programs' own layouts, as their sources print them. */
const v4l2Ctl = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.042s (24.000 fps)
		Size: Discrete 1920x1080
			Interval: Discrete 0.200s (5.000 fps)
	[1]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
	[2]: 'Z16 ' (16-bit Depth)
		Size: Discrete 640x480
			Interval: Discrete 0.011s (90.000 fps)
`;

describe('what cameras say they can do', () => {
  it('is read from v4l2-ctl with rates, the cheapest format of each, best first', () => {
    expect(bestFirst(v4l2CtlModes(v4l2Ctl))).toEqual([
      { width: 1920, height: 1080, fps: 30, format: 'mjpeg' },
      { width: 1920, height: 1080, fps: 5, format: 'yuyv422' },
      { width: 640, height: 480, fps: 30, format: 'yuyv422' },
      { width: 640, height: 480, fps: 24, format: 'yuyv422' },
    ]);
  });

  it('is read from FFmpeg, which tells no rates', () => {
    const lines = [
      '[video4linux2,v4l2 @ 0x5581] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 1280x720',
      '[video4linux2,v4l2 @ 0x5581] Compressed:       mjpeg :          Motion-JPEG : 1920x1080 640x480',
      '[video4linux2,v4l2 @ 0x5581] Raw       : Unsupported :         16-bit Depth : 640x480',
      '/dev/video0: Immediate exit requested',
    ];
    expect(bestFirst(v4l2FfmpegModes(lines)).map(({ width, format }) => `${width} ${format}`)).toEqual([
      '1920 mjpeg',
      '1280 yuyv422',
      '640 yuyv422',
    ]);
  });

  it('is read from DirectShow', () => {
    const lines = [
      '[dshow @ 0001]   vcodec=mjpeg  min s=1920x1080 fps=15 max s=1920x1080 fps=30',
      '[dshow @ 0001]   pixel_format=yuyv422  min s=640x480 fps=15 max s=640x480 fps=30',
      '[dshow @ 0001]   pixel_format=yuyv422  min s=640x480 fps=15 max s=640x480 fps=30 (tv, bt470bg/bt709/unknown, topleft)',
    ];
    expect(bestFirst(dshowModes(lines))).toEqual([
      { width: 1920, height: 1080, fps: 30, format: 'vcodec:mjpeg' },
      { width: 640, height: 480, fps: 30, format: 'yuyv422' },
    ]);
  });
});

describe('the lists of other systems', () => {
  const camera = { kind: 'video', name: 'Integrated Camera', alternative: '@device_pnp_\\\\?\\usb#vid_04f2' };
  const voice = { kind: 'audio', name: 'Mikrofon (Yeti "X")', alternative: '@device_cm_{33D9}\\wave_{1}' };

  it.each([
    [
      'since FFmpeg 5',
      [
        '[dshow @ 1] "Integrated Camera" (video)',
        `[dshow @ 1]   Alternative name "${camera.alternative}"`,
        '[dshow @ 1] "Mikrofon (Yeti "X")" (audio)',
        `[dshow @ 1]   Alternative name "${voice.alternative}"`,
        'dummy: Immediate exit requested',
      ],
    ],
    [
      'before',
      [
        '[dshow @ 1] DirectShow video devices (some may be both video and audio devices)',
        '[dshow @ 1]  "Integrated Camera"',
        `[dshow @ 1]     Alternative name "${camera.alternative}"`,
        '[dshow @ 1] DirectShow audio devices',
        '[dshow @ 1]  "Mikrofon (Yeti "X")"',
        `[dshow @ 1]     Alternative name "${voice.alternative}"`,
      ],
    ],
  ])('DirectShow, %s', (_when, lines) => {
    expect(dshowDevices(lines)).toEqual([camera, voice]);
  });

  it('AVFoundation: screens are known from cameras, and by their number', () => {
    const lines = [
      '[AVFoundation indev @ 0x7f] AVFoundation video devices:',
      '[AVFoundation indev @ 0x7f] [0] FaceTime HD Camera',
      '[AVFoundation indev @ 0x7f] [1] Capture screen 0',
      '[AVFoundation indev @ 0x7f] AVFoundation audio devices:',
      '[AVFoundation indev @ 0x7f] [0] MacBook Pro Microphone',
    ];
    const devices = avfoundationDevices(lines).map((device) => macDevice(device, true));
    expect(
      devices.map(({ id, kind, name, address }) => [id, kind, name, 'input' in address && address.input]),
    ).toEqual([
      ['avfoundation:FaceTime HD Camera', 'camera', 'FaceTime HD Camera', 'FaceTime HD Camera:none'],
      ['avfoundation:Capture screen 0', 'screen', 'Display 1', 'Capture screen 0:none'],
      [
        'avfoundation:MacBook Pro Microphone',
        'microphone',
        'MacBook Pro Microphone',
        'none:MacBook Pro Microphone',
      ],
    ]);
  });

  it('the Windows desktop', () => {
    const answer = {
      screens: [{ name: '\\\\.\\DISPLAY2', isPrimary: true, x: -1920, y: 0, width: 1920, height: 1080 }],
      windows: [{ title: 'Tower of Bells', program: 'bells' }],
    };
    const [screen, window] = windowsDesktop(JSON.stringify(answer), true);
    expect(screen).toMatchObject({
      ...{ id: 'windows:\\\\.\\DISPLAY2', name: 'Display 2', isDefault: true },
      address: { system: 'gdigrab', output: 0, canDuplicate: true, x: -1920 },
    });
    expect(window).toMatchObject({
      ...{ id: 'windows:window:bells:Tower of Bells', kind: 'window', size: null },
      address: { title: 'Tower of Bells', canDuplicate: false },
    });
    expect(() => windowsDesktop('powershell is not recognized', true)).toThrow();
  });
});

describe('sound devices', () => {
  it('as FFmpeg asks a sound server for them', () => {
    const text = `Auto-detected sources for pulse:
  alsa_output.pci-0000_00_1f.3.analog-stereo.monitor [Monitor of Built-in Audio] (none)
* alsa_input.usb-Blue_Yeti.analog-stereo [Yeti Stereo Microphone] (audio)
`;
    expect(ffmpegSounds(text)).toEqual([
      {
        input: 'alsa_output.pci-0000_00_1f.3.analog-stereo.monitor',
        ...{ name: 'Monitor of Built-in Audio', isDefault: false },
      },
      { input: 'alsa_input.usb-Blue_Yeti.analog-stereo', name: 'Yeti Stereo Microphone', isDefault: true },
    ]);
  });

  it('as the kernel knows them where there is no sound server', () => {
    const cards = ` 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xf7f10000 irq 32
 1 [X              ]: USB-Audio - Yeti X
                      Blue Yeti X at usb-0000:00:14.0-2, high speed
`;
    const pcm = `00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1
00-03: HDMI 0 : HDMI 0 : playback 1
01-00: USB Audio : USB Audio : playback 1 : capture 1
`;
    expect(alsaSounds(cards, pcm)).toEqual([
      { input: 'plughw:CARD=PCH,DEV=0', name: 'HDA Intel PCH (ALC257 Analog)', isDefault: true },
      { input: 'plughw:CARD=X,DEV=0', name: 'Yeti X (USB Audio)', isDefault: false },
    ]);
  });
});

describe('an X display', () => {
  it('is found by its name', () => {
    expect(parseDisplay(':0')).toEqual({ host: '', number: 0 });
    expect(parseDisplay('unix:1.0')).toEqual({ host: '', number: 1 });
    expect(parseDisplay('far.example:10.0')).toEqual({ host: 'far.example', number: 10 });
    for (const wrong of ['', 'wayland-0', ':', ':x']) expect(parseDisplay(wrong)).toBeNull();
  });

  it('is opened with the cookie of its number', () => {
    const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, bytes.length]), bytes]);
    const entry = (number: string, name: string, cookie: Buffer): Buffer =>
      Buffer.concat([
        Buffer.from([1, 0]),
        ...[Buffer.from('desk'), Buffer.from(number), Buffer.from(name), cookie].map(field),
      ]);
    const [first, second] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
    const file = Buffer.concat([
      entry('1', 'MIT-MAGIC-COOKIE-1', first),
      entry('0', 'XDM-AUTHORIZATION-1', first),
      entry('0', 'MIT-MAGIC-COOKIE-1', second),
    ]);
    expect(findCookie(file, 0)).toEqual(second);
    expect(findCookie(file, 1)).toEqual(first);
    expect(findCookie(file, 2)).toBeNull();
    expect(findCookie(file.subarray(0, 25), 0)).toBeNull();
  });

  it('names its monitors as they name themselves', () => {
    const edid = Buffer.alloc(128);
    edid.set([1, 2, 3], 54); // a timing
    edid.set([0, 0, 0, 0xfc, 0, ...Buffer.from('DELL U2720Q\n ')], 72);
    expect(monitorName(edid)).toBe('DELL U2720Q');
    edid[75] = 0xfe;
    expect(monitorName(edid)).toBeNull();
    expect(monitorName(Buffer.alloc(20))).toBeNull();
  });
});
