import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { CommandOutput } from '../../../shared/contract/commands';
import { Button } from '../../ui/button';
import { Dock, EmptyNote } from '../../ui/dock';
import { TextField } from '../../ui/text-field';
import { useActions, useIsOnline, useSlice } from '../../studio-context';
import { ActiveStreams } from './active-streams';
import { CreatedKeyDialog } from './created-key-dialog';
import { IngestProblem, IngestStatus } from './ingest-status';
import { KeyRow } from './key-row';

export function KeysDock() {
  const keys = useSlice('keys');
  const [created, setCreated] = useState<(CommandOutput<'key.create'> & { name: string }) | null>(null);
  return (
    <Dock
      title="Stream keys"
      note={keys.length || undefined}
      action={
        <span className="pr-1.5">
          <IngestStatus />
        </span>
      }
    >
      <IngestProblem />
      <CreateKeyForm onCreated={setCreated} />
      {keys.length === 0 ? (
        <EmptyNote>
          A key lets a phone, a second PC or OBS send its picture in. Name the device and create one.
        </EmptyNote>
      ) : (
        <ul aria-label="Stream keys" className="flex flex-col px-2">
          {keys.map((key) => (
            <KeyRow key={key.id} keyView={key} />
          ))}
        </ul>
      )}
      <ActiveStreams />
      <CreatedKeyDialog
        created={created}
        onClose={() => {
          setCreated(null);
        }}
      />
    </Dock>
  );
}

function CreateKeyForm({
  onCreated,
}: {
  onCreated: (created: CommandOutput<'key.create'> & { name: string }) => void;
}) {
  const { createKey } = useActions();
  const isOnline = useIsOnline();
  const [name, setName] = useState('');
  const [isSending, setSending] = useState(false);
  const wanted = name.trim();
  const submit = async (): Promise<void> => {
    setSending(true);
    const created = await createKey(wanted);
    setSending(false);
    if (!created) return;
    setName('');
    onCreated({ ...created, name: wanted });
  };
  return (
    <Form
      className="flex gap-2 px-3.5 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted && !isSending && isOnline) void submit();
      }}
    >
      <TextField
        label="Key name"
        isLabelHidden
        placeholder="Name, e.g. Phone"
        value={name}
        onChange={setName}
        maxLength={60}
        autoComplete="off"
      />
      <Button type="submit" isDisabled={!wanted || isSending || !isOnline}>
        <Plus size={14} aria-hidden="true" />
        Create key
      </Button>
    </Form>
  );
}
