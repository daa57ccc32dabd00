import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { IconButton } from '../../ui/button';
import { Dock, EmptyNote } from '../../ui/dock';
import { useIsOnline, useSlice } from '../../studio-context';
import { OutputRow } from './output-row';

const AddDestinationDialog = lazy(() =>
  import('./destination-dialogs').then((module) => ({ default: module.AddDestinationDialog })),
);

export function DestinationsDock() {
  const [isAdding, setAdding] = useState(false);
  const isOnline = useIsOnline();
  const outputs = useSlice('outputs');
  const destinations = outputs.filter(({ kind }) => kind === 'destination');
  const others = outputs.filter(({ kind }) => kind !== 'destination');
  return (
    <Dock
      title="Destinations"
      note={destinations.length || undefined}
      action={
        <IconButton
          label="Add destination"
          icon={<Plus size={16} />}
          isDisabled={!isOnline}
          onPress={() => {
            setAdding(true);
          }}
        />
      }
    >
      {destinations.length === 0 && (
        <EmptyNote>Nowhere to stream to yet. Add Twitch, YouTube or any RTMP server, then go live.</EmptyNote>
      )}
      <ul aria-label="Destinations" className="flex flex-col gap-0.5 px-2">
        {destinations.map((output) => (
          <OutputRow key={output.id} output={output} />
        ))}
      </ul>
      {others.length > 0 && (
        <ul aria-label="On this computer" className="mt-0.5 flex flex-col gap-0.5 px-2">
          {others.map((output) => (
            <OutputRow key={output.id} output={output} />
          ))}
        </ul>
      )}
      {isAdding && (
        <Suspense>
          <AddDestinationDialog
            isOpen
            onClose={() => {
              setAdding(false);
            }}
          />
        </Suspense>
      )}
    </Dock>
  );
}
