import { ExternalLink, Eye, EyeOff, PlugZap } from 'lucide-react';
import { useId, useState } from 'react';
import { Form, Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import type { CommandOutput } from '../../../shared/contract/commands';
import type { WireError } from '../../../shared/contract/errors';
import { customService, serviceById, streamingServices } from '../../../shared/contract/services';
import { toWireError } from '../../client/engine-error';
import { useIsOnline, useStudio } from '../../studio-context';
import { Button, IconButton } from '../../ui/button';
import { classNames } from '../../ui/class-names';
import { ErrorNote } from '../../ui/error-note';
import { TextField } from '../../ui/text-field';
import { addressHint, changeService, isRtmpUrl, serverOf } from './destination-draft';
import type { DestinationDraft } from './destination-draft';
import { newDestinationKey, unsavedDestinations } from './unsaved-destinations';

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

type Trial =
  | { state: 'none' | 'running' }
  | { state: 'passed'; result: CommandOutput<'destination.test'> }
  | { state: 'failed'; error: WireError };

/** Service, server and key of one destination; what is typed stays until it is saved, or given up by the button. */
export function DestinationForm({
  draft: first,
  savedId,
  submitLabel,
  cancelLabel = 'Cancel',
  onCancel,
  onSubmit,
}: DestinationFormProps) {
  const { client } = useStudio();
  const isOnline = useIsOnline();
  const draftKey = savedId ?? newDestinationKey;
  const [draft, setDraft] = useState(() => unsavedDestinations.get(draftKey) ?? first);
  const [error, setError] = useState<WireError | null>(null);
  const [trial, setTrial] = useState<Trial>({ state: 'none' });
  const [isSending, setSending] = useState(false);
  const service = serviceById(draft.serviceId);
  const change = (patch: Partial<DestinationDraft>): void => {
    const next = { ...draft, ...patch };
    setDraft(next);
    unsavedDestinations.keep(draftKey, next);
    setTrial({ state: 'none' });
    setError(null);
  };
  // The engine knows a saved key; as soon as address and key are typed it is told both.
  const isAsSaved = savedId !== undefined && draft.key === '' && draft.url === first.url;
  const canTest = isAsSaved || (isRtmpUrl(draft.url) && draft.key.trim() !== '');

  const test = async (): Promise<void> => {
    setTrial({ state: 'running' });
    const input = isAsSaved ? { id: savedId } : { url: draft.url.trim(), key: draft.key.trim() };
    setTrial(
      await client.call('destination.test', input).then(
        (result): Trial => ({ state: 'passed', result }),
        (thrown: unknown): Trial => ({ state: 'failed', error: toWireError(thrown) }),
      ),
    );
  };
  const submit = async (): Promise<void> => {
    setSending(true);
    const refusal = await onSubmit(trimmed(draft));
    if (!refusal) unsavedDestinations.forget(draftKey);
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
      <ServiceCards value={service.id} onChange={(id) => change(changeService(draft, id))} />
      <TextField
        label="Name"
        value={draft.name}
        onChange={(name) => change({ name })}
        isRequired
        maxLength={60}
        placeholder="My channel"
      />
      <Server draft={draft} onChange={change} />
      <KeyField draft={draft} savedId={savedId} onChange={change} />
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
            unsavedDestinations.forget(draftKey);
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

const trimmed = ({ serviceId, name, url, key }: DestinationDraft): DestinationDraft => ({
  serviceId,
  name: name.trim(),
  url: url.trim(),
  key: key.trim(),
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

interface PartProps {
  draft: DestinationDraft;
  onChange: (patch: Partial<DestinationDraft>) => void;
}

/** A list where the service has several addresses; a field where only the person knows it, or wants another. */
function Server({ draft, onChange }: PartProps) {
  const id = useId();
  const service = serviceById(draft.serviceId);
  const known = service.servers.filter(({ url }) => url !== null);
  const server = serverOf(draft);
  const isTyped = known.length === 0 || server === null;
  return (
    <div className="flex flex-col gap-2">
      {known.length > 0 && (
        <div className="flex flex-col gap-1">
          <label htmlFor={id} className="text-xs font-medium text-soft">
            Server
          </label>
          <select
            id={id}
            className="field"
            value={server?.id ?? 'typed'}
            onChange={(event) => {
              const chosen = known.find((each) => each.id === event.target.value);
              onChange({ url: chosen?.url ?? '' });
            }}
          >
            {known.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name} ({each.url})
              </option>
            ))}
            <option value="typed">Another address</option>
          </select>
        </div>
      )}
      {isTyped && (
        <TextField
          label="Server address"
          value={draft.url}
          onChange={(url) => onChange({ url })}
          isRequired
          isMono
          maxLength={500}
          placeholder={addressHint(service.id)}
          validate={(value) =>
            isRtmpUrl(value) ? null : 'Use rtmp://host[:port]/app or rtmps://host[:port]/app.'
          }
        />
      )}
    </div>
  );
}

/** Hidden unless a person asks; that of a saved destination comes from the engine only then. */
function KeyField({ draft, savedId, onChange }: PartProps & { savedId: string | undefined }) {
  const { client } = useStudio();
  const [isShown, setShown] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const service = serviceById(draft.serviceId);
  const isKept = savedId !== undefined && draft.key === '';

  const reveal = async (): Promise<void> => {
    if (!isShown && isKept) {
      try {
        onChange({ key: (await client.call('destination.revealKey', { id: savedId })).key });
      } catch (thrown) {
        setError(toWireError(thrown));
        return;
      }
    }
    setShown(!isShown);
  };
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-start gap-1.5">
        <TextField
          label="Stream key"
          type={isShown ? 'text' : 'password'}
          value={draft.key}
          onChange={(key) => onChange({ key })}
          isRequired={savedId === undefined}
          isMono
          maxLength={500}
          autoComplete="off"
          {...(isKept && { placeholder: '••••••••••••  stays as it is' })}
          description={service.keyHelp}
        />
        <span className="mt-5.5">
          <IconButton
            label={isShown ? 'Hide the key' : 'Show the key'}
            icon={isShown ? <EyeOff size={15} /> : <Eye size={15} />}
            isDisabled={!isShown && draft.key === '' && savedId === undefined}
            onPress={reveal}
          />
        </span>
      </div>
      {service.keyPage !== null && (
        <a
          href={service.keyPage}
          target="_blank"
          rel="noreferrer"
          className="inline-flex w-fit items-center gap-1 rounded-sm text-xs text-ice underline underline-offset-2"
        >
          Open {new URL(service.keyPage).hostname}
          <ExternalLink size={11} aria-hidden="true" />
        </a>
      )}
      {error && <ErrorNote error={error} />}
    </div>
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
