import type { DeviceKind } from '../../../../shared/contract/device';
import type { FoundDevice } from '../source';

export interface DeviceListing {
  readonly devices: readonly FoundDevice[];
  /** why devices of a kind cannot be listed or captured here, in words */
  readonly notes: Partial<Record<DeviceKind, string>>;
}

/** One way in which a system tells of its devices. */
export interface DeviceProbe {
  /**
   * What cannot be listed is a note. Rejects by the signal, or when what there is could not be learnt this time: then
   * nothing is known, and what was listed before holds.
   */
  list(signal: AbortSignal): Promise<DeviceListing>;
  /** Calls back, within two seconds, when listing again may give something else. @returns how to stop that */
  watch(onChanged: () => void): () => Promise<void> | void;
}

export const noDevices: DeviceListing = { devices: [], notes: {} };
