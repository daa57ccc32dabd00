import { cpus, platform } from 'node:os';
import { settingsSchema } from '../../shared/contract/settings';
import type { Snapshot } from '../../shared/contract/snapshot';
import type { FfmpegBuild } from '../streaming/interfaces/ffmpeg';
import type { EngineOptions } from './options';
import type { ProgramFormat } from './program-format';

export const engineVersion = '0.1.0';

/** What clients see before anything has started. */
export function initialSnapshot(
  options: EngineOptions,
  { canvas, output, fps, bitrateKbps, codec }: ProgramFormat,
  dataDir: string,
  ffmpeg: FfmpegBuild,
): Snapshot {
  const cores = cpus();
  const { userProfiles, variants, ...defaults } = settingsSchema.parse({});
  return {
    engine: {
      version: engineVersion,
      pid: process.pid,
      startedAt: Date.now(),
      dataDir,
      ready: false,
      notReadyReason: 'the engine is starting',
      rtmpUrl: null,
    },
    machine: {
      platform: platform(),
      cpuModel: cores[0]?.model.trim() ?? 'unknown',
      cores: cores.length,
      cpuFeatures: [],
      keyStore: 'file',
    },
    ffmpeg: {
      path: ffmpeg.path,
      origin: ffmpeg.origin,
      version: ffmpeg.version,
      encoders: [...ffmpeg.encoders],
    },
    program: {
      ...canvas,
      output,
      fps,
      bitrateKbps,
      codec,
      sceneId: '',
      state: 'starting',
      encoder: null,
      error: null,
      handOvers: [],
      lowered: null,
    },
    show: {
      name: '',
      path: '',
      transition: { kind: 'cut', durationMs: 300 },
      undoLabel: null,
      redoLabel: null,
      savedAt: null,
      saveError: null,
    },
    scenes: [],
    sources: [],
    devices: { list: [], notes: {} },
    settings: { ...defaults, fixed: [], recordingFolderNow: dataDir },
    encoder: {
      ...{ candidates: [], profiles: [], userProfiles, measuredWith: null },
      calibration: { state: 'idle', error: null },
    },
    variants: {
      list: variants.map((variant) => ({ ...variant, fps: variant.maxFps, state: 'off', figures: null })),
      basis: { profile: '', msPerMegapixel: 0, origin: 'table', idleCorePercent: null },
    },
    live: { isLive: false, since: null },
    outputs: [],
    bandwidth: { running: null, results: [], failure: null },
    recording: {
      ...{ state: 'idle', path: null, since: null, bytes: 0, error: null },
      ...{ freeBytes: null, silentFolder: null, alarm: null },
    },
    recordings: [],
    lanPreview: { state: 'off', hasPassword: false, addresses: [], urls: [], viewers: 0, error: null },
    ingest: { state: 'starting', host: options.rtmp.host, port: options.rtmp.port, error: null },
    keys: [],
    streams: [],
    notices: [],
  };
}
