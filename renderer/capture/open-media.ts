import type { CaptureChoice } from './capture-choice';
import type { CaptureKind } from './capture-error';

export interface MediaRequest {
  readonly kind: CaptureKind;
  readonly choice: CaptureChoice;
  readonly hasSound: boolean;
  /** larger pictures are no use */
  readonly most: { readonly width: number; readonly height: number };
}

const rawSound = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const cleanedSound = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * Asks the browser for a capture. For a display this must come straight out of a click, or its picker does not open.
 * Rejects with the browser's DOMException.
 */
export function openMedia({ kind, choice, hasSound, most }: MediaRequest): Promise<MediaStream> {
  const device = choice.deviceId === null ? {} : { deviceId: { exact: choice.deviceId } };
  const rate = { ideal: choice.fps, max: Math.max(choice.fps, 30) };
  switch (kind) {
    case 'display':
      return navigator.mediaDevices.getDisplayMedia({
        video: { width: { max: most.width }, height: { max: most.height }, frameRate: rate },
        audio: hasSound ? rawSound : false,
      });
    case 'camera':
      return navigator.mediaDevices.getUserMedia({
        video: {
          ...device,
          width: { ideal: most.width },
          height: { ideal: most.height },
          frameRate: rate,
        },
        audio: hasSound ? rawSound : false,
      });
    case 'microphone':
      return navigator.mediaDevices.getUserMedia({
        audio: { ...device, ...(choice.isVoiceCleaned ? cleanedSound : rawSound) },
      });
  }
}

/** The largest picture that this choice allows on this canvas, keeping the canvas's proportions. */
export function mostSize(
  { mostHeight }: CaptureChoice,
  canvas: { readonly width: number; readonly height: number },
): { width: number; height: number } {
  if (mostHeight === null) return { width: canvas.width, height: canvas.height };
  return { width: Math.round((mostHeight * 16) / 9), height: mostHeight };
}
