import { describeExit } from '../lib/child';
import { StudioError } from '../lib/errors';
import { deviceError } from './device-error';
import type { CaptureEnd } from './sound-capture';

/** PulseAudio's way to say that there is no such device */
const pulseMissing = /input\/output error$/i;

/** Why a sound device is not heard (any more), for people. */
export function soundCaptureError(name: string, end: CaptureEnd): StudioError {
  if (end.hasStalled)
    return new StudioError(
      'device-failed',
      { name, reason: 'it gives no sound any more' },
      { retryable: true },
    );
  const last = end.lines.at(-1) ?? '';
  const unknown = end.lines.find((line) => /unknown input format/i.test(line));
  if (unknown !== undefined)
    return new StudioError('capture-unsupported', {
      what: name,
      reason: 'this FFmpeg cannot listen to the sound server',
    });
  if (!end.hasDelivered && pulseMissing.test(last))
    return new StudioError('device-missing', { name }, { retryable: true });
  return deviceError(end.lines.length > 0 ? end.lines : [`FFmpeg ended (${describeExit(end)})`], name);
}
