import { useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import { mostVariants } from '../../../shared/contract/variants';
import { toWireError } from '../../client/engine-error';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';
import { VariantForm } from './variant-form';
import { VariantRow } from './variant-row';

/** Further qualities of the program, for destinations that want less of it. */
export function VariantsSettings() {
  const { list } = useSlice('variants');
  const outputs = useSlice('outputs');
  const isOnline = useIsOnline();
  const { client } = useStudio();
  /** the id of the one being edited; null: a new one; undefined: none */
  const [edited, setEdited] = useState<string | null | undefined>();
  const [hasEdited, setHasEdited] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const usersOf = (id: string) => outputs.filter(({ variantId }) => variantId === id);
  const editedVariant = list.find(({ id }) => id === edited) ?? null;
  const isEditing = edited === null || editedVariant !== null;
  const remove = async (id: string): Promise<void> => {
    setError(null);
    try {
      await client.call('variant.remove', { id });
    } catch (thrown) {
      setError(toWireError(thrown));
    }
  };
  return (
    <div className="flex flex-col gap-3.5">
      <p className="text-sm text-soft">
        The same show a second time, smaller or with fewer bits, for a platform that takes less than the
        others. Each destination chooses the program or one of these; scenes, sound and recordings are the
        same for all. A variant is encoded only while a destination with it is on.
      </p>
      {list.length > 0 && (
        <ul aria-label="Variants" className="flex flex-col gap-1">
          {list.map((variant) => (
            <VariantRow
              key={variant.id}
              variant={variant}
              users={usersOf(variant.id).map(({ name }) => name)}
              onEdit={() => {
                setError(null);
                setEdited(variant.id);
              }}
              onRemove={() => void remove(variant.id)}
            />
          ))}
        </ul>
      )}
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      {isEditing ? (
        <VariantForm
          key={edited ?? ''}
          variant={editedVariant}
          onAir={
            editedVariant
              ? usersOf(editedVariant.id).flatMap(({ isWanted, name }) => (isWanted ? name : []))
              : []
          }
          onClose={() => {
            setHasEdited(true);
            setEdited(undefined);
          }}
        />
      ) : (
        <div className="flex items-center gap-3">
          <p className="min-w-0 flex-1 text-xs text-mute">
            {list.length >= mostVariants ? `There can be ${mostVariants} at most.` : ''}
          </p>
          <Button
            // The form that had the focus is gone.
            autoFocus={hasEdited}
            isDisabled={!isOnline || list.length >= mostVariants}
            onPress={() => {
              setError(null);
              setEdited(null);
            }}
          >
            New variant
          </Button>
        </div>
      )}
    </div>
  );
}
