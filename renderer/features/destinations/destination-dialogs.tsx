import type { WireError } from '../../../shared/contract/errors';
import type { OutputView } from '../../../shared/contract/snapshot';
import { customService } from '../../../shared/contract/services';
import { toWireError } from '../../client/engine-error';
import { useSlice, useStudio } from '../../studio-context';
import { Dialog } from '../../ui/dialog';
import { DestinationForm } from './destination-form';
import { draftOf, loginPatch, newDestination, typedLogin } from './destination-draft';
import type { DestinationDraft } from './destination-draft';

const failureOf = (call: Promise<unknown>): Promise<WireError | null> =>
  call.then(
    () => null,
    (thrown: unknown) => toWireError(thrown),
  );

const serviceIdOf = ({ serviceId }: DestinationDraft): string | null =>
  serviceId === customService.id ? null : serviceId;

export function AddDestinationDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title="Add destination" isOpen={isOpen} onClose={onClose} isWide>
      <NewDestination onDone={onClose} />
    </Dialog>
  );
}

/** The form by itself, for wherever else a destination is asked for. */
export function NewDestination({ cancelLabel, onDone }: { cancelLabel?: string; onDone: () => void }) {
  const { client } = useStudio();
  const outputs = useSlice('outputs');
  return (
    <DestinationForm
      draft={newDestination(outputs.map(({ name }) => name))}
      submitLabel="Add destination"
      {...(cancelLabel !== undefined && { cancelLabel })}
      onCancel={onDone}
      onSubmit={async (draft) => {
        const { name, url, key, isEnabled, delaySec, isAdaptive, variantId, isNearest } = draft;
        const login = typedLogin(draft);
        const serviceId = serviceIdOf(draft);
        const { takesVp9 } = draft;
        const own = { isEnabled, delaySec, isAdaptive, variantId, isNearest, takesVp9 };
        const input = { name, url, key, ...own, serviceId };
        const error = await failureOf(client.call('destination.add', { ...input, ...(login && { login }) }));
        if (!error) onDone();
        return error;
      }}
    />
  );
}

interface EditDestinationDialogProps {
  output: OutputView;
  isOpen: boolean;
  onClose: () => void;
}

export function EditDestinationDialog({ output, isOpen, onClose }: EditDestinationDialogProps) {
  const { client } = useStudio();
  return (
    <Dialog title={`Edit ${output.name}`} isOpen={isOpen} onClose={onClose} isWide>
      <DestinationForm
        draft={draftOf(output)}
        savedId={output.id}
        submitLabel="Save"
        onCancel={onClose}
        onSubmit={async (draft) => {
          const { name, url, key, isEnabled, delaySec, isAdaptive, variantId, isNearest } = draft;
          const login = loginPatch(draft, output.user);
          const error = await failureOf(
            client.call('destination.update', {
              ...{ id: output.id, name, url, serviceId: serviceIdOf(draft) },
              takesVp9: draft.takesVp9,
              ...{ isEnabled, delaySec, isAdaptive, variantId, isNearest },
              ...(key !== '' && { key }),
              ...(login !== undefined && { login }),
            }),
          );
          if (!error) onClose();
          return error;
        }}
      />
    </Dialog>
  );
}
