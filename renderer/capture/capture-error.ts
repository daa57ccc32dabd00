import type { WireError } from '../../shared/contract/errors';
import type { SourceSettingsOf } from '../../shared/model/source';

export type CaptureKind = SourceSettingsOf<'browser-capture'>['capture'];

const things: Readonly<Record<CaptureKind, string>> = {
  display: 'The screen',
  camera: 'The camera',
  microphone: 'The microphone',
};
const inSentence: Readonly<Record<CaptureKind, string>> = {
  display: 'the screen',
  camera: 'the camera',
  microphone: 'the microphone',
};

/** What a browser says when a capture does not begin, in the studio's words. */
export function captureError(thrown: unknown, kind: CaptureKind, deviceName: string): WireError {
  const name = deviceName || things[kind];
  const inside = deviceName || inSentence[kind];
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  switch (thrown instanceof DOMException ? thrown.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        code: 'capture-not-allowed',
        details: { name: inside, isPicker: kind === 'display' },
      };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { code: 'device-missing', details: { name } };
    case 'NotReadableError':
    case 'AbortError':
      return { code: 'device-busy', details: { name, reason: reason || 'it could not be opened' } };
    default:
      return { code: 'device-failed', details: { name, reason } };
  }
}

/** The same where nobody but a person begins it again. */
export function withoutRetry(error: WireError): WireError {
  switch (error.code) {
    case 'device-missing':
      return { code: error.code, details: { ...error.details, isRetried: false } };
    case 'device-busy':
    case 'device-failed':
      return { code: error.code, details: { ...error.details, isRetried: false } };
    default:
      return error;
  }
}

/** Why this browser cannot capture at all; null: it can. */
export function captureObstacle(kind: CaptureKind): WireError | null {
  if (!globalThis.isSecureContext) return { code: 'capture-insecure', details: {} };
  // Browsers that lack them leave these out, whatever the types say.
  const devices = navigator.mediaDevices as Partial<MediaDevices> | undefined;
  const isPresent = kind === 'display' ? devices?.getDisplayMedia : devices?.getUserMedia;
  const lacksFrames = kind !== 'microphone' && !('VideoFrame' in globalThis);
  if (isPresent && !lacksFrames) return null;
  return { code: 'browser-unfit', details: { what: inSentence[kind] } };
}
