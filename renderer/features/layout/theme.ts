import { useEffect, useSyncExternalStore } from 'react';
import type { Settings } from '../../../shared/contract/settings';

export type ShownTheme = 'dark' | 'light';

const prefersLight = matchMedia('(prefers-color-scheme: light)');
const listen = (listener: () => void): (() => void) => {
  prefersLight.addEventListener('change', listener);
  return () => {
    prefersLight.removeEventListener('change', listener);
  };
};

/** The theme to show: the one of the settings, `system` being what the system prefers now. */
export function useShownTheme(theme: Settings['theme']): ShownTheme {
  const isLightPreferred = useSyncExternalStore(listen, () => prefersLight.matches);
  if (theme !== 'system') return theme;
  return isLightPreferred ? 'light' : 'dark';
}

/** Puts the theme on the page; whatever paints by itself (charts) follows the attribute. */
export function useTheme(theme: Settings['theme']): void {
  const shown = useShownTheme(theme);
  useEffect(() => {
    document.documentElement.dataset['theme'] = shown;
  }, [shown]);
}
