import { PlugZap } from 'lucide-react';
import { useState } from 'react';
import { Form, Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import type { WireError } from '../../../shared/contract/errors';
import { customService, serviceById, streamingServices } from '../../../shared/contract/services';
import { useIsOnline } from '../../studio-context';
import { Button } from '../../ui/button';
import { classNames } from '../../ui/class-names';
import { ErrorNote } from '../../ui/error-note';
import { TextField } from '../../ui/text-field';
import { changeService, isRtmpUrl, settleAddress, typedLogin } from './destination-draft';
import type { DestinationDraft } from './destination-draft';
import { DestinationTiming } from './destination-timing';
import { KeyField } from './key-field';
import { LoginFields } from './login-fields';
import { PictureChoice } from './picture-choice';
import { ServerField } from './server-field';
import { newDestinationKey } from './unsaved-destinations';
import { useDestinationDraft } from './use-destination-draft';
import type { DraftChange } from './use-destination-draft';
import { useTrial } from './use-trial';
import type { Trial } from './use-trial';

export interface DestinationFormProps {
  /** where the fields begin */
  draft: DestinationDraft;
  /** set while one that exists is edited: its key is not here and stays unless another is typed */
  savedId?: string;
  submitLabel: string;
  cancelLabel?: string;
  onCancel: () => void;
  /** @returns what went wrong; null: done */
  onSubmit: (draft: DestinationDraft) => Promise<WireError | null>;
}

/** Service, server and key of one destination; what is typed stays until it is saved, or given up by the button. */
export function DestinationForm({
  draft: first,
  savedId,
  submitLabel,
  cancelLabel = 'Cancel',
  onCancel,
  onSubmit,
}: DestinationFormProps) {
  const isOnline = useIsOnline();
  const { draft, change, show, forget } = useDestinationDraft(savedId ?? newDestinationKey, first);
  const [error, setError] = useState<WireError | null>(null);
  const { trial, ...trials } = useTrial();
  const [isSending, setSending] = useState(false);
  const service = serviceById(draft.serviceId);
  const edit = (next: DraftChange): void => {
    change(next);
    trials.clear();
    setError(null);
  };
  // The engine knows a saved key; as soon as address and key are typed it is told both.
  const isAsSaved =
    savedId !== undefined &&
    draft.key === '' &&
    draft.url === first.url &&
    draft.user === first.user &&
    draft.password === '';
  const login = typedLogin(draft);
  const isLoginWhole = draft.user === '' || login !== undefined;
  const canTest = isAsSaved || (isRtmpUrl(draft.url) && draft.key.trim() !== '' && isLoginWhole);

  const test = (): Promise<void> =>
    trials.run({
      ...(isAsSaved
        ? { id: savedId }
        : { url: draft.url.trim(), key: draft.key.trim(), ...(login && { login }) }),
      takesVp9: draft.takesVp9,
    });
  const submit = async (): Promise<void> => {
    // Enter sends without leaving the field of the address.
    const settled = settleAddress(draft);
    if (settled.key !== draft.key) return edit(settleAddress);
    setSending(true);
    const refusal = await onSubmit(trimmed(draft));
    if (!refusal) forget();
    setError(refusal);
    setSending(false);
  };

  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSending) void submit();
      }}
    >
      <ServiceCards value={service.id} onChange={(id) => edit((now) => changeService(now, id))} />
      <TextField
        label="Name"
        value={draft.name}
        onChange={(name) => edit((now) => ({ ...now, name }))}
        isRequired
        maxLength={60}
        placeholder="My channel"
      />
      <ServerField draft={draft} savedUrl={savedId === undefined ? null : first.url} onChange={edit} />
      <KeyField
        draft={draft}
        saved={savedId === undefined ? null : { id: savedId, url: first.url }}
        onChange={edit}
        onReveal={show}
      />
      <LoginFields
        draft={draft}
        saved={savedId === undefined ? null : { url: first.url, user: first.user || null }}
        onChange={edit}
      />
      <PictureChoice draft={draft} savedId={savedId} onChange={edit} />
      <DestinationTiming draft={draft} onChange={edit} />
      <TrialNote trial={trial} />
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <span className="mr-auto">
          <Button isDisabled={!canTest || trial.state === 'running'} onPress={test}>
            <PlugZap size={14} aria-hidden="true" />
            {trial.state === 'running' ? 'Testing…' : 'Test connection'}
          </Button>
        </span>
        <Button
          onPress={() => {
            forget();
            onCancel();
          }}
        >
          {cancelLabel}
        </Button>
        <Button look="main" type="submit" isDisabled={isSending || !isOnline}>
          {submitLabel}
        </Button>
      </div>
    </Form>
  );
}

const trimmed = (draft: DestinationDraft): DestinationDraft => ({
  ...draft,
  name: draft.name.trim(),
  url: draft.url.trim(),
  key: draft.key.trim(),
  user: draft.user.trim(),
});

function ServiceCards({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  return (
    <RadioGroup value={value} onChange={onChange} orientation="horizontal">
      <Label className="mb-1 block text-xs font-medium text-soft">Service</Label>
      <div className="grid grid-cols-5 gap-1.5">
        {[...streamingServices, customService].map(({ id, name }) => (
          <RadioField key={id} value={id}>
            <RadioButton
              className={({ isSelected, isFocusVisible, isHovered }) =>
                classNames(
                  'flex h-12 items-center justify-center rounded-md border text-sm font-semibold',
                  isSelected
                    ? 'border-ice bg-ice-deep text-text'
                    : isHovered
                      ? 'border-edge bg-lift text-text'
                      : 'border-edge bg-raised text-soft',
                  isFocusVisible && 'outline-2 outline-offset-1 outline-ice',
                )
              }
            >
              {name}
            </RadioButton>
          </RadioField>
        ))}
      </div>
    </RadioGroup>
  );
}

function TrialNote({ trial }: { trial: Trial }) {
  return (
    <div role="status" aria-label="Connection test">
      {trial.state === 'passed' && (
        <div className="border-l-2 border-good pl-2 text-xs leading-relaxed">
          <p className="text-text">
            Connected in {Math.round(trial.result.connectMs)} ms
            {trial.result.isEncrypted ? ', encrypted, certificate checked.' : ', not encrypted.'}
          </p>
          <p className="text-mute">
            {trial.result.isKeyChecked
              ? 'The server took this key and has refused another.'
              : 'The server took the stream. Whether the key is right, many look at only when pictures arrive.'}
          </p>
        </div>
      )}
      {trial.state === 'failed' && <ErrorNote error={trial.error} tone="air" />}
    </div>
  );
}
