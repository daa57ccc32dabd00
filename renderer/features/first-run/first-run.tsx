import { lazy, Suspense } from 'react';
import { useSlice } from '../../studio-context';

const FirstRunDialog = lazy(() =>
  import('./first-run-dialog').then((module) => ({ default: module.FirstRunDialog })),
);

/** At the very first start, and whenever a person asks for it again: three steps to a show of one's own. */
export function FirstRun() {
  const { isFirstRunDone } = useSlice('settings');
  // It stays while the connection is away: what is typed in it must not go.
  return !isFirstRunDone ? (
    <Suspense fallback={null}>
      <FirstRunDialog />
    </Suspense>
  ) : null;
}
