import { Dices, Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import { toWireError } from '../../client/engine-error';
import { useIsOnline, useStudio } from '../../studio-context';
import { Button, IconButton } from '../../ui/button';
import { CopyButton } from '../../ui/copy-button';
import { ErrorNote } from '../../ui/error-note';
import { TextField } from '../../ui/text-field';
import { makePassword } from './made-password';

const leastLength = 8;

/** Once set it cannot be shown again, so it stays in the field for as long as the page is open. */
export function LanPasswordForm({ hasPassword }: { hasPassword: boolean }) {
  const { client } = useStudio();
  const isOnline = useIsOnline();
  const [password, setPassword] = useState('');
  const [isShown, setShown] = useState(false);
  const [saved, setSaved] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const isSaved = saved !== null && saved === password;
  const tooShort = password !== '' && password.length < leastLength;

  const save = async (): Promise<void> => {
    setError(null);
    try {
      await client.call('lanPreview.setPassword', { password });
      setSaved(password);
    } catch (thrown) {
      setError(toWireError(thrown));
    }
  };
  const make = (): void => {
    setPassword(makePassword());
    setShown(true);
  };
  return (
    <form
      className="flex flex-col gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSaved && password.length >= leastLength) void save();
      }}
    >
      <div className="flex items-start gap-1.5">
        <TextField
          label="Password for viewers"
          type={isShown ? 'text' : 'password'}
          value={password}
          onChange={setPassword}
          isMono
          maxLength={200}
          autoComplete="off"
          isDisabled={!isOnline}
          {...(hasPassword && saved === null && { placeholder: '••••••••••••  is set' })}
        />
        <span className="mt-5.5 flex gap-1">
          <IconButton
            label={isShown ? 'Hide the password' : 'Show the password'}
            icon={isShown ? <EyeOff size={15} /> : <Eye size={15} />}
            isDisabled={password === ''}
            onPress={() => setShown(!isShown)}
          />
          <IconButton label="Make one up" icon={<Dices size={15} />} isDisabled={!isOnline} onPress={make} />
          {isSaved ? (
            <CopyButton label="Copy the password" text={password} />
          ) : (
            <Button type="submit" isDisabled={!isOnline || password.length < leastLength}>
              {hasPassword ? 'Change' : 'Set password'}
            </Button>
          )}
        </span>
      </div>
      <p className="text-xs text-mute" role="status" aria-label="About the password">
        {isSaved ? (
          <span className="text-good">
            Set. Only its digest is kept: note it now, it cannot be shown later.
          </span>
        ) : tooShort ? (
          <span className="text-warn">At least {leastLength} characters.</span>
        ) : hasPassword ? (
          'It cannot be shown. With another one, whoever watches has to log in again.'
        ) : (
          `At least ${leastLength} characters; the dice make one that is easy to type.`
        )}
      </p>
      {error && <ErrorNote error={error} tone="air" />}
    </form>
  );
}
