import { lazy, Suspense } from 'react';
import { useIsOnline, useSlice } from '../../studio-context';

const FirstRunDialog = lazy(() =>
  import('./first-run-dialog').then((module) => ({ default: module.FirstRunDialog })),
);

/** At the very first start, and whenever a person asks for it again: three steps to a show of one's own. */
export function FirstRun() {
  const { isFirstRunDone } = useSlice('settings');
  const isOnline = useIsOnline();
  return !isFirstRunDone && isOnline ? (
    <Suspense fallback={null}>
      <FirstRunDialog />
    </Suspense>
  ) : null;
}
