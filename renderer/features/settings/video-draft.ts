import { serviceOfUrl } from '../../../shared/contract/services';
import type { Settings, SettingsPatch } from '../../../shared/contract/settings';
import type { OutputView } from '../../../shared/contract/snapshot';

export type VideoDraft = Pick<Settings, 'canvas' | 'output' | 'fps' | 'bitrateKbps' | 'profile'>;

export const videoFields = ['canvas', 'output', 'fps', 'bitrateKbps', 'profile'] as const;

export const videoDraftOf = ({ canvas, output, fps, bitrateKbps, profile }: VideoDraft): VideoDraft => ({
  canvas,
  output,
  fps,
  bitrateKbps,
  profile,
});

/** Only what differs: the rest may have been changed in another window meanwhile. */
export function changesOf(draft: VideoDraft, now: VideoDraft): SettingsPatch {
  return Object.fromEntries(
    videoFields
      .filter((name) => JSON.stringify(draft[name]) !== JSON.stringify(now[name]))
      .map((name) => [name, draft[name]]),
  );
}

export const sizeText = ({ width, height }: { width: number; height: number }): string =>
  `${width}×${height}`;

export const sizePresets = [
  { width: 3840, height: 2160 },
  { width: 2560, height: 1440 },
  { width: 1920, height: 1080 },
  { width: 1600, height: 900 },
  { width: 1280, height: 720 },
  { width: 854, height: 480 },
  { width: 1080, height: 1920 },
  { width: 1080, height: 1080 },
] as const;

export const ratePresets = [24, 25, 30, 48, 50, 60] as const;

/**
 * A bitrate at which H.264 of moving pictures looks well, kbit/s: about 0.07 bits a pixel at full HD and 60 fps, more
 * per pixel for less of them. The services' own tables lie around it.
 */
export function suggestedKbps(size: { width: number; height: number }, fps: number): number {
  const megapixels = (size.width * size.height * fps) / 1e6;
  const kbps = 6000 * (megapixels / 124.4) ** 0.6;
  return Math.max(500, Math.round(kbps / 250) * 250);
}

/** What destinations say to a bitrate: sentences about those whose limit it passes. */
export function bitrateWarnings(bitrateKbps: number, outputs: readonly OutputView[]): string[] {
  const services = new Set(
    outputs.filter(({ kind }) => kind === 'destination').map(({ url }) => serviceOfUrl(url)),
  );
  return [...services].flatMap(({ name, maxVideoKbps }) =>
    maxVideoKbps !== null && bitrateKbps > maxVideoKbps
      ? [`${name} takes at most ${maxVideoKbps} kbit/s.`]
      : [],
  );
}
