import type { DeviceKind } from '../../../shared/contract/device';
import { isKnownSource } from '../../../shared/model/source';
import type { AnySource, SourceSettingsOf } from '../../../shared/model/source';
import { defaultSoundAddress } from './sound-arguments';
import type { DeviceDirectory, FoundDevice } from './source';

type DeviceSourceKind = 'screen' | 'camera' | 'microphone' | 'desktop-sound';

const deviceKinds: Readonly<Record<DeviceSourceKind, readonly DeviceKind[]>> = {
  screen: ['screen', 'window'],
  camera: ['camera'],
  microphone: ['microphone'],
  'desktop-sound': ['desktop-sound'],
};

/** The id that stands for what the system itself uses at the time. */
export const defaultDeviceId = 'default';

/** The device that a source captures now, or would; null: it is not there. */
export const sourceDevice = (
  devices: DeviceDirectory,
  { kind, device }: Pick<SourceSettingsOf<DeviceSourceKind>, 'kind' | 'device'>,
): FoundDevice | null => devices.find(deviceKinds[kind], device);

/** The id of that device, for people; null also for kinds without one. */
export function sourceDeviceId(devices: DeviceDirectory, settings: AnySource): string | null {
  if (!isKnownSource(settings) || !('device' in settings)) return null;
  const isSound = settings.kind === 'microphone' || settings.kind === 'desktop-sound';
  if (isSound && settings.device.id === defaultDeviceId)
    return defaultSoundAddress(settings.kind) && defaultDeviceId;
  return sourceDevice(devices, settings)?.id ?? null;
}
