import type { CommandOutput } from '../../../shared/contract/commands';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { useSlice } from '../../studio-context';
import { ingestServerUrl } from './ingest-address';
import { KeySecret } from './key-secret';

interface CreatedKeyDialogProps {
  created: (CommandOutput<'key.create'> & { name: string }) | null;
  onClose: () => void;
}

/** The one time a key is shown. It is kept nowhere else in the window, and closing forgets it. */
export function CreatedKeyDialog({ created, onClose }: CreatedKeyDialogProps) {
  const server = ingestServerUrl(useSlice('ingest'), location.hostname);
  return (
    <Dialog
      title={`Key for “${created?.name ?? ''}”`}
      isOpen={created !== null}
      onClose={onClose}
      isAlert
      isWide
    >
      {created && (
        <>
          <p className="mb-4 text-base leading-relaxed text-soft">
            Copy it now: it is shown this once and cannot be asked for again. Lost it? Revoke it and create
            another.
          </p>
          <dl className="flex flex-col gap-3">
            <KeySecret
              label="Server"
              hint="OBS: Settings → Stream → Custom"
              value={server}
              copyLabel="Copy server"
            />
            <KeySecret label="Stream key" value={created.key} copyLabel="Copy key" testId="created-key" />
            <KeySecret
              label="Full URL"
              hint="for FFmpeg, phones and encoders with a single field"
              value={`${server}/${created.key}`}
              copyLabel="Copy URL"
              testId="created-url"
            />
          </dl>
          <div className="mt-5 flex items-center justify-between gap-4">
            <p className="min-w-0 text-xs text-mute">
              Players ask for <span className="font-mono text-soft">live/{created.publicName}</span>, never
              for the key.
            </p>
            <Button look="main" onPress={onClose}>
              I have copied it
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
