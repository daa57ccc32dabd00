import { Plus, RadioTower } from 'lucide-react';
import { useState } from 'react';
import type { CommandOutput } from '../../../shared/contract/commands';
import { Button } from '../../ui/button';
import { ChoiceList } from '../../ui/choice-list';
import { TextField } from '../../ui/text-field';
import { useActions, useSlice } from '../../studio-context';
import { ingestServerUrl } from '../keys/ingest-address';
import { KeySecret } from '../keys/key-secret';
import { useAddSource } from './use-add-source';

/** Which key the other device publishes with; a new one is made here and shown this once. */
export function IngestStep({ onDone }: { onDone: () => void }) {
  const keys = useSlice('keys');
  const { createKey } = useActions();
  const { add } = useAddSource();
  const [name, setName] = useState('');
  const [created, setCreated] = useState<(CommandOutput<'key.create'> & { name: string }) | null>(null);
  const finish = async (keyId: string, keyName: string): Promise<void> => {
    if ((await add({ kind: 'ingest', keyId }, keyName)) !== null) onDone();
  };
  if (created) return <CreatedKey created={created} onAdd={() => finish(created.id, created.name)} />;
  return (
    <>
      {keys.length > 0 && (
        <ChoiceList
          label="Which device?"
          choices={keys.map((key) => ({ id: key.id, title: key.name, note: 'stream key', Icon: RadioTower }))}
          onChoose={(id) => {
            const key = keys.find((each) => each.id === id);
            return key && finish(key.id, key.name);
          }}
        />
      )}
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = name.trim();
          if (wanted)
            void createKey(wanted).then((answer) => {
              if (answer) setCreated({ ...answer, name: wanted });
            });
        }}
      >
        <TextField
          label={keys.length > 0 ? 'Or a new device' : 'Name of the device'}
          placeholder="Phone, second PC …"
          value={name}
          onChange={setName}
          maxLength={60}
          autoComplete="off"
        />
        <Button type="submit" isDisabled={name.trim() === ''}>
          <Plus size={14} aria-hidden="true" />
          Create key
        </Button>
      </form>
    </>
  );
}

function CreatedKey({
  created,
  onAdd,
}: {
  created: CommandOutput<'key.create'> & { name: string };
  onAdd: () => Promise<void>;
}) {
  const server = ingestServerUrl(useSlice('ingest'), location.hostname);
  return (
    <>
      <p className="text-base text-soft">
        Type this into {created.name}. The key is shown this once; lost, it is revoked and made anew.
      </p>
      <dl className="flex flex-col gap-3">
        <KeySecret label="Server" value={server} copyLabel="Copy server" />
        <KeySecret label="Stream key" value={created.key} copyLabel="Copy key" testId="created-key" />
      </dl>
      <div className="flex justify-end">
        <Button look="main" onPress={onAdd}>
          I have copied it, add the source
        </Button>
      </div>
    </>
  );
}
