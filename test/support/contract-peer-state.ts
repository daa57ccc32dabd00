import { settingsSchema } from '../../shared/contract/settings';
import { sceneItemSchema } from '../../shared/model/scene';
import type { SceneItem } from '../../shared/model/scene';
import { isKnownSource, sourceSchema } from '../../shared/model/source';
import type { AnySource } from '../../shared/model/source';
import { believableEncoder } from './contract-peer-encoder';
import type { Stats } from '../../shared/contract/events';
import type { SourceView } from '../../shared/contract/show';
import type { RecordingEntry } from '../../shared/contract/recordings';
import type { OutputView, Snapshot } from '../../shared/contract/snapshot';

/** As if every device were there. */
export const chosenDeviceId = (settings: AnySource): string | null =>
  isKnownSource(settings) && 'device' in settings ? settings.device.id : null;

/** A running studio as a streamer would have it, for the UI's tests and screenshots. */
export function believableSnapshot(now = Date.now()): Snapshot {
  const item = (
    id: string,
    sourceId: string,
    visible = true,
    place: Partial<SceneItem> = {},
  ): Snapshot['scenes'][number]['items'][number] => ({
    ...sceneItemSchema.parse({ id, sourceId }),
    ...place,
    visible,
  });
  const source = (
    id: string,
    name: string,
    settings: Readonly<Record<string, unknown>> & { readonly kind: string },
    size: { width: number; height: number } | null = { width: 1920, height: 1080 },
  ): SourceView => ({
    ...{ id, name, kind: settings.kind, size },
    settings: sourceSchema.parse({ id, name, ...settings }),
    state: 'ok',
    error: null,
    deviceId: chosenDeviceId(sourceSchema.parse({ id, name, ...settings })),
    playback:
      settings.kind === 'media' ? { durationSec: 95, positionSec: 12, at: now, isPaused: false } : null,
  });
  return {
    engine: {
      version: '0.1.0',
      pid: 4711,
      startedAt: now - 3_720_000,
      dataDir: '/home/streamer/.local/share/stream-manager-studio',
      ready: true,
      notReadyReason: null,
      rtmpUrl: 'rtmp://127.0.0.1:1935/live/program',
    },
    machine: {
      platform: 'linux x64',
      cpuModel: 'AMD Ryzen 5 5600U with Radeon Graphics',
      cores: 12,
      keyStore: 'system',
      cpuFeatures: ['MMX2', 'SSE2Fast', 'SSSE3', 'SSE4.2', 'AVX', 'FMA3', 'BMI2', 'AVX2'],
    },
    ffmpeg: {
      path: '/usr/bin/ffmpeg',
      origin: 'PATH',
      version: '5.1.6-0+deb12u1',
      encoders: ['a64multi', 'libx264', 'libvpx', 'libvpx-vp9', 'h264_vaapi', 'aac', 'libopus', 'xbm'],
    },
    program: {
      width: 1920,
      height: 1080,
      output: { width: 1920, height: 1080 },
      fps: 60,
      bitrateKbps: 6000,
      codec: 'h264',
      sceneId: 'gameplay',
      state: 'running',
      encoder: {
        name: 'libx264',
        profile: 'faster-8t',
        reason:
          'x264 faster, 8 frame threads: the best picture (SSIM 0.9612) of the 4 that hold, 92 pictures a second here, enough for 1920×1080 at 60 (72 pictures a second with 20 % to spare); the documented profile does only 58.',
      },
      error: null,
      handOvers: [],
      lowered: null,
    },
    show: {
      name: 'Friday show',
      path: '/home/streamer/.local/share/stream-manager-studio/show.json',
      transition: { kind: 'fade', durationMs: 300 },
      undoLabel: null,
      redoLabel: null,
      savedAt: now - 60_000,
      saveError: null,
    },
    devices: {
      list: [
        {
          ...{ id: 'x11:eDP-1', kind: 'screen', name: 'Built-in display', isDefault: true, modes: [] },
          size: { width: 2560, height: 1440 },
        },
        {
          ...{ id: 'x11:window:game', kind: 'window', name: 'Tower of Bells', isDefault: false, modes: [] },
          size: { width: 1280, height: 720 },
        },
        {
          ...{ id: 'v4l2:usb-046d', kind: 'camera', name: 'HD Pro Webcam C920', isDefault: true, size: null },
          modes: [
            { width: 1920, height: 1080, fps: 30 },
            { width: 1280, height: 720, fps: 60 },
          ],
        },
        {
          ...{ id: 'pulse:mic', kind: 'microphone', name: 'Yeti Stereo Microphone', isDefault: true },
          ...{ size: null, modes: [] },
        },
        {
          ...{ id: 'pulse:out', kind: 'desktop-sound', name: 'Built-in audio', isDefault: true },
          ...{ size: null, modes: [] },
        },
      ],
      notes: {},
    },
    lanPreview: {
      ...{ state: 'off', hasPassword: false, urls: [], viewers: 0, error: null },
      addresses: [
        { address: '192.168.1.20', interface: 'Wi-Fi' },
        { address: '2001:db8:85a3::8a2e:370:7334', interface: 'Wi-Fi' },
      ],
    },
    encoder: believableEncoder(now),
    variants: {
      list: [],
      basis: {
        profile: 'veryfast-2t',
        msPerMegapixel: 7.4,
        origin: 'running',
        idleCorePercent: 640,
      },
    },
    settings: {
      ...settingsSchema.omit({ userProfiles: true, variants: true }).parse({ isFirstRunDone: true }),
      fixed: [],
      recordingFolderNow: '/home/streamer/.local/share/stream-manager-studio/recordings',
    },
    scenes: [
      { id: 'starting', name: 'Starting soon', items: [item('s1', 'backdrop'), item('s2', 'countdown')] },
      {
        id: 'gameplay',
        name: 'Gameplay',
        items: [
          item('g1', 'capture'),
          item('g2', 'webcam', true, { x: 1360, y: 700, width: 480, height: 270 }),
          item('g3', 'title', true, { x: 96, y: 900 }),
          item('g4', 'logo', false, { x: 1700, y: 60, width: 160, height: 90 }),
        ],
      },
      { id: 'talk', name: 'Just talking', items: [item('t1', 'backdrop'), item('t2', 'webcam')] },
      { id: 'pause', name: 'Be right back', items: [item('p1', 'backdrop'), item('p2', 'clock')] },
      { id: 'end', name: 'Ending', items: [] },
    ],
    sources: [
      source('backdrop', 'Night sky backdrop', { kind: 'image', path: 'night-sky.jpg' }),
      source('countdown', 'Countdown', { kind: 'clock', mode: 'countdown' }, { width: 380, height: 116 }),
      source('capture', 'Gameplay loop', { kind: 'media', path: 'gameplay.mp4' }),
      source('webcam', 'Webcam frame', { kind: 'image', path: 'webcam.png' }),
      source(
        'title',
        'Stream title',
        { kind: 'text', text: 'Friday night with the bells', sizePx: 64 },
        { width: 812, height: 78 },
      ),
      source('logo', 'Sponsor logo', { kind: 'image', path: 'logo.png' }),
      source('clock', 'Local time', { kind: 'clock' }, { width: 264, height: 78 }),
      source(
        'mic',
        'Microphone',
        { kind: 'microphone', device: { id: 'pulse:mic', name: 'Yeti Stereo Microphone' } },
        null,
      ),
    ],
    live: { isLive: false, since: null },
    outputs: [
      {
        ...believableOutput('local', 'Local program', 'rtmp://127.0.0.1:1935/live/program'),
        kind: 'local',
        hasKey: false,
        status: { state: 'live', since: now - 3_719_000 },
        bytes: 2_790_000_000,
      },
      believableOutput('twitch', 'Twitch', 'rtmp://live.twitch.tv/app'),
      believableOutput('youtube', 'YouTube', 'rtmp://a.rtmp.youtube.com/live2'),
    ],
    bandwidth: { running: null, results: [], failure: null },
    recording: {
      state: 'idle',
      path: null,
      since: null,
      bytes: 0,
      error: null,
      freeBytes: 123_000_000_000,
      silentFolder: null,
      alarm: null,
    },
    recordings: [
      {
        ...believableRecording('friday-2', '2026-11-20 20-15-00 (2).mp4', now - 169_200_000),
        ...{ state: 'repaired', repair: { at: now - 3_700_000, cutBytes: 183_204 } },
      },
      believableRecording('friday', '2026-11-20 20-15-00.mp4', now - 172_800_000),
    ],
    ingest: { state: 'running', host: '127.0.0.1', port: 1935, error: null },
    keys: [{ id: 'k1', name: 'Phone', publicName: 'phone', weak: false, createdAt: now - 86_400_000 }],
    streams: [],
    notices: [],
  };
}

