import { Info, OctagonAlert, X } from 'lucide-react';
import { useEffect } from 'react';
import { Button, IconButton } from '../../ui/button';
import { useStudio, useStudioValue } from '../../studio-context';
import type { Toast } from '../../store/studio-store';

/** long enough to read sentence and remedy twice */
const shownMs = 12_000;

export function Toasts() {
  const toasts = useStudioValue((state) => state.toasts);
  return (
    <div
      role="alert"
      aria-label="Errors"
      // Above dialogs too: a command can fail while its dialog is open.
      data-react-aria-top-layer="true"
      className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2"
    >
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  const { store } = useStudio();
  useEffect(() => {
    const timer = setTimeout(() => {
      store.removeToast(toast.id);
    }, shownMs);
    return () => {
      clearTimeout(timer);
    };
  }, [store, toast.id]);
  return (
    <div className="toast pointer-events-auto flex items-start gap-2.5 rounded-lg bg-lift py-2.5 pr-1.5 pl-3 shadow-pop">
      {toast.isNote === true ? (
        <Info size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-ice" />
      ) : (
        <OctagonAlert size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-air" />
      )}
      <div className="min-w-0 flex-1 leading-relaxed [overflow-wrap:anywhere]">
        <p className="text-base text-text">{toast.sentence}</p>
        {toast.remedy !== '' && <p className="text-sm text-soft">{toast.remedy}</p>}
      </div>
      {toast.action && (
        <Button
          onPress={() => {
            store.removeToast(toast.id);
            return toast.action?.run();
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton
        label={toast.isNote === true ? 'Dismiss' : 'Dismiss error'}
        icon={<X size={14} />}
        onPress={() => {
          store.removeToast(toast.id);
        }}
      />
    </div>
  );
}
