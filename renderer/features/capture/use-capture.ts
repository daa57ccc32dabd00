import { useEffect, useState, useSyncExternalStore } from 'react';
import type { CaptureChoice } from '../../capture/capture-choice';
import type { CaptureState } from '../../capture/captures';
import { useStudio } from '../../studio-context';

/** What this window does about a source, and what this browser remembers of it. */
export function useCapture(sourceId: string): { state: CaptureState; choice: CaptureChoice } {
  const { captures } = useStudio();
  const listen = (listener: () => void): (() => void) => captures.onChanged(listener);
  return {
    state: useSyncExternalStore(listen, () => captures.state(sourceId)),
    choice: useSyncExternalStore(listen, () => captures.choices.of(sourceId)),
  };
}

export interface MediaDevice {
  readonly id: string;
  readonly label: string;
}

/**
 * Cameras or microphones as this browser lists them, as they come and go. Before a person has allowed one they have no
 * names: then the list is empty, and the browser offers the choice in its own question.
 * @param occasion anything that changes when permission may have been given
 */
export function useMediaDevices(kind: 'videoinput' | 'audioinput' | null, occasion: unknown): MediaDevice[] {
  const [devices, setDevices] = useState<MediaDevice[]>([]);
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!media || kind === null) return;
    let isCurrent = true;
    const list = (): void => {
      void media.enumerateDevices().then((all) => {
        if (!isCurrent) return;
        const named = all.filter((device) => device.kind === kind && device.deviceId && device.label);
        setDevices(named.map(({ deviceId, label }) => ({ id: deviceId, label })));
      });
    };
    list();
    media.addEventListener('devicechange', list);
    return () => {
      isCurrent = false;
      media.removeEventListener('devicechange', list);
    };
  }, [kind, occasion]);
  return devices;
}