export function believableRecording(id: string, name: string, startedAt: number): RecordingEntry {
  return {
    ...{
      id,
      path: `/home/streamer/Videos/${name}`,
      format: 'mp4',
      startedAt,
      endedAt: startedAt + 3_600_000,
    },
    ...{ state: 'finished', bytes: 2_750_000_000, durationSec: 3600, reason: null, repair: null },
  };
}

export function believableOutput(id: string, name: string, url: string): OutputView {
  return {
    id,
    name,
    kind: 'destination',
    url,
    serviceId: null,
    hasKey: true,
    user: null,
    status: { state: 'idle' },
    bytes: 0,
    droppedFrames: 0,
    reconnects: 0,
    congestion: 0,
    isEnabled: true,
    isWanted: false,
    delaySec: 0,
    isAdaptive: false,
    variantId: null,
    nearest: null,
  };
}

/** The studio at first start: the demo scene, nothing set up. */
export function emptySnapshot(now = Date.now()): Snapshot {
  const full = believableSnapshot(now);
  return {
    ...full,
    scenes: [{ id: 'demo', name: 'Demo', items: [] }],
    sources: [],
    program: { ...full.program, sceneId: 'demo' },
    outputs: [],
    recordings: [],
    keys: [],
  };
}

/** Gauges that breathe like a real run; the same moment gives the same reading. */
export function believableStats(atMs: number, startedAtMs: number): Stats {
  const sec = atMs / 1000;
  const wave = (periodSec: number, phase = 0): number => Math.sin((sec / periodSec) * 2 * Math.PI + phase);
  const jitter = (seed: number): number => {
    const value = Math.sin(Math.floor(sec * 2) * 12.9898 + seed * 78.233) * 43758.5453;
    return value - Math.floor(value) - 0.5;
  };
  const runSec = Math.max(0, (atMs - startedAtMs) / 1000);
  const encoder = 58 + 7 * wave(41) + 6 * jitter(1);
  const engine = 17 + 2 * wave(23, 1) + 3 * jitter(2);
  const sources = 9 + 2 * jitter(3);
  const rtmp = 2 + jitter(4);
  return {
    at: atMs,
    frameIndex: Math.floor(runSec * 60),
    fps: 60 + 0.3 * jitter(5),
    encoderFps: 60 + 1.4 * jitter(6),
    bitrateKbps: 6000 + 90 * wave(17) + 160 * jitter(7),
    encoderQueue: Math.round(17 + 1.5 * wave(31) + 2 * jitter(8)),
    lagged: Math.floor(runSec / 97),
    skipped: Math.floor(runSec / 241),
    dropped: 0,
    rtmpLatencyMs: 284 + 9 * wave(53) + 14 * jitter(9),
    composeMs: 1.3 + 0.3 * jitter(10),
    cpuPercent: { engine, rtmp, encoder, sources, total: engine + rtmp + encoder + sources },
    rssMb: 268 + 3 * wave(120),
  };
}
