import type { SourceSettingsOf } from '../../../shared/model/source';
import { StudioError } from '../lib/errors';
import { cameraPlan } from './capture-input';
import type { CapturePlan } from './capture-process';
import { CaptureSource } from './capture-source';
import { sourceDevice } from './source-device';

/** A camera of the engine's computer. */
export class CameraSource extends CaptureSource<SourceSettingsOf<'camera'>> {
  protected override plan(settings: SourceSettingsOf<'camera'>): CapturePlan {
    const { devices, program } = this.context;
    const device = sourceDevice(devices, settings);
    if (device) return cameraPlan(device, settings, program.fps);
    const name = settings.device.name || settings.name;
    const reason = devices.notes?.camera;
    if (reason !== undefined) throw new StudioError('capture-unsupported', { what: name, reason });
    throw new StudioError('device-missing', { name }, { retryable: true });
  }
}
