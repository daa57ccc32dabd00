import { useState } from 'react';
import { Form, Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { Button } from '../../ui/button';
import { classNames } from '../../ui/class-names';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/text-field';
import { useActions } from '../../studio-context';
import { streamingServices } from './services';

const isRtmpUrl = (url: string): boolean => /^rtmps?:\/\/[^\s/]+/i.test(url.trim());

export function AddDestinationDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title="Add destination" isOpen={isOpen} onClose={onClose}>
      {/* Its fields begin empty each time: the content lives only while the dialog is open. */}
      <AddDestinationForm onDone={onClose} />
    </Dialog>
  );
}

function AddDestinationForm({ onDone }: { onDone: () => void }) {
  const { addDestination } = useActions();
  const [serviceName, setServiceName] = useState('Twitch');
  const service = streamingServices.find(({ name }) => name === serviceName) ?? streamingServices[0];
  const [name, setName] = useState('Twitch');
  const [url, setUrl] = useState(service?.url ?? '');
  const [key, setKey] = useState('');
  const [isSending, setSending] = useState(false);

  const choose = (next: string): void => {
    const chosen = streamingServices.find((each) => each.name === next);
    setServiceName(next);
    setName(chosen?.url ? chosen.name : '');
    setUrl(chosen?.url ?? '');
  };
  const submit = async (): Promise<void> => {
    setSending(true);
    const added = await addDestination(name.trim(), url.trim(), key.trim());
    setSending(false);
    if (added) onDone();
  };

  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSending) void submit();
      }}
    >
      <RadioGroup value={serviceName} onChange={choose} orientation="horizontal">
        <Label className="mb-1 block text-xs font-medium text-soft">Service</Label>
        <div className="grid grid-cols-3 gap-1 rounded-md bg-void p-1">
          {streamingServices.map((each) => (
            <RadioField key={each.name} value={each.name}>
              <RadioButton
                className={({ isSelected, isFocusVisible }) =>
                  classNames(
                    'block rounded-sm py-1 text-center text-sm font-medium',
                    isSelected ? 'bg-lift text-text' : 'text-mute hover:text-text',
                    isFocusVisible && 'outline-2 outline-ice',
                  )
                }
              >
                {each.name}
              </RadioButton>
            </RadioField>
          ))}
        </div>
      </RadioGroup>
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        isRequired
        maxLength={60}
        placeholder="My server"
      />
      <TextField
        label="Server address"
        value={url}
        onChange={setUrl}
        isRequired
        isMono
        maxLength={500}
        placeholder="rtmp://host/app"
        validate={(value) =>
          isRtmpUrl(value) ? null : 'Use rtmp://host[:port]/app or rtmps://host[:port]/app.'
        }
      />
      <TextField
        label="Stream key"
        type="password"
        value={key}
        onChange={setKey}
        isRequired
        isMono
        maxLength={500}
        autoComplete="off"
        description={service?.keyHint}
      />
      <div className="mt-1 flex justify-end gap-2">
        <Button onPress={onDone}>Cancel</Button>
        <Button look="main" type="submit" isDisabled={isSending}>
          Add destination
        </Button>
      </div>
    </Form>
  );
}
