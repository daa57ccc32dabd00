import type { SourceSettingsOf } from '../../../shared/model/source';
import { StudioError } from '../lib/errors';
import { screenPlan } from './capture-input';
import type { CapturePlan } from './capture-process';
import { CaptureSource } from './capture-source';
import { sourceDevice } from './source-device';

/** A screen, a part of one, or a window, as the engine's own system shows it. */
export class ScreenSource extends CaptureSource<SourceSettingsOf<'screen'>> {
  protected override plan(settings: SourceSettingsOf<'screen'>): CapturePlan {
    const { devices, program } = this.context;
    const device = sourceDevice(devices, settings);
    if (device) return screenPlan(device, settings, program.fps);
    const name = settings.device.name || settings.name;
    const reason = devices.notes?.screen;
    if (reason !== undefined) throw new StudioError('capture-unsupported', { what: name, reason });
    const isWindow = settings.device.id.includes(':window:');
    throw new StudioError(isWindow ? 'window-missing' : 'device-missing', { name }, { retryable: true });
  }
}
