import type { Stats } from '../../shared/contract/events';
import type { OutputView, Snapshot } from '../../shared/contract/snapshot';

const noCrop = { left: 0, top: 0, right: 0, bottom: 0 };

/** A running studio as a streamer would have it, for the UI's tests and screenshots. */
export function believableSnapshot(now = Date.now()): Snapshot {
  const item = (
    id: string,
    sourceId: string,
    visible = true,
  ): Snapshot['scenes'][number]['items'][number] => ({
    id,
    sourceId,
    x: 0,
    y: 0,
    crop: noCrop,
    opacity: 1,
    visible,
  });
  const source = (id: string, name: string, kind: string): Snapshot['sources'][number] => ({
    id,
    name,
    kind,
    state: 'ok',
    error: null,
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
      fps: 60,
      bitrateKbps: 6000,
      codec: 'h264',
      sceneId: 'gameplay',
      state: 'running',
      encoder: {
        name: 'libx264',
        profile: 'veryfast-2t',
        reason:
          'reached 92 fps in the calibration, 20 % more than 60 fps needs; the next better step reached 58',
      },
      error: null,
    },
    scenes: [
      { id: 'starting', name: 'Starting soon', items: [item('s1', 'backdrop'), item('s2', 'countdown')] },
      {
        id: 'gameplay',
        name: 'Gameplay',
        items: [item('g1', 'capture'), item('g2', 'webcam'), item('g3', 'title'), item('g4', 'logo', false)],
      },
      { id: 'talk', name: 'Just talking', items: [item('t1', 'backdrop'), item('t2', 'webcam')] },
      { id: 'pause', name: 'Be right back', items: [item('p1', 'backdrop'), item('p2', 'clock')] },
      { id: 'end', name: 'Ending', items: [] },
    ],
    sources: [
      source('backdrop', 'Night sky backdrop', 'image'),
      source('countdown', 'Countdown', 'clock'),
      source('capture', 'Gameplay loop', 'media'),
      source('webcam', 'Webcam frame', 'image'),
      source('title', 'Stream title', 'text'),
      source('logo', 'Sponsor logo', 'image'),
      source('clock', 'Local time', 'clock'),
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
    recording: { state: 'idle', path: null, since: null, bytes: 0, error: null },
    ingest: { state: 'running', host: '127.0.0.1', port: 1935, error: null },
    keys: [{ id: 'k1', name: 'Phone', publicName: 'phone', weak: false, createdAt: now - 86_400_000 }],
    streams: [],
    notices: [],
  };
}

export function believableOutput(id: string, name: string, url: string): OutputView {
  return {
    id,
    name,
    kind: 'destination',
    url,
    hasKey: true,
    status: { state: 'idle' },
    bytes: 0,
    droppedFrames: 0,
    reconnects: 0,
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
