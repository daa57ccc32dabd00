/** What a camera can do, as its browser says it; null: it does not say. */
export interface CameraLimits {
  /** lines, 120 to 4320 */
  readonly mostHeight: number | null;
  /** pictures a second, 1 to 120 */
  readonly mostFps: number | null;
}

/** @returns null where the browser tells nothing about its tracks */
export function cameraLimits(track: MediaStreamTrack): CameraLimits | null {
  // Some browsers leave it out, whatever the types say.
  const { height, frameRate } = (track as Partial<MediaStreamTrack>).getCapabilities?.call(track) ?? {};
  if (!height && !frameRate) return null;
  return { mostHeight: limit(height?.max, 120, 4320), mostFps: limit(frameRate?.max, 1, 120) };
}

function limit(value: number | undefined, least: number, most: number): number | null {
  const whole = Math.round(value ?? 0);
  return whole < least ? null : Math.min(most, whole);
}
