import { serviceOfUrl } from '../../../shared/contract/services';
import type { StreamingService } from '../../../shared/contract/services';
import type { Settings, SettingsPatch } from '../../../shared/contract/settings';
import type { OutputView } from '../../../shared/contract/snapshot';
import { exactRate } from '../../../shared/model/frame-rate';

export type VideoDraft = Pick<Settings, 'canvas' | 'output' | 'fps' | 'bitrateKbps' | 'codec' | 'profile'>;

export const videoFields = ['canvas', 'output', 'fps', 'bitrateKbps', 'codec', 'profile'] as const;

export const videoDraftOf = ({
  canvas,
  output,
  fps,
  bitrateKbps,
  codec,
  profile,
}: VideoDraft): VideoDraft => ({
  canvas,
  output,
  fps,
  bitrateKbps,
  codec,
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

/** The halves of television and film: the whole rates, and those of NTSC. */
export const ratePresets = [23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60].map(exactRate);

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
  return servicesOf(outputs).flatMap(({ name, maxVideoKbps }) =>
    maxVideoKbps !== null && bitrateKbps > maxVideoKbps
      ? [`${name} takes at most ${maxVideoKbps} kbit/s.`]
      : [],
  );
}

/** … and to a frame rate. */
export const rateWarnings = (fps: number, outputs: readonly OutputView[]): string[] =>
  servicesOf(outputs).flatMap(({ name, maxFps }) =>
    maxFps !== null && fps > maxFps ? [`${name} takes at most ${maxFps} pictures a second.`] : [],
  );

const servicesOf = (outputs: readonly OutputView[]): StreamingService[] => [
  ...new Set(outputs.filter(({ kind }) => kind === 'destination').map(({ url }) => serviceOfUrl(url))),
];
