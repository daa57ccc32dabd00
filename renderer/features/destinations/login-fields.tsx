import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { customService } from '../../../shared/contract/services';
import { TextField } from '../../ui/text-field';
import { isPasswordKept } from './destination-draft';
import type { DestinationDraft, SavedLogin } from './destination-draft';
import type { DraftChange } from './use-destination-draft';

interface LoginFieldsProps {
  draft: DestinationDraft;
  /** null: it is new */
  saved: SavedLogin | null;
  onChange: (next: DraftChange) => void;
}

/** Few servers ask for more than a key, and no platform does: out of the way until it is wanted. */
export function LoginFields({ draft, saved, onChange }: LoginFieldsProps) {
  const [isOpenAtFirst] = useState(draft.user !== '');
  if (draft.serviceId !== customService.id) return null;
  const isKept = isPasswordKept(draft, saved);
  return (
    <details className="group rounded-md border border-line" open={isOpenAtFirst}>
      <summary className="flex h-8 cursor-default items-center gap-1 px-3 text-xs font-semibold text-soft">
        <ChevronRight size={13} aria-hidden="true" className="group-open:rotate-90" />
        Login, if the server asks for one
      </summary>
      <div className="flex items-start gap-3 px-3 pb-3">
        <TextField
          label="User"
          value={draft.user}
          onChange={(user) => onChange((now) => ({ ...now, user }))}
          maxLength={200}
          autoComplete="off"
        />
        <TextField
          label="Password"
          type="password"
          value={draft.password}
          onChange={(password) => onChange((now) => ({ ...now, password }))}
          isRequired={draft.user !== '' && !isKept}
          isDisabled={draft.user === ''}
          maxLength={200}
          autoComplete="new-password"
          {...(isKept && { placeholder: '••••••••  stays as it is' })}
        />
      </div>
    </details>
  );
}
