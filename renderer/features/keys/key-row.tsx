import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { Focusable } from 'react-aria-components';
import type { KeyView } from '../../../shared/contract/snapshot';
import { Button, Hint } from '../../ui/button';
import { ConfirmDialog } from '../../ui/dialog';
import { Chip } from '../../ui/status';
import { useActions, useIsOnline, useSlice } from '../../studio-context';

export function KeyRow({ keyView }: { keyView: KeyView }) {
  const { revokeKey } = useActions();
  const isOnline = useIsOnline();
  const [isRevoking, setRevoking] = useState(false);
  const isStreaming = useSlice('streams').some(({ name }) => name === keyView.publicName);
  return (
    <li
      aria-label={keyView.name}
      className="flex h-9 items-center gap-2.5 rounded-md pr-2 pl-1.5 hover:bg-raised"
    >
      <KeyRound size={14} aria-hidden="true" className={isStreaming ? 'text-good' : 'text-mute'} />
      <span
        className="min-w-0 flex-1 truncate text-base"
        title={`players ask for live/${keyView.publicName}`}
      >
        {keyView.name}
        {keyView.publicName !== keyView.name && (
          <span className="ml-2 text-xs text-mute">live/{keyView.publicName}</span>
        )}
      </span>
      {keyView.weak && (
        <Hint text="This key was chosen by hand. A generated key cannot be guessed.">
          {/* Focusable, so that the keyboard reaches the explanation. */}
          <Focusable>
            <span role="note" tabIndex={0}>
              <Chip tone="warn">Weak</Chip>
            </span>
          </Focusable>
        </Hint>
      )}
      {isStreaming && <Chip tone="good">Publishing</Chip>}
      <Button
        look="ghost"
        aria-label={`Revoke ${keyView.name}`}
        isDisabled={!isOnline}
        onPress={() => {
          setRevoking(true);
        }}
      >
        Revoke
      </Button>
      <ConfirmDialog
        title={`Revoke “${keyView.name}”?`}
        isOpen={isRevoking}
        confirmLabel="Revoke key"
        onConfirm={() => revokeKey(keyView.id)}
        onClose={() => {
          setRevoking(false);
        }}
      >
        {isStreaming
          ? 'Its stream is cut off at once, and the key never works again.'
          : 'The key never works again; whoever uses it needs a new one.'}
      </ConfirmDialog>
    </li>
  );
}
