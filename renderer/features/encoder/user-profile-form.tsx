import { useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import {
  parseX264Options,
  refusedOptions,
  userProfileSchema,
  x264Options,
  x264OptionsText,
  x264Presets,
} from '../../../shared/contract/user-profile';
import type { UserProfile } from '../../../shared/contract/user-profile';
import { toWireError } from '../../client/engine-error';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { NumberField } from '../../ui/number-field';
import { SelectField } from '../../ui/select-field';
import { TextField } from '../../ui/text-field';
import { useIsOnline, useStudio } from '../../studio-context';

interface UserProfileFormProps {
  /** null: a new one */
  profile: UserProfile | null;
  onClose: () => void;
}

const fresh: UserProfile = { name: '', preset: 'faster', threads: 2, options: {} };

export function UserProfileForm({ profile, onClose }: UserProfileFormProps) {
  const { client } = useStudio();
  const isOnline = useIsOnline();
  const [draft, setDraft] = useState(profile ?? fresh);
  const [text, setText] = useState(() => x264OptionsText(draft.options));
  const [error, setError] = useState<WireError | null>(null);
  const options = parseX264Options(text);
  const refused = refusedOptions(options);
  const hasName = userProfileSchema.shape.name.safeParse(draft.name).success;
  const save = async (): Promise<void> => {
    setError(null);
    try {
      await client.call('profile.save', { ...draft, options });
      onClose();
    } catch (thrown) {
      setError(toWireError(thrown));
    }
  };
  const change = (patch: Partial<UserProfile>): void => {
    setDraft((before) => ({ ...before, ...patch }));
  };
  return (
    <form
      aria-label={profile ? `Profile ${profile.name}` : 'New profile'}
      className="flex flex-col gap-3 rounded-md border border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (hasName && refused.length === 0 && isOnline) void save();
      }}
    >
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)] items-start gap-3">
        <TextField
          label="Name"
          value={draft.name}
          maxLength={40}
          isDisabled={profile !== null}
          autoFocus={profile === null}
          description={
            draft.name !== '' && !hasName ? (
              <span className="text-air-soft">Lower case letters, figures and hyphens.</span>
            ) : (
              'What it is forced by, also with --profile.'
            )
          }
          onChange={(name) => {
            change({ name: name.toLowerCase() });
          }}
        />
        <SelectField
          label="Preset"
          value={draft.preset}
          choices={x264Presets.map((preset) => ({ value: preset, label: preset }))}
          onChange={(preset) => {
            change({ preset });
          }}
        />
        <NumberField
          label="Threads"
          value={draft.threads}
          least={1}
          most={16}
          onChange={(threads) => {
            change({ threads });
          }}
        />
      </div>
      <TextField
        label="Options of x264"
        isMono
        value={text}
        maxLength={800}
        placeholder="ref=2:aq-mode=3:psy-rd=0.8,0.2"
        description={
          <>Any of {Object.keys(x264Options).join(', ')}. Rate, keyframes and timing are the studio’s.</>
        }
        onChange={setText}
      />
      {refused.length > 0 && (
        <div role="alert" className="flex flex-col gap-0.5 text-xs text-air-soft">
          {refused.map(({ option, reason }) => (
            <p key={option}>
              <span className="font-mono">{option}</span>: {reason}
            </p>
          ))}
        </div>
      )}
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      <div className="flex justify-end gap-2">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="main" type="submit" isDisabled={!hasName || refused.length > 0 || !isOnline}>
          Save profile
        </Button>
      </div>
    </form>
  );
}
