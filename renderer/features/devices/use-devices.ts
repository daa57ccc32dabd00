import { useEffect } from 'react';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';

/** The devices of the engine's computer, kept up to date while the caller is shown; after a lost connection anew. */
export function useDevices(): Snapshot['devices'] {
  const { deviceLookout } = useStudio();
  const isOnline = useIsOnline();
  useEffect(() => (isOnline ? deviceLookout.begin() : undefined), [deviceLookout, isOnline]);
  return useSlice('devices');
}
