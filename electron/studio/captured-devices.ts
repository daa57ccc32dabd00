import type { CapturedDevice } from '../../shared/contract/device';
import type { Collection } from '../../shared/model/collection';
import { isKnownSource } from '../../shared/model/source';
import type { SourceSettings } from '../../shared/model/source';

/**
 * What a show would begin to capture by itself as soon as it is opened, and another does not capture already. What a page
 * captures is not among it: a browser asks by itself.
 */
export function newlyCaptured(show: Collection, present: Collection): CapturedDevice[] {
  const known = new Set(devicesOf(present).map(keyOf));
  const devices = new Map(
    devicesOf(show)
      .filter((source) => !known.has(keyOf(source)))
      .map((source) => [keyOf(source), captured(source)]),
  );
  return [...devices.values()];
}

type DeviceSource = Extract<SourceSettings, { device: unknown }>;

const devicesOf = ({ sources }: Collection): DeviceSource[] =>
  sources.filter((source): source is DeviceSource => isKnownSource(source) && 'device' in source);

const keyOf = ({ kind, device }: DeviceSource): string => JSON.stringify([kind, device.id]);

function captured({ kind, device: { id, name } }: DeviceSource): CapturedDevice {
  const [, program] = /^[^:]+:window:([^:]*)/.exec(id) ?? [];
  return program === undefined
    ? { kind, name: name || id }
    : { kind: 'window', name: name ? `${program}: ${name}` : program };
}
