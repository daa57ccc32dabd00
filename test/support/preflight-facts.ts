import type { PreflightFacts } from '../../electron/studio/preflight';

/** A channel, a server on this computer, and a show with which all is well. */
export const twitch = {
  id: 'twitch',
  name: 'My channel',
  url: 'rtmps://live.twitch.tv/app',
  hasKey: true,
  serviceId: 'twitch',
  isEnabled: true,
};
export const own = {
  id: 'own',
  name: 'Own',
  url: 'rtmp://127.0.0.1/live',
  hasKey: true,
  serviceId: null,
  isEnabled: true,
};
export const good: PreflightFacts = {
  destinations: [twitch],
  program: { codec: 'h264', fps: 60, videoKbps: 6000, audioKbps: 160 },
  keyframeSec: 2,
  encoder: { profile: 'veryfast-2t', reason: 'it holds', isFastEnough: true, measuredFps: 90 },
  recent: { laggedShare: 0, skippedShare: 0.005 },
  upload: { bestKbps: 6200, limitKbps: null },
  tested: [],
  disk: { path: '/recordings', freeBytes: 100e9, lowBytes: 5e9, silentFolder: null },
  microphones: [{ name: 'Yeti', isMuted: false, error: null, peakDb: -18 }],
  scene: { name: 'Talk', visibleItems: 2, failing: [], isBlack: false },
};
