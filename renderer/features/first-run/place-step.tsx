import { useSlice } from '../../studio-context';
import { NewDestination } from '../destinations/destination-dialogs';

/** The first destination; there can be more later, all at the same time. */
export function PlaceStep({ onDone }: { onDone: () => void }) {
  const destinations = useSlice('outputs').filter(({ kind }) => kind === 'destination');
  return (
    <div className="flex flex-col gap-4">
      {destinations.length > 0 && (
        <p className="text-sm text-mute">
          There already: {destinations.map(({ name }) => name).join(', ')}. One more is possible, all go out
          at the same time.
        </p>
      )}
      <NewDestination cancelLabel={destinations.length > 0 ? 'Continue without' : 'Later'} onDone={onDone} />
    </div>
  );
}
