import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { IconButton } from '../../ui/button';
import { useIsOnline } from '../../studio-context';

const AddSourceDialog = lazy(() =>
  import('./add-source-dialog').then((module) => ({ default: module.AddSourceDialog })),
);

/** “+”: the way to a new source. Its dialog is loaded when it is first wanted. */
export function AddSourceButton() {
  const [isOpen, setOpen] = useState(false);
  const isOnline = useIsOnline();
  return (
    <>
      <IconButton
        label="Add source"
        icon={<Plus size={16} />}
        isDisabled={!isOnline}
        onPress={() => {
          setOpen(true);
        }}
      />
      {isOpen && (
        <Suspense fallback={null}>
          <AddSourceDialog
            onClose={() => {
              setOpen(false);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
