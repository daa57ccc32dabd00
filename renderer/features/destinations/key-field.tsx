import { ExternalLink, Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import { hostOfUrl, serviceById, takeSameKey } from '../../../shared/contract/services';
import { toWireError } from '../../client/engine-error';
import { useStudio } from '../../studio-context';
import { IconButton } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { TextField } from '../../ui/text-field';
import { revealKey, typeKey } from './destination-draft';
import type { DestinationDraft } from './destination-draft';
import type { DraftChange } from './use-destination-draft';

interface KeyFieldProps {
  draft: DestinationDraft;
  /** the destination whose saved key stays; null: it is new */
  saved: { readonly id: string; readonly url: string } | null;
  onChange: (next: DraftChange) => void;
  /** what it makes is shown and not kept */
  onReveal: (next: DraftChange) => void;
}

/** Hidden unless a person asks; that of a saved destination comes from the engine only then. */
export function KeyField({ draft, saved, onChange, onReveal }: KeyFieldProps) {
  const { client } = useStudio();
  const [isShown, setShown] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const service = serviceById(draft.serviceId);
  const kept = saved !== null && draft.key === '' && takeSameKey(saved.url, draft.url) ? saved : null;
  const savedOf = saved && draft.key === '' ? (hostOfUrl(saved.url) ?? saved.url) : null;
  const takenOf = kept ? null : (draft.keyTakenOf ?? savedOf);

  const reveal = async (): Promise<void> => {
    if (!isShown && kept) {
      try {
        const { key } = await client.call('destination.revealKey', { id: kept.id });
        onReveal((now) => revealKey(now, key, kept.url));
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
          onChange={(key) => onChange((now) => typeKey(now, key))}
          isRequired={!kept}
          isMono
          maxLength={500}
          autoComplete="off"
          {...(kept && { placeholder: '••••••••••••  stays as it is' })}
          description={service.keyHelp}
        />
        <span className="mt-5.5">
          <IconButton
            label={isShown ? 'Hide the key' : 'Show the key'}
            icon={isShown ? <EyeOff size={15} /> : <Eye size={15} />}
            isDisabled={!isShown && draft.key === '' && !kept}
            onPress={reveal}
          />
        </span>
      </div>
      <p role="status" aria-label="About the key" className="text-xs text-warn empty:hidden">
        {takenOf !== null &&
          `The key was given for ${takenOf}: enter the one for this server, which must not get the other.`}
      </p>
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
